"""Tellings: what colleagues are told of a matter, and how several at one moment become one mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.model import (
    Address,
    Case,
    CaseState,
    Evidence,
    FollowUp,
    LetterKind,
    LetterState,
    Mode,
    Occasion,
    Relationship,
    Tell,
    Written,
)
from troth.plan import PlanStep
from troth.policy.business import Business
from troth.relationship import Answer, is_theirs

MOST_MATTERS = 20
"""In one mail: a longer one is not read."""

_MOST_LINES = 3


def tell(
    follow_up: FollowUp,
    step: PlanStep,
    case: Case | None,
    answer: Answer | None,
    relationship: Relationship,
    business: Business,
    now: datetime,
) -> Tell:
    """The telling that a step comes to at `now` (UTC), with all that colleagues have to know."""
    doubt = answer is not None and answer.evidence is Evidence.DOUBTFUL
    over = _over(case, answer, business)
    return Tell(
        key=follow_up.key,
        purpose=step.purpose,
        to=business.audience(step.tell, case, relationship.client, now),
        because=f"{_said(step)}: {over or _waits(case, doubt=doubt)}",
        follow_up=follow_up,
        case=case.key if case else None,
        deadline=None if over else _deadline(case, business, now),
        doubt=_doubt(answer, business) if answer is not None and doubt else "",
        done=over or _done(relationship, case),
        history=_history(relationship, case, business),
    )


def _said(step: PlanStep) -> str:
    """The step as its owner wrote it; which of several that write the same it is, tells him nothing."""
    return step.key.partition(" #")[0]


def _over(case: Case | None, answer: Answer | None, business: Business) -> str:
    """Why nobody waits any more, for a step that tells even so; empty while somebody does."""
    if case is None:
        return ""
    if case.state is CaseState.SETTLED:
        return "the case is settled"
    if answer is None or answer.evidence is not Evidence.FIRM:
        return "a colleague has answered" if case.state is CaseState.ANSWERED else ""
    person = business.colleague(answer.by)
    return f"{person.name if person else 'a colleague'} has answered"


def _waits(case: Case | None, *, doubt: bool) -> str:
    if case is None:
        return "praise came"
    return "nobody has answered yet" + (", or perhaps" if doubt else "")


def _deadline(case: Case | None, business: Business, now: datetime) -> datetime | None:
    """The closing time by which the client should have his answer; that of today once it has passed."""
    if case is None:
        return None
    closing = business.hours.closing(case.received_at)
    return closing if closing > now else business.hours.closing(now)


def _doubt(answer: Answer, business: Business) -> str:
    person = business.colleague(answer.by)
    return answer.because.replace("a colleague", person.name) if person else answer.because


ACKNOWLEDGEMENT_HELD = "an acknowledgement is held, and waits for a word of yours"
DONE = {
    LetterState.SENT: "the client has had an acknowledgement",
    LetterState.DRAFTED: "an acknowledgement lies in Drafts, for one of us to send",
    LetterState.HELD: ACKNOWLEDGEMENT_HELD,
    LetterState.UNKNOWN: "an acknowledgement was tried, and nobody knows whether it arrived",
    LetterState.FAILED: "an acknowledgement could not be delivered",
}
_NOTHING = "nothing was sent to the client"
_NOT_SENT = {Mode.OBSERVE: " (observe mode)", Mode.DRAFT: " (the acknowledgement does not lie in Drafts any more)"}
_WAITS = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING)


def _done(relationship: Relationship, case: Case | None) -> str:
    """What the client of a case has had from us; empty where there is nothing to say but why there was nothing."""
    acknowledgements = [
        written
        for written in relationship.written
        if case is not None and written.case == case.key and written.kind is LetterKind.ACKNOWLEDGEMENT
    ]
    if not acknowledgements:
        return ""
    last = acknowledgements[-1]
    if last.state in _WAITS:
        return "an acknowledgement is on its way"
    return DONE.get(last.state, _NOTHING + _NOT_SENT.get(last.mode, ""))


def _history(relationship: Relationship, case: Case | None, business: Business) -> tuple[tuple[datetime, str], ...]:
    """How the client's complaint before this one ended, then what passed in the case, the latest lines of it."""
    if case is None:
        return ()
    before = [line for each in relationship.cases if each.opened_at < case.opened_at for line in _ended(each)]
    mails = [
        (exchange.at, _who_wrote(exchange.ours, exchange.by, business))
        for exchange in relationship.exchanges
        if exchange.at >= case.opened_at
        and not exchange.automatic
        and (exchange.ours or is_theirs(exchange, relationship.client))
    ]
    letters = [(written.decided_at, _letter(written)) for written in relationship.written if _left(written, case)]
    lines = sorted((*mails, *letters))
    return (*before[-1:], *(lines[len(before[-1:]) - _MOST_LINES :] if len(lines) > 1 else ()))


def _ended(case: Case) -> Iterator[tuple[datetime, str]]:
    if case.state is CaseState.PARTED:
        yield case.closed_at or case.opened_at, "we parted with the client"
    elif case.closed_at is not None:
        yield case.closed_at, "an earlier complaint was settled"
    else:
        yield case.opened_at, "an earlier complaint came"


def _who_wrote(ours: bool, by: Address | None, business: Business) -> str:
    if not ours:
        return "the client wrote"
    person = business.colleague(by)
    return f"{person.name if person else 'one of us'} wrote to the client"


def _left(written: Written, case: Case) -> bool:
    of_case = written.case == case.key and written.kind is not LetterKind.TELLING
    return of_case and written.state is LetterState.SENT


def _letter(written: Written) -> str:
    first = written.kind is LetterKind.ACKNOWLEDGEMENT
    return "an acknowledgement was sent" if first else f"a letter was sent ({written.purpose})"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one colleague about one matter or several; `lead` gives it its template and its key."""

    to: Address
    lead: Tell
    all: tuple[Tell, ...]


def mails(tellings: Sequence[Tell], business: Business) -> tuple[Mail, ...]:
    """The mails that tellings of one moment become: one for each colleague, in which each case stands once.

    Promises have a mail of their own, and each of them stands in it.

    The gravest speaks: plans run from mild to pressing, so of several it is the one latest in its plan.
    """
    people = dict.fromkeys(who for step in tellings for who in step.to)
    kinds = [[step for step in tellings if _promised(step) is promises] for promises in (False, True)]
    return tuple(mail for who in people for kind in kinds for mail in _to(who, kind, business))


def _promised(step: Tell) -> bool:
    return step.follow_up is not None and step.follow_up.occasion is Occasion.PROMISE


def _matter(step: Tell) -> str:
    promise = step.follow_up.promise if step.follow_up else None
    return promise or step.case or step.key


def _to(who: Address, tellings: Sequence[Tell], business: Business) -> list[Mail]:
    matters: dict[str, Tell] = {}
    for step in tellings:
        if who in step.to:
            matter = _matter(step)
            before = matters.get(matter)
            matters[matter] = step if before is None or _rank(step, business) >= _rank(before, business) else before
    own = list(matters.values())
    parts = [own[at : at + MOST_MATTERS] for at in range(0, len(own), MOST_MATTERS)]
    return [Mail(who, max(part, key=lambda step: _rank(step, business)), tuple(part)) for part in parts]


def _rank(step: Tell, business: Business) -> int:
    if step.follow_up is None:
        return -1
    plan = business.plans.of(step.follow_up.occasion)
    return next((place for place, each in enumerate(plan.steps) if each.key == step.follow_up.step), -1)
