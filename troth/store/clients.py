"""Who somebody is: found by address, written when touched, merged when addresses turn out to be one person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from troth.model import Address, ChangeClient, Client, Stage, Step
from troth.store.face import Moved
from troth.store.schema import cases, client_addresses, clients, follow_ups, letters, mails, promises
from troth.store.statements import add_new, several
from troth.store.values import client_fields, client_of

_own = client_addresses.alias("own")
_with_addresses = select(clients, _own.c.address).join(_own, _own.c.client == clients.c.key)
_BY_ONE_ADDRESS = _with_addresses.join(client_addresses, client_addresses.c.client == clients.c.key).where(
    client_addresses.c.address == bindparam("wanted")
)
_BY_ADDRESSES = _with_addresses.where(
    clients.c.key.in_(select(client_addresses.c.client).where(client_addresses.c.address.in_(several("wanted"))))
)
_BY_KEY = _with_addresses.where(clients.c.key == bindparam("wanted"))
_OWNERS = select(client_addresses).where(client_addresses.c.address.in_(several("wanted")))

_here = update(clients).where(clients.c.key == bindparam("of"), clients.c.revision == bindparam("was"))
_TOUCH = _here.values(revision=bindparam("was") + 1)
_CHANGE = _TOUCH.values({name: bindparam(name) for name in client_fields(Client("", frozenset()))})

_REKEYED = [
    update(table).where(table.c.client == bindparam("gone")).values(client=bindparam("kept"))
    for table in (client_addresses, mails, cases, follow_ups, letters, promises)
]


def new(addresses: frozenset[Address]) -> Client:
    return Client(key=uuid4().hex, addresses=addresses)


def by_addresses(connection: Connection, addresses: frozenset[Address]) -> Sequence[Client]:
    """The clients who have one of these addresses, oldest first."""
    if len(addresses) == 1:
        return _read(connection, _BY_ONE_ADDRESS, next(iter(addresses)))
    return _read(connection, _BY_ADDRESSES, sorted(addresses)) if addresses else ()


def by_key(connection: Connection, key: str) -> Client | None:
    return next(iter(_read(connection, _BY_KEY, key)), None)


def as_one(found: Sequence[Client], addresses: frozenset[Address]) -> Client:
    """The first of them with all that is known of any."""
    oldest = found[0]
    if len(found) == 1:
        return replace(oldest, addresses=oldest.addresses | addresses)
    asked = [client.silence_asked_at for client in found if client.silence_asked_at]
    seen = [client.first_seen for client in found if client.first_seen]
    return replace(
        oldest,
        addresses=addresses.union(*(client.addresses for client in found)),
        name=next((client.name for client in found if client.name), ""),
        known=any(client.known for client in found),
        stage=next((client.stage for client in found if client.stage is not Stage.STRANGER), Stage.STRANGER),
        last_colleague=next((client.last_colleague for client in found if client.last_colleague), None),
        silence_asked_at=min(asked) if asked else None,
        bounced=frozenset[Address]().union(*(client.bounced for client in found)),
        first_seen=min(seen) if seen else None,
        absent_until=max((client.absent_until for client in found if client.absent_until), default=None),
        hushed_at=min((client.hushed_at for client in found if client.hushed_at), default=None),
    )


def touch_all(connection: Connection, client: Client | None, steps: Iterable[Step], at: datetime) -> Mapping[str, str]:
    """Write every client a record touches, each one revision on; gives who was merged into whom, by their keys.

    Moved, and nothing of it written, if one has moved.
    """
    changed = {step.client.key: step.client for step in steps if isinstance(step, ChangeClient)}
    own = changed.pop(client.key, None) if client else None
    if not changed:
        return touch(connection, client, own, at) if client is not None else {}
    merged: dict[str, str] = {}
    with connection.begin_nested():
        if client is not None:
            merged.update(touch(connection, client, own, at))
        for other in changed.values():
            merged.update(touch(connection, other, other, at))
    return merged


def touch(connection: Connection, client: Client, changed: Client | None, at: datetime) -> Mapping[str, str]:
    """Write a client one revision on, and others who are he as him; `changed` is what is known of him from now on."""
    if client.revision == 0:
        who = changed or client
        create(connection, replace(who, addresses=client.addresses, first_seen=who.first_seen or at))
        return {}
    owners = _owners(connection, client.addresses) if len(client.addresses) > 1 else {}
    others = {owner for owner in owners.values() if owner != client.key}
    if changed is None and others:
        changed = client
    if not _one_on(connection, client, changed):
        raise Moved(client.key)
    for other in others:
        _merge(connection, gone=other, kept=client.key)
    if owners:
        add_new(connection, client_addresses, _address_rows(client.key, client.addresses - owners.keys()))
    return dict.fromkeys(others, client.key)


def create(connection: Connection, client: Client) -> None:
    """Write a new client; Moved, and nothing of him written, if somebody has one of his addresses meanwhile."""
    if not add_new(connection, clients, [{"key": client.key, "revision": 1, **client_fields(client)}]):
        raise Moved(client.key)
    if add_new(connection, client_addresses, _address_rows(client.key, client.addresses)) == len(client.addresses):
        return
    # another has written one of the addresses meanwhile: leave the transaction as it was, it may go on
    connection.execute(delete(client_addresses).where(client_addresses.c.client == client.key))
    connection.execute(delete(clients).where(clients.c.key == client.key))
    raise Moved(client.key)


def _one_on(connection: Connection, client: Client, changed: Client | None) -> bool:
    """Raise the revision, if it is still the one that was read."""
    where = {"of": client.key, "was": client.revision}
    if changed is None:
        return connection.execute(_TOUCH, where).rowcount == 1
    return connection.execute(_CHANGE, {**where, **client_fields(changed)}).rowcount == 1


def _merge(connection: Connection, *, gone: str, kept: str) -> None:
    for statement in _REKEYED:
        connection.execute(statement, {"gone": gone, "kept": kept})
    connection.execute(delete(clients).where(clients.c.key == gone))


def _owners(connection: Connection, addresses: frozenset[Address]) -> Mapping[Address, str]:
    rows = connection.execute(_OWNERS, {"wanted": sorted(addresses)})
    return {Address(row.address): row.client for row in rows}


def _address_rows(key: str, addresses: Iterable[Address]) -> list[dict[str, object]]:
    return [{"address": each, "client": key} for each in sorted(addresses)]


def _read(connection: Connection, statement: Select[*tuple[Any, ...]], wanted: object) -> Sequence[Client]:
    rows = sorted(connection.execute(statement, {"wanted": wanted}), key=lambda row: str(row.key))
    found = []
    for _, group in groupby(rows, key=lambda row: row.key):
        own = list(group)
        found.append(client_of(own[0], frozenset(Address(row.address) for row in own)))
    return sorted(found, key=lambda client: (client.first_seen is None, client.first_seen, client.key))
