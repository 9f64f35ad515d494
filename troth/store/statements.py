"""Inserts that leave or replace what stands there already, in the words of either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam
from sqlalchemy.sql.elements import BindParameter


def add_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Insert those rows whose key is not taken; how many were inserted."""
    if not rows:
        return 0
    return connection.execute(_add_new(connection.dialect.name, table), rows).rowcount


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, or replace what stands under their keys."""
    if rows:
        connection.execute(_put(connection.dialect.name, table), rows)


def several(name: str) -> BindParameter[Any]:
    """A parameter for `IN`."""
    return bindparam(name, expanding=True)


_COUNTED = {"preserve_rowcount": True}  # else PostgreSQL's row count of an INSERT goes with its cursor


@cache
def _add_new(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - only one of the two is in use

        return postgresql.insert(table).on_conflict_do_nothing().execution_options(**_COUNTED)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above

    return sqlite.insert(table).on_conflict_do_nothing().execution_options(**_COUNTED)


@cache
def _put(dialect: str, table: Table) -> Insert:
    keys = [column.name for column in table.primary_key]
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - as above

        given = postgresql.insert(table)
        return given.on_conflict_do_update(index_elements=keys, set_=_others(table, given.excluded))
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above

    ours = sqlite.insert(table)
    return ours.on_conflict_do_update(index_elements=keys, set_=_others(table, ours.excluded))


def _others(table: Table, excluded: Any) -> dict[str, Any]:
    return {column.name: excluded[column.name] for column in table.columns if not column.primary_key}
