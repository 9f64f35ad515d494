"""The whole loop as ordinary mail: a telling arrives, a colleague replies to it, and what he said is done."""

from __future__ import annotations

import imaplib
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, House, mail, until
from tests.replying import apple, gmail, outlook, told
from tests.servers import Dovecot
from tests.sink import Kept, Sink
from troth import token as tokens

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
ADA = "ada@harbour.example"
PLANS = """\
  complaint:
    - {letter: complaint/acknowledgement, after: 0 seconds, unless: [answered]}
    - {tell: assignee, with: colleague/waiting, after: 1 seconds, unless: [answered], hours: any}
"""
PROMISES = """\
  promise:
    - {tell: assignee, with: colleague/promise-due, before_due: 55 seconds, unless: [kept], hours: any}
    - {tell: owner, with: colleague/promise-late, since: due, unless: [kept], hours: any}
"""
Program = Callable[[bytes, str], bytes]


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot) -> Iterator[House]:
    settings = {"poll": 1, "at_most": 100000}
    with Sink() as sink, House(tmp_path, dovecot, sink, f"replies{next(_NUMBERS)}", settings) as house:
        plans = (tmp_path / "config.yaml").read_text().partition("plans:\n")[2]
        house.edit(plans, PLANS + PROMISES + plans.partition("unless: [answered]}\n")[2])
        house.start()
        yield house
        assert house.stop() == 0


def to_ada(house: House, number: int, seconds: float = 40) -> Kept:
    """The mail to Ada of that number, counted from 1, once it is there."""
    return until(lambda: found[number - 1] if len(found := _all_to_ada(house)) >= number else None, seconds)


def _all_to_ada(house: House) -> list[Kept]:
    return [kept for kept in house.sink.mails if kept.recipients == (ADA,)]


def to_clients(house: House) -> list[Kept]:
    return [kept for kept in house.sink.mails if kept.recipients != (ADA,)]


def audit(house: House) -> list[str]:
    lines = [json.loads(line) for line in house.command("journal", "--json").stdout.splitlines()]
    return [line["because"] for line in lines if line["what"] == "command"]


@pytest.mark.parametrize("program", [gmail, outlook, apple], ids=lambda program: program.__name__)
def test_a_promise_is_made_by_reply_confirmed_called_to_mind_and_kept(house: House, program: Program) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    house.deliver(program(telling.raw, "promise in 1 minute new proofs"))
    confirmation = to_ada(house, 2)
    _, text = told(confirmation.raw)
    assert "Promised to Jo Marsh: new proofs" in text
    assert house.counts("promises") == {"open": 1, "late": 0, "kept": 0}
    reminder = to_ada(house, 3, 90)
    assert "new proofs" in told(reminder.raw)[1]
    house.deliver(program(reminder.raw, "kept"))
    assert "The promise to Jo Marsh is kept" in " ".join(told(to_ada(house, 4).raw)[1].split())
    assert house.counts("promises") == {"open": 0, "late": 0, "kept": 1}
    assert house.counts("cases")["waiting"] == 1
    assert len(audit(house)) == 2


@pytest.mark.parametrize("program", [gmail, outlook, apple], ids=lambda program: program.__name__)
def test_what_was_settled_by_reply_is_taken_back_by_reply(house: House, program: Program) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    house.deliver(program(telling.raw, "Settled, thanks"))
    confirmation = to_ada(house, 2)
    assert house.counts("cases") == {"waiting": 0, "answered": 0, "settled": 1, "parted": 0}
    house.deliver(program(confirmation.raw, "undo"))
    assert "Taken back" in told(to_ada(house, 3).raw)[1]
    assert house.counts("cases")["settled"] == 0
    threads = [str(told(each.raw)[0]["References"]).split()[0] for each in _all_to_ada(house)]
    assert len(set(threads)) == 1, "all mails of one case stand in one thread"


