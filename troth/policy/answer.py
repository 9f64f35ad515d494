"""A mail of ours was found: what it means for the client it went to; and what a bounce means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    Evidence,
    FollowUp,
    Message,
    Nature,
    Note,
    Occasion,
    Relationship,
    Schedule,
    Step,
)
from troth.plan import Since
from troth.policy.business import Business
from troth.policy.timing import SETTLE, follow_up, steps_since
from troth.relationship import open_case

MANY = 3
"""A mail to more outside recipients than this is a circular, and no evidence of an answer."""


def outsiders(message: Message, business: Business) -> tuple[Address, ...]:
    """The recipients in To and Cc who are not of the business."""
    house = business.house
    found = (party.address for party in (*message.to, *message.cc))
    return tuple(dict.fromkeys(who for who in found if not house.is_ours(who)))


def evidence_of(message: Message, relationship: Relationship, outside: int) -> tuple[Evidence, str]:
    """How far a mail found in Sent shows that this client was answered, and why."""
    if message.nature is not Nature.PERSON:
        return Evidence.NONE, "an automatic mail is no answer"
    if any(name.startswith("list-") for name, _ in message.fields):
        return Evidence.NONE, "a list mail is no answer"
    if outside > MANY:
        return Evidence.NONE, f"sent to {outside} outside recipients"
    case = open_case(relationship)
    if case is None or relationship.thread == case.thread:
        return Evidence.FIRM, "in the thread"
    if not (message.in_reply_to or message.references):
        return Evidence.FIRM, "addressed to the client while his case is open"
    return Evidence.DOUBTFUL, "a colleague wrote to the client in another thread"


def on_answer(
    by: Address | None,
    at: datetime,
    relationship: Relationship,
    evidence: Evidence,
    business: Business,
) -> tuple[Step, ...]:
    """What a colleague's mail to this client changes. `at` is when it was laid into Sent, in UTC."""
    if evidence is Evidence.NONE:
        return ()
    steps: list[Step] = []
    client = relationship.client
    author = business.colleague(by)
    named = author.address if author else client.last_colleague
    if not client.known or client.last_colleague != named:
        change = replace(client, known=True, last_colleague=named)
        steps.append(ChangeClient(change, "client known", "a colleague wrote to him"))
    case = open_case(relationship)
    if case is None:
        return tuple(steps)
    if evidence is Evidence.DOUBTFUL:
        return (*steps, Note("perhaps answered", "a colleague wrote to the client in another thread"))
    if at < case.received_at:
        return (*steps, Note("no answer", "it was written before the client's latest mail"))
    return (*steps, *answered(case, named, at, relationship, business))


def answered(
    case: Case, by: Address | None, at: datetime, relationship: Relationship, business: Business
) -> tuple[Step, ...]:
    """The case is answered: what follows an answer is planned from now."""
    changed = replace(case, state=CaseState.ANSWERED, answered_at=at, answered_by=by, assignee=case.assignee or by)
    steps: list[Step] = [ChangeCase(changed, "case answered", "a colleague wrote to the client")]
    plan = business.plans.of(Occasion.COMPLAINT)
    address = next(iter(sorted(relationship.client.addresses)), Address(""))
    for step in steps_since(plan, Since.ANSWERED):
        row = follow_up(
            plan,
            step,
            occasion=Occasion.COMPLAINT,
            inbox=case.inbox,
            client=case.client,
            address=address,
            mail=case.mail,
            anchor=at,
            hours=business.hours,
            case=changed,
        )
        if row is not None:
            again = replace(row, key=f"{row.key}:{int(at.timestamp())}")
            steps.append(Schedule(again, f"{step.key}, after the answer"))
    steps.append(Schedule(_settling(changed, address, at, business), "an answered case settles after silence"))
    return tuple(steps)


def _settling(case: Case, address: Address, at: datetime, business: Business) -> FollowUp:
    due = business.hours.later(at, business.settle)
    return FollowUp(
        key=f"{case.key}:{SETTLE}:{case.round}:{int(at.timestamp())}",
        occasion=Occasion.COMPLAINT,
        step=SETTLE,
        inbox=case.inbox,
        client=case.client,
        address=address,
        mail=case.mail,
        anchor=at,
        due_at=due,
        case=case.key,
        round=case.round,
        planned_at=due,
    )


def on_bounce(message: Message, relationship: Relationship) -> tuple[Step, ...]:
    """What a bounce of a mail to this client changes: a permanent one stops all letters to the address."""
    bounce = message.bounce
    if bounce is None or bounce.permanent is False:
        return (Note("delivery delayed", "a server reports that it has not delivered yet"),)
    client = relationship.client
    dead = client.addresses.intersection(bounce.recipients) or client.addresses
    changed = replace(client, bounced=client.bounced | dead)
    words = f"status {bounce.status}" if bounce.status else "undeliverable"
    return (ChangeClient(changed, "address bounces", words),)
