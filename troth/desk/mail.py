"""A mail of a folder on its way into the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from troth.commands import Command
from troth.desk.reading import Reading
from troth.model import Message, Nature, Seen, Standing, Tone

_LONGEST_HEAD = 16_384
_TOLD = frozenset(
    {
        *("organization", "importance", "priority", "x-priority", "precedence", "auto-submitted"),
        *("list-id", "reply-to"),
        *(
            "reply-to",
            "user-agent",
            "x-mailer",
            "return-path",
            "authentication-results",
            "x-spam-flag",
            "x-spam-status",
        ),
    }
)
_MOST_FIELDS, _LONGEST_FIELD, _MOST_NAMES = 20, 300, 20
_MARK = re.compile(rb"^x-troth-letter:", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(
    rb"^message-id:[ \t]*(?:\n[ \t]+)?(<[!-;=?-~]+@[!-;=?-~]+>)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_KEYWORDS = {Tone.COMPLAINT: "$Complaint", Tone.PRAISE: "$Praise"}


@dataclass(frozen=True, slots=True)
class Came:
    """A mail as it came from a folder: `raw` is bounded, `arrived` is its INTERNALDATE in UTC, `flags` the server's."""

    uid: int
    raw: bytes
    arrived: datetime
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder; `sent` where it holds what colleagues wrote.

    `asks` is what people ask for by moving a mail there, which leaves out what is there without being new.
    """

    inbox: str
    name: str
    uidvalidity: int
    sent: bool = False
    asks: Command | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of a folder, read."""

    folder: Folder
    came: Came
    reading: Reading

    @property
    def identity(self) -> str:
        return self.reading.message.identity

    @property
    def own_id(self) -> str:
        """What a thread that begins with this mail is called."""
        return self.reading.message.message_id or self.identity

    @property
    def parents(self) -> tuple[str, ...]:
        """In-Reply-To and References, nearest first, for finding the thread."""
        message = self.reading.message
        return tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references))))

    @property
    def keywords(self) -> tuple[str, ...]:
        """The IMAP keywords that show people what was thought of it."""
        if self.folder.sent or self.folder.asks is not None:
            return ()
        return tuple(_KEYWORDS[tone] for tone in Tone if tone in self.reading.verdict.tone)

    def seen(self, thread: str) -> Seen:
        """The mail as it is recorded, before anything is decided on it."""
        message, came = self.reading.message, self.came
        return Seen(
            identity=message.identity,
            inbox=self.folder.inbox,
            folder=self.folder.name,
            uidvalidity=self.folder.uidvalidity,
            uid=came.uid,
            arrived=came.arrived,
            thread=thread,
            ours=self.folder.sent,
            message_id=message.message_id,
            author=self.reading.client,
            author_name=message.from_[0].name if message.from_ else "",
            to=tuple(dict.fromkeys(party.address for party in (*message.to, *message.cc))),
            subject=message.subject,
            text=message.text,
            language=message.language,
            references=message.references or message.in_reply_to[:1],
            nature=message.nature,
            automatic=message.nature is not Nature.PERSON,
            refusal=self.reading.refusal.reason.value if self.reading.refusal else None,
            verdict=self.reading.verdict,
            attachments=() if self.folder.sent else message.attachments[:_MOST_NAMES],
            fields=() if self.folder.sent else tuple(_shown(message)),
        )


def _shown(message: Message) -> Iterator[tuple[str, str]]:
    """The header fields by which people judge where a mail came from and how pressing its sender held it."""
    told = [(name, value[:_LONGEST_FIELD]) for name, value in message.fields if name in _TOLD]
    received = [(name, value[:_LONGEST_FIELD]) for name, value in message.fields if name == "received"]
    yield from (*received[:2], *told[:_MOST_FIELDS])


def own_mark(raw: bytes) -> str | None:
    """The Message-ID of a mail that bears the mark of our letters, unparsed; the store knows whether it is one."""
    head = raw[:_LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    found = _MESSAGE_ID.search(head) if _MARK.search(head) else None
    return found[1].decode("ascii") if found else None


def set_aside(folder: Folder, came: Came, why: str) -> Seen:
    """The record of a mail that could not be handled; it is known by its place, for nothing else of it is certain."""
    place = f"{folder.inbox}/{folder.name}/{folder.uidvalidity}/{came.uid}"
    return Seen(
        identity="set-aside-" + sha256(place.encode()).hexdigest()[:32],
        inbox=folder.inbox,
        folder=folder.name,
        uidvalidity=folder.uidvalidity,
        uid=came.uid,
        arrived=came.arrived,
        thread=place,
        ours=folder.sent,
        standing=Standing.SET_ASIDE,
        because=why,
    )
