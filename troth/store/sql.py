"""The store as SQL keeps it, for all threads of a daemon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from troth.model import Address, Case, Letter, LetterKind, LetterState, Promise, PromiseState
from troth.store import correcting, digest, erasing, overview, post, promising
from troth.store.book import SqlBook
from troth.store.erasing import Erased, Retained
from troth.store.face import Accounting, Correction, Counts, InboxState, JournalLine, Remembered
from troth.store.gathered import Gathered, Span


class Base(Protocol):
    """A database that is open: its transactions, its own refusals as StoreError, and its lost races as Moved."""

    def writing(self) -> AbstractContextManager[Connection]: ...
    def reading(self) -> AbstractContextManager[Connection]: ...
    def wipe(self) -> None:
        """Overwrite what was deleted, as far as the database can."""
        ...

    def close(self) -> None: ...


class SqlStore:
    """A `Store`. Each method but `writing` and `reading` is a transaction of its own: none belongs in their blocks."""

    def __init__(self, base: Base) -> None:
        self._base = base

    @contextmanager
    def writing(self) -> Iterator[SqlBook]:
        with self._base.writing() as connection:
            book = SqlBook(connection)
            yield book
            book.finish()

    @contextmanager
    def reading(self) -> Iterator[SqlBook]:
        with self._base.reading() as connection:
            yield SqlBook(connection)

    def waiting_letters(
        self, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind] = tuple(LetterKind)
    ) -> Sequence[Letter]:
        with self._base.reading() as connection:
            return post.waiting(connection, now, inbox, limit, kinds)

    def next_try(self) -> datetime | None:
        with self._base.reading() as connection:
            return post.next_try(connection)

    def mark_sending(self, keys: Sequence[str], at: datetime, worker: str) -> frozenset[str]:
        with self._base.writing() as connection:
            return post.claim(connection, keys, at, worker)

    def unmark(self, keys: Sequence[str]) -> None:
        if keys:
            with self._base.writing() as connection:
                post.give_back(connection, keys)

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        with self._base.writing() as connection:
            post.settle(connection, letters, at)

    def filed(self, marks: Sequence[tuple[str, int | None]]) -> None:
        if marks:
            with self._base.writing() as connection:
                post.file(connection, marks)

    def laid(self, inbox: str) -> Sequence[Letter]:
        with self._base.reading() as connection:
            return post.laid(connection, inbox)

    def taken_back(self, key: str) -> bool:
        with self._base.writing() as connection:
            return post.take_back(connection, key)

    def unfiled(self, inbox: str, limit: int, worker: str, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        before = at - older_than
        with self._base.reading() as connection:
            own, orphaned = post.unfiled(connection, inbox, limit, worker, before)
        if not orphaned:
            return own
        with self._base.writing() as connection:
            won = post.adopt(connection, [letter.key for letter in orphaned], at, worker, before)
        return [*own, *(letter for letter in orphaned if letter.key in won)]

    def interrupted(self, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        with self._base.writing() as connection:
            return post.interrupt(connection, at, older_than)

    def sent_since(self, since: datetime) -> Sequence[datetime]:
        with self._base.reading() as connection:
            return post.sent_since(connection, since)

    def letters(self, states: Sequence[LetterState] = (), limit: int = 1000) -> Sequence[Letter]:
        with self._base.reading() as connection:
            return post.latest(connection, states, limit)

    def letter(self, key: str) -> Letter | None:
        with self._base.reading() as connection:
            return post.letter(connection, key)

    def change_letter(
        self, key: str, expect: Sequence[LetterState], state: LetterState, because: str, at: datetime
    ) -> bool:
        with self._base.writing() as connection:
            return post.change(connection, key, expect, state, because, at)

    def state(self, state: InboxState) -> None:
        with self._base.writing() as connection:
            overview.set_state(connection, state)

    def states(self) -> Sequence[InboxState]:
        with self._base.reading() as connection:
            return overview.states(connection)

    def accounting(self) -> Mapping[str, Accounting]:
        with self._base.reading() as connection:
            return overview.accounting(connection)

    def counts(self, now: datetime) -> Counts:
        with self._base.reading() as connection:
            return overview.counts(connection, now)

    def journal(
        self, *, client: Address | None = None, message_id: str | None = None, limit: int = 1000
    ) -> Sequence[JournalLine]:
        with self._base.reading() as connection:
            return overview.journal_lines(connection, client, message_id, limit)

    def open_cases(self) -> Sequence[Case]:
        with self._base.reading() as connection:
            return overview.open_cases(connection)

    def promises(self, states: Sequence[PromiseState] = ()) -> Sequence[Promise]:
        with self._base.reading() as connection:
            return promising.of_states(connection, states)

    def corrections(self, limit: int = 10_000) -> Sequence[Correction]:
        with self._base.reading() as connection:
            return correcting.latest(connection, limit)

    def uncorrected(self, limit: int = 2000) -> Sequence[Remembered]:
        with self._base.reading() as connection:
            return correcting.untouched(connection, limit)

    def gathered(self, span: Span) -> Gathered:
        with self._base.reading() as connection:
            return digest.gather(connection, span)

    def retain(self, text_before: datetime, journal_before: datetime) -> Retained:
        """Give up the words of mails and letters older than the one moment, and records older than the other."""
        with self._base.writing() as connection:
            return erasing.retain(connection, text_before, journal_before)

    def forget(self, addresses: frozenset[Address], key: bytes) -> Erased:
        """Erase whoever has one of these addresses; where he asked for silence a hash under this key remains."""
        with self._base.writing() as connection:
            erased = erasing.forget(connection, addresses, key)
        self._base.wipe()
        return erased

    def silenced(self, address: Address, key: bytes) -> bool:
        """Whether a forgotten client had asked that nothing be sent to this address."""
        with self._base.reading() as connection:
            return erasing.silenced(connection, address, key)

    def close(self) -> None:
        self._base.close()
