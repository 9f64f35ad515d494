"""A colleague's reply asks for something: what follows, and what cannot be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from troth.commands import (
    ALL,
    Answered,
    Asked,
    Assign,
    Command,
    Drop,
    Help,
    Kept,
    MakePromise,
    NoteDown,
    Part,
    Pending,
    Quiet,
    Reply,
    Send,
    Settled,
    SetTone,
    Snooze,
    Undo,
)
from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import CaseState, Note, Step, Undoing
from troth.policy.business import Business, Colleague
from troth.policy.command import cases, posted, promises, undoing
from troth.policy.command.tones import set_tone
from troth.policy.command.values import Change, Done, Effect, Matter, Outcome, Subject

_NOTE = "note"


def on_commands(
    reply: Reply,
    subjects: Sequence[Subject],
    person: Colleague,
    business: Business,
    now: datetime,
    undone: Undoing | None = None,
    undone_from: datetime | None = None,
) -> Outcome:
    """Decide on a reply of a colleague who may command. `now` in UTC.

    `subjects` are what the answered mail spoke of, in its order. `undone` is what the confirmation he replies to has
    changed, `undone_from` when that was; its subjects are the ones of that confirmation.
    """
    subjects = [_completed(subject) for subject in subjects]
    turn = _Turn(list(subjects), person, business, now, undone, undone_from or now)
    for asked in reply.commands:
        turn.take(asked)
    note = _without_name(reply.rest, person)
    turn.keep(note)
    spoken = [each.command for each in reply.commands]
    return Outcome(
        done=tuple(Done(subjects[place], tuple(steps)) for place, steps in sorted(turn.steps.items())),
        effects=tuple(turn.effects_left()),
        undoing=undoing.changes(subjects, turn.subjects, [step for steps in turn.steps.values() for step in steps]),
        note=note if set(note.splitlines()) - set(reply.unread) else "",
        unread=reply.unread,
        pending=any(isinstance(each, Pending) for each in spoken),
        help=any(isinstance(each, Help) for each in spoken),
    )


def _completed(subject: Subject) -> Subject:
    """With the case that a correction has opened for its mail since the answered mail was written."""
    if subject.case is not None or subject.relationship is None or subject.seen is None:
        return subject
    own = (case for case in subject.relationship.cases if case.mail == subject.seen.identity)
    return replace(subject, case=next(own, None))


def _without_name(rest: str, person: Colleague) -> str:
    """What is left of a reply without the name that its writer put below it."""
    names = {person.name.casefold(), *person.name.casefold().split()}
    lines = (line for line in rest.splitlines() if line.strip(" .,!-").casefold() not in names)
    return "\n".join(lines).strip()


@dataclass
class _Turn:
    """One reply, command by command: each finds the subjects as those before it have left them."""

    subjects: list[Subject]
    person: Colleague
    business: Business
    now: datetime
    undone: Undoing | None
    undone_from: datetime
    steps: dict[int, list[Step]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)

    def take(self, asked: Asked) -> None:
        if isinstance(asked.command, Pending | Help):
            return
        if isinstance(asked.command, Undo):
            self._undo(asked)
            return
        places = self._meant(asked)
        for place in places:
            matter = Matter(self.subjects[place], place, self.person, self.business, self.now, asked.line)
            self._apply(place, _change(asked.command, matter, every=asked.number == ALL))

    def keep(self, note: str) -> None:
        """Words that were no command are kept with the only thing they can be about."""
        if note and len(self.subjects) == 1:
            self._apply(0, Change((Note(_NOTE, f"{self.person.name}: {note}"),)))

    def effects_left(self) -> Iterator[Effect]:
        """What there is to say once all is done: who has his answer by a later line is not said to wait for it."""
        for effect in self.effects:
            case = self.subjects[effect.subject].case if effect.subject is not None else None
            if effect.word is not Remark.STILL_WAITING or (case is not None and case.state is CaseState.WAITING):
                yield effect

    def _meant(self, asked: Asked) -> Sequence[int]:
        """The places of the subjects that a command is for; where that is not clear, it is asked back."""
        many = len(self.subjects)
        if asked.number == ALL:
            return range(many)
        if asked.number is None and many == 1:
            return [0]
        if asked.number is not None and asked.number <= many:
            return [asked.number - 1]
        why = NotDone.NO_CLIENT if not many else NotDone.WHICH if asked.number is None else NotDone.NO_SUCH
        self.effects.append(Effect(why, asked.line, what=str(many)))
        return []

    def _undo(self, asked: Asked) -> None:
        if self.undone is None:
            self.effects.append(Effect(NotDone.NOTHING_TO_UNDO, asked.line))
            return
        restoring = undoing.Restoring(
            self.undone, self.undone_from, tuple(self.subjects), self.person, self.business, self.now, asked.line
        )
        steps, effects = undoing.undo(restoring)
        for place, step in steps:
            self._apply(place, Change((step,)))
        self.effects.extend(effects)
        self.undone = None

    def _apply(self, place: int, change: Change) -> None:
        if change.steps:
            self.steps.setdefault(place, []).extend(change.steps)
            self.subjects = [subject.after(change.steps) for subject in self.subjects]
        self.effects.extend(change.effects)


def _change(command: Command, matter: Matter, *, every: bool) -> Change:
    change = _about_case(command, matter)
    return change if change is not None else _about_more(command, matter, every=every)


def _about_case(command: Command, matter: Matter) -> Change | None:
    match command:
        case Answered():
            return cases.answered(matter)
        case Settled():
            return cases.settled(matter)
        case Part():
            return cases.part(matter)
        case Snooze():
            return cases.snooze(matter, command)
        case Assign():
            return cases.assign(matter, command)
        case Quiet():
            return cases.quiet(matter)
        case _:
            return None


def _about_more(command: Command, matter: Matter, *, every: bool) -> Change:
    match command:
        case MakePromise():
            return promises.promise(matter, command)
        case Kept():
            return promises.kept(matter, every=every)
        case SetTone():
            return set_tone(matter, command.tone)
        case Send():
            return posted.send(matter)
        case Drop():
            return posted.drop(matter)
        case NoteDown():
            kept = Note(_NOTE, f"{matter.person.name}: {command.text}")
            return Change((kept,), (matter.said(Deed.NOTED),))
        case _:  # what is about no subject was seen to before
            return Change()
