"""Undo: what one mail of commands changed is put back while everything stands as it was left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Correct,
    KeepPromise,
    Letter,
    LetterState,
    Mode,
    Promise,
    PromiseState,
    Step,
    Tone,
    Undoing,
    WriteLetter,
)
from troth.outbox import RELEASED
from troth.policy.business import Business, Colleague
from troth.policy.command.values import Effect, Subject
from troth.policy.course import told_anew
from troth.policy.promising import promised_again

_WHY = "{} took it back"
Thing = TypeVar("Thing", Case, Promise)
_LEFT = (LetterState.SENT, LetterState.SENDING)


@dataclass(frozen=True, slots=True)
class Restoring:
    """What an undoing finds: its subjects as they stand now, and when what it undoes was done."""

    undoing: Undoing
    left_at: datetime
    subjects: Sequence[Subject]
    person: Colleague
    business: Business
    now: datetime
    line: str = ""

    @property
    def because(self) -> str:
        return _WHY.format(self.person.name)

    def said(self, word: Deed | NotDone | Remark, place: int | None, what: str = "") -> Effect:
        return Effect(word, self.line, place, what)


def undo(restoring: Restoring) -> tuple[list[tuple[int, Step]], list[Effect]]:
    """The steps that put everything back, each with the place of its subject, and what to say; or what hinders."""
    hindered = [*_changed_since(restoring)]
    if hindered:
        return [], hindered
    letters, effects = _letters(restoring)
    steps = [*_cases(restoring), *_promises(restoring), *_hushed(restoring), *_corrected(restoring), *letters]
    if not steps:
        return [], effects or [restoring.said(NotDone.NOTHING_TO_UNDO, None)]
    places = dict.fromkeys(place for place, _ in steps)
    return steps, [*(restoring.said(Deed.UNDONE, place, _what(restoring, place)) for place in places), *effects]


def _what(restoring: Restoring, place: int) -> str:
    seen = restoring.subjects[place].seen
    return seen.subject if seen else ""


# Where a thing is among the subjects, and how it stands now.


def _case_now(subjects: Sequence[Subject], key: str) -> tuple[int, Case] | None:
    for place, subject in enumerate(subjects):
        known = subject.relationship.cases if subject.relationship else ()
        found = next((case for case in (subject.case, *known) if case is not None and case.key == key), None)
        if found is not None and subject.relationship is not None:
            return place, found
    return None


def _promise_now(subjects: Sequence[Subject], key: str) -> tuple[int, Promise] | None:
    for place, subject in enumerate(subjects):
        known = subject.relationship.promises if subject.relationship else ()
        found = next((each for each in known if each.key == key), None)
        if found is not None:
            return place, found
    return None


def _letter_now(subjects: Sequence[Subject], key: str) -> tuple[int, Letter] | None:
    for place, subject in enumerate(subjects):
        found = next((letter for letter in subject.letters if letter.key == key), None)
        if found is not None:
            return place, found
    return None


def _client_place(subjects: Sequence[Subject], key: str) -> int | None:
    known = (place for place, each in enumerate(subjects) if each.relationship and each.relationship.client.key == key)
    return next(known, None)


def _mail_place(subjects: Sequence[Subject], mail: str) -> int | None:
    return next((place for place, each in enumerate(subjects) if mail in each.mails), None)


# What stands in the way.


def _changed_since(restoring: Restoring) -> Iterator[Effect]:
    subjects = restoring.subjects
    for _, after in restoring.undoing.cases:
        case = _case_now(subjects, after.key)
        if case is None or case[1] != after:
            yield restoring.said(NotDone.CHANGED_SINCE, case[0] if case else None)
    for _, left in restoring.undoing.promises:
        promise = _promise_now(subjects, left.key)
        if promise is None or not _as_left(promise[1], left):
            yield restoring.said(NotDone.CHANGED_SINCE, promise[0] if promise else None, left.what)
    for key, _, hushed in restoring.undoing.hushed:
        place = _client_place(subjects, key)
        known = subjects[place].relationship if place is not None else None
        if known is None or known.client.hushed_at != hushed:
            yield restoring.said(NotDone.CHANGED_SINCE, place)
    for mail, _, tone in restoring.undoing.corrected:
        own = [place for place, each in enumerate(subjects) if each.seen and each.seen.identity == mail]
        if any(subjects[place].corrected != tone for place in own):
            yield restoring.said(NotDone.CHANGED_SINCE, own[0])


def _as_left(promise: Promise, left: Promise) -> bool:
    """Becoming late is nobody's change."""
    return promise == left or (left.state is PromiseState.OPEN and promise == replace(left, state=PromiseState.LATE))


# What is put back.


def _cases(restoring: Restoring) -> Iterator[tuple[int, Step]]:
    for before, after in restoring.undoing.cases:
        found = _case_now(restoring.subjects, after.key)
        if found is None:
            continue
        place = found[0]
        if before is None:
            closed = replace(after, state=CaseState.SETTLED, closed_at=restoring.now)
            yield place, ChangeCase(closed, "case settled", restoring.because)
        else:
            yield from ((place, step) for step in _restored(restoring, before, after, place))


