"""Corrections: a colleague says what a client's mail really is, and what that tone calls for follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    Correct,
    Enter,
    FollowUp,
    LetterKind,
    LetterState,
    Mode,
    Occasion,
    OpenCase,
    Relationship,
    Schedule,
    Seen,
    Severity,
    Standing,
    Step,
    Tone,
    Verdict,
    Withhold,
    WriteLetter,
)
from troth.plan import Since
from troth.policy.command.cases import withdrawn
from troth.policy.command.values import Change, Effect, Matter
from troth.policy.course import answered_already, told_anew, waiting_again
from troth.policy.due import Occurrence, on_due
from troth.policy.timing import case_key, follow_up, is_acknowledgement, steps_since
from troth.relationship import recent_case

_DEEDS = {Tone.COMPLAINT: Deed.COMPLAINT, Tone.PRAISE: Deed.PRAISE}


def set_tone(matter: Matter, tone: frozenset[Tone]) -> Change:
    """What the mail is, from now on; the verdict of the rules stays beside it."""
    subject = matter.subject
    if subject.relationship is None or subject.seen is None:
        return matter.refused(NotDone.NO_CLIENT)
    if subject.case is not None and subject.case.state is CaseState.PARTED:
        return matter.refused(NotDone.PARTED, when=subject.case.closed_at)
    if Tone.COMPLAINT in tone:
        change = _complaint(matter, subject.seen, subject.relationship)
    else:
        change = _no_complaint(matter, tone, subject.seen, subject.relationship)
    if change is None:
        return matter.refused(NotDone.STANDS)
    because = f"{matter.person.name} says that it is {_named(tone)}"
    corrected = tuple(Correct(mail, tone, matter.person.address, because) for mail in subject.mails)
    deed = next((_DEEDS[each] for each in Tone if each in tone), Deed.NEITHER)
    return Change((*corrected, *change.steps), (matter.said(deed), *change.effects))


def _named(tone: frozenset[Tone]) -> str:
    named = {Tone.COMPLAINT: "a complaint", Tone.PRAISE: "praise"}
    return " and ".join(named[each] for each in Tone if each in tone) or "neither complaint nor praise"


def _complaint(matter: Matter, seen: Seen, relationship: Relationship) -> Change | None:
    """A case is opened, opened again or made sure, and its acknowledgement leaves if that is still right."""
    case = matter.subject.case
    if case is not None and case.open and case.sure:
        return None
    if case is None:
        opened = _opened(matter, seen, relationship)
        steps: tuple[Step, ...] = (
            OpenCase(opened, f"{matter.person.name} says that it is a complaint"),
            *told_anew(opened, relationship, matter.business),
            *answered_already(opened, relationship, matter.business),
        )
    elif case.open:
        opened = replace(case, sure=True)
        steps = (ChangeCase(opened, "case sure", f"{matter.person.name} says that it is a complaint"),)
    else:
        opened = replace(waiting_again(case, case.received_at), sure=True)
        again = ChangeCase(opened, "case waiting again", f"{matter.person.name} says that it is a complaint")
        steps = (again, *told_anew(opened, relationship, matter.business))
    standing = replace(relationship, cases=(*relationship.cases, opened))
    letters, remarks = _first_letter(matter, opened.occasion, opened, seen, standing, frozenset({Tone.COMPLAINT}))
    return Change((*steps, *_no_praise(matter), *letters), remarks)


def _opened(matter: Matter, seen: Seen, relationship: Relationship) -> Case:
    said = seen.verdict or Verdict()
    return Case(
        key=case_key(seen.identity),
        client=relationship.client.key,
        inbox=seen.inbox,
        thread=seen.thread,
        mail=seen.identity,
        state=CaseState.WAITING,
        severity=said.severity or Severity.NORMAL,
        opened_at=seen.arrived,
        received_at=seen.arrived,
        tags=said.tags,
        assignee=relationship.client.last_colleague or matter.person.address,
        sure=True,
    )


def _no_praise(matter: Matter) -> tuple[Step, ...]:
    """Thanks for praise that was none stay here; a complaint's letters are let alone."""
    thanks = tuple(each for each in matter.subject.letters if each.case is None)
    return withdrawn(replace(matter, subject=replace(matter.subject, letters=thanks)), "it is a complaint")


def _no_complaint(matter: Matter, tone: frozenset[Tone], seen: Seen, relationship: Relationship) -> Change | None:
    """The case is closed as if it had not been, and what waits to leave is withdrawn; praise has its own plan."""
    case, steps, effects = matter.subject.case, list[Step](), list[Effect]()
    before = matter.subject.corrected
    if before is not None and before == tone:
        return None
    if case is not None:
        closed = replace(case, state=CaseState.SETTLED, closed_at=matter.now)
        steps.append(ChangeCase(closed, "case settled", f"{matter.person.name} says that it is no complaint"))
    steps.extend(withdrawn(matter, f"{matter.person.name} says that it is {_named(tone)}"))
    effects.extend(_gone(matter))
    if Tone.PRAISE in tone:
        cases = tuple(each for each in relationship.cases if case is None or each.key != case.key)
        letters, remarks = _praise(matter, seen, replace(relationship, cases=cases))
        steps.extend(letters)
        effects.extend(remarks)
    return Change(tuple(steps), tuple(effects))


