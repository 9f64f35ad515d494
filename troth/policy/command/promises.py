"""Commands about promises: promise, kept, and drop where one is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from troth.commands import MakePromise
from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import CaseState, ChangeCase, KeepPromise, Promise, PromiseState, Step
from troth.policy.command.values import Change, Effect, Matter
from troth.policy.promising import promised

FURTHEST = timedelta(days=370)
"""A promise for later than this is a slip of the pen."""


def promise(matter: Matter, asked: MakePromise) -> Change:
    """What the client was told is kept in mind; said again of a promise that is open, it takes that one's place."""
    subject, now = matter.subject, matter.now
    if subject.relationship is None or subject.seen is None:
        return matter.refused(NotDone.NO_CLIENT)
    if asked.due_at <= now:
        return matter.refused(NotDone.PAST, when=asked.due_at)
    if asked.due_at > now + FURTHEST:
        return matter.refused(NotDone.TOO_FAR, when=asked.due_at)
    before = subject.promise if subject.promise and subject.promise.open else None
    made = _made(matter, asked, before)
    if any(each.open and _same(each, made) for each in subject.relationship.promises):
        return matter.refused(NotDone.STANDS, what=made.what, when=made.due_at)
    because = f"{matter.person.name}: {made.what}, by {made.due_at:%Y-%m-%d %H:%M} UTC"
    steps: tuple[Step, ...] = (KeepPromise(made, "promise made", because), *promised(made, matter.business))
    instead = (_closed(before, PromiseState.WITHDRAWN, matter, "promised anew"),) if before else ()
    return Change((*instead, *steps, *_taken_on(matter)), _effects(matter, made))


def _made(matter: Matter, asked: MakePromise, before: Promise | None) -> Promise:
    subject = matter.subject
    assert subject.seen is not None  # noqa: S101 -- looked at by the caller
    assert subject.relationship is not None  # noqa: S101 -- as above
    case = subject.case
    what = asked.what or (before.what if before else "") or subject.seen.subject or "an answer"
    of = f"{case.key if case else subject.seen.identity} {asked.due_at.isoformat()} {what} {matter.now.isoformat()}"
    return Promise(
        key="p-" + sha256(of.encode(errors="replace")).hexdigest()[:16],
        client=subject.relationship.client.key,
        address=subject.address or min(subject.relationship.client.addresses),
        inbox=subject.seen.inbox,
        mail=subject.seen.identity,
        what=what,
        by=matter.person.address,
        made_at=matter.now,
        due_at=asked.due_at,
        case=before.case if before else case.key if case else None,
    )


def _same(one: Promise, other: Promise) -> bool:
    return (one.due_at, one.what, one.case) == (other.due_at, other.what, other.case)


def _taken_on(matter: Matter) -> tuple[ChangeCase, ...]:
    """Who promises something in a case that nobody has sees to it."""
    case = matter.subject.case
    if case is None or not case.open or case.assignee is not None:
        return ()
    mine = replace(case, assignee=matter.person.address)
    return (ChangeCase(mine, "case assigned", f"{matter.person.name} made a promise"),)


def _effects(matter: Matter, made: Promise) -> tuple[Effect, ...]:
    hours, case = matter.business.hours, matter.subject.case
    effects = [matter.said(Deed.PROMISED, what=made.what, when=made.due_at)]
    if not hours.is_working_day(hours.day_of(made.due_at)):
        effects.append(matter.said(Remark.CLOSED_THAT_DAY, when=made.due_at))
    if case is not None and case.state is CaseState.WAITING:
        effects.append(matter.said(Remark.STILL_WAITING))
    return tuple(effects)


def kept(matter: Matter, *, every: bool = False) -> Change:
    """The promise is kept: the one that the mail spoke of, else the only one that is open."""
    found = _open(matter)
    if not found:
        return matter.refused(NotDone.NO_PROMISE)
    if len(found) > 1 and not every:
        return matter.refused(NotDone.WHICH_PROMISE, what="; ".join(each.what for each in found))
    because = f"{matter.person.name} says so"
    steps = tuple(_closed(each, PromiseState.KEPT, matter, because) for each in found)
    return Change(steps, tuple(matter.said(Deed.KEPT, what=each.what) for each in found))


def _open(matter: Matter) -> list[Promise]:
    subject = matter.subject
    if subject.promise is not None and subject.promise.open:
        return [subject.promise]
    known = subject.relationship.promises if subject.relationship else ()
    about = {subject.case.key} if subject.case else set()
    return [each for each in known if each.open and (each.case in about or each.mail in subject.mails)]


def withdraw(matter: Matter, given: Promise) -> Change:
    """A promise no longer stands, whatever became of it."""
    step = _closed(given, PromiseState.WITHDRAWN, matter, f"{matter.person.name} says so")
    return Change((step,), (matter.said(Deed.WITHDRAWN, what=given.what),))


def _closed(promise: Promise, state: PromiseState, matter: Matter, because: str) -> KeepPromise:
    return KeepPromise(replace(promise, state=state, closed_at=matter.now), f"promise {state}", because)
