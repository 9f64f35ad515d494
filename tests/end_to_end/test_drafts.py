"""Letters in Drafts, and the person who sends, edits, deletes or forgets them: real folders on a real server."""

from __future__ import annotations

import imaplib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, ROOT, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
CLIENTS = "<order-1182@client.example>"
ADA = "Ada Byron <ada@harbour.example>"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"drafts{next(_NUMBERS)}", {"mode": "draft"}) as house:
        house.program = ROOT / "tests" / "watchful.py"
        house.start()
        yield house


class Person:
    """A colleague's mail program at work in the folders."""

    def __init__(self, house: House) -> None:
        self.house = house

    @contextmanager
    def at(self, folder: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.house.dovecot.imap_port) as imap:
            imap.login(self.house.user, self.house.password)
            assert imap.select(folder)[0] == "OK"
            yield imap

    def delete_drafts(self) -> None:
        with self.at("Drafts") as imap:
            imap.store("1:*", "+FLAGS", "\\Deleted")
            imap.expunge()

    def lay(self, folder: str, raw: bytes, flags: str = "") -> None:
        with self.at(folder) as imap:
            assert imap.append(folder, flags, "", raw)[0] == "OK"


def drafted(house: House) -> bytes:
    """A complaint comes; the draft that is laid down for it."""
    house.deliver(mail(COMPLAINT, Message_ID=CLIENTS))
    (draft,) = until(lambda: house.lying("Drafts"))
    until(lambda: house.counts("letters")["drafted"] == 1)
    return draft


def edited(draft: bytes, *, marks: bool = False) -> bytes:
    """The draft as a mail program writes it anew: another Message-ID, and without what it does not know."""
    message = message_from_bytes(draft)
    message.replace_header("Message-ID", "<made-by-a-mail-program@harbour.example>")
    message.replace_header("From", ADA)
    if not marks:
        del message["X-Troth-Letter"]
    text = str(message.get_payload())
    message.set_payload("Dear Jo, I have looked into it myself.\n\n" + text)
    return message.as_bytes()


def letter(house: House) -> tuple[str, str]:
    """The state of the one letter to the client, and why."""
    done = house.command("letters", "list", "--all", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (row,) = (row for row in rows if row["letter"] == "complaint/acknowledgement")
    return row["state"], row["because"]


def becomes(house: House, state: str) -> str:
    """Why the letter is in that state, once it is."""
    return until(lambda: found[1] if (found := letter(house))[0] == state else None, 20)


def journal(house: House) -> list[str]:
    rows = map(json.loads, house.command("journal", "--json").stdout.splitlines())
    return [f"{row['what']}: {row['because']}" for row in rows]


def test_a_draft_sent_as_it_is_counts_as_the_answer(house: House) -> None:
    person, draft = Person(house), drafted(house)
    person.lay("Sent", draft, "\\Seen")
    person.delete_drafts()
    assert becomes(house, "sent") == "sent by one of us"
    assert house.accounts().acknowledged == 1
    assert house.counts("cases")["answered"] == 1
    assert house.sink.mails == []


@pytest.mark.parametrize("marks", [True, False], ids=["with our mark", "without our mark"])
def test_a_draft_that_was_edited_and_sent_under_another_message_id_counts_as_the_answer(
    house: House, marks: bool
) -> None:
    person, draft = Person(house), drafted(house)
    person.lay("Sent", edited(draft, marks=marks), "\\Seen")
    person.delete_drafts()
    assert becomes(house, "sent") == "sent by Ada Byron"
    account = house.accounts()
    assert (account.acknowledged, account.pending, account.no_letter) == (1, 0, {})
    assert house.counts("cases")["answered"] == 1
    assert len(house.lying("Sent")) == 1


def test_a_draft_that_vanished_and_was_not_sent_is_shown_as_gone(house: House) -> None:
    person = Person(house)
    drafted(house)
    person.delete_drafts()
    assert becomes(house, "withdrawn") == "gone from Drafts, and not in Sent"
    assert house.accounts().no_letter == {"gone from Drafts, and not in Sent": 1}
    assert house.counts("cases")["waiting"] == 1


def test_a_gone_draft_that_is_sent_after_all_counts_as_the_answer(house: House) -> None:
    person, draft = Person(house), drafted(house)
    person.delete_drafts()
    becomes(house, "withdrawn")
    person.lay("Sent", edited(draft), "\\Seen")
    assert becomes(house, "sent") == "sent by Ada Byron"
    assert house.accounts().acknowledged == 1


def test_a_draft_that_is_being_edited_is_not_gone(house: House) -> None:
    person, draft = Person(house), drafted(house)
    person.delete_drafts()
    person.lay("Drafts", edited(draft), "\\Draft")
    time.sleep(6)
    assert letter(house) == ("drafted", "waits in Drafts")
    person.delete_drafts()
    person.lay("Sent", edited(draft), "\\Seen")
    assert becomes(house, "sent") == "sent by Ada Byron"


def test_an_untouched_draft_is_taken_back_once_a_colleague_answered_otherwise(house: House) -> None:
    person = Person(house)
    drafted(house)
    person.lay("Drafts", mail("A letter of my own, not ready yet.", sender=ADA, to="al@client.example"), "\\Deleted")
    answer = mail("I see to it now.", sender=ADA, to="jo@client.example", subject="Re: Order 1182", In_Reply_To=CLIENTS)
    person.lay("Sent", answer, "\\Seen")
    assert becomes(house, "withdrawn") == "a colleague answered"
    (left,) = until(lambda: found if len(found := house.lying("Drafts")) == 1 else None)
    assert b"A letter of my own" in left
    assert house.accounts().pending == 0
    assert "draft withdrawn: a colleague answered" in journal(house)


def test_an_edited_draft_is_left_where_it_lies_and_said_so(house: House) -> None:
    person, draft = Person(house), drafted(house)
    person.delete_drafts()
    person.lay("Drafts", draft.replace(b"Subject: ", b"Subject: My words. "), "\\Draft")
    answer = mail("I see to it now.", sender=ADA, to="jo@client.example", subject="Re: Order 1182", In_Reply_To=CLIENTS)
    person.lay("Sent", answer, "\\Seen")
    assert becomes(house, "withdrawn") == "a colleague answered"
    assert until(lambda: [line for line in journal(house) if line.startswith("draft left in Drafts")]) == [
        "draft left in Drafts: somebody has edited it; a colleague answered"
    ]
    assert len(house.lying("Drafts")) == 1


def test_a_draft_that_a_person_drops_is_taken_out_of_drafts(house: House) -> None:
    drafted(house)
    key = json.loads(house.command("letters", "--json").stdout.splitlines()[0])["key"]
    refused = house.command("letters", "release", key)
    assert refused.returncode == 1
    assert "it lies in Drafts" in refused.stderr
    assert house.command("letters", "drop", key).returncode == 0
    until(lambda: not house.lying("Drafts"))
    assert letter(house) == ("dropped", "dropped by a person")
    assert house.accounts().no_letter == {"dropped by a person": 1}


def test_a_letter_in_drafts_stays_there_when_the_mode_becomes_send(house: House) -> None:
    drafted(house)
    assert house.stop() == 0
    house.write(mode="send")
    house.start()
    house.deliver(mail(COMPLAINT, sender="Mo <mo@client.example>"))
    (kept,) = house.letters(1)
    time.sleep(2)
    assert kept.recipients == ("mo@client.example",)
    assert len(house.sink.mails) == 1
    assert house.counts("letters")["drafted"] == 1