def _restored(restoring: Restoring, before: Case, after: Case, place: int) -> Iterator[Step]:
    """The case as it was; if it waits, what it kept from being told since is planned under a round of its own."""
    relationship = restoring.subjects[place].relationship
    silenced = after.state is not CaseState.WAITING or after.snoozed_until != before.snoozed_until
    if before.state is not CaseState.WAITING or not silenced or relationship is None:
        yield ChangeCase(before, "case as before", restoring.because)
        return
    waiting = replace(before, round=after.round + 1)
    yield ChangeCase(waiting, "case waiting again", restoring.because)
    yield from told_anew(waiting, relationship, restoring.business, restoring.left_at)


def _promises(restoring: Restoring) -> Iterator[tuple[int, Step]]:
    for before, after in restoring.undoing.promises:
        found = _promise_now(restoring.subjects, after.key)
        if found is None:
            continue
        place = found[0]
        if before is None:
            gone = replace(after, state=PromiseState.WITHDRAWN, closed_at=restoring.now)
            yield place, KeepPromise(gone, "promise withdrawn", restoring.because)
            continue
        yield place, KeepPromise(before, "promise as before", restoring.because)
        again = promised_again(before, restoring.business, restoring.left_at, restoring.now)
        yield from ((place, step) for step in again if before.open)


def _hushed(restoring: Restoring) -> Iterator[tuple[int, Step]]:
    for key, before, _ in restoring.undoing.hushed:
        place = _client_place(restoring.subjects, key)
        known = restoring.subjects[place].relationship if place is not None else None
        if place is not None and known is not None:
            client = replace(known.client, hushed_at=before)
            yield place, ChangeClient(client, "silence ended", restoring.because)


def _corrected(restoring: Restoring) -> Iterator[tuple[int, Step]]:
    for mail, before, _ in restoring.undoing.corrected:
        place = _mail_place(restoring.subjects, mail)
        if place is not None:
            yield place, Correct(mail, before, restoring.person.address, restoring.because)


def _letters(restoring: Restoring) -> tuple[list[tuple[int, Step]], list[Effect]]:
    """Letters that have not left go back to what they were; one that has is named."""
    steps: list[tuple[int, Step]] = []
    effects = []
    for key, before, after in restoring.undoing.letters:
        found = _letter_now(restoring.subjects, key)
        if found is None:
            continue
        place, letter = found
        as_left = (after, LetterState.DEFERRED, LetterState.DRAFTED) if after is LetterState.QUEUED else (after,)
        if letter.state in _LEFT:
            effects.append(restoring.said(Remark.SENT_BEFORE, place, letter.subject))
        elif letter.state in as_left and before is not letter.state:
            because = RELEASED if before is LetterState.QUEUED else restoring.because
            steps.append((place, ChangeLetter(key, as_left, before, because)))
    return steps, effects


# What an undoing is made of.


def changes(before: Sequence[Subject], after: Sequence[Subject], steps: Sequence[Step]) -> Undoing | None:
    """What a mail of commands has changed, for its undoing; None where nothing was."""
    undoing = Undoing(
        token="",
        cases=tuple(_pairs(_all_cases(before), _all_cases(after))),
        promises=tuple(_pairs(_all_promises(before), _all_promises(after))),
        letters=tuple(_letters_changed(before, after, steps)),
        hushed=tuple(_hushed_changed(before, after)),
        corrected=tuple(_tones_changed(before, steps)),
    )
    return None if undoing == Undoing(token="") else undoing


def _pairs(before: Mapping[str, Thing], after: Mapping[str, Thing]) -> Iterator[tuple[Thing | None, Thing]]:
    for key, thing in after.items():
        if before.get(key) != thing:
            yield before.get(key), thing


def _all_cases(subjects: Sequence[Subject]) -> dict[str, Case]:
    known = [case for each in subjects if each.relationship for case in each.relationship.cases]
    return {case.key: case for case in (*known, *(each.case for each in subjects if each.case))}


def _all_promises(subjects: Sequence[Subject]) -> dict[str, Promise]:
    known = [promise for each in subjects if each.relationship for promise in each.relationship.promises]
    return {promise.key: promise for promise in known}


def _letters_changed(
    before: Sequence[Subject], after: Sequence[Subject], steps: Sequence[Step]
) -> Iterator[tuple[str, LetterState, LetterState]]:
    now = {letter.key: letter.state for subject in after for letter in subject.letters}
    for key, state in {letter.key: letter.state for subject in before for letter in subject.letters}.items():
        if now.get(key, state) is not state:
            yield key, state, now[key]
    for step in steps:
        if isinstance(step, WriteLetter) and step.mode is not Mode.OBSERVE:
            yield step.key, LetterState.WITHDRAWN, LetterState.HELD if step.hold else LetterState.QUEUED


def _hushed_changed(
    before: Sequence[Subject], after: Sequence[Subject]
) -> Iterator[tuple[str, datetime | None, datetime | None]]:
    then = {each.relationship.client.key: each.relationship.client for each in before if each.relationship}
    now = {each.relationship.client.key: each.relationship.client for each in after if each.relationship}
    for key, client in then.items():
        if now[key].hushed_at != client.hushed_at:
            yield key, client.hushed_at, now[key].hushed_at


def _tones_changed(
    before: Sequence[Subject], steps: Sequence[Step]
) -> Iterator[tuple[str, frozenset[Tone] | None, frozenset[Tone]]]:
    then = {each.seen.identity: each.corrected for each in before if each.seen}
    said = {step.mail: step.tone for step in steps if isinstance(step, Correct)}
    for mail, tone in said.items():
        if tone is not None and then.get(mail) != tone:
            yield mail, then.get(mail), tone
