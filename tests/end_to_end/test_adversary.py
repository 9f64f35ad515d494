"""A hostile owner, operator and machine: full disks, broken stores, signals at bad moments, edits that do not hold."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, PRAISE, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink
from troth.desk.posting import GROUP
from troth.store.schema import version

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot) -> Iterator[House]:
    with Sink() as sink, House(tmp_path, dovecot, sink, f"adversary{next(_NUMBERS)}") as house:
        yield house


def _to_clients(house: House) -> Counter[str]:
    return Counter(kept.recipients[0] for kept in house.sink.mails if kept.recipients[0] != "ada@harbour.example")


def _praises(numbers: range) -> list[bytes]:
    return [mail(PRAISE, sender=f"C{n} <c{n}@client.example>") for n in numbers]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB at state/."""
    place = tmp_path / "state"
    place.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_on_a_full_disk_nothing_is_sent_and_all_goes_on_once_there_is_room(house: House, small_disk: Path) -> None:
    house.start()
    house.deliver(*_praises(range(3)))
    house.letters(3)
    until(lambda: house.accounts().acknowledged == 3)
    _fill(small_disk / "ballast")
    house.deliver(*_praises(range(3, 43)))
    until(lambda: "the disk is full" in house.log(), 30)
    time.sleep(6)
    assert house.daemon is not None
    assert house.daemon.poll() is None
    left = len(house.sink.mails)
    assert house.log().count("\n") < 400
    (small_disk / "ballast").unlink()
    house.letters(43, seconds=60)
    until(lambda: house.accounts().acknowledged == 43, 30)
    assert left < 3 + GROUP + 1
    assert max(_to_clients(house).values()) == 1
    assert house.stop() == 0


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def _damaged(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:100] + os.urandom(20_000))


def _no_database(store: Path) -> None:
    store.write_bytes(b"Dear reader, this is a letter.\n" * 500)


