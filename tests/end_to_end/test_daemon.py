"""The daemon as it runs: real IMAP in, real SMTP out, its own process, ended in every way there is."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, MIXED, PLAIN, PRAISE, House, mail, until
from tests.servers import Dovecot
from tests.sink import Kept, Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"house{next(_NUMBERS)}") as house:
        yield house


def letter_of(kept: Kept) -> str:
    """Which letter it is, by the key it carries: the template stands in it."""
    return str(message_from_bytes(kept.raw)["X-Troth-Letter"]).split(":")[1]


@pytest.mark.parametrize(
    ("text", "letter"),
    [(COMPLAINT, "complaint/acknowledgement"), (PRAISE, "praise/thank-you"), (MIXED, "mixed/acknowledgement")],
    ids=["a complaint", "praise", "both in one mail"],
)
def test_each_tone_gets_its_letter_within_two_seconds(house: House, text: str, letter: str) -> None:
    house.start()
    before = time.monotonic()
    house.deliver(mail(text))
    (kept,) = house.letters(1, seconds=10)
    assert time.monotonic() - before < 2.0
    assert letter_of(kept) == letter
    assert kept.recipients == ("jo@client.example",)
    assert kept.sender == ""
    assert until(lambda: house.accounts().acknowledged) == 1


def test_ordinary_business_mail_gets_none_and_is_accounted_for(house: House) -> None:
    house.start()
    house.deliver(mail(PLAIN), mail(COMPLAINT, sender="Mo <mo@client.example>"))
    house.letters(1)
    account = until(lambda: found if (found := house.accounts()).seen == 2 and found.acknowledged else None)
    assert account.no_letter == {"no tone": 1}
    assert len(house.sink.mails) == 1


def test_mail_that_was_there_before_gets_no_letter_and_opens_no_case(house: House) -> None:
    old = [mail(COMPLAINT, sender=f"Old {n} <old{n}@client.example>") for n in range(2000)]
    house.dovecot.fill(house.user, old)
    house.start()
    account = until(lambda: found if (found := house.accounts()).seen == 2000 else None, 60)
    house.deliver(mail(COMPLAINT))
    house.letters(1)
    assert account.no_letter == {"before first start": 2000}
    assert [kept.recipients for kept in house.sink.mails] == [("jo@client.example",)]
    assert house.counts("cases") == {"waiting": 1, "answered": 0, "settled": 0, "parted": 0}


def test_a_restart_sends_nothing_again(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT), mail(PRAISE, sender="Mo <mo@client.example>"))
    house.letters(2)
    assert house.stop() == 0
    house.start()
    house.deliver(mail(PRAISE, sender="Al <al@client.example>"))
    house.letters(3)
    assert sorted(kept.recipients[0] for kept in house.sink.mails) == [
        "al@client.example",
        "jo@client.example",
        "mo@client.example",
    ]


def test_what_came_while_it_was_down_is_answered_at_the_next_start(house: House) -> None:
    house.start()
    house.stop()
    house.deliver(mail(COMPLAINT))
    house.start()
    assert len(house.letters(1)) == 1


def test_new_uids_of_the_server_never_cause_a_second_letter(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT))
    house.letters(1)
    house.stop()
    house.dovecot.forget_uids(house.user)
    house.start()
    house.deliver(mail(PRAISE, sender="Mo <mo@client.example>"))
    house.letters(2)
    until(lambda: house.accounts().seen == 2)
    assert len(house.sink.mails) == 2


def test_a_colleagues_answer_in_sent_makes_the_acknowledgement_needless(house: House) -> None:
    house.write(after="4 seconds")
    house.start()
    client = mail(COMPLAINT, Message_ID="<first@client.example>")
    house.deliver(client)
    until(lambda: house.counts("cases")["waiting"] == 1)
    answer = mail(
        "Dear Jo, I have just paid it back.",
        sender="Ada Byron <ada@harbour.example>",
        to="jo@client.example",
        subject="Re: Order 1182",
        In_Reply_To="<first@client.example>",
        Message_ID="<answer@harbour.example>",
    )
    house.dovecot.fill(house.user, [answer], "Sent")
    until(lambda: house.counts("cases")["answered"] == 1)
    until(lambda: house.accounts().no_letter == {"a colleague answered": 1})
    assert house.sink.mails == []


def test_in_observe_mode_everything_is_decided_and_nothing_leaves(house: House) -> None:
    house.write(mode="observe")
    house.start()
    house.deliver(mail(COMPLAINT), mail(PRAISE, sender="Mo <mo@client.example>"))
    until(lambda: house.accounts().no_letter == {"observe": 2})
    house.write(mode="send")
    until(lambda: "configuration read again" in house.log(), 20)
    house.deliver(mail(PRAISE, sender="Al <al@client.example>"))
    house.letters(1)
    assert [kept.recipients for kept in house.sink.mails] == [("al@client.example",)]


def test_in_draft_mode_the_letter_waits_in_drafts_without_marks_of_a_machine(house: House) -> None:
    house.write(mode="draft")
    house.start()
    house.deliver(mail(COMPLAINT, Message_ID="<first@client.example>"))
    (draft,) = until(lambda: house.lying("Drafts"))
    message = message_from_bytes(draft)
    assert message["In-Reply-To"] == "<first@client.example>"
    assert message["Auto-Submitted"] is None
    assert "automatically" not in draft.decode()
    assert house.sink.mails == []


def test_every_letter_lies_in_sent_once(house: House) -> None:
    house.start()
    house.deliver(*(mail(PRAISE, sender=f"C{n} <c{n}@client.example>") for n in range(5)))
    house.letters(5)
    until(lambda: len(house.lying("Sent")) == 5)
    time.sleep(3)
    assert sorted(house.lying("Sent")) == sorted(kept.raw for kept in house.sink.mails)


def test_the_mails_show_what_was_thought_of_them_and_stay_unread(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT), mail(PLAIN, sender="Mo <mo@client.example>"))
    house.letters(1)
    until(lambda: "$Complaint" in " ".join(house.flags()))
    first, second = house.flags()
    assert "$Complaint" in first
    assert "$" not in second
    assert "\\Seen" not in first + second


def test_a_broken_edit_keeps_the_old_configuration_and_tells_the_owner(house: House) -> None:
    house.start()
    path = house.folder / "config.yaml"
    path.write_text(path.read_text().replace("mode: send", "mode: sned"))
    (kept,) = house.letters(1, seconds=30)
    assert kept.recipients == ("ada@harbour.example",)
    assert "sned" in message_from_bytes(kept.raw).as_string()
    house.deliver(mail(COMPLAINT))
    house.letters(2)
    assert house.sink.mails[1].recipients == ("jo@client.example",)


def _complaints(numbers: range) -> list[bytes]:
    return [mail(COMPLAINT, sender=f"K{n} <k{n}@client.example>", Message_ID=f"<k{n}@client.example>") for n in numbers]


def test_killed_at_any_instant_it_records_each_mail_once_and_sends_no_letter_twice(house: House) -> None:
    chance, number, kills = random.Random(4), 0, 50  # noqa: S311 - the instants only have to differ
    house.start()
    for _ in range(kills):
        if house.daemon is None:
            house.start(wait=False)
        more = range(number, number + 4)
        number += 4
        house.deliver(*_complaints(more))
        time.sleep(chance.uniform(0.0, 1.6))
        house.kill()
    house.start()
    account = until(lambda: found if (found := house.accounts()).seen == number and not found.pending else None, 120)
    letters = Counter(kept.recipients[0] for kept in house.sink.mails if kept.recipients[0] != "ada@harbour.example")
    unknown = house.counts("letters")["unknown"]
    assert max(letters.values()) == 1
    assert house.counts("cases")["waiting"] == number
    assert account.acknowledged + unknown == number
    assert len(letters) >= account.acknowledged
    assert unknown < number / 3


def _restarted(house: House) -> None:
    house.dovecot.restart()


def _ended(house: House) -> None:
    assert house.dovecot.kill_imap_processes() > 0


def _silent(house: House) -> None:
    assert house.dovecot.freeze_imap_processes() > 0


@pytest.mark.parametrize("trouble", [_restarted, _ended, _silent], ids=["server restart", "end of file", "half-open"])
def test_a_lost_connection_costs_no_mail_and_little_time(house: House, trouble: Callable[[House], None]) -> None:
    house.start()
    trouble(house)
    house.deliver(mail(COMPLAINT))
    before = time.monotonic()
    house.letters(1, seconds=12)
    assert time.monotonic() - before < 2 + 5
    house.dovecot.thaw_imap_processes()
    assert house.daemon is not None
    used = Path(f"/proc/{house.daemon.pid}/stat").read_text().split()
    time.sleep(3)
    later = Path(f"/proc/{house.daemon.pid}/stat").read_text().split()
    assert int(later[13]) + int(later[14]) - int(used[13]) - int(used[14]) < 60  # hundredths of a second: no busy loop
