"""A follow-up falls due: is it still right to send this?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from troth.model import (
    Case,
    CaseState,
    ChangeCase,
    Enter,
    Evidence,
    FollowUp,
    LetterKind,
    Mode,
    Postpone,
    Relationship,
    Seen,
    Severity,
    Standing,
    Step,
    Tell,
    Withhold,
    WriteLetter,
)
from troth.plan import Late, Plan, PlanStep, Since, Unless
from troth.policy.budget import over_budget
from troth.policy.business import Business
from troth.policy.timing import LATE, SETTLE, into_hours, kind_of
from troth.relationship import answers, client_wrote, open_case, parted

if TYPE_CHECKING:
    from troth.policy.mail import Arrival

GIVEN_UP = timedelta(days=7)
"""A follow-up over a budget is postponed; after this long it is dropped, and shown."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The mail that a follow-up goes back to, and the case it belongs to, as they are known when it falls due."""

    identity: str
    thread: str
    arrived: datetime
    tags: tuple[str, ...] = ()
    severity: Severity | None = None
    case: Case | None = None

    @classmethod
    def of(cls, arrival: Arrival, thread: str, case: Case | None) -> Occurrence:
        verdict = arrival.verdict
        return cls(arrival.message.identity, thread, arrival.arrived, verdict.tags, verdict.severity, case)

    @classmethod
    def of_seen(cls, seen: Seen, case: Case | None) -> Occurrence:
        verdict = seen.verdict
        tags = case.tags if case else verdict.tags if verdict else ()
        severity = case.severity if case else verdict.severity if verdict else None
        return cls(seen.identity, seen.thread, seen.arrived, tags, severity, case)


@dataclass(frozen=True, slots=True)
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
    def mode(self) -> Mode:
        inbox = self.business.inboxes.get(self.follow_up.inbox)
        return inbox.mode if inbox else Mode.OBSERVE


def on_due(
    follow_up: FollowUp,
    occurrence: Occurrence,
    relationship: Relationship,
    business: Business,
    now: datetime,
) -> tuple[Step, ...]:
    """Reconsider a follow-up with the facts of `now` (UTC): a letter or telling only if all still speaks for it."""
    if follow_up.step == SETTLE:
        return _settle(follow_up, occurrence, relationship, now)
    plan = business.plans.of(follow_up.occasion)
    step = plan.step(follow_up.step)
    if step is None:
        return _withhold(follow_up, "no longer in the plan", first=False)
    due = Due(follow_up, plan, step, kind_of(plan, step), occurrence, relationship, business, now)
    first = due.kind is LetterKind.ACKNOWLEDGEMENT
    against = _against_any(due) or (_against_telling(due) if step.tell else _against_letter(due))
    if against:
        return _withhold(follow_up, against, first=first)
    opening = into_hours(step, due.kind, occurrence.severity, now, business.hours)
    if opening > now:
        return (Postpone(follow_up, opening, "we are closed"),)
    return _tell(due) if step.tell else _write(due)


def _withhold(follow_up: FollowUp, because: str, *, first: bool) -> tuple[Step, ...]:
    entered = (Enter(follow_up.mail, Standing.NO_LETTER, because),) if first else ()
    return (Withhold(follow_up, because), *entered)


def _settle(follow_up: FollowUp, occurrence: Occurrence, relationship: Relationship, now: datetime) -> tuple[Step, ...]:
    case = occurrence.case
    if case is None or case.state is not CaseState.ANSWERED or case.round != follow_up.round:
        return _withhold(follow_up, "the case is not what it was", first=False)
    if client_wrote(relationship, case, case.thread, follow_up.anchor):
        return _withhold(follow_up, "the client wrote", first=False)
    settled = replace(case, state=CaseState.SETTLED, closed_at=now)
    return (Withhold(follow_up, "settled"), ChangeCase(settled, "case settled", "silence since the answer"))


def _against_any(due: Due) -> str | None:
    return _moved_on(due) or _unless(due) or _only(due) or _too_late(due)


