"""What mail to colleagues may say: frozen facts, cleaned when they are made. docs/writing-letters.md tells of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from troth.letters.cleaning import lines, maybe, one_line, without_re
from troth.letters.daily import Digest
from troth.letters.facts import About, Business, Colleague, LetterFacts
from troth.letters.replies import Word
from troth.letters.theclient import TheClient
from troth.letters.wording import Voice
from troth.model import Address

HISTORY = 3
"""So many lines of what passed before; more are not read."""

_MOST = 40
_IN_LINK = 1500  # characters: some mail clients take no longer address


@dataclass(frozen=True, slots=True)
class TheirMail:
    """A client's mail as colleagues see it; `reply` is a mailto link that opens an answer to him.

    `title` is its subject short enough for another subject; `cut`: his text is longer than what is shown of it.
    """

    subject: str
    title: str
    received: str
    text: str
    sentence: str | None
    reply: str
    attachments: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class TheCase:
    """`because` says what made it a complaint, `done` what Troth did; `waiting` and `deadline` are words."""

    severity: str
    opened: str
    waiting: str
    because: str
    done: str
    deadline: str | None = None
    tags: str | None = None
    assignee: str | None = None
    doubt: str | None = None
    history: tuple[str, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise as colleagues see it: `what`, `by` whom, `made` on what day, `due` when, and how `late` it is."""

    what: str
    by: str
    made: str
    due: str
    late: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    client: TheClient
    message: TheirMail
    case: TheCase
    promise: Pledge | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What the daemon has to say of itself: `what` it is about, `because` of what, and the `mend`, each a clause."""

    what: str
    because: str
    since: str | None = None
    mend: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsent:
    """Words of a colleague that no client has received; `reply` is a mailto link that opens them as a mail to him."""

    client: str
    text: str
    reply: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What became of a colleague's reply. `about` says client and matter, `done` and `refused` are lines.

    `waiting` are the lines that `pending` asked for; `undo` is the moment, in words, until which it can be taken back.
    `letter` is the text of a letter to the client that waits for a `send`.
    """

    about: str
    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unsent: Unsent | None = None
    undo: str | None = None
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class TellingFacts:
    """The facts of a mail to a colleague. `words` are what he may reply with; `matters` may be several."""

    business: Business
    colleague: Colleague
    matters: tuple[Matter, ...] = ()
    notice: Notice | None = None
    words: tuple[Word, ...] = ()
    digest: Digest | None = None
    confirmation: Confirmation | None = None
    letter: About = field(default_factory=About)


Facts = LetterFacts | TellingFacts


def their_mail(
    who: Address,
    voice: Voice,
    *,
    subject: str,
    received: datetime,
    text: str,
    sentence: str | None = None,
    attachments: tuple[str, ...] = (),
    message_id: str | None = None,
    limit: int = 1000,
) -> TheirMail:
    """A client's mail for tellings, cleaned and cut to `limit` characters, a length a person reads."""
    line = one_line(subject, 150)
    names = tuple(one_line(name, 80) for name in attachments[:20])
    whole, shown = lines(text), lines(text, limit)
    return TheirMail(
        subject=line or voice.no_subject,
        title=one_line(without_re(line), 60) or voice.no_subject,
        received=voice.past(received),
        text=shown,
        sentence=maybe(sentence, 300),
        reply=answer_link(who, subject, message_id),
        attachments=names,
        cut=shown != whole,
    )


def answer_link(who: Address, subject: str, message_id: str | None = None, text: str = "") -> str:
    """A mailto (RFC 6068) that opens an answer to a client's mail, with `text` in it."""
    about = without_re(one_line(subject, 150))
    link = f"mailto:{quote(who, safe='@')}?subject={quote(f'Re: {about}'.strip())}"
    if message_id and not message_id.isspace():
        link += f"&In-Reply-To={quote(message_id)}"
    if text:
        link += f"&body={quote(lines(text, _IN_LINK).replace(chr(10), chr(13) + chr(10)))}"
    return link


def the_case(
    voice: Voice,
    *,
    severity: str,
    opened: datetime,
    waiting_since: datetime,
    because: str,
    done: str,
    deadline: datetime | None = None,
    tags: tuple[str, ...] = (),
    assignee: str | None = None,
    doubt: str | None = None,
    history: Sequence[str] = (),
    unsure: bool = False,
) -> TheCase:
    """A case for tellings; `because` may hold words of the client's mail."""
    return TheCase(
        severity=severity,
        opened=voice.day(opened),
        waiting=voice.span(voice.now - waiting_since),
        because=one_line(because, 400),
        done=one_line(done, 400),
        deadline=voice.soon(deadline) if deadline else None,
        tags=maybe(", ".join(tags)),
        assignee=maybe(assignee),
        doubt=maybe(doubt, 400),
        history=tuple(one_line(line, 200) for line in history[-HISTORY:]),
        unsure=unsure,
    )


def pledge(voice: Voice, *, what: str, by: str, made: datetime, due: datetime) -> Pledge:
    """A promise for tellings; `by` is the name of who made it."""
    late = voice.span(voice.now - due) if voice.now > due else None
    return Pledge(one_line(what, 200), one_line(by, 80), voice.day(made), voice.due(due), late)


def confirmation(
    voice: Voice,
    *,
    about: str,
    done: Sequence[str] = (),
    refused: Sequence[str] = (),
    waiting: Sequence[str] = (),
    unsent: Unsent | None = None,
    undo_until: datetime | None = None,
    letter: str = "",
) -> Confirmation:
    """What became of a reply. `about` is "Jo Marsh, Order 1182"; `done` are made by `said`, `refused` say why."""
    return Confirmation(
        about=one_line(about, 150),
        done=tuple(one_line(line, 400) for line in done[:_MOST]),
        refused=tuple(one_line(line, 400) for line in refused[:_MOST]),
        waiting=tuple(one_line(line, 300) for line in waiting[:_MOST]),
        unsent=unsent,
        undo=voice.soon(undo_until) if undo_until else None,
        letter=lines(letter, 3000) or None,
    )


def unsent(
    who: Address, text: str, *, name: str | None = None, subject: str = "", message_id: str | None = None
) -> Unsent:
    """What a colleague wrote that was kept as a note, with a link that opens it as an answer to the client."""
    link = answer_link(who, subject, message_id, text)
    return Unsent(one_line(name or "", 80) or who, lines(text, 1500), link)


def notice(
    what: str, because: str, *, since: str | None = None, mend: str | None = None, lines: tuple[str, ...] = ()
) -> Notice:
    """What the daemon tells of itself; at most 40 lines, a server's own words among them cleaned."""
    kept = tuple(one_line(line, 300) for line in lines[:40])
    more = (f"and {len(lines) - 40} more",) if len(lines) > 40 else ()
    return Notice(one_line(what, 300), one_line(because, 400), since, maybe(mend, 400), kept + more)
