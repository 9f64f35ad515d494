"""A follow-up falls due: is it still right to send this?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from troth.gate import Reason
from troth.model import (
    Case,
    CaseState,
    Enter,
    Evidence,
    FollowUp,
    LetterKind,
    Mode,
    Occasion,
    Postpone,
    Relationship,
    Seen,
    Severity,
    Standing,
    Step,
    Tone,
    Withhold,
    WriteLetter,
)
from troth.plan import GIVEN_UP, Late, Plan, PlanStep, Since, Unless
from troth.policy.budget import over_budget
from troth.policy.business import Business
from troth.policy.course import settled
from troth.policy.promising import on_promise
from troth.policy.telling import tell
from troth.policy.timing import LATE, SETTLE, back_from, into_hours, kind_of, may_leave, once_a_day
from troth.relationship import Answer, answer, client_wrote, open_promises, parted, recent_case, waiting_case

if TYPE_CHECKING:
    from troth.policy.mail import Arrival

SILENT_TAGS = frozenset({"legal", "safety"})
"""Complaints with one of these tags get no letter, only tellings."""

_OF_ITS_MOMENT = frozenset({Reason.TOO_OLD, Reason.LIMIT, Reason.ALREADY_SEEN})
"""Refusals that speak of the moment a mail came, and so forbid its acknowledgement alone."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The mail that a follow-up goes back to, and the case it belongs to, as they are known when it falls due.

    `refusal` is the gate's, in words; `doubt` says what there is in the mail itself that it may have been answered.
    `corrected` is what a colleague says the tone is of the mail, or of the one that opened the case.
    """

    identity: str
    thread: str
    arrived: datetime
    tags: tuple[str, ...] = ()
    severity: Severity | None = None
    case: Case | None = None
    refusal: str | None = None
    standing: Standing = Standing.NO_LETTER
    doubt: str = ""
    corrected: frozenset[Tone] | None = None

    @classmethod
    def of(cls, arrival: Arrival, thread: str, case: Case | None, refusal: str | None) -> Occurrence:
        verdict = arrival.verdict
        found = cls(arrival.message.identity, thread, arrival.arrived, verdict.tags, verdict.severity, refusal=refusal)
        return replace(found._in(case), standing=Standing.PENDING, doubt=arrival.doubt)

    @classmethod
    def of_seen(cls, seen: Seen, case: Case | None, corrected: frozenset[Tone] | None = None) -> Occurrence:
        verdict = seen.verdict
        tags, severity = (verdict.tags, verdict.severity) if verdict else ((), None)
        found = cls(seen.identity, seen.thread, seen.arrived, tags, severity, refusal=seen.refusal)
        return replace(found._in(case), standing=seen.standing, corrected=corrected)

    def _in(self, case: Case | None) -> Occurrence:
        """A case is as grave as the gravest of its mails, and about what any of them was."""
        return replace(self, case=case, tags=case.tags, severity=case.severity) if case else self


@dataclass(frozen=True)
class Due:
    """All that the reconsidering of one follow-up looks at."""

    follow_up: FollowUp
    plan: Plan
    step: PlanStep
    kind: LetterKind
    occurrence: Occurrence
    relationship: Relationship
    business: Business
    now: datetime

    @property
    def case(self) -> Case | None:
        return self.occurrence.case

    @property
    def first(self) -> bool:
        return self.kind is LetterKind.ACKNOWLEDGEMENT

    @property
    def mode(self) -> Mode:
        inbox = self.business.inboxes.get(self.follow_up.inbox)
        return inbox.mode if inbox else Mode.OBSERVE

    @cached_property
    def answer(self) -> Answer | None:
        """What shows that a colleague has answered since the step's time began to count."""
        case, anchor = self.case, self.follow_up.anchor
        if case is not None and case.answered_at is not None and _answered_since(case, case.answered_at, anchor):
            return Answer(case.answered_at, Evidence.FIRM, "the case was answered", case.answered_by)
        found = answer(self.relationship, case, self.occurrence.thread, anchor)
        if found is None and self.occurrence.doubt:
            return Answer(anchor, Evidence.DOUBTFUL, self.occurrence.doubt)
        return found


def _answered_since(case: Case, at: datetime, anchor: datetime) -> bool:
    """Servers count in seconds: within one, the state of the case says which of mail and answer came last."""
    return at > anchor or (at == anchor and case.state is not CaseState.WAITING)


