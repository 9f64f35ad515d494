"""Commands about a case: answered, settled, part, snooze, to; and quiet, about its client."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from troth.commands import Assign, Snooze
from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    FollowUp,
    LetterKind,
    LetterState,
    Mode,
    Relationship,
    Schedule,
    Severity,
    Step,
    WriteLetter,
)
from troth.plan import Role, Since
from troth.policy import course
from troth.policy.business import Colleague
from troth.policy.command.values import WAITING_LETTERS, Change, Effect, Matter
from troth.policy.due import SILENT_TAGS
from troth.policy.promising import reminded
from troth.policy.timing import stamp
from troth.relationship import open_promises

LONGEST_SNOOZE = timedelta(days=60)
"""A complaint that may be hidden for longer is forgotten."""

_MYSELF = frozenset({"me", "myself", "mich", "mir"})


def answered(matter: Matter) -> Change:
    """The case is answered now, by the one who says so."""
    found = _case(matter)
    if isinstance(found, Change):
        return found
    case, relationship = found
    if case.state is CaseState.ANSWERED:
        return matter.refused(NotDone.ANSWERED, who=matter.name(case.answered_by), when=case.answered_at)
    person = matter.person
    because = f"{person.name} says so"
    steps = course.answered(case, person.address, matter.now, because, relationship, matter.business)
    return Change(steps, (matter.said(Deed.ANSWERED), *_promises_stand(matter, case, relationship)))


def settled(matter: Matter) -> Change:
    """The case is settled now, answered or not."""
    found = _case(matter)
    if isinstance(found, Change):
        return found
    case, relationship = found
    steps = course.settled(case, matter.now, f"{matter.person.name} says so", relationship, matter.business)
    return Change(steps, (matter.said(Deed.SETTLED), *_promises_stand(matter, case, relationship)))


def part(matter: Matter) -> Change:
    """We part with the client: what waits is withdrawn, and a last letter is held for a person's word."""
    case, relationship = matter.subject.case, matter.subject.relationship
    if case is None or relationship is None:
        return matter.refused(NotDone.NO_CASE if relationship else NotDone.NO_CLIENT)
    if case.state is CaseState.PARTED:
        return matter.refused(NotDone.PARTED, when=case.closed_at)
    over = replace(case, state=CaseState.PARTED, closed_at=matter.now)
    changing = ChangeCase(over, "case parted", f"{matter.person.name} parted with the client")
    why = _no_parting_letter(matter, case, relationship)
    letter = () if why else (_parting_letter(matter, case),)
    remark = matter.said(Remark.NO_LETTER_FOLLOWS, what=why) if why else matter.said(Remark.LETTER_HELD)
    effects = (matter.said(Deed.PARTED), remark, *_promises_stand(matter, case, relationship))
    return Change((changing, *withdrawn(matter, "parted"), *letter), effects)


def _no_parting_letter(matter: Matter, case: Case, relationship: Relationship) -> str:
    inbox, client = matter.business.inboxes.get(case.inbox), relationship.client
    if inbox is None or not inbox.sends:
        return "no letters leave from this inbox"
    if inbox.mode is Mode.OBSERVE:
        return "observe mode"
    if client.silent:
        return "silence asked"
    if matter.subject.address in client.bounced:
        return "the address bounces"
    return "for people only" if SILENT_TAGS.intersection(case.tags) else ""


def _parting_letter(matter: Matter, case: Case) -> WriteLetter:
    inbox, to = matter.business.inboxes[case.inbox], matter.subject.address
    assert to is not None  # noqa: S101 -- a client has an address
    return WriteLetter(
        key=f"{case.key}:{course.PARTING}:{case.round}",
        kind=LetterKind.FOLLOW_UP,
        purpose=course.PARTING,
        to=to,
        mode=inbox.mode,
        because=f"{matter.person.name} parted with the client",
        case=case.key,
        hold="it waits for a colleague's `send`",
    )


def snooze(matter: Matter, asked: Snooze) -> Change:
    """Nobody is told of the case, or reminded of the promise, before a moment."""
    until, now = asked.until, matter.now
    if until <= now:
        return matter.refused(NotDone.PAST, when=until)
    if until > now + LONGEST_SNOOZE:
        return matter.refused(NotDone.TOO_FAR, when=until)
    promise = matter.subject.promise
    if promise is not None and promise.open:
        again = reminded(promise, until, matter.business)
        return Change((again,) if again else (), (matter.said(Deed.SNOOZED, when=until),))
    found = _case(matter)
    if isinstance(found, Change):
        return found
    case, _ = found
    if case.state is CaseState.ANSWERED:
        return matter.refused(NotDone.ANSWERED, who=matter.name(case.answered_by), when=case.answered_at)
    changing = ChangeCase(replace(case, snoozed_until=until), "case snoozed", f"{matter.person.name} says so")
    grave = (matter.said(Remark.GRAVE),) if case.severity is Severity.HIGH else ()
    return Change((changing,), (matter.said(Deed.SNOOZED, when=until), *grave))


