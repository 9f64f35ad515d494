"""Mail servers that misbehave: no letter twice, no storm, and people hear of what only they can mend."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, PRAISE, ROOT, House, mail, until
from tests.servers import Dovecot
from tests.sink import Act, Action, Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
Make = Callable[..., House]


@pytest.fixture
def hasty(tmp_path: Path, dovecot: Dovecot) -> Iterator[Callable[..., House]]:
    """Makes a house whose mail server answers as told, with a daemon that does not wait long."""
    open_ones: list[Sink | House] = []

    def make(answers: Mapping[str, list[Action]] | None = None, **settings: object) -> House:
        sink = Sink(answers=answers or {}, **settings)  # type: ignore[arg-type]  # what a test says of the sink
        open_ones.append(sink.__enter__())
        made = House(tmp_path, dovecot, sink, f"trouble{next(_NUMBERS)}", program=ROOT / "tests" / "hasty.py")
        open_ones.insert(0, made.__enter__())
        return made

    yield make
    for one in open_ones:
        one.__exit__(None, None, None)


def _to(house: House) -> Counter[str]:
    return Counter(kept.recipients[0] for kept in house.sink.mails)


GRACEFUL: dict[str, dict[str, list[Action]]] = {
    "greylisting": {"RCPT": ["450 4.7.1 greylisted, try again later"]},
    "421 at the greeting": {"GREETING": ["421 4.3.2 busy", "421 4.3.2 busy"]},
    "a drop before the text": {"DATA": [Act.DROP]},
    "452 after the dot": {"END": ["452 4.3.1 no room"]},
    "a hang at MAIL": {"MAIL": [Act.HANG]},
    "a hang at the greeting": {"GREETING": [Act.HANG]},
    "421 after the mail": {"MAIL": [None, "421 4.7.0 too many"]},
    "421 to QUIT": {"QUIT": ["421 4.7.0 leave"]},
    "<> refused": {"MAIL": ["550 5.7.1 null sender not allowed"]},
    "<> refused at the dot": {"END": ["550 5.7.1 null sender not allowed"]},
}


@pytest.mark.parametrize("answers", GRACEFUL.values(), ids=GRACEFUL.keys())
def test_a_server_that_puts_us_off_gets_each_letter_once(hasty: Make, answers: Mapping[str, list[Action]]) -> None:
    house = hasty(answers)
    house.start()
    house.deliver(*(mail(PRAISE, sender=f"C{n} <c{n}@client.example>") for n in range(3)))
    house.letters(3, seconds=40)
    until(lambda: house.counts("letters")["sent"] == 3)
    time.sleep(1)
    assert set(_to(house).values()) == {1}
    assert house.counts("letters")["unknown"] == 0


LOST: dict[str, tuple[str, Act]] = {
    "kept, then dropped": ("END", Act.KEEP_AND_DROP),
    "dropped, not kept": ("END", Act.DROP),
    "dropped in the text": ("TEXT", Act.DROP),
    "kept, then silent": ("END", Act.KEEP_AND_HANG),
    "not kept, and silent": ("END", Act.HANG),
}


@pytest.mark.parametrize("end", LOST.values(), ids=LOST.keys())
def test_a_lost_reply_to_the_dot_is_told_and_sent_again_only_by_a_person(hasty: Make, end: tuple[str, Act]) -> None:
    when, act = end
    house = hasty({when: [act]})
    house.start()
    house.deliver(mail(PRAISE))
    until(lambda: house.counts("letters")["unknown"] == 1, 30)
    until(lambda: _to(house)["ada@harbour.example"] == 1, 30)
    before = _to(house)["jo@client.example"]
    assert before == (1 if act in (Act.KEEP_AND_DROP, Act.KEEP_AND_HANG) else 0)
    listed = house.command("letters").stdout
    assert "unknown" in listed
    key = next(word for word in listed.split() if "praise/thank-you" in word and ":" in word)
    assert house.accounts().pending == 0
    done = house.command("letters", "resend", key)
    assert done.returncode == 0, done.stderr
    until(lambda: _to(house)["jo@client.example"] == before + 1, 30)
    until(lambda: house.counts("letters")["sent"] == 2)
    assert len({kept.raw for kept in house.sink.mails if kept.recipients[0] == "jo@client.example"}) == 1


def test_a_password_that_smtp_refuses_is_tried_little_and_works_once_it_is_mended(hasty: Make) -> None:
    house = hasty(login=("hello", "right"))
    house.edit("tls: none}\n    poll", "tls: none, username: hello, password: {env: SMTP_PASSWORD}}\n    poll")
    house.secrets = {"SMTP_PASSWORD": "wr0ng-secret"}
    house.start("--verbose")
    house.deliver(*(mail(PRAISE, sender=f"C{n} <c{n}@client.example>") for n in range(5)))
    until(lambda: house.accounts().pending == 5)
    time.sleep(8)
    attempts = sum(line.startswith("AUTH") for line in house.sink.commands)
    assert 1 <= attempts <= 8
    assert "535" in house.command("letters").stdout
    assert "user name and password" in house.command("status").stdout
    assert house.stop() == 0
    house.secrets = {"SMTP_PASSWORD": "right"}
    house.start()
    until(lambda: sum(n for who, n in _to(house).items() if who != "ada@harbour.example") == 5, 30)
    assert _to(house)["ada@harbour.example"] == 1
    assert "wr0ng-secret" not in house.log()
    for path in (house.folder / "state").iterdir():
        assert b"wr0ng-secret" not in path.read_bytes()


def _log_ins(house: House) -> int:
    return house.dovecot.log.read_text(errors="replace").count(f"user=<{house.user}>")


def test_a_password_that_imap_refuses_is_tried_little_shown_and_told_once(hasty: Make) -> None:
    house = hasty()
    right, house.password = house.password, "wr0ng-secret"
    house.start("--verbose", wait=False)
    until(lambda: "state=retrying" in house.log())
    until(lambda: _to(house)["ada@harbour.example"])
    time.sleep(8)
    assert _log_ins(house) <= 4
    assert _to(house) == {"ada@harbour.example": 1}
    inbox = house.inbox()
    assert inbox["state"] == "retrying"
    assert "log-in failed" in str(inbox["error"])
    assert house.stop() == 0
    house.password = right
    house.start()
    until(lambda: house.inbox()["state"] == "watching")
    assert "wr0ng-secret" not in house.log()
    assert all(b"wr0ng-secret" not in path.read_bytes() for path in (house.folder / "state").iterdir())


def test_a_sent_folder_that_is_not_there_is_named_and_letters_wait_until_it_is(hasty: Make) -> None:
    house = hasty()
    house.edit("poll: 2 seconds", "poll: 2 seconds\n    folders: {sent: Gesendetes}")
    house.start(wait=False)
    until(lambda: "state=retrying" in house.log())
    house.deliver(mail(COMPLAINT))
    told = until(lambda: [kept.raw for kept in house.sink.mails if b"No letters leave" in kept.raw])
    assert b"Gesendetes" in told[0]
    assert "Gesendetes" in str(house.inbox()["error"])
    until(lambda: house.accounts().pending == 1)
    time.sleep(3)
    assert _to(house)["jo@client.example"] == 0
    house.edit("folders: {sent: Gesendetes}", "folders: {sent: Sent}")
    until(lambda: _to(house)["jo@client.example"] == 1, 60)


def test_a_restart_of_the_imap_server_in_a_backlog_loses_nothing_and_doubles_nothing(hasty: Make) -> None:
    house = hasty()
    house.start()
    house.stop()
    house.dovecot.fill(house.user, [mail(PRAISE, sender=f"C{n} <c{n}@client.example>") for n in range(500)])
    house.start(wait=False)
    until(lambda: len(house.sink.mails) > 20, 30)
    house.dovecot.restart()
    until(lambda: len(house.sink.mails) > 200, 60)
    house.dovecot.kill_imap_processes()
    until(lambda: len(house.sink.mails) >= 500, 120)
    account = until(lambda: found if (found := house.accounts()).acknowledged == 500 else None, 60)
    assert account.seen == 500
    assert len(_to(house)) == 500
    until(lambda: len(house.lying("Sent")) >= 500, 60)
    assert len(house.lying("Sent")) == 500
