"""What a colleague may ask for in a reply: a closed union of commands, each frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.model import Tone

ALL = 0
"""The number of a command that means every matter of the mail it answers (`all answered`)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The client has his answer, by phone or in any other way that no mail shows."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing more is to come."""


@dataclass(frozen=True, slots=True)
class Part:
    """We part with this client."""


@dataclass(frozen=True, slots=True)
class MakePromise:
    """The client was told that `what` would happen by `due_at` (UTC), which may lie in the past."""

    due_at: datetime
    what: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The promise is kept."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not to be told of it before `until` (UTC), which may lie in the past."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Assign:
    """Somebody else sees to it: his name or address, as it was written."""

    to: str


@dataclass(frozen=True, slots=True)
class SetTone:
    """What the client's mail really is; nothing of both where `tone` is empty."""

    tone: frozenset[Tone]


@dataclass(frozen=True, slots=True)
class Send:
    """The letter that waits may leave."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The letter that waits is not to leave, or the promise no longer stands."""


@dataclass(frozen=True, slots=True)
class NoteDown:
    text: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """No automatic letters to this client."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What still waits, and with whom."""


@dataclass(frozen=True, slots=True)
class Help:
    """Which words there are."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back what the confirmation says that this replies to."""


Command = (
    Answered
    | Settled
    | Part
    | MakePromise
    | Kept
    | Snooze
    | Assign
    | SetTone
    | Send
    | Drop
    | NoteDown
    | Quiet
    | Pending
    | Help
    | Undo
)

DESTRUCTIVE = (Settled, Part, SetTone, Send, Drop, Quiet)
"""Commands that write to a client, or end what would be said to him or of him: only for the surely known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One command. `number` is the matter meant (1 is the first), ALL, or None where none was named.

    `line` is what was written, for confirmation and journal.
    """

    command: Command
    number: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A colleague's reply as it was read.

    `rest` is all that is no command, to be kept as a note; greetings and thanks are left out of it. `unread` are those
    lines of it that begin as a command and were not understood: they are asked back.
    """

    commands: tuple[Asked, ...] = ()
    rest: str = ""
    unread: tuple[str, ...] = ()
