"""What happens in the morning, one thing at a time, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from troth.model import Seen
from troth.store import JournalLine


@dataclass(frozen=True, slots=True)
class Opened:
    """The servers listen and the daemon watches. `folder` has all that it was made of."""

    folder: Path
    imap_port: int
    smtp_port: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """So many mails were there before the first start."""

    mails: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail was laid into the inbox; `remark` is what an onlooker should know of it."""

    sender: str
    subject: str
    text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Thought:
    """What was made of a mail, as it was recorded, and what the journal says of it.

    `phrases` are the client's own words that made the verdict, `refused` the gate's reason in words. `planned` is the
    number of seconds until its letter is reconsidered, None where none is planned.
    """

    seen: Seen
    phrases: tuple[str, ...]
    refused: str | None
    journal: tuple[JournalLine, ...]
    planned: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A colleague has answered from his own mail program."""

    colleague: str
    client: str
    text: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Left:
    """A letter to a client as the SMTP server took it, with a remark; `in_full` where it should be shown whole."""

    letter: EmailMessage
    remark: str = ""
    in_full: bool = False


@dataclass(frozen=True, slots=True)
class Withheld:
    """The letter to this client was reconsidered and is not sent."""

    client: str
    subject: str
    because: str


@dataclass(frozen=True, slots=True)
class Told:
    """A telling to a colleague as the SMTP server took it."""

    telling: EmailMessage


@dataclass(frozen=True, slots=True)
class Stopped:
    """The daemon was asked to end, and has ended."""


Happening = Opened | Learnt | Arrived | Thought | Answered | Left | Withheld | Told | Stopped