def _newer(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute(f"UPDATE {version.name} SET version_num = '9999_from_the_future'")  # noqa: S608 - a name of ours
    connection.close()


@pytest.mark.parametrize("harm", [_damaged, _no_database, _newer])
def test_a_store_that_cannot_be_used_is_refused_in_one_line_and_left_as_it_is(house: House, harm: object) -> None:
    house.start()
    house.deliver(mail(COMPLAINT))
    house.letters(1)
    assert house.stop() == 0
    store = house.folder / "state" / "troth.db"
    for name in ("troth.db-wal", "troth.db-shm"):
        (store.parent / name).unlink(missing_ok=True)
    assert callable(harm)
    harm(store)
    before = store.read_bytes()
    for command in (("run",), ("status",), ("journal",), ("letters",)):
        done = house.command(*command)
        assert done.returncode == 3, (command, done)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert "troth.db" in done.stderr
    assert store.read_bytes() == before


def test_sigterm_in_a_backlog_ends_at_once_and_the_rest_follows_at_the_next_start(house: House) -> None:
    house.start()
    house.stop()
    house.dovecot.fill(house.user, _praises(range(400)))
    house.start(wait=False)
    until(lambda: len(house.sink.mails) > 30, 30)
    before = time.monotonic()
    assert house.stop() == 0
    assert time.monotonic() - before < 5
    assert len(house.sink.mails) < 400
    house.start()
    until(lambda: len(house.sink.mails) >= 400, 90)
    until(lambda: house.accounts().acknowledged == 400)
    assert max(_to_clients(house).values()) == 1
    assert house.counts("letters")["unknown"] == 0


def test_sigterm_while_the_mail_server_hangs_ends_within_30_seconds(house: House) -> None:
    house.sink.answer_to = lambda verb, _: 60.0 if verb == "END" else None
    house.start()
    house.deliver(mail(PRAISE))
    until(lambda: "DATA" in house.sink.commands)
    time.sleep(0.5)
    before = time.monotonic()
    assert house.stop() == 0
    assert time.monotonic() - before < 30
    assert house.counts("letters")["unknown"] == 1


def test_sighup_reads_everything_again_and_a_mended_edit_is_taken(house: House) -> None:
    house.start()
    assert house.daemon is not None
    house.edit("mode: send", "mode: sned")
    house.daemon.send_signal(signal.SIGHUP)
    until(lambda: "sned" in str([kept.raw for kept in house.sink.mails]))
    house.edit("mode: sned", "mode: observe")
    house.daemon.send_signal(signal.SIGHUP)
    until(lambda: "configuration read again" in house.log())
    house.deliver(mail(PRAISE))
    until(lambda: house.accounts().no_letter == {"observe": 1})
    assert _to_clients(house) == {}


def test_an_inbox_that_an_edit_adds_is_watched_and_one_it_takes_away_is_not(house: House) -> None:
    house.start()
    text = (house.folder / "config.yaml").read_text()
    second = re.search(r"  - name: hello\n.*?\n(?=store:)", text, re.DOTALL)
    assert second
    shop = second[0].replace("name: hello", "name: shop").replace("hello@", "shop@").replace("info@", "sales@")
    shop = shop.replace(f"username: {house.user}", f"username: {house.user}shop")
    house.dovecot.user(f"{house.user}shop")
    (house.folder / "config.yaml").write_text(text.replace(second[0], second[0] + shop))
    until(lambda: house.log().count("inbox=shop") >= 2, 30)
    house.dovecot.deliver(f"{house.user}shop", mail(PRAISE, to="shop@harbour.example"))
    (kept,) = house.letters(1)
    assert b"From: Harbour Print <shop@harbour.example>" in kept.raw
    (house.folder / "config.yaml").write_text(text)
    until(lambda: house.log().count("configuration read again") == 2, 30)
    house.dovecot.deliver(f"{house.user}shop", mail(PRAISE, sender="Al <al@client.example>", to="shop@harbour.example"))
    house.deliver(mail(PRAISE, sender="Mo <mo@client.example>"))
    house.letters(2)
    time.sleep(3)
    assert _to_clients(house) == {"jo@client.example": 1, "mo@client.example": 1}
    assert house.inbox()["state"] == "watching"


def test_a_folder_that_is_watched_no_more_is_no_trouble_of_its_inbox(house: House) -> None:
    house.start()
    house.edit("    poll:", "    watch: [inbox]\n    poll:")
    assert house.daemon is not None
    house.daemon.send_signal(signal.SIGHUP)
    until(lambda: "configuration read again" in house.log())
    until(lambda: house.inbox()["state"] == "watching")
    assert house.inbox()["error"] is None


def test_nothing_is_ever_sent_from_a_letter_with_a_fact_that_may_be_missing(house: House) -> None:
    folder = house.folder / "templates" / "complaint"
    folder.mkdir(parents=True)
    good = "Subject: Re: {{ message.subject }}\n\n{{ client.greeting }},\n\nwe look into it. This is automatic.\n"
    (folder / "acknowledgement.txt").write_text(good)
    house.edit("letters:\n", "templates: templates/\nletters:\n")
    house.start()
    (folder / "acknowledgement.txt").write_text(good + "\nYou wrote: {{ message.sentence }}\n")
    until(lambda: "acknowledgement.txt:7" in house.log(), 20)
    house.deliver(mail(COMPLAINT))
    (kept,) = until(lambda: [kept for kept in house.sink.mails if kept.recipients == ("jo@client.example",)])
    assert b"we look into it" in kept.raw
    assert b"You wrote" not in kept.raw
    assert house.stop() == 0
    assert house.command("run").returncode == 2


def test_a_first_start_on_many_old_mails_is_resumed_after_a_kill_and_answers_none(house: House) -> None:
    house.dovecot.fill(house.user, (mail(COMPLAINT, sender=f"Old {n} <old{n}@client.example>") for n in range(6_000)))
    house.start(wait=False)
    until(lambda: house.log().count("old mail learnt") >= 40, 60)
    house.kill()
    house.start(wait=False)
    account = until(lambda: found if (found := house.accounts()).seen == 6_000 else None, 200)
    assert house.daemon is not None
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{house.daemon.pid}/status").read_text())
    assert found
    assert int(found[1]) < 100_000
    assert account.no_letter == {"before first start": 6_000}
    house.deliver(mail(PRAISE))
    house.letters(1)
    assert _to_clients(house) == {"jo@client.example": 1}
