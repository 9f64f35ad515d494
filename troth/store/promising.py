"""Promises: written as they stand, read for a client, by their states, or by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import Connection, bindparam, func, select

from troth.model import Address, Promise, PromiseState
from troth.store.schema import Instant, promises
from troth.store.statements import put, several
from troth.store.values import Found

_BY_KEY = select(promises).where(promises.c.key == bindparam("key"))
_ALL = select(promises).order_by(promises.c.due_at, promises.c.key)
_OF_STATES = _ALL.where(promises.c.state.in_(several("states")))
_BINDING = promises.c.state.in_([PromiseState.OPEN.value, PromiseState.LATE.value])
_OF_CLIENTS = (
    select(promises)
    .where(
        promises.c.client.in_(several("clients")),
        _BINDING | (promises.c.closed_at >= bindparam("since", type_=Instant())),
    )
    .order_by(promises.c.made_at, promises.c.key)
)
_COUNTED = select(promises.c.state, func.count().label("many")).group_by(promises.c.state)


def promise_fields(promise: Promise) -> dict[str, object]:
    return {
        "key": promise.key,
        "client": promise.client,
        "address": promise.address,
        "inbox": promise.inbox,
        "mail": promise.mail,
        "what": promise.what,
        "made_by": promise.by,
        "made_at": promise.made_at,
        "due_at": promise.due_at,
        "state": promise.state.value,
        "case_key": promise.case,
        "closed_at": promise.closed_at,
    }


def promise_of(row: Found | SimpleNamespace) -> Promise:
    return Promise(
        key=row.key,
        client=row.client,
        address=Address(row.address),
        inbox=row.inbox,
        mail=row.mail,
        what=row.what,
        by=Address(row.made_by),
        made_at=row.made_at,
        due_at=row.due_at,
        state=PromiseState(row.state),
        case=row.case_key,
        closed_at=row.closed_at,
    )


def keep(connection: Connection, kept: Sequence[Promise]) -> None:
    """Write promises as they stand from now on."""
    put(connection, promises, [promise_fields(each) for each in kept])


def by_key(connection: Connection, key: str) -> Promise | None:
    row = connection.execute(_BY_KEY, {"key": key}).one_or_none()
    return promise_of(row) if row else None


def of_states(connection: Connection, states: Sequence[PromiseState]) -> Sequence[Promise]:
    """Promises in these states, all where none is named, the earliest due first."""
    wanted = {"states": [each.value for each in states]} if states else {}
    return [promise_of(row) for row in connection.execute(_OF_STATES if states else _ALL, wanted)]


def of_clients(connection: Connection, keys: Sequence[str], since: datetime) -> tuple[Promise, ...]:
    """What still binds us to a client known under these keys, and what was closed since then, oldest first."""
    rows = connection.execute(_OF_CLIENTS, {"clients": keys, "since": since})
    return tuple(promise_of(row) for row in rows)


def counts(connection: Connection) -> Mapping[str, int]:
    none = dict.fromkeys((each.value for each in PromiseState), 0)
    return none | {row.state: row.many for row in connection.execute(_COUNTED)}
