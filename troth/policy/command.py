"""A colleague's reply asks for something: what follows, and what cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from troth.commands import Help, Pending, Reply
from troth.letters.objections import NotDone, Remark
from troth.model import Case, Concern, Letter, Promise, Relationship, Seen, Step, Tone, Undoing
from troth.policy.business import Business, Colleague


class Deed(StrEnum):
    """Something that a colleague's word has done."""

    ANSWERED = "answered"
    SETTLED = "settled"
    PARTED = "parted"
    PROMISED = "promised"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    SNOOZED = "snoozed"
    ASSIGNED = "assigned"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    NEITHER = "neither"
    SENT = "sent"
    DROPPED = "dropped"
    NOTED = "noted"
    QUIET = "quiet"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Subject:
    """All that is known now of one thing that the answered mail spoke of.

    `relationship` is that of the client of `seen`, in its thread; without one nothing can be done. `letters` are
    those to the client about it, oldest first, with the one of the concern among them; `promise` is the concern's
    own, `corrected` the tone that a colleague has given its mail.
    """

    concern: Concern
    seen: Seen | None = None
    case: Case | None = None
    relationship: Relationship | None = None
    letters: tuple[Letter, ...] = ()
    promise: Promise | None = None
    corrected: frozenset[Tone] | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of the confirmation: what was done, was not, or is worth knowing.

    `line` is what the colleague wrote. `subject` is the place of what it is about among the subjects, from 0. `what`
    is a promise, a letter's subject or another's words; `when` is in UTC.
    """

    word: Deed | NotDone | Remark
    line: str = ""
    subject: int | None = None
    what: str = ""
    who: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided about one subject, to be carried out with its client; letters go back to `subject.seen`."""

    subject: Subject
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a reply.

    `done` holds each changed subject once, in order; those of one client have to be recorded together. `undoing` has
    no token yet. `note` are the words that were no command, which the client has not received. `pending` and `help`
    were asked for.
    """

    done: tuple[Done, ...] = ()
    effects: tuple[Effect, ...] = ()
    undoing: Undoing | None = None
    note: str = ""
    unread: tuple[str, ...] = ()
    pending: bool = False
    help: bool = False


def on_commands(
    reply: Reply,
    subjects: Sequence[Subject],
    person: Colleague,
    business: Business,
    now: datetime,
    undoing: Undoing | None = None,
    undone_from: datetime | None = None,
) -> Outcome:
    """Decide on a reply of a colleague who may command. `now` in UTC.

    `subjects` are what the answered mail spoke of, in its order. `undoing` is what the confirmation he replies to has
    changed, `undone_from` when that was; its subjects are the ones of that confirmation.
    """
    del subjects, person, business, now, undoing, undone_from
    asked = [each.command for each in reply.commands]
    return Outcome(
        note=reply.rest,
        unread=reply.unread,
        pending=any(isinstance(each, Pending) for each in asked),
        help=any(isinstance(each, Help) for each in asked),
    )
