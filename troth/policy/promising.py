"""Promises: what is planned when one is made, and what a moment means for one that still binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from troth.model import (
    Case,
    FollowUp,
    KeepPromise,
    LetterKind,
    Occasion,
    Postpone,
    Promise,
    PromiseState,
    Relationship,
    Schedule,
    Step,
    Withhold,
)
from troth.plan import PlanStep, Since, Unless
from troth.policy.business import Business
from troth.policy.telling import tell
from troth.policy.timing import into_hours, may_leave, stamp

LATE_STEP = "late"
"""The step of a promise's own: it is late once its moment has passed."""


def promised(promise: Promise, business: Business) -> tuple[Schedule, ...]:
    """The tellings that a promise calls for, and the moment at which it is late."""
    plan = business.plans.of(Occasion.PROMISE)
    told = (Schedule(_row(promise, step, business), f"{step.key}, promise") for step in plan.steps)
    late = follow_up(promise, LATE_STEP, promise.due_at)
    return (*told, Schedule(late, "a promise is late once its moment has passed"))


def promised_again(promise: Promise, business: Business, after: datetime, now: datetime) -> tuple[Schedule, ...]:
    """The same for a promise that binds again, but for what was due until `after`; `now` tells their keys apart."""
    rows = (step.follow_up for step in promised(promise, business))
    again = (replace(row, key=f"{row.key}:{stamp(now)}") for row in rows if row.due_at > after)
    return tuple(Schedule(row, f"{row.step}, promise") for row in again)


def reminded(promise: Promise, until: datetime, business: Business) -> Schedule | None:
    """One more telling before a promise falls due, where a colleague put the reminder off; None without a plan."""
    step = next((step for step in business.plans.of(Occasion.PROMISE).steps if step.since is not Since.DUE), None)
    if step is None:
        return None
    row = follow_up(promise, step.key, until)
    return Schedule(replace(row, key=f"{row.key}:{stamp(until)}"), "put off by a colleague")


def follow_up(promise: Promise, step: str, due: datetime) -> FollowUp:
    """The row for one step of a promise."""
    return FollowUp(
        key=f"{promise.key}:{step}",
        occasion=Occasion.PROMISE,
        step=step,
        inbox=promise.inbox,
        client=promise.client,
        address=promise.address,
        mail=promise.mail,
        anchor=promise.made_at,
        due_at=due,
        case=promise.case,
        planned_at=due,
        promise=promise.key,
    )


def _row(promise: Promise, step: PlanStep, business: Business) -> FollowUp:
    due = _due_at(promise, step, business)
    opens = into_hours(step, LetterKind.TELLING, None, due, business.hours)
    reminds_late = step.since is not Since.DUE and opens >= promise.due_at
    return replace(follow_up(promise, step.key, due if reminds_late else opens), planned_at=due)


def _due_at(promise: Promise, step: PlanStep, business: Business) -> datetime:
    """When the step is due; where less time is left than `before_due` asks for, half of it is."""
    hours = business.hours
    if step.before_due is not None:
        lead = hours.earlier(promise.due_at, step.before_due)
        return lead if lead > promise.made_at else promise.made_at + (promise.due_at - promise.made_at) / 2
    anchor = promise.due_at if step.since is Since.DUE else promise.made_at
    return hours.later(anchor, step.after) if step.after is not None else anchor


def on_promise(
    due: FollowUp, case: Case | None, relationship: Relationship, business: Business, now: datetime
) -> tuple[Step, ...]:
    """Reconsider a follow-up of a promise at `now` (UTC): nobody is told of one that is kept or withdrawn."""
    promise = next((each for each in relationship.promises if each.key == due.promise), None)
    if promise is None:
        return (Withhold(due, "the promise is not known any more"),)
    if due.step == LATE_STEP:
        return _late(due, promise)
    step = business.plans.of(Occasion.PROMISE).step(due.step)
    if step is None:
        return (Withhold(due, "no longer in the plan"),)
    if against := _against(promise, step, case, relationship):
        return (Withhold(due, against),)
    opening = business.hours.open_at_or_after(now)
    too_late = step.since is not Since.DUE and opening >= promise.due_at
    if not too_late and not may_leave(step, False, due.due_at, now, business.hours):
        return (Postpone(due, opening, "we are closed"),)
    return (_told(due, step, promise, case, relationship, business, now),)


def _late(due: FollowUp, promise: Promise) -> tuple[Step, ...]:
    if promise.state is not PromiseState.OPEN:
        return (Withhold(due, promise.state),)
    late = replace(promise, state=PromiseState.LATE)
    because = "its moment has passed, and nobody has said that it was kept"
    return (Withhold(due, "late"), KeepPromise(late, "promise late", because))


def _against(promise: Promise, step: PlanStep, case: Case | None, relationship: Relationship) -> str | None:
    kept = promise.state is PromiseState.KEPT and Unless.KEPT in step.unless
    if kept or promise.state is PromiseState.WITHDRAWN:
        return promise.state
    severity, tags = (case.severity, case.tags) if case else (None, ())
    return None if step.only.allows(severity, tags, relationship.client.stage) else "only for others"


def _told(
    due: FollowUp,
    step: PlanStep,
    promise: Promise,
    case: Case | None,
    relationship: Relationship,
    business: Business,
    now: datetime,
) -> Step:
    """The telling; its assignee is who has the case, else who made the promise."""
    telling = tell(due, step, case, None, relationship, business, now)
    client = replace(relationship.client, last_colleague=promise.by)
    return replace(
        telling,
        to=business.audience(step.tell, case, client, now),
        because=f"{step.key}: {'it was promised by then' if now >= promise.due_at else 'it falls due'}",
        deadline=promise.due_at,
    )
