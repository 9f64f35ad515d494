"""People who say by moving a mail what a reply would say: real folders, real MOVE, and COPY with EXPUNGE."""

from __future__ import annotations

import imaplib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, PLAIN, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
WORDS = ("complaint", "praise", "neither", "answered", "settled")
FOLDERS = "    folders: {" + ", ".join(f"{word}: Says/{word.title()}" for word in WORDS) + "}\n"
IDENTIFIED = "<order-1182@client.example>"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"moved{next(_NUMBERS)}", {"poll": 1, "after": "1 hours"}) as house:
        house.edit("    poll: 1 seconds\n", "    poll: 1 seconds\n" + FOLDERS)
        with mailbox(house) as imap:
            for word in WORDS:
                assert imap.create(place(word))[0] == "OK"
        yield house


def place(word: str) -> str:
    return f"Says/{word.title()}"


@contextmanager
def mailbox(house: House, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", house.dovecot.imap_port) as imap:
        imap.login(house.user, house.password)
        assert imap.select(folder)[0] == "OK"
        yield imap


def move(house: House, to: str, origin: str = "INBOX") -> None:
    """All mails of a folder, by MOVE (RFC 6851)."""
    with mailbox(house, origin) as imap:
        assert imap.uid("MOVE", "1:*", to)[0] == "OK"


def copy_and_expunge(house: House, to: str) -> None:
    """As mail programs move that do not know MOVE."""
    with mailbox(house) as imap:
        assert imap.uid("COPY", "1:*", to)[0] == "OK"
        imap.uid("STORE", "1:*", "+FLAGS", "\\Deleted")
        imap.expunge()


def begin(house: House) -> None:
    """Start the daemon, maybe once more, until it has been round its folders."""
    before = house.log().count(" started ")
    house.start()
    until(lambda: house.log().count(" started ") > before, 20)
    until(lambda: house.log().rpartition(" started ")[2].count("folder=Says/") >= len(WORDS), 20)


def comes(house: House, text: str) -> None:
    """A mail is in the inbox and has been read."""
    house.deliver(mail(text, Message_ID=IDENTIFIED))
    until(lambda: house.accounts().seen == 1)


def said(house: House, what: str = "moved to folder") -> list[str]:
    rows = map(json.loads, house.command("journal", "--json").stdout.splitlines())
    return [row["because"] for row in rows if row["what"] == what]


def cases(house: House) -> dict[str, int]:
    return {state: many for state, many in house.counts("cases").items() if many}


@pytest.mark.parametrize("way", [move, copy_and_expunge])
def test_a_mail_moved_to_complaint_opens_a_case(house: House, way: object) -> None:
    begin(house)
    comes(house, PLAIN)
    assert cases(house) == {}
    assert callable(way)
    way(house, place("complaint"))
    until(lambda: cases(house) == {"waiting": 1})
    assert len(said(house)) == 1
    assert house.accounts().seen == 1


@pytest.mark.parametrize(("word", "state"), [("answered", "answered"), ("settled", "settled")])
def test_a_mail_moved_to_answered_or_settled_closes_its_case(house: House, word: str, state: str) -> None:
    begin(house)
    comes(house, COMPLAINT)
    move(house, place(word))
    until(lambda: cases(house) == {state: 1})
    assert said(house)[0].startswith(place(word))


@pytest.mark.parametrize("word", ["neither", "praise"])
def test_a_complaint_that_is_none_is_corrected(house: House, word: str) -> None:
    begin(house)
    comes(house, COMPLAINT)
    move(house, place(word))
    until(lambda: said(house, "verdict corrected"))
    until(lambda: "waiting" not in cases(house))
    assert said(house)[0].startswith(place(word))


def test_what_lies_in_the_folders_at_first_start_asks_for_nothing(house: House) -> None:
    for word in WORDS:
        house.dovecot.fill(house.user, [mail(PLAIN)], place(word))
    begin(house)
    time.sleep(3)
    assert (cases(house), said(house)) == ({}, [])


def test_a_mail_moved_before_it_was_seen_is_received_as_any_other_and_corrected(house: House) -> None:
    begin(house)
    with mailbox(house) as imap:
        assert imap.append(place("complaint"), "", "", mail(PLAIN))[0] == "OK"
    until(lambda: cases(house) == {"waiting": 1})
    assert house.accounts().seen == 1
    assert len(said(house, "verdict corrected")) == 1


def test_moving_back_changes_nothing_and_moving_again_asks_again(house: House) -> None:
    begin(house)
    comes(house, COMPLAINT)
    move(house, place("answered"))
    until(lambda: cases(house) == {"answered": 1})
    move(house, "INBOX", place("answered"))
    time.sleep(3)
    assert (cases(house), house.accounts().seen, len(said(house))) == ({"answered": 1}, 1, 1)
    move(house, place("settled"))
    until(lambda: cases(house) == {"settled": 1})
    assert house.accounts().seen == 1


def test_after_a_restart_and_under_another_uidvalidity_a_mail_asks_once(house: House) -> None:
    begin(house)
    comes(house, PLAIN)
    move(house, place("complaint"))
    until(lambda: said(house))
    assert house.stop() == 0
    begin(house)
    time.sleep(3)
    assert len(said(house)) == 1
    assert house.stop() == 0
    with mailbox(house, place("complaint")) as imap:
        (found,) = (part[1] for part in imap.fetch("1", "(BODY.PEEK[])")[1] if isinstance(part, tuple))
        imap.unselect()
        imap.delete(place("complaint"))
        time.sleep(1.1)  # UIDVALIDITY is the second of the making
        imap.create(place("complaint"))
        imap.append(place("complaint"), "", "", found)
    begin(house)
    time.sleep(3)
    assert len(said(house)) == 1
    house.dovecot.deliver(house.user, mail(PLAIN, sender="Mo <mo@client.example>"))
    until(lambda: house.accounts().seen == 2)
    move(house, place("complaint"))
    until(lambda: len(said(house)) == 2)


def test_two_daemons_on_one_store_do_it_once(house: House) -> None:
    begin(house)
    with (house.folder / "log2").open("ab") as log:
        other = subprocess.Popen(
            [sys.executable, str(house.program), "run"], cwd=house.folder, env=house.environment, stdout=log, stderr=log
        )
    try:
        until(lambda: (house.folder / "log2").read_text().count("folder=Says/") >= len(WORDS), 20)
        comes(house, PLAIN)
        move(house, place("complaint"))
        until(lambda: cases(house) == {"waiting": 1})
        time.sleep(3)
        assert len(said(house)) == len(said(house, "verdict corrected")) == 1
    finally:
        other.terminate()
        other.wait(30)


def test_a_folder_that_does_not_exist_is_named_and_the_others_are_looked_into(house: House) -> None:
    with mailbox(house) as imap:
        imap.delete(place("praise"))
    checked = house.command("check", "--connect")
    assert "there is no folder Says/Praise" in checked.stdout + checked.stderr
    house.start()
    until(lambda: "there is no folder Says/Praise" in house.log())
    comes(house, COMPLAINT)
    move(house, place("answered"))
    until(lambda: cases(house) == {"answered": 1})
    with mailbox(house) as imap:
        assert "Praise" not in str(imap.list())


def test_a_mail_moved_anywhere_else_is_not_deleted(house: House) -> None:
    house.edit("complaint/acknowledgement, after: 1 hours", "complaint/acknowledgement, after: 3 seconds")
    begin(house)
    with mailbox(house) as imap:
        imap.create("Archive")
    comes(house, COMPLAINT)
    move(house, "Archive")
    house.letters(1)
    assert until(lambda: house.accounts().acknowledged) == 1
    assert cases(house) == {"waiting": 1}
