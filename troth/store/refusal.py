"""What a database says when it will not, in one plain line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from troth.store.face import Moved, StoreError

_FULL = "the disk is full"
_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked",
    sqlite3.SQLITE_READONLY: "it cannot be written: the file or its folder is read-only",
    sqlite3.SQLITE_PERM: "it cannot be written: the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: the file or its folder may be read-only",
    sqlite3.SQLITE_CORRUPT: "it is damaged; put a backup in its place",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database",
    sqlite3.SQLITE_IOERR: "the disk does not read or write it",
}
# a quota that is used up is told as a failed write
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
# unique and foreign keys: another daemon was quicker; serialization failure, deadlock: the server says so
_OVERTAKEN = {"23505", "23503", "40001", "40P01"}
_POSTGRES = {
    "28P01": "the server does not accept user name and password",
    "28000": "the server does not accept this user",
    "3D000": "the server has no such database",
    "42501": "the user may not do this; grant him rights on the schema",
    "53100": _FULL,
    "53300": "the server has too many connections",
    "25006": "the server takes no writes",
}


@contextmanager
def refusals(name: str) -> Iterator[None]:
    """Turn what a database refuses into StoreError or Moved; a mistake of ours stays what it is."""
    try:
        yield
    except DBAPIError as error:
        told = told_by(error.orig, name)
        if told is None:
            raise
        raise told from error
    except sqlite3.Error as error:
        raise told_by(error, name) or error from error


def told_by(error: BaseException | None, name: str) -> StoreError | Moved | None:
    if isinstance(error, sqlite3.Error):
        return _by_sqlite(error, name)
    state = getattr(error, "sqlstate", None)
    if state in _OVERTAKEN:
        return Moved(str(state))
    if state in _POSTGRES:
        return StoreError(f"{name}: {_POSTGRES[state]}", full=state == "53100")
    unreachable = type(error).__name__ in ("OperationalError", "ConnectionTimeout", "AdminShutdown", "InterfaceError")
    if unreachable or (state or "").startswith(("08", "57", "58")):
        return StoreError(f"{name}: {_reason(error)}")
    return None


def _by_sqlite(error: sqlite3.Error, name: str) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    words = _SQLITE.get(code & 0xFF)
    return StoreError(f"{name}: {words}", full=code in _NO_ROOM) if words else None


def _reason(error: BaseException | None) -> str:
    """Why a server was not reached. libpq words a refused log-in in its text alone."""
    text = str(error)
    if "password" in text:
        return _POSTGRES["28P01"]
    if "does not exist" in text:
        return _POSTGRES["28000" if "role" in text else "3D000"]
    return "the server cannot be reached" + (" (it does not answer)" if "timeout" in text else "")
