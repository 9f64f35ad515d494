"""A store in one SQLite file: opened with suspicion, never made beside or over an old one."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import RLock
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from troth.store import versions
from troth.store.face import StoreError
from troth.store.filesystem import network_filesystem
from troth.store.refusal import refusals

BUSY_SECONDS = 10.0
CHECKED_WHOLE = 32 * 1024 * 1024
"""Up to this size the whole file is looked through at opening; beyond, its head and the small tables."""

_MAGIC = b"SQLite format 3\x00"
_BEGIN = "troth_begin"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class SqliteBase:
    """One connection that writes and one that reads, each behind a lock of its own."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._name = str(path)
        self._inode = path.stat().st_ino
        self._engine = engine
        self._writing, self._reading = RLock(), RLock()
        self._writer = engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self._reader = engine.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._writing, refusals(self._name), self._begun(self._writer) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reading, refusals(self._name):
            if self._reader.in_transaction():  # the lock is this thread's, so the block around it is too
                yield self._reader
                return
            with self._begun(self._reader) as connection:
                yield connection

    def wipe(self) -> None:
        """What was deleted was overwritten in the file (secure_delete), but stands in the log until that is emptied."""
        with self._writing, refusals(self._name):
            raw = self._writer.connection.dbapi_connection
            if raw is None:
                raise StoreError(f"{self._name}: it is closed")
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._writer.rollback()

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()
            self._engine.dispose()

    @contextmanager
    def _begun(self, connection: Connection) -> Iterator[Connection]:
        if connection.in_transaction():
            raise RuntimeError("a writing block of the store stands inside another")
        self._still_there()
        with connection.begin():
            yield connection

    def _still_there(self) -> None:
        """What is written to a file that was removed or replaced would be lost without a word."""
        try:
            there = self._path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise StoreError(f"{self._name}: it was removed or replaced while in use; start again")


def open_sqlite(path: Path, *, create: bool) -> SqliteBase:
    """Open the store in this file; with `create` make it where there is none. Raises StoreError."""
    path = path.resolve()  # SQLite keeps its log beside the file itself, not beside a link to it
    _refuse_network(path)
    if not path.exists():
        _make(path, create=create)
    _look_at(path)
    engine = _engine(path)
    with _disposed_on_failure(engine), refusals(str(path)):
        # who only looks does not wait for whoever writes
        begin = "BEGIN IMMEDIATE" if create else "BEGIN"
        with engine.connect().execution_options(**{_BEGIN: begin}) as connection, connection.begin():
            _check(connection, path)
            versions.bring_up(connection, str(path), upgrade=create, before=lambda found: _backup(path, found))
        _log_ahead(path)
        return SqliteBase(path, engine)


def _engine(path: Path) -> Engine:
    # mode=rw: SQLite itself must never make the file
    uri = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        # no isolation level: the module's own BEGIN comes too late and is never IMMEDIATE
        made = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "journal_size_limit=16777216",
        ):
            made.execute(f"PRAGMA {pragma}")
        return made

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _make(path: Path, *, create: bool) -> None:
    """Make a whole store under another name first, so that this name never stands for half of one."""
    if not create:
        raise StoreError(f"{path}: there is no store yet; `run` makes it")
    if path.with_name(path.name + "-wal").exists():
        raise StoreError(f"{path}: the file is gone but its -wal is there; put the file back, or move the -wal away")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{uuid4().hex}")
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: it cannot be made: {error.strerror}", full=error.errno in _NO_SPACE) from error
    try:
        _fill(new)
        _name(new, path)
    finally:
        for left in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm")):
            left.unlink(missing_ok=True)


def _fill(new: Path) -> None:
    _log_ahead(new)
    engine = _engine(new)
    with _disposed(engine), refusals(str(new)), engine.connect() as connection, connection.begin():
        versions.make(connection)


def _log_ahead(path: Path) -> None:
    """Turn on the write-ahead log. The file remembers it, unless it was rebuilt from a dump."""
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection, refusals(str(path)):
        if connection.execute("PRAGMA journal_mode=WAL").fetchone() != ("wal",):
            raise StoreError(f"{path}: SQLite cannot keep a write-ahead log there; use another disk")


def _name(new: Path, path: Path) -> None:
    """Give the finished store its name, unless another program was quicker: its store is then as good."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _look_at(path: Path) -> None:
    """What can be told of a file without SQLite, which would call an empty one a new database."""
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise StoreError(f"{path}: it is no file")
        with path.open("r+b") as file:
            head = file.read(100)
    except OSError as error:
        raise StoreError(f"{path}: it cannot be read and written: {error.strerror}") from error
    if not head:
        raise StoreError(f"{path}: it is empty, so it is no store; put a backup in its place, or remove it")
    if not head.startswith(_MAGIC):
        raise StoreError(f"{path}: it is no SQLite database, or its head is damaged")
    if _cut_short(head, told.st_size) and not path.with_name(path.name + "-wal").exists():
        raise StoreError(f"{path}: it is damaged: its end is missing; put a backup in its place")
    if told.st_mode & 0o077:
        with suppress(PermissionError):  # it belongs to somebody else
            path.chmod(0o600)


def _cut_short(head: bytes, size: int) -> bool:
    """Whether a file is shorter than its head says (SQLite file format, 1.3.7 and 1.3.8)."""
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    trusted = head[24:28] == head[92:96]
    return trusted and size < pages * (65536 if page == 1 else page)


def _check(connection: Connection, path: Path) -> None:
    whole = path.stat().st_size <= CHECKED_WHOLE
    for wanted in ["(1)"] if whole else ["(watermarks)", "(troth_version)", "(follow_ups)"]:
        found = connection.exec_driver_sql(f"PRAGMA quick_check{wanted}").scalar()
        if found != "ok":
            raise StoreError(f"{path}: it is damaged; put a backup in its place")


def _refuse_network(path: Path) -> None:
    kind = network_filesystem(path)
    if kind:
        raise StoreError(
            f"{path}: it lies on a network file system ({kind}), where SQLite is not safe; use a local disk"
        )


def _backup(path: Path, found: str) -> None:
    """Copy the file before an upgrade, beside it, under a name that says which schema it has."""
    copy = next(name for name in _backup_names(path, found) if not name.exists())
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    source, target = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True), sqlite3.connect(copy)
    with closing(source), closing(target):
        source.backup(target)


def _backup_names(path: Path, found: str) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.schema-{found}.backup")
    for number in count(2):
        yield path.with_name(f"{path.name}.schema-{found}.backup-{number}")


@contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


@contextmanager
def _disposed_on_failure(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise
