"""A store that notes what is recorded in it, and asks no table for what it noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from troth import token
from troth.desk.playing.entries import (
    About,
    Entry,
    What,
    of_case,
    of_promise,
    posted,
    tone_words,
    whom_of,
    withheld,
    without,
)
from troth.model import (
    Address,
    ChangeCase,
    ChangeClient,
    Client,
    Enter,
    KeepPromise,
    Letter,
    LetterKind,
    LetterState,
    OpenCase,
    Postpone,
    Schedule,
    Seen,
    Standing,
    Step,
    Token,
    Withhold,
)
from troth.store import SqlStore, Watermark
from troth.store.book import SqlBook
from troth.store.passing import PassingBase, PassingBook, Recollection, UpToDate


@dataclass
class _Notes:
    """What one transaction had recorded."""

    known: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    queued: dict[str, About] = field(default_factory=dict)
    issued: dict[str, Token] = field(default_factory=dict)
    inboxes: set[str] = field(default_factory=set)
    due: datetime | None = None

    def plan(self, due: datetime) -> None:
        self.due = due if self.due is None else min(self.due, due)


class NotingStore(SqlStore):
    """A store that keeps what is recorded as entries, until they are taken."""

    def __init__(self, base: PassingBase) -> None:
        self._memory = Recollection()
        self._passing = base
        super().__init__(UpToDate(base, self._memory.backlog))
        self._known: set[str] = set()
        self._repeated: set[str] = set()
        self._written: set[str] = set()
        self._entries: list[Entry] = []
        self._queued: dict[str, About] = {}
        self._inboxes: set[str] = set()
        self._due: datetime | None = None

    @contextmanager
    def writing(self) -> Iterator[SqlBook]:
        notes = _Notes()
        with self._passing.writing() as connection:
            self._memory.begin(connection)
            book = _NotingBook(connection, self._memory)
            book.notes, book.known, book.written = notes, self._known, self._written
            try:
                yield book
                book.finish()
            except BaseException:
                self._memory.take_back()
                raise
        self._known |= notes.known
        self._repeated |= notes.repeated
        self._written |= notes.written
        self._entries += notes.entries
        self._queued.update(notes.queued)
        self._inboxes.update(notes.inboxes)
        self._due = min((moment for moment in (self._due, notes.due) if moment is not None), default=None)

    @contextmanager
    def reading(self) -> Iterator[SqlBook]:
        with self._passing.reading() as connection:
            yield PassingBook(connection, self._memory)

    def next_due(self) -> datetime | None:
        """When the next follow-up falls due, or sooner: a follow-up may have been taken meanwhile."""
        return self._due

    def look(self) -> None:
        """Look up when the next follow-up falls due."""
        with self.reading() as book:
            self._due = book.next_due()

    def note_repeated(self, at: datetime) -> None:
        """Note the clients' mails that came again since this was asked last."""
        if not self._repeated:
            return
        with self.reading() as book:
            for identity in sorted(self._repeated):
                seen = book.seen(identity)
                if seen is not None and not seen.ours:
                    self._entries.append(without(seen, "already seen", at))
        self._repeated.clear()

    def waiting_letters(
        self, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind] = tuple(LetterKind)
    ) -> Sequence[Letter]:
        return self._memory.outgoing.waiting(now, inbox, limit, kinds)

    def mark_sending(self, keys: Sequence[str], at: datetime, worker: str) -> frozenset[str]:  # noqa: ARG002 - the base's
        return self._memory.outgoing.mark(keys)

    def unmark(self, keys: Sequence[str]) -> None:
        self._memory.outgoing.unmark(keys)

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        self._memory.settle(letters)
        for letter in letters:
            self._entries.append(posted(letter, self._queued.pop(letter.key, About(None, letter.because)), at))

    def queued_in(self) -> frozenset[str]:
        """The inboxes in which letters were queued since this was asked last."""
        names, self._inboxes = frozenset(self._inboxes), set()
        return names

    def taken(self) -> tuple[Entry, ...]:
        """What was noted since the last taking."""
        entries, self._entries = tuple(self._entries), []
        return entries


