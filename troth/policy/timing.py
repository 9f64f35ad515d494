"""When a plan's step falls due, and the row that stands for it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256

from troth.hours import Hours
from troth.model import Address, Case, FollowUp, LetterKind, Occasion, Severity
from troth.plan import Plan, PlanStep, Since
from troth.policy.business import Business

LATE = timedelta(hours=1)
"""A follow-up reconsidered longer than this after falling due was found overdue, after downtime."""

SETTLE = "settle"
"""The step of a case's own: an answered case settles after silence."""


def case_key(mail: str) -> str:
    """The key of the case that a mail opens: made of the mail, so that two daemons make the same one."""
    return "c-" + sha256(mail.encode()).hexdigest()[:16]


def kind_of(plan: Plan, step: PlanStep) -> LetterKind:
    """A plan's first letter is its acknowledgement, later ones are follow-ups."""
    if step.tell:
        return LetterKind.TELLING
    return LetterKind.ACKNOWLEDGEMENT if step == plan.acknowledgement else LetterKind.FOLLOW_UP


def is_acknowledgement(row: FollowUp, business: Business) -> bool:
    first = business.plans.of(row.occasion).acknowledgement
    return first is not None and first.key == row.step


def due_at(plan: Plan, step: PlanStep, anchor: datetime, hours: Hours) -> datetime | None:
    """When the step is to be reconsidered; None where its condition on the time of arrival is not met."""
    if step.before_close is not None:
        return hours.before_close(anchor, step.before_close)
    if step.at_opening:
        return hours.at_opening(anchor, plan.lead)
    return hours.later(anchor, step.after) if step.after is not None else anchor


def stamp(at: datetime) -> str:
    """An instant as it stands in a key."""
    return f"{at:%Y%m%dT%H%M%S}" + (f".{at.microsecond:06}" if at.microsecond else "")


def into_hours(step: PlanStep, kind: LetterKind, severity: Severity | None, at: datetime, hours: Hours) -> datetime:
    """The moment moved into opening hours, where the step has to keep them.

    Business hours may end at the very closing (of a break, too): a telling due then still leaves then.
    """
    telling = kind is LetterKind.TELLING
    if step.any_hours or kind is LetterKind.ACKNOWLEDGEMENT or (telling and severity is Severity.HIGH):
        return at
    return at if telling and open_until(hours, at) else hours.open_at_or_after(at)


def open_until(hours: Hours, at: datetime) -> bool:
    """Whether it is open at that moment, or was just before it."""
    return hours.is_open(at) or hours.is_open(at - timedelta(microseconds=1))


def may_leave(step: PlanStep, urgent: bool, due: datetime, now: datetime, hours: Hours) -> bool:
    """Whether a telling may leave now: one that fell due while it was open is not held back by our being late."""
    return step.any_hours or urgent or hours.is_open(now) or open_until(hours, due)


def back_from(absent_until: datetime | None, hours: Hours) -> datetime | None:
    """When a client who is away may be written to: on the day after the one he named, which may be his last away."""
    if absent_until is None:
        return None
    day = absent_until.date() + timedelta(days=1)
    return hours.open_at_or_after(hours.instant(datetime.combine(day, time())))


def once_a_day(step: PlanStep, anchor: datetime, planned: datetime | None) -> bool:
    """Whether a telling speaks of a mail as it comes: of a day's mails one is enough, unless they get graver.

    One before closing does, of a mail that comes when its moment has passed.
    """
    at_once = step.after is None and not step.at_opening and (step.before_close is None or planned == anchor)
    return bool(step.tell) and step.since is Since.RECEIVED and at_once


def _day(step: PlanStep, case: Case, anchor: datetime, hours: Hours) -> str:
    """The day and what a further mail must change to be told of on it; its tags, where the step asks for them."""
    since = f".{stamp(case.answered_at)}" if case.answered_at else ""
    about = "".join(f".{tag}" for tag in sorted(step.only.tags.intersection(case.tags)))
    return f"{hours.day_of(anchor):%Y%m%d}.{case.severity}{since}{about}"


def steps_since(plan: Plan, *since: Since) -> tuple[PlanStep, ...]:
    return tuple(step for step in plan.steps if step.since in since)


def follow_up(
    plan: Plan,
    step: PlanStep,
    *,
    occasion: Occasion,
    inbox: str,
    client: str,
    address: Address,
    mail: str,
    anchor: datetime,
    hours: Hours,
    case: Case | None = None,
) -> FollowUp | None:
    """The row for one step, or None where it never falls due.

    An acknowledgement has no round in its key: it is written once in a case.
    """
    due = due_at(plan, step, anchor, hours)
    if due is None:
        return None
    kind = kind_of(plan, step)
    turn = case.round if case is not None and kind is not LetterKind.ACKNOWLEDGEMENT else 0
    of = case.key if case is not None else "m-" + sha256(mail.encode()).hexdigest()[:16]
    daily = case is not None and once_a_day(step, anchor, due)
    return FollowUp(
        key=f"{of}:{step.key}:{_day(step, case, anchor, hours) if case is not None and daily else turn}",
        occasion=occasion,
        step=step.key,
        inbox=inbox,
        client=client,
        address=address,
        mail=mail,
        anchor=anchor,
        case=case.key if case else None,
        round=turn,
        due_at=into_hours(step, kind, case.severity if case else None, due, hours),
        planned_at=due,
    )