def _gone(matter: Matter) -> tuple[Effect, ...]:
    """What the client has had already, which nobody can call back."""
    sent = [each for each in matter.subject.letters if each.state in (LetterState.SENT, LetterState.SENDING)]
    return tuple(matter.said(Remark.SENT_BEFORE, what=each.subject, when=each.sent_at) for each in sent)


def _praise(matter: Matter, seen: Seen, relationship: Relationship) -> tuple[tuple[Step, ...], tuple[Effect, ...]]:
    if recent_case(relationship, matter.now) is not None:
        why = "praise, but a case is open or younger than 30 days"
        return (), (matter.said(Remark.NO_LETTER_FOLLOWS, what=why),)
    return _first_letter(matter, Occasion.PRAISE, None, seen, relationship, frozenset({Tone.PRAISE}))


def _first_letter(
    matter: Matter,
    occasion: Occasion,
    case: Case | None,
    seen: Seen,
    relationship: Relationship,
    tone: frozenset[Tone],
) -> tuple[tuple[Step, ...], tuple[Effect, ...]]:
    """The plan's acknowledgement, if it is still right, and after it what else counts from the mail's arrival."""
    why = _no_letters(matter, seen, relationship)
    if why:
        return (), (matter.said(Remark.NO_LETTER_FOLLOWS, what=why),)
    rows = _rows(matter, occasion, case, seen, relationship)
    occurrence = Occurrence.of_seen(seen, case, tone)
    steps: list[Step] = []
    for row in rows:
        if not is_acknowledgement(row, matter.business):
            continue
        if row.due_at > matter.now:
            planned = Enter(seen.identity, Standing.PENDING, "acknowledgement planned")
            steps.extend((Schedule(row, f"{row.step}, {row.occasion}"), planned))
        else:
            steps.extend(on_due(row, occurrence, relationship, matter.business, matter.now))
    if not any(isinstance(step, Withhold) for step in steps):
        later = (row for row in rows if not is_acknowledgement(row, matter.business))
        steps.extend(Schedule(row, f"{row.step}, {row.occasion}") for row in later)
    return tuple(steps), _what_follows(matter, steps)


def _no_letters(matter: Matter, seen: Seen, relationship: Relationship) -> str:
    inbox = matter.business.inboxes.get(seen.inbox)
    if inbox is None or not inbox.sends:
        return "no letters leave from this inbox"
    if seen.author not in relationship.client.addresses:
        return "web form"
    return "the client has had one before" if _acknowledged(matter, seen, relationship) else ""


def _acknowledged(matter: Matter, seen: Seen, relationship: Relationship) -> bool:
    """Whether a letter has been written already on this mail, or in its case."""
    case = matter.subject.case
    firsts = [each for each in relationship.written if each.kind is LetterKind.ACKNOWLEDGEMENT]
    if any(each.mail == seen.identity or (case is not None and each.case == case.key) for each in firsts):
        return True
    return any(each.kind is LetterKind.ACKNOWLEDGEMENT for each in matter.subject.letters)


def _rows(
    matter: Matter, occasion: Occasion, case: Case | None, seen: Seen, relationship: Relationship
) -> Sequence[FollowUp]:
    plan = matter.business.plans.of(occasion)
    rows = [
        follow_up(
            plan,
            step,
            occasion=occasion,
            inbox=seen.inbox,
            client=relationship.client.key,
            address=matter.subject.address or Address(""),
            mail=seen.identity,
            anchor=seen.arrived,
            hours=matter.business.hours,
            case=case,
        )
        for step in steps_since(plan, Since.RECEIVED)
        if step.letter or occasion is Occasion.PRAISE  # of a complaint, colleagues are told whatever it gets
    ]
    return [row for row in rows if row is not None]


def _what_follows(matter: Matter, steps: Sequence[Step]) -> tuple[Effect, ...]:
    written = next((step for step in steps if isinstance(step, WriteLetter)), None)
    withheld = next((step for step in steps if isinstance(step, Withhold)), None)
    if written is not None and written.mode is not Mode.OBSERVE:
        return (matter.said(Remark.LETTER_FOLLOWS, what=written.purpose),)
    if written is not None:
        return (matter.said(Remark.NO_LETTER_FOLLOWS, what="observe mode"),)
    if withheld is not None:
        return (matter.said(Remark.NO_LETTER_FOLLOWS, what=withheld.because),)
    planned = next((step for step in steps if isinstance(step, Enter)), None)
    return (matter.said(Remark.LETTER_FOLLOWS),) if planned is not None else ()