def on_due(
    follow_up: FollowUp,
    occurrence: Occurrence,
    relationship: Relationship,
    business: Business,
    now: datetime,
) -> tuple[Step, ...]:
    """Reconsider a follow-up with the facts of `now` (UTC): a letter or telling only if all still speaks for it."""
    if follow_up.promise is not None:
        return on_promise(follow_up, occurrence.case, relationship, business, now)
    if follow_up.step == SETTLE:
        return _settle(follow_up, occurrence, relationship, business, now)
    plan = business.plans.of(follow_up.occasion)
    step = plan.step(follow_up.step)
    if step is None:
        return _withhold(follow_up, "no longer in the plan", first=_was_first(occurrence, relationship))
    due = Due(follow_up, plan, step, kind_of(plan, step), occurrence, relationship, business, now)
    against = _against_any(due) or (None if step.tell else _against_letter(due))
    if against:
        return _withhold(follow_up, against, first=due.first)
    if step.tell:
        return _tell(due)
    return _wait(due) or _write(due)


def on_leaving(
    follow_up: FollowUp, occurrence: Occurrence, relationship: Relationship, business: Business, now: datetime
) -> str | None:
    """Why a letter that was decided on earlier and has waited must not leave at `now` (UTC); None where it may.

    When it is too late for it, its expiry says; in the budgets it has its place already.
    """
    plan = business.plans.of(follow_up.occasion)
    step = plan.step(follow_up.step)
    if step is None:
        return "no longer in the plan"
    due = Due(follow_up, plan, step, kind_of(plan, step), occurrence, relationship, business, now)
    if follow_up.promise is not None:
        return _against_client(due)
    return _moved_on(due) or _unless(due) or _only(due) or _against_letter(due)


def _withhold(follow_up: FollowUp, because: str, *, first: bool) -> tuple[Step, ...]:
    entered = (Enter(follow_up.mail, Standing.NO_LETTER, because),) if first else ()
    return (Withhold(follow_up, because), *entered)


def _was_first(occurrence: Occurrence, relationship: Relationship) -> bool:
    """Whether the mail still waits for an acknowledgement that the plan does not know any more."""
    acknowledged = any(
        written.mail == occurrence.identity and written.kind is LetterKind.ACKNOWLEDGEMENT
        for written in relationship.written
    )
    return occurrence.standing is Standing.PENDING and not acknowledged


def _settle(
    follow_up: FollowUp, occurrence: Occurrence, relationship: Relationship, business: Business, now: datetime
) -> tuple[Step, ...]:
    case = occurrence.case
    if case is None or case.state is not CaseState.ANSWERED or case.round != follow_up.round:
        return _withhold(follow_up, "the case is not what it was", first=False)
    if case.answered_at != follow_up.anchor:
        return _withhold(follow_up, "a colleague wrote again, and it was planned anew", first=False)
    if client_wrote(relationship, follow_up.anchor):
        return _withhold(follow_up, "the client wrote", first=False)
    if promised := open_promises(relationship, case):
        until = business.hours.later(max(now, promised[-1].due_at), business.settle)
        return (Postpone(follow_up, until, "a promise is open"),)
    silence = settled(case, now, "silence since the answer", relationship, business)
    return (Withhold(follow_up, "settled"), *silence)


def _against_any(due: Due) -> str | None:
    return _moved_on(due) or _unless(due) or _only(due) or _too_late(due)


def _moved_on(due: Due) -> str | None:
    case, follow_up = due.case, due.follow_up
    if case is None:
        return None
    if case.state is CaseState.PARTED:
        return "parted"
    daily = once_a_day(due.step, follow_up.anchor, follow_up.planned_at)
    if case.round != follow_up.round and not (due.first or daily):
        return "the client wrote again, and it was planned anew"
    if due.step.since is Since.ANSWERED and case.answered_at != follow_up.anchor:
        return "a colleague wrote again, and it was planned anew"
    if due.step.since is Since.SETTLED:
        return None if case.closed_at == follow_up.anchor else "the case is not what it was"
    over = case.state is CaseState.SETTLED and due.step.since is Since.RECEIVED
    return "settled" if over else None


def _unless(due: Due) -> str | None:
    unless = due.step.unless
    if Unless.ANSWERED in unless and due.answer is not None and due.answer.evidence is Evidence.FIRM:
        return "a colleague answered"
    if Unless.CLIENT_WROTE in unless and client_wrote(due.relationship, due.follow_up.anchor):
        return "the client wrote"
    settled_now = due.case is not None and due.case.state is CaseState.SETTLED
    return "settled" if Unless.SETTLED in unless and settled_now else None


def _only(due: Due) -> str | None:
    stage = due.relationship.client.stage
    meant = due.step.only.allows(due.occurrence.severity, due.occurrence.tags, stage)
    return None if meant else "only for others"


def _too_late(due: Due) -> str | None:
    if due.first:
        limit = due.business.hours.later(due.occurrence.arrived, due.business.oldest)
        return "too old" if limit < due.now else None
    overdue = due.now - due.follow_up.due_at > LATE
    return "overdue after downtime" if overdue and due.step.late is Late.SKIP else None


def _against_letter(due: Due) -> str | None:
    return (
        _against_client(due)
        or _corrected(due)
        or _against_mail(due)
        or _doubt(due)
        or _against_praise(due)
        or (None if due.first else _against_follow_up(due))
    )


