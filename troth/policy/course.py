"""The course of a case: what its being answered, settled or waiting anew changes, and what is planned from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    Evidence,
    FollowUp,
    Relationship,
    Schedule,
    Severity,
    Step,
    Tone,
    Verdict,
)
from troth.plan import Since
from troth.policy.business import Business
from troth.policy.timing import SETTLE, follow_up, stamp, steps_since
from troth.relationship import answer, latest_mail


def answered(
    case: Case, by: Address | None, at: datetime, because: str, relationship: Relationship, business: Business
) -> tuple[Step, ...]:
    """The case is answered at `at`: what follows an answer, and the settling after silence, are planned from then."""
    changed = replace(case, state=CaseState.ANSWERED, answered_at=at, answered_by=by, assignee=case.assignee or by)
    return (
        ChangeCase(changed, "case answered", because),
        *_planned(Since.ANSWERED, changed, at, relationship, business),
        Schedule(_settling(changed, at, relationship, business), "an answered case settles after silence"),
    )


def settled(case: Case, at: datetime, because: str, relationship: Relationship, business: Business) -> tuple[Step, ...]:
    """The case is settled at `at`, by thanks, by silence or by a colleague's word; what follows that is planned."""
    changed = replace(case, state=CaseState.SETTLED, closed_at=at)
    changing = ChangeCase(changed, "case settled", because)
    return (changing, *_planned(Since.SETTLED, changed, at, relationship, business))


PARTING = "complaint/parting"
"""The letter of parting; it is held until a person says `send`, and goes though we have parted."""


def told_anew(
    case: Case, relationship: Relationship, business: Business, after: datetime | None = None
) -> tuple[Schedule, ...]:
    """The tellings of a case that waits, planned under the keys of its round; only those due later than `after`."""
    planned = _planned(Since.RECEIVED, case, case.received_at, relationship, business)
    return tuple(
        step for step in planned if _tells(step, business) and (after is None or step.follow_up.due_at > after)
    )


def undelivered(case: Case, at: datetime, relationship: Relationship, business: Business) -> tuple[Step, ...]:
    """A colleague's answer came back at `at`: the case waits again, and people are told again."""
    waiting = waiting_again(case, at)
    changing = ChangeCase(waiting, "case waiting again", "our answer could not be delivered")
    return (changing, *told_anew(waiting, relationship, business))


def _tells(planned: Schedule, business: Business) -> bool:
    row = planned.follow_up
    step = business.plans.of(row.occasion).step(row.step)
    return step is not None and bool(step.tell)


def waiting_again(case: Case, at: datetime, verdict: Verdict | None = None) -> Case:
    """The case as it waits anew since `at`, in a round of its own; a later mail may make it graver, never lighter.

    Nobody asked not to be told of what had not come yet: it is snoozed no longer.
    """
    said = verdict or Verdict()
    return replace(
        case,
        state=CaseState.WAITING,
        received_at=max(case.received_at, at),
        severity=_graver(case.severity, said.severity),
        tags=tuple(dict.fromkeys((*case.tags, *said.tags))),
        sure=case.sure or Tone.COMPLAINT in said.sure,
        closed_at=None,
        round=case.round + 1,
        snoozed_until=None,
    )


def answered_already(case: Case, relationship: Relationship, business: Business) -> tuple[Step, ...]:
    """What follows where the answer was seen before the mail it answers: after downtime Sent may be read first."""
    found = answer(relationship, case, case.thread, case.received_at)
    if found is None or found.evidence is not Evidence.FIRM:
        return ()
    author = business.colleague(found.by)
    return answered(case, author.address if author else None, found.at, found.because, relationship, business)


def _graver(one: Severity, other: Severity | None) -> Severity:
    order = list(Severity)
    return max(one, other or Severity.LOW, key=order.index)


def _planned(
    since: Since, case: Case, anchor: datetime, relationship: Relationship, business: Business
) -> Iterator[Schedule]:
    """The steps of the case's plan that count from its answer or settling; to where the client last wrote from."""
    plan = business.plans.of(case.occasion)
    to, mail = where_to(case, relationship)
    for step in steps_since(plan, since):
        row = follow_up(
            plan,
            step,
            occasion=case.occasion,
            inbox=case.inbox,
            client=case.client,
            address=to,
            mail=mail,
            anchor=anchor,
            hours=business.hours,
            case=case,
        )
        if row is not None:
            yield Schedule(replace(row, key=f"{row.key}:{stamp(anchor)}"), f"{step.key}, since {since}")


def where_to(case: Case, relationship: Relationship) -> tuple[Address, str]:
    """The address the client last wrote from in a case, and the mail that a letter to him goes back to."""
    latest = latest_mail(relationship, case)
    addresses = relationship.client.addresses
    if latest is not None and latest.by in addresses and latest.by is not None:
        return latest.by, latest.identity
    return min(addresses, default=Address("")), latest.identity if latest else case.mail


def _settling(case: Case, at: datetime, relationship: Relationship, business: Business) -> FollowUp:
    due = business.hours.later(at, business.settle)
    to, mail = where_to(case, relationship)
    return FollowUp(
        key=f"{case.key}:{SETTLE}:{case.round}:{stamp(at)}",
        occasion=case.occasion,
        step=SETTLE,
        inbox=case.inbox,
        client=case.client,
        address=to,
        mail=mail,
        anchor=at,
        due_at=due,
        case=case.key,
        round=case.round,
        planned_at=due,
    )
