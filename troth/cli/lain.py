"""In which folder an old mail lay, where the way it was saved still says so."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from troth.mailbox import Role
from troth.mailbox.folders import KNOWN_NAMES
from troth.message import header


class Lain(Enum):
    """Where a mail lay: it was sent, it is no mail that the daemon would have seen, or it came like any other."""

    SENT = "sent"
    ASIDE = "aside"  # a draft, or spam
    INBOX = "inbox"


def lain(head: header.Header, path: Path, below: Path) -> Lain:
    """By its labels in an export of Gmail's, else by the names of the folders between `below` and its file."""
    labels = head.text("x-gmail-labels")
    return _of(labels.split(",") if labels else _folders(path, below))


def _of(names: list[str]) -> Lain:
    said = {name.strip().casefold() for name in names}
    if said & KNOWN_NAMES[Role.SENT]:
        return Lain.SENT
    return Lain.ASIDE if said & (KNOWN_NAMES[Role.DRAFTS] | KNOWN_NAMES[Role.JUNK]) else Lain.INBOX


def _folders(path: Path, below: Path) -> list[str]:
    """The folders' names; in a Maildir they stand behind a dot, each with those above it: `.INBOX.Sent`."""
    if path == below:
        return []
    found = path.relative_to(below)
    names = [*found.parent.parts, *([found.stem] if found.suffix == ".mbox" else [])]
    return [name.rpartition(".")[2] for name in names]
