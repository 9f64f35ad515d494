"""The way of drafts: letters that lie in Drafts for a person are looked after until they are sent or withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import unquote

from troth import message, policy
from troth.desk.deciding import Deciding
from troth.desk.setting import Setting
from troth.mailbox import Drafts, MailboxError
from troth.maillog import Maillog
from troth.model import ChangeLetter, Letter, LetterState, Note
from troth.policy import Draft, Lies
from troth.store import JournalLine, Moved, Store

LOOK = timedelta(minutes=2)
"""How often Drafts is looked into while letters lie there."""

_REST = timedelta(minutes=1)


class DraftsFiler(Protocol):
    """Reads and clears the folder Drafts of one inbox. Its methods raise MailboxError."""

    def drafts(self) -> Drafts: ...
    def take_back(self, message_id: str, uid: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Lying:
    """A mail in Drafts: what it is known by. `letter` is the key it carries, if it is or was one of ours."""

    uid: int
    message_id: str | None
    letter: str | None
    parents: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Folder:
    """Drafts as it was found; `whole` is false where not all that lies there was read."""

    lying: tuple[_Lying, ...]
    whole: bool

    def laid(self, letter: Letter) -> _Lying | None:
        """The draft as we laid it: mails never change under their UID, and who edits one saves another."""
        own = (each for each in self.lying if each.message_id == letter.message_id)
        return next((each for each in own if each.uid == letter.filed_uid), None)

    def lies(self, letter: Letter, mail: str | None) -> Lies:
        """How the letter lies there; `mail` is the Message-ID of the client's mail that it answers."""
        if self.laid(letter) is not None:
            return Lies.AS_LAID
        changed = any(_may_be(each, letter, mail) for each in self.lying)
        return Lies.CHANGED if changed or not self.whole else Lies.GONE


def _may_be(lying: _Lying, letter: Letter, mail: str | None) -> bool:
    return lying.message_id == letter.message_id or lying.letter == letter.key or mail in lying.parents


@dataclass
class Drafting:
    """Looks after the drafts of one inbox; it belongs to the thread that lays them down."""

    inbox: str
    store: Store
    setting: Callable[[], Setting]
    filer: DraftsFiler
    now: Callable[[], datetime]
    log: Maillog
    _looked: datetime | None = None
    _rests_until: datetime | None = None
    _gone: dict[str, datetime] = field(default_factory=dict)

    def tend(self) -> None:
        """See what has become of the drafts, and take back those whose moment has passed. Raises StoreError."""
        now = self.now()
        if self._rests_until is not None and now < self._rests_until:
            return
        laid = self.store.laid(self.inbox)
        waiting = [letter for letter in laid if letter.state is LetterState.DRAFTED]
        looks = bool(waiting) and (self._looked is None or now - self._looked >= LOOK)
        if not looks and len(waiting) == len(laid):
            return
        try:
            self._tend(waiting if looks else [], now)
        except MailboxError as error:
            self.log.drafts(self.inbox, str(error))
            self._rests_until = now + _REST

    def _tend(self, waiting: Sequence[Letter], now: datetime) -> None:
        folder = _read(self.filer.drafts())
        if waiting:
            self._looked = now
            self._gone = {key: since for key, since in self._gone.items() if key in {each.key for each in waiting}}
        for letter in waiting:
            with suppress(Moved):  # somebody wrote meanwhile: the next look knows more
                self._consider(letter, folder, now)
        for letter in self.store.laid(self.inbox):
            if letter.state is not LetterState.DRAFTED:
                self._clear(letter, folder, now)

    def _consider(self, letter: Letter, folder: _Folder, now: datetime) -> None:
        """Decide within one transaction what became of a draft."""
        with self.store.writing() as book:
            seen = book.seen(letter.mail) if letter.mail else None
            if seen is None:
                step: ChangeLetter | None = _forgotten(letter)
                client = None
            else:
                desk = Deciding(book, self.setting(), now)
                relationship = desk.relationship(letter.to, (seen.message_id or seen.identity,), seen.thread)
                client, lies = relationship.client, folder.lies(letter, seen.message_id)
                case = book.case(letter.case) if letter.case else None
                corrected = book.corrected(seen.identity)
                draft = Draft(letter, lies, seen, case, relationship, corrected, self._missed(letter, lies, now))
                step = policy.on_draft(draft, self.setting().business, now)
            if step is not None:
                book.carry_out(client, (step,), (), now, self.inbox)
        if step is not None:
            self.log.letter(letter.key, letter.kind, step.state, letter.attempts, step.because)

    def _missed(self, letter: Letter, lies: Lies, now: datetime) -> datetime | None:
        if lies is not Lies.GONE:
            self._gone.pop(letter.key, None)
            return None
        return self._gone.setdefault(letter.key, now)

    def _clear(self, letter: Letter, folder: _Folder, now: datetime) -> None:
        """Take a draft that was given up out of Drafts, or leave it there if somebody has edited it."""
        note = self._cleared(letter, folder)
        if self.store.taken_back(letter.key) and note is not None:
            said = JournalLine(now, self.inbox, letter.message_id, letter.to, note.what, note.because)
            with self.store.writing() as book:
                book.note(said)

    def _cleared(self, letter: Letter, folder: _Folder) -> Note | None:
        lying = folder.laid(letter)
        if lying is not None and self.filer.take_back(letter.message_id, lying.uid):
            return Note("draft withdrawn", letter.because)
        if lying is not None:
            return Note("draft left in Drafts", "the server cannot delete a single mail")
        edited = any(_may_be(each, letter, None) for each in folder.lying)
        return Note("draft left in Drafts", f"somebody has edited it; {letter.because}") if edited else None


def _forgotten(letter: Letter) -> ChangeLetter:
    return ChangeLetter(letter.key, (LetterState.DRAFTED,), LetterState.WITHDRAWN, "its mail is forgotten")


def _read(drafts: Drafts) -> _Folder:
    lying: list[_Lying] = []
    for mail in drafts.mails:
        read = message.parse(mail.raw)
        marks = read.field_values("x-troth-letter")
        parents = frozenset((*read.in_reply_to, *read.references))
        lying.append(_Lying(mail.uid, read.message_id, letter_key(marks), parents))
    return _Folder(tuple(lying), drafts.whole)


def letter_key(marks: Sequence[str]) -> str | None:
    """The key of a letter by the one mark that it carries."""
    return unquote(marks[0].strip()) if len(marks) == 1 else None
