"""What a mailbox hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Wake(StrEnum):
    """Why a wait ended."""

    NEWS = "news"
    TIME = "time"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Folder:
    """An opened folder. `uidnext` is above each UID in it; `keywords_allowed`: new keywords may be set."""

    name: str
    uidvalidity: int
    uidnext: int
    exists: int
    keywords_allowed: bool
    read_only: bool
    permanent_flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as the server has it. `raw` is bounded; `size` is what the server says the whole mail has.

    `arrived` is INTERNALDATE, the server's word and not the sender's (1970 where it is no date). `note` says in words
    what was shortened, or why there is nothing: then `raw` is empty.
    """

    uid: int
    raw: bytes
    size: int
    arrived: datetime
    flags: frozenset[str] = frozenset()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What lies in Drafts, of each mail its header; `whole` is false where the older ones were left out."""

    mails: tuple[Fetched, ...]
    whole: bool = True
