"""Where everything is kept: `open_store` gives the store that a URL names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from troth.store.face import (
    LETTERS,
    Accounting,
    Book,
    Correction,
    Counts,
    InboxState,
    JournalLine,
    Moved,
    Remembered,
    Store,
    StoreError,
    Watermark,
)
from troth.store.gathered import Gathered, Span
from troth.store.sql import SqlStore

__all__ = [
    "LETTERS",
    "Accounting",
    "Book",
    "Correction",
    "Counts",
    "Gathered",
    "InboxState",
    "JournalLine",
    "Moved",
    "Remembered",
    "Span",
    "SqlStore",
    "Store",
    "StoreError",
    "Watermark",
    "open_store",
]


def open_store(url: str, *, create: bool) -> SqlStore:
    """Open the store at sqlite:///path or postgresql://…; with `create` make it where there is none.

    Raises StoreError, one line that never holds a password: not there, of a newer schema, damaged, read-only,
    unreachable. With `create` an older schema is brought up to this one.
    """
    try:
        where = make_url(url)
    except ArgumentError:
        raise StoreError("the address of the store cannot be read; write sqlite:///path or postgresql://…") from None
    if where.drivername == "sqlite" and where.database not in (None, "", ":memory:"):
        from troth.store.sqlite import open_sqlite  # noqa: PLC0415 - only one of the two is in use

        return SqlStore(open_sqlite(Path(str(where.database)), create=create))
    if where.drivername in ("postgresql", "postgresql+psycopg"):
        from troth.store.postgres import open_postgres  # noqa: PLC0415 - as above

        return SqlStore(open_postgres(where.set(drivername="postgresql+psycopg"), create=create))
    raise StoreError(f"{where.drivername} is no kind of store; write sqlite:///path or postgresql://…")
