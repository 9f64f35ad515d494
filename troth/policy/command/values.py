"""What a reply is about, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    Address,
    Case,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Client,
    Concern,
    Correct,
    FollowUp,
    KeepPromise,
    Letter,
    LetterState,
    OpenCase,
    Promise,
    Relationship,
    Seen,
    Step,
    Tone,
    Undoing,
    WriteLetter,
    Written,
)
from troth.policy.business import Business, Colleague

WAITING_LETTERS = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.HELD, LetterState.DRAFTED)
"""What has not left yet, and would."""


@dataclass(frozen=True, slots=True)
class Subject:
    """All that is known now of one thing that the answered mail spoke of.

    `relationship` is that of the client of `seen`, in its thread; without one nothing can be done. `letters` are
    those to the client about it, oldest first, with the one of the concern among them; `promise` is the concern's
    own, `corrected` the tone that a colleague has given the mail of `seen`.
    """

    concern: Concern
    seen: Seen | None = None
    case: Case | None = None
    relationship: Relationship | None = None
    letters: tuple[Letter, ...] = ()
    promise: Promise | None = None
    corrected: frozenset[Tone] | None = None

    @property
    def address(self) -> Address | None:
        """Where a letter about it would go: to whoever wrote, if that is the client himself."""
        if self.relationship is None:
            return None
        ours = self.relationship.client.addresses
        author = self.seen.author if self.seen else None
        return author if author in ours else min(ours, default=None)

    @property
    def mails(self) -> tuple[str, ...]:
        """The mail in question, and the one that opened its case."""
        own = (self.seen.identity,) if self.seen else ()
        return tuple(dict.fromkeys((*own, *((self.case.mail,) if self.case else ()))))

    def after(self, steps: Sequence[Step]) -> Subject:
        """The same thing once these steps are carried out, be they about it or about its client's other matters."""
        subject = self
        for step in steps:
            subject = subject._after(step)
        return subject

    def _after(self, step: Step) -> Subject:
        if isinstance(step, OpenCase | ChangeCase):
            return self._with_case(step.case)
        if isinstance(step, ChangeClient):
            return self._with_client(step.client)
        if isinstance(step, KeepPromise):
            return self._with_promise(step.promise)
        if isinstance(step, ChangeLetter):
            return replace(self, letters=tuple(_changed(letter, step) for letter in self.letters))
        if isinstance(step, WriteLetter) and step.follow_up is not None:
            return self._with_letter(step, step.follow_up)
        if isinstance(step, Correct) and self.seen is not None and step.mail == self.seen.identity:
            return replace(self, corrected=step.tone)
        return self

    def _with_case(self, case: Case) -> Subject:
        known = self.relationship
        if known is None or known.client.key != case.client:
            return self
        own = self.case.key == case.key if self.case else self.seen is not None and case.mail == self.seen.identity
        others = tuple(each for each in known.cases if each.key != case.key)
        return replace(self, case=case if own else self.case, relationship=replace(known, cases=(*others, case)))

    def _with_client(self, client: Client) -> Subject:
        known = self.relationship
        same = known is not None and known.client.key == client.key
        return replace(self, relationship=replace(known, client=client)) if known and same else self

    def _with_promise(self, promise: Promise) -> Subject:
        known = self.relationship
        if known is None or known.client.key != promise.client:
            return self
        others = tuple(each for each in known.promises if each.key != promise.key)
        own = self.promise is not None and self.promise.key == promise.key
        known = replace(known, promises=(*others, promise))
        return replace(self, promise=promise if own else self.promise, relationship=known)

    def _with_letter(self, step: WriteLetter, of: FollowUp) -> Subject:
        known = self.relationship
        if known is None or known.client.key != of.client:
            return self
        wrote = Written(step.key, step.kind, step.purpose, LetterState.QUEUED, of.due_at, step.mode, step.case, of.mail)
        return replace(self, relationship=replace(known, written=(*known.written, wrote)))


def _changed(letter: Letter, step: ChangeLetter) -> Letter:
    return replace(letter, state=step.state) if letter.key == step.key and letter.state in step.expect else letter


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of the confirmation: what was done, was not, or is worth knowing.

    `line` is what the colleague wrote. `subject` is the place of what it is about among the subjects, from 0. `what`
    is a promise, a letter's subject or another's words; `when` is in UTC. `letters.said` words deeds, `objection` the
    others.
    """

    word: Deed | NotDone | Remark
    line: str = ""
    subject: int | None = None
    what: str = ""
    who: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided about one subject, to be carried out with its client; letters go back to `subject.seen`.

    `subject` is as it was before. The client is to be recorded once for all that is done about him.
    """

    subject: Subject
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a reply.

    `done` holds each changed subject once, in order. `undoing` has no token yet, and is None where nothing can be
    taken back. `note` are the words that were no command, which the client has not received, and is empty
    where all of them were meant as one; those are the lines `unread`. `pending` and `help` were asked for.
    """

    done: tuple[Done, ...] = ()
    effects: tuple[Effect, ...] = ()
    undoing: Undoing | None = None
    note: str = ""
    unread: tuple[str, ...] = ()
    pending: bool = False
    help: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One subject as a command finds it: who asks, when, and in what words."""

    subject: Subject
    place: int
    person: Colleague
    business: Business
    now: datetime
    line: str = ""

    def said(
        self, word: Deed | NotDone | Remark, *, what: str = "", who: str = "", when: datetime | None = None
    ) -> Effect:
        return Effect(word, self.line, self.place, what, who, when)

    def refused(self, why: NotDone, *, what: str = "", who: str = "", when: datetime | None = None) -> Change:
        return Change((), (self.said(why, what=what, who=who, when=when),))

    def name(self, who: Address | None) -> str:
        known = self.business.colleague(who)
        return known.name if known else who or ""


@dataclass(frozen=True, slots=True)
class Change:
    """What one command comes to on one subject."""

    steps: tuple[Step, ...] = ()
    effects: tuple[Effect, ...] = ()
