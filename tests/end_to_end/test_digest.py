"""The digest as it arrives: written by the running daemon at its moment, once, and when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.house import COMPLAINT, PRAISE, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink
from troth import clock, token

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"digest{next(_NUMBERS)}") as house:
        yield house


def digests(house: House) -> list[EmailMessage]:
    """The digests in the sink, in the order in which they came."""
    found = [message_from_bytes(kept.raw, policy=policy.default) for kept in house.sink.mails]
    return [each for each in found if str(each["X-Troth-Letter"]).startswith("digest:")]


def said(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_it_leaves_once_at_its_moment_whatever_restarts(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT), mail(PRAISE, sender="Mo <mo@client.example>"))
    house.letters(2)
    soon = clock.now().astimezone(ZoneInfo("Europe/London")) + timedelta(seconds=75)
    house.write(digest=f'{{to: everyone, at: "{soon:%H:%M}"}}')
    until(lambda: "configuration read again" in house.log(), 20)
    assert digests(house) == []
    until(lambda: len(digests(house)) == 2, 100)
    for message in digests(house):
        assert message["Auto-Submitted"] == "auto-generated"
        assert token.read(str(message["Message-ID"])) is not None
        assert "1. Jo Marsh: Order 1182" in said(message)
        assert "PRAISE WORTH SHARING" in said(message)
        assert "2 seen = 2 acknowledged + 0 pending + 0 no letter + 0 set aside" in said(message)
        assert "Waiting for an answer" in said(message, "html")
    assert {str(each["To"]) for each in digests(house)} == {
        "Ada Byron <ada@harbour.example>",
        "Sam Fox <sam@harbour.example>",
    }
    assert house.stop() == 0
    house.start()
    time.sleep(3)
    assert len(digests(house)) == 2


def test_it_comes_when_it_is_asked_for(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT))
    house.letters(1)
    done = house.command("digest")
    assert (done.returncode, done.stderr) == (0, "")
    (message,) = until(lambda: digests(house), 20)
    assert message["Subject"].startswith("1 complaint waits for an answer (")
    printed = house.command("digest", "--print")
    assert printed.returncode == 0
    assert "1. Jo Marsh: Order 1182" in printed.stdout
