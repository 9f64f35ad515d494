"""A store in PostgreSQL, which several daemons may share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, text

from troth.store import versions
from troth.store.face import StoreError
from troth.store.refusal import refusals

_UPGRADING = 0x74726F7468
"""Key of the advisory lock under which one daemon makes or upgrades the tables."""

_ALIVE = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""How soon a connection whose other end vanished is given up."""


class PostgresBase:
    """A small pool: one connection for each thread that is in a block."""

    def __init__(self, name: str, engine: Engine) -> None:
        self._name = name
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with refusals(self._name), self._engine.begin() as connection:
            yield connection

    reading = writing

    def wipe(self) -> None:
        """Dead rows are the server's to clean: autovacuum does."""

    def close(self) -> None:
        self._engine.dispose()


def open_postgres(url: URL, *, create: bool) -> PostgresBase:
    """Open the store in this database; with `create` make its tables where there are none. Raises StoreError."""
    name = f"postgresql://{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    engine = create_engine(
        url,
        pool_size=2,
        max_overflow=4,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "troth", **_ALIVE},
    )
    try:
        with refusals(name), engine.begin() as connection:
            _bring_up(connection, name, create=create)
    except BaseException:
        engine.dispose()
        raise
    return PostgresBase(name, engine)


def _bring_up(connection: Connection, name: str, *, create: bool) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADING})
    if versions.found(connection, name) is None:
        if not create:
            raise StoreError(f"{name}: there is no store yet; `run` makes it")
        versions.make(connection)
        return
    versions.bring_up(connection, name, upgrade=create, before=lambda _: None)