class _NotingBook(PassingBook):
    """A transaction that notes what is recorded in it; its notes count once it is committed."""

    notes: _Notes
    known: set[str]
    written: set[str]

    def recorded(self, identities: Sequence[str]) -> frozenset[str]:
        found = frozenset(each for each in identities if each in self.known)
        self.notes.repeated |= found
        self._new.update(found.symmetric_difference(identities))
        return found

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        ours = [each for each in message_ids if each in self.written]
        return super().letters_by_message_id(ours) if ours else {}

    def issue(self, token: Token) -> None:
        super().issue(token)
        self.notes.issued[token.id] = token

    def watermark(self, inbox: str, folder: str) -> Watermark | None:
        """Mails are fed here, not found."""

    def set_watermark(self, mark: Watermark) -> None:
        """As above."""

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        fresh = super().record(seen, client, steps, letters, at)
        if fresh:
            self.notes.known.add(seen.identity)
            self._note(steps, seen, whom_of(steps, client, seen), at)
            self._queue(letters, seen, seen.author, at)
            if not seen.ours and seen.standing in (Standing.NO_LETTER, Standing.SET_ASIDE):
                self.notes.entries.append(without(seen, seen.because, at))
        return fresh

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        super().carry_out(client, steps, letters, at, inbox)
        whom = whom_of(steps, client)
        self._note(steps, None, whom, at)
        self._queue(letters, None, whom, at)
        for step in steps:
            seen = self.seen(step.mail) if isinstance(step, Enter) and step.standing is Standing.NO_LETTER else None
            if seen is not None and isinstance(step, Enter):
                self.notes.entries.append(without(seen, step.because, at))

    def _note(self, steps: Sequence[Step], seen: Seen | None, whom: Address | None, at: datetime) -> None:
        subject = seen.subject if seen else None
        for step in steps:
            if isinstance(step, OpenCase | ChangeCase):
                self.notes.entries.append(of_case(step, subject, whom, at))
            elif isinstance(step, ChangeClient) and "stage" in step.what:
                self.notes.entries.append(Entry(at, What.STAGE, f"{step.client.stage}: {step.because}", client=whom))
            elif isinstance(step, KeepPromise):
                self.notes.entries.append(of_promise(step, at))
            elif isinstance(step, Withhold):
                self.notes.entries.append(withheld(step, at))
            elif isinstance(step, Schedule):
                self.notes.plan(step.follow_up.due_at)
            elif isinstance(step, Postpone):
                self.notes.plan(step.until)

    def _queue(self, letters: Sequence[Letter], of: Seen | None, whom: Address | None, at: datetime) -> None:
        for letter in letters:
            self.notes.written.add(letter.message_id)
            about = About(whom or self._author(letter), self._because(letter, of), self._cases(letter))
            if letter.state is LetterState.QUEUED:
                self.notes.queued[letter.key] = about
                self.notes.inboxes.add(letter.inbox)
            elif letter.state is LetterState.HELD:
                self.notes.entries.append(posted(letter, about, at))

    def _cases(self, letter: Letter) -> tuple[str, ...]:
        """Those that a mail to a colleague speaks of: its Message-ID has the token that lets him answer on each."""
        mark = token.read(letter.message_id)
        issued = self.notes.issued.get(mark.id) if mark else None
        return tuple(each.case for each in issued.about if each.case) if issued else ()

    def _author(self, letter: Letter) -> Address | None:
        """Whose mail opened a letter's case: whom a telling is about."""
        case = self.case(letter.case) if letter.case else None
        seen = self.seen(case.mail) if case else None
        return seen.author if seen else None

    def _because(self, letter: Letter, seen: Seen | None) -> str:
        """Of an acknowledgement, what made it so; of others, which step it is and why."""
        if letter.kind is not LetterKind.ACKNOWLEDGEMENT or letter.mail is None:
            return letter.because
        seen = seen or self.seen(letter.mail)
        return tone_words(seen.verdict) if seen and seen.verdict else letter.because