def _against_client(due: Due) -> str | None:
    client = due.relationship.client
    if client.silent:
        return "silence asked" if client.quiet or client.silence_asked_at else "a colleague asked for silence"
    if due.follow_up.address in client.bounced:
        return "the address bounces"
    return "parted" if parted(due.relationship) else None


def _corrected(due: Due) -> str | None:
    meant = Tone.PRAISE if due.follow_up.occasion is Occasion.PRAISE else Tone.COMPLAINT
    said = due.occurrence.corrected
    return f"a colleague says that it is no {meant}" if said is not None and meant not in said else None


def _against_mail(due: Due) -> str | None:
    """What forbade an acknowledgement of the mail forbids each later letter that goes back to it."""
    case, refusal = due.case, due.occurrence.refusal
    if refusal is not None and refusal not in _OF_ITS_MOMENT:
        return refusal
    if case is None:
        return None
    if silent := SILENT_TAGS.intersection(case.tags):
        return for_people(silent)
    return None if case.sure else "complaint, not sure"


def for_people(tags: frozenset[str]) -> str:
    return f"complaint about {' and '.join(sorted(tags))}: for people only"


def _doubt(due: Due) -> str | None:
    """An answer that would make the letter needless may have been given: it stays here."""
    asked = Unless.ANSWERED in due.step.unless
    return f"perhaps answered: {due.answer.because}" if asked and due.answer is not None else None


def _against_follow_up(due: Due) -> str | None:
    waits = waiting_case(due.relationship)
    if waits is not None and waits.key != due.follow_up.case:
        return "a complaint waits for an answer"
    return None


def _against_praise(due: Due) -> str | None:
    if due.follow_up.occasion is Occasion.PRAISE and recent_case(due.relationship, due.now) is not None:
        return "praise, but a case is open or younger than 30 days"
    return None


def _tell(due: Due) -> tuple[Step, ...]:
    follow_up, urgent = due.follow_up, due.occurrence.severity is Severity.HIGH
    if due.case is not None and (until := _snoozed(due, due.case)):
        return (Postpone(follow_up, until, "snoozed by a colleague"),)
    if not may_leave(due.step, urgent, follow_up.due_at, due.now, due.business.hours):
        return (Postpone(follow_up, due.business.hours.open_at_or_after(due.now), "we are closed"),)
    return (tell(follow_up, due.step, due.case, due.answer, due.relationship, due.business, due.now),)


def _snoozed(due: Due, case: Case) -> datetime | None:
    """Until when nobody is to be told. A grave complaint goes into no night unsaid: before closing it is told."""
    until = case.snoozed_until
    if until is None or until <= due.now:
        return None
    return None if case.severity is Severity.HIGH and due.step.before_close is not None else until


def _wait(due: Due) -> tuple[Step, ...]:
    """A letter that has to wait until we are open, or until the client is back."""
    hours, client, now = due.business.hours, due.relationship.client, due.now
    opening = into_hours(due.step, due.kind, due.occurrence.severity, now, hours)
    if opening > now:
        return (Postpone(due.follow_up, opening, "we are closed"),)
    back = back_from(client.absent_until, hours)
    if back is not None and back > now and not due.first:
        return (Postpone(due.follow_up, back, "the client is away"),)
    return ()


def _write(due: Due) -> tuple[Step, ...]:
    follow_up, first = due.follow_up, due.first
    over = over_budget(due.relationship, due.kind, due.business, due.mode, due.now)
    if over and first:
        return _withhold(follow_up, "limit", first=True)
    if over:
        return _postpone(due, *over)
    observed = due.mode is Mode.OBSERVE
    letter = WriteLetter(
        key=follow_up.key,
        kind=due.kind,
        purpose=due.step.purpose,
        to=follow_up.address,
        mode=due.mode,
        because=_reason(due) + (", not sent: observe mode" if observed else ""),
        follow_up=follow_up,
        case=follow_up.case,
    )
    if not first:
        return (letter,)
    standing = (Standing.NO_LETTER, "observe") if observed else (Standing.PENDING, "acknowledgement written")
    return (letter, Enter(follow_up.mail, *standing))


def _reason(due: Due) -> str:
    """Why the letter is written: of what a mail got at once the verdict says more."""
    said = f"{due.follow_up.occasion}: {due.step.key}"
    return said if due.first else f"{said}, {due.step.reason}"


def _postpone(due: Due, budget: str, until: datetime) -> tuple[Step, ...]:
    planned = due.follow_up.planned_at or due.follow_up.due_at
    back = back_from(due.relationship.client.absent_until, due.business.hours)
    if until > max(planned, back or planned) + GIVEN_UP:
        return _withhold(due.follow_up, f"over {budget} for more than 7 days", first=False)
    return (Postpone(due.follow_up, until, f"over {budget}"),)
