"""A daemon that was down from Friday to Monday: what is told and sent late, what is not, and that nothing is twice."""

from __future__ import annotations

import imaplib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import unavailable
from tests.house import COMPLAINT, PRAISE, House, mail, until
from tests.servers import Dovecot, Missing
from tests.sink import Kept, Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
LONDON = ZoneInfo("Europe/London")
FRIDAY = datetime(2024, 3, 8, 14, 0, tzinfo=LONDON)  # long past: no mail server dates a mail later than its own clock
MONDAY = datetime(2024, 3, 11, 10, 0, tzinfo=LONDON)
HOUR = timedelta(hours=1)
HOURS = 'hours: {mon-fri: "09:00-17:30"}'
PLANS = """\
plans:
  complaint:
    - {letter: complaint/acknowledgement, unless: [answered]}
    - {tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}
    - {tell: owner, with: colleague/overnight, at: opening, unless: [answered]}
    - {letter: complaint/put-right, after: 1 day, since: answered, unless: [client wrote], hours: any, late: send}
  praise:
    - {letter: praise/thank-you}
    - {letter: praise/what-could-be-better, after: 1 day, unless: [client wrote], hours: any}
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> Iterator[House]:
    with House(tmp_path, dovecot, sink, f"downtime{next(_NUMBERS)}", settings={"poll": 1}) as house:
        path = house.folder / "config.yaml"
        text = path.read_text().partition("plans:")[0] + PLANS
        path.write_text(text.replace('hours: {mon-sun: "00:00-24:00"}', HOURS))
        yield house


@pytest.fixture
def faketime() -> str:
    """The library that gives a program another clock."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        unavailable(Missing("libfaketime is not installed"))
    return str(found[0])


def run_at(house: House, at: datetime, faketime: str) -> None:
    """Start the daemon at another time. Only its clock is another one: what waits must not wait for that."""
    ahead = at - datetime.now(LONDON)
    house.secrets = {
        "LD_PRELOAD": faketime,
        "FAKETIME": f"{ahead.total_seconds():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
    }
    house.start()


def lay(house: House, mails: Sequence[bytes], at: datetime, folder: str = "INBOX") -> None:
    """Mails in a folder, with the moment at which they came."""
    with imaplib.IMAP4("127.0.0.1", house.dovecot.imap_port) as imap:
        imap.login(house.user, house.password)
        for raw in mails:
            assert imap.append(folder, "", at, raw)[0] == "OK"


def wrote(who: str, text: str, number: int = 1, **fields: str) -> bytes:
    return mail(
        text, sender=f"{who.title()} <{who}@{who}.example>", Message_ID=f"<{who}{number}@{who}.example>", **fields
    )


def answered(who: str, number: int = 1) -> bytes:
    return mail(
        "I have just seen to it.",
        sender="Ada Byron <ada@harbour.example>",
        to=f"{who}@{who}.example",
        subject="Re: Order 1182",
        In_Reply_To=f"<{who}{number}@{who}.example>",
        Message_ID=f"<answer-to-{who}@harbour.example>",
    )


def on_friday(house: House) -> None:
    """Praise of pat's, and complaints of four clients, of which three are answered while the daemon runs."""
    lay(house, [wrote("pat", PRAISE), *(wrote(who, COMPLAINT) for who in ("jo", "mo", "al", "kit"))], FRIDAY)
    house.letters(5, 60)
    lay(house, [answered(who) for who in ("mo", "al")], FRIDAY + timedelta(minutes=5), "Sent")
    until(lambda: house.counts("cases")["answered"] == 2, 60)


def over_the_weekend(house: House) -> None:
    """Jo's answer lies behind much that colleagues wrote; al writes again; quinn and ray complain; ray is answered."""
    again = wrote("al", "It is still smudged.", 2, In_Reply_To="<answer-to-al@harbour.example>")
    lay(house, [wrote("quinn", COMPLAINT), wrote("ray", COMPLAINT), again], FRIDAY + 43 * HOUR)
    among = {"sender": "Sam Fox <sam@harbour.example>", "to": "Ada Byron <ada@harbour.example>"}
    lay(house, [mail("The proofs.", **among) for _ in range(900)], FRIDAY + 44 * HOUR, "Sent")
    lay(house, [answered(who) for who in ("jo", "ray")], FRIDAY + 46 * HOUR, "Sent")


def left(house: House) -> Counter[tuple[str, str]]:
    """How often each letter left for whom; of a telling, how often it names whom it is about."""
    found: Counter[tuple[str, str]] = Counter()
    for kept in house.sink.mails:
        purpose = _purpose(kept)
        people = kept.recipients if not purpose.startswith("colleague") else _named(kept)
        found.update((purpose, who.partition("@")[0]) for who in people)
    return found


def _purpose(kept: Kept) -> str:
    return str(message_from_bytes(kept.raw)["X-Troth-Letter"]).split(":")[1].partition("%20")[0]


def _named(kept: Kept) -> list[str]:
    attached = [part for part in message_from_bytes(kept.raw).walk() if part.get_content_type() == "message/rfc822"]
    return [str(message_from_bytes(bytes(part.get_payload(0)))["From"]).partition("<")[2] for part in attached]  # type: ignore[arg-type]  # a mail within a mail


def test_two_days_of_downtime_send_nothing_twice_and_nothing_that_an_answer_forbids(
    house: House, faketime: str
) -> None:
    run_at(house, FRIDAY, faketime)
    on_friday(house)
    on_the_day = left(house)
    assert on_the_day == Counter(
        {("praise/thank-you", "pat"): 1, **{("complaint/acknowledgement", who): 1 for who in ("jo", "mo", "al", "kit")}}
    )
    assert house.stop() == 0
    over_the_weekend(house)
    run_at(house, MONDAY, faketime)
    until(lambda: ("colleague/overnight", "quinn") in left(house), 60)
    until(lambda: ("complaint/put-right", "mo") in left(house), 60)
    time.sleep(3)
    afterwards = left(house)
    assert afterwards - on_the_day == Counter(
        {
            ("complaint/put-right", "mo"): 1,  # `late: send`
            ("colleague/overnight", "kit"): 1,  # waits since Friday
            ("colleague/overnight", "quinn"): 1,
            ("colleague/overnight", "al"): 1,
        }
    ), "jo and ray are answered in Sent, al has written again, and pat's question is not asked late"
    assert sum(_purpose(kept) == "colleague/overnight" for kept in house.sink.mails) == 1
    assert house.stop() == 0
    run_at(house, MONDAY + HOUR, faketime)
    time.sleep(4)
    assert left(house) == afterwards


def test_a_letter_that_the_mail_server_put_off_for_hours_is_withdrawn_once_a_colleague_has_answered(
    house: House, faketime: str
) -> None:
    house.sink.answer_to = lambda verb, argument: (
        "450 4.2.0 try later" if verb == "RCPT" and "jo@" in argument else None
    )
    run_at(house, FRIDAY, faketime)
    lay(house, [wrote("jo", COMPLAINT)], FRIDAY)
    until(lambda: house.counts("letters")["deferred"] == 1, 60)
    assert house.stop() == 0
    house.sink.answer_to = None
    lay(house, [answered("jo")], FRIDAY + HOUR, "Sent")
    run_at(house, FRIDAY + 2 * HOUR, faketime)
    until(lambda: house.counts("letters")["withdrawn"] == 1, 60)
    account = house.accounts()
    assert (account.acknowledged, account.pending, account.no_letter) == (0, 0, {"a colleague answered": 1})
    assert house.sink.mails == []
