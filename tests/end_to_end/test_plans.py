"""Plans as the daemon keeps them, with steps of seconds: what leaves, and what an answer or a crash makes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, PRAISE, House, mail, until
from tests.servers import Dovecot
from tests.sink import Kept, Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
PLANS = """\
plans:
  complaint:
    - {{letter: complaint/acknowledgement, unless: [answered]}}
    - {{tell: owner, with: colleague/waiting, after: {told} seconds, unless: [answered]}}
    - {{letter: complaint/put-right, after: 3 seconds, since: answered, unless: [client wrote]}}
  praise:
    - {{letter: praise/thank-you}}
    - {{letter: praise/what-could-be-better, after: 3 seconds, unless: [client wrote]}}
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"plans{next(_NUMBERS)}") as house:
        yield house


def plan(house: House, told: int = 5) -> None:
    """Let the house keep the plans above, and start it."""
    house.write(poll=1)
    path = house.folder / "config.yaml"
    path.write_text(path.read_text().partition("plans:")[0] + PLANS.format(told=told))


def letter_of(kept: Kept) -> str:
    return str(message_from_bytes(kept.raw)["X-Troth-Letter"]).split(":")[1].partition("%20")[0]


def left(house: House) -> list[str]:
    return [letter_of(kept) for kept in house.sink.mails]


def answer(to: str, *, number: int = 1) -> bytes:
    return mail(
        "Dear Jo, I have just paid it back.",
        sender="Ada Byron <ada@harbour.example>",
        to="jo@client.example",
        subject="Re: Order 1182",
        In_Reply_To=to,
        Message_ID=f"<answer{number}@harbour.example>",
    )


def test_a_complaint_is_acknowledged_and_told_and_an_answer_is_followed_up(house: House) -> None:
    plan(house, told=2)
    house.start()
    house.deliver(mail(COMPLAINT, Message_ID="<first@client.example>"))
    until(lambda: left(house) == ["complaint/acknowledgement", "colleague/waiting"])
    house.dovecot.fill(house.user, [answer("<first@client.example>")], "Sent")
    until(lambda: house.counts("cases")["answered"] == 1)
    until(lambda: left(house)[2:] == ["complaint/put-right"])


def test_an_answer_in_sent_stops_the_telling(house: House) -> None:
    plan(house, told=6)
    house.start()
    house.deliver(mail(COMPLAINT, Message_ID="<first@client.example>"))
    house.letters(1)
    house.dovecot.fill(house.user, [answer("<first@client.example>")], "Sent")
    until(lambda: "complaint/put-right" in left(house))
    time.sleep(4)
    assert left(house) == ["complaint/acknowledgement", "complaint/put-right"]


def test_a_clients_second_mail_is_told_anew_and_withdraws_the_question(house: House) -> None:
    plan(house, told=3)
    house.start()
    house.deliver(mail(COMPLAINT, Message_ID="<first@client.example>"))
    house.letters(1)
    house.dovecot.fill(house.user, [answer("<first@client.example>")], "Sent")
    until(lambda: house.counts("cases")["answered"] == 1)
    house.deliver(mail("It is still broken.", In_Reply_To="<answer1@harbour.example>", Message_ID="<2@client.example>"))
    until(lambda: "colleague/waiting" in left(house))
    time.sleep(2)
    assert left(house) == ["complaint/acknowledgement", "colleague/waiting"]


def test_praise_is_followed_up_once_over_a_restart(house: House) -> None:
    plan(house)
    house.start()
    house.deliver(mail(PRAISE))
    house.letters(1)
    assert house.stop() == 0
    house.start()
    until(lambda: left(house) == ["praise/thank-you", "praise/what-could-be-better"])


def test_killed_between_due_and_sent_a_telling_leaves_all_the_same(house: House) -> None:
    plan(house, told=3)
    house.start()
    house.deliver(*(mail(COMPLAINT, sender=f"K{n} <k{n}@client.example>") for n in range(5)))
    house.letters(5)
    time.sleep(2.5)
    house.kill()
    time.sleep(1.5)
    house.start()
    until(lambda: all(_told(house, f"k{n}@client.example") for n in range(5)))
    assert left(house).count("complaint/acknowledgement") == 5


def _told(house: House, who: str) -> bool:
    tellings = [kept.raw for kept in house.sink.mails if letter_of(kept) == "colleague/waiting"]
    return who.encode() in b"".join(tellings)
