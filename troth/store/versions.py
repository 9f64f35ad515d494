"""Which schema a store has, and the way up to this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from troth.store.face import StoreError
from troth.store.schema import REVISION, metadata, version

MIGRATIONS = Path(__file__).parent / "migrations"


def make(connection: Connection) -> None:
    """Make all tables, at the newest schema."""
    metadata.create_all(connection)
    connection.execute(version.insert().values(version_num=REVISION))


def found(connection: Connection, name: str) -> str | None:
    """The schema of a store; None where there is none and none of its names is taken."""
    names = set(inspect(connection).get_table_names())
    if version.name not in names:
        if names & set(metadata.tables):
            raise StoreError(f"{name}: it has tables of these names, but is no store of Troth")
        return None
    revision = connection.execute(select(version.c.version_num)).scalar()
    if revision is None:
        raise StoreError(f"{name}: it does not say which schema it has; put a backup in its place")
    return str(revision)


def bring_up(
    connection: Connection,
    name: str,
    *,
    upgrade: bool,
    before: Callable[[str], None],
) -> None:
    """Bring an older store up to the newest schema, after `before` has had its revision; refuse any other one."""
    revision = found(connection, name)
    if revision is None:
        raise StoreError(f"{name}: it is a database, but no store of Troth")
    if revision == REVISION:
        return
    from troth.store import upgrading  # noqa: PLC0415 - Alembic takes 10 MB, and is needed once in a version's life

    if not upgrading.older(revision, MIGRATIONS):
        raise StoreError(f"{name}: it was written by a newer Troth (schema {revision}, this one has {REVISION})")
    if not upgrade:
        raise StoreError(f"{name}: it has the older schema {revision}; `run` brings it up to {REVISION}")
    before(revision)
    upgrading.upgrade(connection, MIGRATIONS)
