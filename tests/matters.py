"""Clients, cases, mails and plans for the tests of deciding: small values, and a business to decide for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from troth.config.located import parse_yaml
from troth.gate import House, ReturnPath
from troth.hours import Duration, Hours, Unit, rate, week
from troth.model import (
    Address,
    Bounce,
    Case,
    CaseState,
    Client,
    Evidence,
    Exchange,
    FollowUp,
    LetterKind,
    LetterState,
    Message,
    Mode,
    Nature,
    Occasion,
    Party,
    Relationship,
    Severity,
    Tone,
    Verdict,
    Written,
)
from troth.plan import Plans, read_plans
from troth.policy import Arrival, Budgets, Business, Colleague, Inbox, Occurrence

JO = Address("jo@client.example")
ADA = Address("ada@harbour.example")
SAM = Address("sam@harbour.example")
HELLO = Address("hello@harbour.example")
NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
"""A Tuesday in London at ten: open from nine to half past five."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
THREAD = "<1@client.example>"

PLAN = """\
complaint:
  - {letter: complaint/acknowledgement, after: 2 minutes, unless: [answered]}
  - {tell: assignee, with: colleague/waiting, after: 2 business hours, unless: [answered]}
  - {tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}
  - {letter: complaint/put-right, after: 3 business days, since: answered, unless: [client wrote]}
  - {letter: complaint/check-in, after: 30 days, since: settled, unless: [client wrote]}
praise:
  - {letter: praise/thank-you}
  - {letter: praise/what-could-be-better, after: 5 business days, unless: [client wrote]}
"""


def plans(text: str = PLAN) -> Plans:
    node, _ = parse_yaml(text, "plans")
    assert node is not None
    found, mistakes = read_plans(node)
    assert mistakes == []
    return found


def business(text: str = PLAN, *, mode: Mode = Mode.SEND, follow_up: str = "1 per 7 days") -> Business:
    """Harbour Print, open from nine to half past five on weekdays."""
    return Business(
        hours=Hours(ZoneInfo("Europe/London"), week({"mon-fri": "09:00-17:30"})),
        house=House(
            own=frozenset({HELLO}),
            domains=frozenset({"harbour.example"}),
            colleagues=frozenset({ADA, SAM}),
            return_path=ReturnPath.OPTIONAL,
        ),
        plans=plans(text),
        budgets=Budgets(rate("1 per day"), rate(follow_up), rate("3 per 30 days")),
        oldest=Duration(12, Unit.HOURS),
        settle=Duration(7, Unit.BUSINESS_DAYS),
        colleagues=(Colleague("Ada Byron", ADA, owner=True), Colleague("Sam Fox", SAM)),
        inboxes={"hello": Inbox("hello", HELLO, mode)},
    )


COMPLAINT = Verdict(
    tone=frozenset({Tone.COMPLAINT}),
    sure=frozenset({Tone.COMPLAINT}),
    doubtful=frozenset({Tone.COMPLAINT}),
    scores={Tone.COMPLAINT: 3.0, Tone.PRAISE: 0.0},
    severity=Severity.NORMAL,
)
UNSURE = Verdict(
    tone=frozenset({Tone.COMPLAINT}),
    doubtful=frozenset({Tone.COMPLAINT}),
    scores={Tone.COMPLAINT: 1.0, Tone.PRAISE: 0.0},
    severity=Severity.NORMAL,
)
PRAISE = Verdict(
    tone=frozenset({Tone.PRAISE}),
    sure=frozenset({Tone.PRAISE}),
    doubtful=frozenset({Tone.PRAISE}),
    scores={Tone.COMPLAINT: 0.0, Tone.PRAISE: 3.0},
)
PLAIN = Verdict()


def client(
    *,
    known: bool = False,
    revision: int = 1,
    quiet: bool = False,
    silence_asked_at: datetime | None = None,
    bounced: frozenset[Address] = frozenset(),
    absent_until: datetime | None = None,
    last_colleague: Address | None = None,
) -> Client:
    return Client(
        "jo",
        frozenset({JO}),
        revision=revision,
        known=known,
        quiet=quiet,
        silence_asked_at=silence_asked_at,
        bounced=bounced,
        absent_until=absent_until,
        last_colleague=last_colleague,
    )


