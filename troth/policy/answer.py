"""A mail of ours was found: what it means for the client it went to; and what a bounce means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from troth.model import (
    Address,
    CaseState,
    ChangeClient,
    Client,
    Evidence,
    Message,
    Nature,
    Note,
    Relationship,
    Step,
    address,
)
from troth.policy.business import Business
from troth.policy.course import answered, undelivered
from troth.relationship import ANOTHER_THREAD, IN_OUR_NAME, open_case, threads

MANY = 3
"""A mail to more outside recipients than this is a circular, and no evidence of an answer."""

_PRECEDENCE = ("precedence", "x-precedence")
_BULK = re.compile(r"bulk|junk|list|auto.?reply", re.IGNORECASE)
_FOUND = re.compile(r"[^\s<>\"(),:;]{1,64}@[^\s<>\"(),:;]{1,255}")
_REPLY = re.compile(r"\s*(?:re|aw|antw|sv|vs|rif|odp|ynt|res|r)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*", re.IGNORECASE)
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|i|doorst)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A mail of ours to a client. `at` is when it was laid into Sent, in UTC; `joins`: it takes up the case's subject.

    `because` says what makes it evidence, or why it is none.
    """

    at: datetime
    by: Address | None
    evidence: Evidence
    because: str
    joins: bool = False


def outsiders(message: Message, business: Business) -> tuple[Address, ...]:
    """The recipients in To, Cc and Bcc who are not of the business; a copy in Sent often has its Bcc."""
    house = business.house
    found = (*(party.address for party in (*message.to, *message.cc)), *_addresses(message.field_values("bcc")))
    return tuple(dict.fromkeys(who for who in found if not house.is_ours(who)))


def named(values: Iterable[str]) -> frozenset[Address]:
    """The addresses that header fields name."""
    return frozenset(_addresses(values))


def _addresses(values: Iterable[str]) -> Iterator[Address]:
    for text in values:
        yield from (who for one in _FOUND.findall(text) if (who := address(one)))


def evidence_of(message: Message, outside: int) -> tuple[Evidence, str]:
    """Whether a mail found in Sent can be an answer at all, and why: one that a person wrote to few."""
    if message.nature is not Nature.PERSON:
        return Evidence.NONE, "an automatic mail is no answer"
    if any(name.startswith("list-") for name, _ in message.fields):
        return Evidence.NONE, "a list mail is no answer"
    if any(name in _PRECEDENCE and _BULK.search(value) for name, value in message.fields):
        return Evidence.NONE, "a circular is no answer"
    if outside > MANY:
        return Evidence.NONE, f"sent to more than {MANY} outside recipients"
    return Evidence.FIRM, "a colleague wrote to the client"


def takes_up(subject: str, of: str) -> bool:
    """Whether a subject is the reply to another: phones and web pages lose the thread, and keep the subject."""
    rest, replies = subject, False
    while found := _REPLY.match(rest) or _FORWARD.match(rest):
        replies = replies or _REPLY.match(rest) is not None
        rest = rest[found.end() :]
    return replies and bool(rest.strip()) and rest.strip().casefold() == _bare(of)


def _bare(subject: str) -> str:
    while found := _REPLY.match(subject) or _FORWARD.match(subject):
        subject = subject[found.end() :]
    return subject.strip().casefold()


def on_answer(found: Found, relationship: Relationship, business: Business) -> tuple[Step, ...]:
    """What a colleague's mail to this client changes; `relationship` is the client's, in the mail's thread."""
    if found.evidence is Evidence.NONE:
        return ()
    case = open_case(relationship)
    if found.evidence is Evidence.DOUBTFUL:
        return (Note("perhaps answered", IN_OUR_NAME),) if case else ()
    author = business.colleague(found.by)
    steps = _acquainted(relationship.client, author.address if author else None)
    if case is None:
        return steps
    if not (found.joins or relationship.thread in threads(relationship, case, case.thread)):
        return (*steps, Note("perhaps answered", ANOTHER_THREAD))
    if found.at < case.received_at:
        return (*steps, Note("no answer", "it was written before the client's latest mail"))
    if case.answered_at is not None and case.answered_at >= found.at:
        return steps
    by = author.address if author else None
    return (*steps, *answered(case, by, found.at, found.because, relationship, business))


def _acquainted(client: Client, by: Address | None) -> tuple[Step, ...]:
    changed = replace(client, known=True, last_colleague=by or client.last_colleague)
    return () if changed == client else (ChangeClient(changed, "client known", "a colleague wrote to him"),)


def on_bounce(message: Message, to: Address, relationship: Relationship) -> tuple[Step, ...]:
    """What a bounce of a mail to this client changes: a permanent one stops all letters to the address."""
    bounce = message.bounce
    if bounce is not None and bounce.permanent is False and not bounce.delayed:
        return (Note("not delivered", "a server gave up, though the address may be a good one"),)
    if bounce is None or bounce.permanent is False:
        return (Note("delivery delayed", "a server reports that it has not delivered yet"),)
    client = relationship.client
    dead = client.addresses.intersection(bounce.recipients) or {to}
    changed = replace(client, bounced=client.bounced | dead)
    words = f"status {bounce.status}" if bounce.status else "undeliverable"
    return (ChangeClient(changed, "address bounces", words),)


def on_undelivered(
    wrote_at: datetime, arrived: datetime, relationship: Relationship, business: Business
) -> tuple[Step, ...]:
    """What the bounce of a colleague's own mail of `wrote_at` changes: what it answered is not answered."""
    case = open_case(relationship)
    if case is None or case.state is not CaseState.ANSWERED or case.answered_at != wrote_at:
        return ()
    return undelivered(case, arrived, relationship, business)
