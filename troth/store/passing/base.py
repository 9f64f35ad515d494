"""A store that passes with the program: in memory, and beyond its cache in a file of SQLite's own that has no name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from troth.store import versions
from troth.store.refusal import refusals

_CACHE_KIB = 32 * 1024
_NAME = "the passing store"


class PassingBase:
    """One connection in one transaction without end: nothing here outlives the program, so nothing is ever committed.

    A block that fails is taken back to its beginning.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._inside = False
        self._engine = create_engine("sqlite://", creator=_connect, poolclass=StaticPool)
        self._connection = self._engine.connect()
        self._marks = self._connection.connection.cursor()
        self._marks.execute("BEGIN")
        versions.make(self._connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._lock, refusals(_NAME):
            if self._inside:
                raise RuntimeError("a block of the store stands inside another of its kind")
            self._inside = True
            self._marks.execute("SAVEPOINT block")
            try:
                yield self._connection
            except BaseException:
                self._marks.execute("ROLLBACK TO block")
                raise
            finally:
                self._marks.execute("RELEASE block")
                self._inside = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._lock, refusals(_NAME):
            yield self._connection

    def wipe(self) -> None:
        """It goes by itself."""

    def close(self) -> None:
        with self._lock:
            self._marks.close()
            self._connection.close()
            self._engine.dispose()


def _connect() -> sqlite3.Connection:
    # an empty name: a database of this connection alone, which SQLite spills into an unlinked file when it grows
    made = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY", f"cache_size=-{_CACHE_KIB}", "foreign_keys=ON"):
        made.execute(f"PRAGMA {pragma}")
    return made