def case(
    state: CaseState = CaseState.WAITING,
    *,
    key: str = "c-1",
    opened: datetime = NOW,
    answered: datetime | None = None,
    closed: datetime | None = None,
    thread: str = THREAD,
    round_: int = 0,
    severity: Severity = Severity.NORMAL,
    tags: tuple[str, ...] = (),
    sure: bool = True,
    assignee: Address | None = None,
) -> Case:
    return Case(
        key=key,
        client="jo",
        inbox="hello",
        thread=thread,
        mail="mail-1",
        state=state,
        severity=severity,
        opened_at=opened,
        received_at=opened,
        tags=tags,
        answered_at=answered,
        closed_at=closed,
        assignee=assignee,
        round=round_,
        sure=sure,
    )


def wrote(at: datetime, *, thread: str = THREAD, by: Address = JO, evidence: Evidence = Evidence.NONE) -> Exchange:
    """The client wrote."""
    return Exchange(f"mail-{at:%d%H%M}", at, thread, ours=False, by=by, evidence=evidence)


def ours(at: datetime, *, thread: str = THREAD, evidence: Evidence = Evidence.FIRM, by: Address = ADA) -> Exchange:
    """A mail of ours in Sent."""
    return Exchange(f"sent-{at:%d%H%M}", at, thread, ours=True, by=by, evidence=evidence, because="a colleague wrote")


def sent(
    at: datetime, kind: LetterKind = LetterKind.FOLLOW_UP, state: LetterState = LetterState.SENT, mode: Mode = Mode.SEND
) -> Written:
    return Written(f"{kind}-{at:%d%H%M}", kind, "a/letter", state, at, mode)


def knowing(
    *exchanges: Exchange,
    cases: tuple[Case, ...] = (),
    written: tuple[Written, ...] = (),
    of: Client | None = None,
    thread: str = THREAD,
) -> Relationship:
    return Relationship(of or client(), thread, cases, tuple(sorted(exchanges, key=lambda each: each.at)), written)


def mail(
    text: str = "My order is smudged.",
    *,
    subject: str = "Order 1182",
    nature: Nature = Nature.PERSON,
    fields: tuple[tuple[str, str], ...] = (),
    to: tuple[Address, ...] = (HELLO,),
    author: Address = JO,
    references: tuple[str, ...] = (),
    absent_until: datetime | None = None,
    bounce: Bounce | None = None,
) -> Message:
    return Message(
        identity="mail-2",
        message_id="<2@client.example>",
        from_=(Party("", author),),
        to=tuple(Party("", each) for each in to),
        return_path=author,
        subject=subject,
        text=text,
        nature=nature,
        fields=fields,
        references=references,
        absent_until=absent_until,
        bounce=bounce,
    )


def arrival(
    verdict: Verdict = COMPLAINT,
    message: Message | None = None,
    *,
    at: datetime = NOW,
    mode: Mode = Mode.SEND,
    sends: bool = True,
    answers_letter: bool = False,
    form: bool = False,
    flagged: bool = False,
) -> Arrival:
    return Arrival(
        message=message or mail(),
        verdict=verdict,
        inbox=Inbox("hello", HELLO, mode, sends),
        arrived=at,
        client=JO,
        answers_letter=answers_letter,
        form=form,
        flagged=flagged,
    )


def due(
    step: str = "complaint/acknowledgement",
    *,
    anchor: datetime = NOW,
    at: datetime | None = None,
    of: str | None = "c-1",
    round_: int = 0,
    occasion: Occasion = Occasion.COMPLAINT,
    planned: datetime | None = None,
) -> FollowUp:
    """A follow-up for the step of this key, due two hours after its anchor if nothing is said."""
    return FollowUp(
        key=f"{of}:{step}:{round_}",
        occasion=occasion,
        step=step,
        inbox="hello",
        client="jo",
        address=JO,
        mail="mail-1",
        anchor=anchor,
        due_at=at or anchor + 2 * HOUR,
        case=of,
        round=round_,
        planned_at=planned,
    )


def occurrence(of: Case | None = None, *, refusal: str | None = None, doubt: str = "") -> Occurrence:
    severity, tags = (of.severity, of.tags) if of else (None, ())
    return Occurrence("mail-1", THREAD, NOW, tags, severity, of, refusal, doubt=doubt)
