"""Mails from before the first start: learnt from, never answered. They come by the ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from sqlalchemy import Connection, bindparam, select, update

from troth.model import Address, Client, Seen
from troth.store import clients as people
from troth.store.face import Moved
from troth.store.history import known_threads, nearest_references
from troth.store.recorded import already, exchange_rows
from troth.store.schema import client_addresses, clients, exchanges, mails, threads
from troth.store.standing import at_learning, is_clients
from troth.store.statements import add_new, several
from troth.store.values import mail_fields

_AT_ONCE = 500

_OWNERS = select(client_addresses).where(client_addresses.c.address.in_(several("addresses")))
_KNOWN = (
    update(clients)
    .where(
        clients.c.key.in_(select(client_addresses.c.client).where(client_addresses.c.address == bindparam("of"))),
        clients.c.known.is_(False),
    )
    .values(known=True, revision=clients.c.revision + 1)
)


def learn(connection: Connection, learnt: Iterable[Seen], known: Iterable[Address]) -> None:
    """Write mails in bounded memory, with their threads, clients and exchanges; make these addresses known."""
    coming = iter(learnt)
    while chunk := list(islice(coming, _AT_ONCE)):
        _learn(connection, chunk)
    _make_known(connection, sorted(frozenset(known)))


def _learn(connection: Connection, chunk: Sequence[Seen]) -> None:
    once = {seen.identity: seen for seen in chunk}
    old = already(connection, list(once))
    fresh = _threaded(connection, [at_learning(seen) for seen in once.values() if seen.identity not in old])
    owners = _clients(connection, fresh)
    written = [replace(seen, client=owners.get(seen.author) if is_clients(seen) else None) for seen in fresh]
    add_new(connection, mails, [mail_fields(seen) for seen in written])
    add_new(connection, exchanges, [row for seen in written for row in exchange_rows(seen, None)])
    add_new(connection, threads, [row for seen in written for row in _thread_rows(seen)])


def _threaded(connection: Connection, fresh: Sequence[Seen]) -> list[Seen]:
    """Each mail in the thread of the first mail it is known to refer to, whether of this chunk or an older one."""
    leads = dict(known_threads(connection, chain.from_iterable(_ids(seen) for seen in fresh)))
    threaded = []
    for seen in sorted(fresh, key=lambda each: each.arrived):
        thread = next((leads[each] for each in _ids(seen) if each in leads), seen.thread)
        leads.update({each: thread for each in _ids(seen) if each not in leads})
        threaded.append(replace(seen, thread=thread))
    return threaded


def _ids(seen: Seen) -> list[str]:
    return [*reversed(nearest_references(seen.references)), seen.message_id or seen.identity]


def _thread_rows(seen: Seen) -> list[dict[str, object]]:
    return [{"message_id": each, "thread": seen.thread, "at": seen.arrived} for each in _ids(seen)]


def _clients(connection: Connection, fresh: Sequence[Seen]) -> Mapping[Address | None, str]:
    """The clients these mails come from, made where they are new, by address."""
    first = {seen.author: seen.arrived for seen in reversed(fresh) if seen.author is not None and is_clients(seen)}
    owners = _owners(connection, list(first))
    for address, arrived in first.items():
        if address not in owners:
            _create(connection, replace(people.new(frozenset({address})), first_seen=arrived))
    return owners if len(owners) == len(first) else _owners(connection, list(first))


def _owners(connection: Connection, addresses: Sequence[Address]) -> Mapping[Address | None, str]:
    rows = connection.execute(_OWNERS, {"addresses": addresses}) if addresses else ()
    return {Address(row.address): row.client for row in rows}


def _make_known(connection: Connection, known: Sequence[Address]) -> None:
    for at in range(0, len(known), _AT_ONCE):
        some = known[at : at + _AT_ONCE]
        owners = _owners(connection, some)
        for address in some:
            if address not in owners:
                _create(connection, replace(people.new(frozenset({address})), known=True))
        if owners:
            connection.execute(_KNOWN, [{"of": address} for address in owners])


def _create(connection: Connection, client: Client) -> None:
    try:
        people.create(connection, client)
    except Moved:
        return  # another daemon learns from the same mails