def _moved_on(due: Due) -> str | None:
    case, first = due.case, due.kind is LetterKind.ACKNOWLEDGEMENT
    if case is None:
        return None
    if case.state is CaseState.PARTED:
        return "parted"
    if case.round != due.follow_up.round and not first:
        return "the client wrote again, and it was planned anew"
    closed_before = due.step.since is not Since.SETTLED and case.state is CaseState.SETTLED
    return "settled" if closed_before and (due.step.tell or first) else None


def _unless(due: Due) -> str | None:
    anchor = due.follow_up.anchor
    if Unless.ANSWERED in due.step.unless:
        answer = next(answers(due.relationship, due.case, due.occurrence.thread, anchor, Evidence.FIRM), None)
        marked = due.case is not None and due.case.answered_at is not None and due.case.answered_at > anchor
        if answer is not None or marked:
            return "a colleague answered"
    if Unless.CLIENT_WROTE in due.step.unless and client_wrote(
        due.relationship, due.case, due.occurrence.thread, anchor
    ):
        return "the client wrote"
    settled = due.case is not None and due.case.state is CaseState.SETTLED
    return "settled" if Unless.SETTLED in due.step.unless and settled else None


def _only(due: Due) -> str | None:
    stage = due.relationship.client.stage
    meant = due.step.only.allows(due.occurrence.severity, due.occurrence.tags, stage)
    return None if meant else "only for others"


def _too_late(due: Due) -> str | None:
    if due.kind is LetterKind.ACKNOWLEDGEMENT:
        limit = due.business.hours.later(due.occurrence.arrived, due.business.oldest)
        return "too old" if limit < due.now else None
    overdue = due.now - due.follow_up.due_at > LATE
    return "overdue after downtime" if overdue and due.step.late is Late.SKIP else None


def _against_telling(due: Due) -> str | None:
    answered = due.case is not None and due.case.state is CaseState.ANSWERED
    return "answered" if answered and Unless.ANSWERED in due.step.unless else None


def _against_letter(due: Due) -> str | None:
    client, follow_up = due.relationship.client, due.follow_up
    if client.silence_asked_at is not None:
        return "silence asked"
    if follow_up.address in client.bounced:
        return "the address bounces"
    if parted(due.relationship):
        return "parted"
    doubt = next(answers(due.relationship, due.case, due.occurrence.thread, follow_up.anchor, Evidence.DOUBTFUL), None)
    if doubt is not None:
        return f"perhaps answered: {doubt.because}"
    return _against_follow_up(due) if due.kind is LetterKind.FOLLOW_UP else None


def _against_follow_up(due: Due) -> str | None:
    case = open_case(due.relationship)
    waits = case is not None and case.state is CaseState.WAITING
    return "a complaint waits for an answer" if waits else None


def _tell(due: Due) -> tuple[Step, ...]:
    case, business = due.case, due.business
    to = business.audience(due.step.tell, case, due.relationship.client, due.now)
    deadline = business.hours.closing(case.received_at) if case else None
    return (
        Tell(
            key=due.follow_up.key,
            purpose=due.step.purpose,
            to=to,
            because=f"{due.step.key}: nobody has answered yet",
            follow_up=due.follow_up,
            case=case.key if case else None,
            deadline=deadline,
        ),
    )


def _write(due: Due) -> tuple[Step, ...]:
    follow_up, first = due.follow_up, due.kind is LetterKind.ACKNOWLEDGEMENT
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
        because=f"{follow_up.occasion}: {due.step.key}" + (", not sent: observe mode" if observed else ""),
        follow_up=follow_up,
        case=follow_up.case,
    )
    if not first:
        return (letter,)
    standing = (Standing.NO_LETTER, "observe") if observed else (Standing.PENDING, "acknowledgement written")
    return (letter, Enter(follow_up.mail, *standing))


def _postpone(due: Due, budget: str, until: datetime) -> tuple[Step, ...]:
    planned = due.follow_up.planned_at or due.follow_up.due_at
    if until > planned + GIVEN_UP:
        return _withhold(due.follow_up, f"over {budget} for more than 7 days", first=False)
    return (Postpone(due.follow_up, until, f"over {budget}"),)
