"""A store that passes with the program: in memory, and beyond its cache in a file of SQLite's own that has no name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from troth.store import versions
from troth.store.refusal import refusals

_CACHE_KIB = 32 * 1024
_NAME = "the passing store"


class PassingBase:
    """One connection behind one lock: nothing here outlives the program, so nothing waits for a disk."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._engine = create_engine("sqlite://", creator=_connect, poolclass=StaticPool)
        event.listen(self._engine, "begin", _begin)
        self._connection = self._engine.connect()
        with self.writing() as connection:
            versions.make(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._lock, refusals(_NAME):
            if self._connection.in_transaction():
                raise RuntimeError("a block of the store stands inside another of its kind")
            with self._connection.begin():
                yield self._connection

    reading = writing

    def wipe(self) -> None:
        """It goes by itself."""

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._engine.dispose()


def _connect() -> sqlite3.Connection:
    # an empty name: a database of this connection alone, which SQLite spills into an unlinked file when it grows
    made = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY", f"cache_size=-{_CACHE_KIB}", "foreign_keys=ON"):
        made.execute(f"PRAGMA {pragma}")
    return made


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
