"""Rows of a passing store that wait beyond their block: nobody else looks, so many blocks share their statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Table

from troth.store.passing.base import PassingBase
from troth.store.pending import ENTER
from troth.store.post import SETTLE
from troth.store.schema import cases, letters, mails, tokens
from troth.store.statements import add_new, put
from troth.store.values import Fields

_MOST = 400
"""So many rows may wait: what is held in memory."""


class Backlog:
    """Rows that wait, in the order of their blocks. Whoever reads one of their tables has them written first."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[Fields]] = {mails: [], cases: [], letters: [], tokens: []}
        self._entered: list[Fields] = []
        self._settled: list[Fields] = []
        self._before: list[tuple[list[Fields], list[Fields]]] = []

    def add(self, table: Table, rows: Sequence[Fields]) -> None:
        self._rows[table] += rows

    def enter(self, rows: Sequence[Fields]) -> None:
        """Where mails stand from now on."""
        self._entered += rows

    def settle(self, rows: Sequence[Fields]) -> None:
        """What became of letters."""
        self._settled += rows

    def holds(self, tables: Sequence[Table]) -> bool:
        entered, settled = bool(self._entered and mails in tables), bool(self._settled and letters in tables)
        return entered or settled or any(self._rows.get(table) for table in tables)

    def write(self, connection: Connection) -> None:
        """Write all that waits."""
        for table in (mails, letters, tokens):
            add_new(connection, table, self._rows[table])
        put(connection, cases, self._rows[cases])
        for statement, rows in ((ENTER, self._entered), (SETTLE, self._settled)):
            if rows:
                connection.execute(statement, rows)
        for waiting in self._all():
            if waiting:
                self._before.append((waiting, waiting.copy()))
                waiting.clear()

    def begin(self, connection: Connection) -> None:
        """A block begins."""
        if sum(map(len, self._all())) > _MOST:
            self.write(connection)
        self._before.clear()

    def take_back(self) -> None:
        """The block has failed, and whatever was written in it is no more: it waits again."""
        for waiting, before in reversed(self._before):
            waiting[:0] = before
        self._before.clear()

    def _all(self) -> Iterator[list[Fields]]:
        yield from self._rows.values()
        yield self._entered
        yield self._settled


class UpToDate:
    """A passing base for those who read its tables: nothing waits when they look."""

    def __init__(self, base: PassingBase, backlog: Backlog) -> None:
        self._base = base
        self._backlog = backlog

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._base.reading() as connection:
            self._backlog.write(connection)
        with self._base.writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._base.reading() as connection:
            self._backlog.write(connection)
            yield connection

    def wipe(self) -> None:
        self._base.wipe()

    def close(self) -> None:
        self._base.close()