def test_a_letter_that_is_held_leaves_at_a_colleagues_word_and_once(house: House) -> None:
    house.write(at_most=1)
    text = (house.folder / "config.yaml").read_text()
    house.edit(text.partition("plans:\n")[2], PLANS + text.partition("unless: [answered]}\n")[2])
    house.stop()
    house.start()
    for name in ("Jo Marsh <jo@client.example>", "Mo Ray <mo@client.example>"):
        house.deliver(mail(COMPLAINT, sender=name))
        to_client = name.partition("<")[2].rstrip(">")
        until(lambda who=to_client: any(who in _about(house, kept) for kept in _waiting(house)), 40)  # type: ignore[misc] # the loop's own
    until(lambda: house.counts("letters")["held"] == 1, 40)
    assert [kept.recipients[0] for kept in to_clients(house)] == ["jo@client.example"]
    telling = next(kept for kept in _waiting(house) if "mo@client.example" in _about(house, kept))
    reply = gmail(telling.raw, "send")
    house.deliver(reply, reply)
    until(lambda: len(to_clients(house)) == 2, 40)
    assert to_clients(house)[1].recipients == ("mo@client.example",)
    until(lambda: any("it came before" in line or line.endswith("sent") for line in audit(house)), 40)
    assert house.counts("letters")["held"] == 0
    assert len(to_clients(house)) == 2


@pytest.mark.parametrize("word", ["send", "complaint"])
def test_of_a_complaint_that_is_not_sure_the_letter_leaves_at_a_colleagues_word(house: House, word: str) -> None:
    house.deliver(mail("The colours are wrong."))
    telling = to_ada(house, 1)
    assert to_clients(house) == []
    house.deliver(outlook(telling.raw, word))
    letter = until(lambda: to_clients(house) or None, 40)[0]
    assert letter.recipients == ("jo@client.example",)
    assert "Auto-Submitted: auto-replied" in letter.raw.decode()
    assert house.counts("cases")["waiting"] == 1


def _waiting(house: House) -> list[Kept]:
    return [kept for kept in _all_to_ada(house) if b"colleague/waiting" in kept.raw]


def _about(house: House, kept: Kept) -> str:
    del house
    return told(kept.raw)[1]


def test_what_is_written_in_prose_is_not_sent_and_says_so(house: House) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    house.deliver(apple(telling.raw, "Dear Jo, I am so sorry. The money is on its way to you."))
    message, text = told(to_ada(house, 2).raw)
    assert text.startswith("Jo Marsh has not received this.")
    assert str(message["Subject"]).startswith("Not sent: Jo Marsh")
    assert house.counts("cases")["waiting"] == 1
    assert len(to_clients(house)) == 1


def test_a_stranger_with_the_token_gets_nothing_and_the_owner_is_warned(house: House) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    house.deliver(outlook(telling.raw, "settled", sender="Ada Byron <ada@harbour-example.example>"))
    warning = to_ada(house, 2)
    assert "Replies stopped" in str(told(warning.raw)[0]["Subject"])
    house.deliver(gmail(telling.raw, "settled"))
    assert "do nothing any more" in " ".join(told(to_ada(house, 3).raw)[1].split())
    assert house.counts("cases")["waiting"] == 1
    assert {kept.recipients[0] for kept in house.sink.mails} == {ADA, "jo@client.example"}
    assert len(audit(house)) == 2


def test_no_token_comes_to_a_client_also_when_he_was_shown_one(house: House) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    house.deliver(gmail(telling.raw, COMPLAINT, sender="Mo Ray <mo@client.example>"))
    until(lambda: any(kept.recipients == ("mo@client.example",) for kept in house.sink.mails), 40)
    mark = tokens.read(str(told(telling.raw)[0]["Message-ID"]))
    assert mark is not None
    for kept in to_clients(house):
        assert mark.mac.encode() not in kept.raw
        assert b"\nReply-To" not in kept.raw


def test_a_reply_in_sent_and_in_the_inbox_acts_once_also_after_a_crash(house: House) -> None:
    house.deliver(mail(COMPLAINT))
    telling = to_ada(house, 1)
    reply = gmail(telling.raw, "note he rang twice\nto Sam")
    house.deliver(reply)
    to_ada(house, 2)
    house.kill()
    with imaplib.IMAP4("127.0.0.1", house.dovecot.imap_port) as imap:
        imap.login(house.user, house.password)
        assert imap.append("Sent", "(\\Seen)", None, reply.replace(b"\n", b"\r\n"))[0] == "OK"
    house.start()
    until(lambda: house.log().rpartition("started")[2].count("state=watching") >= 2)
    house.deliver(mail("Just a word.", sender="Li <li@client.example>"))
    until(lambda: house.accounts().seen == 3, 40)
    assert len(audit(house)) == 1
    assert len(_all_to_ada(house)) == 2