def assign(matter: Matter, asked: Assign) -> Change:
    """Somebody else sees to the case from now on, and is told of it while it waits."""
    people = _named(matter, asked.to)
    if len(people) != 1:
        why = NotDone.SEVERAL_PEOPLE if people else NotDone.NOBODY
        return matter.refused(why, what=asked.to, who=", ".join(person.name for person in people))
    found = _case(matter)
    if isinstance(found, Change):
        return found
    case, relationship = found
    [person] = people
    if case.assignee == person.address:
        return matter.refused(NotDone.STANDS, who=person.name)
    changed = replace(case, assignee=person.address, snoozed_until=None)
    steps: list[Step] = [ChangeCase(changed, "case assigned", f"{matter.person.name} gave it to {person.name}")]
    if case.state is CaseState.WAITING and person != matter.person:
        steps.extend(_told_now(matter, changed, relationship))
    away = not matter.business.reachable(person, matter.now)
    remarks = (matter.said(Remark.AWAY, who=person.name),) if away else ()
    return Change(tuple(steps), (matter.said(Deed.ASSIGNED, who=person.name), *remarks))


def _named(matter: Matter, said: str) -> list[Colleague]:
    """The colleagues whom a name, a part of one or an address may mean."""
    word, people = said.casefold().strip(), matter.business.colleagues
    if word in _MYSELF:
        return [matter.person]
    exact = [each for each in people if word in {each.name.casefold(), each.address, *each.also}]
    return exact or [each for each in people if word in {*each.name.casefold().split(), each.address.partition("@")[0]}]


def _told_now(matter: Matter, case: Case, relationship: Relationship) -> tuple[Step, ...]:
    """The plan's first telling to whoever has the case, once more and at once: he may not have been told."""
    plan = matter.business.plans.of(case.occasion)
    steps = (each for each in plan.steps if Role.ASSIGNEE in each.tell and each.since is Since.RECEIVED)
    step = next(steps, None)
    if step is None:
        return ()
    to, mail = course.where_to(case, relationship)
    row = FollowUp(
        key=f"{case.key}:{step.key}:{case.round}:to:{stamp(matter.now)}",
        occasion=case.occasion,
        step=step.key,
        inbox=case.inbox,
        client=case.client,
        address=to,
        mail=mail,
        anchor=case.received_at,
        due_at=matter.now,
        case=case.key,
        round=case.round,
        planned_at=matter.now,
    )
    return (Schedule(row, "somebody else sees to it now"),)


def quiet(matter: Matter) -> Change:
    """No automatic letters to this client any more: what waits is withdrawn, what is planned falls away when due."""
    relationship = matter.subject.relationship
    if relationship is None:
        return matter.refused(NotDone.NO_CLIENT)
    if relationship.client.silent:
        return matter.refused(NotDone.STANDS)
    hushed = replace(relationship.client, hushed_at=matter.now)
    changing = ChangeClient(hushed, "silence asked", f"{matter.person.name} wants no automatic letters to this client")
    return Change((changing, *withdrawn(matter, "a colleague asked for silence")), (matter.said(Deed.QUIET),))


def withdrawn(matter: Matter, because: str) -> tuple[ChangeLetter, ...]:
    """All that waits to leave about this subject."""
    waits = [letter for letter in matter.subject.letters if letter.state in WAITING_LETTERS]
    return tuple(ChangeLetter(each.key, WAITING_LETTERS, LetterState.WITHDRAWN, because) for each in waits)


def _case(matter: Matter) -> tuple[Case, Relationship] | Change:
    """The open case in question, or why there is none."""
    case, relationship = matter.subject.case, matter.subject.relationship
    if relationship is None:
        return matter.refused(NotDone.NO_CLIENT)
    if case is None:
        return matter.refused(NotDone.NO_CASE)
    if not case.open:
        return matter.refused(NotDone.CLOSED, when=case.closed_at)
    return case, relationship


def _promises_stand(matter: Matter, case: Case, relationship: Relationship) -> tuple[Effect, ...]:
    return tuple(
        matter.said(Remark.PROMISE_STANDS, what=promise.what, when=promise.due_at)
        for promise in open_promises(relationship, case)
    )
