"""What has passed between the business and one client, within bounds, and which thread a mail belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from troth.model import Case, CaseState, Client, Exchange, Relationship, Seen, Written
from troth.store import promising
from troth.store.schema import Instant, bounded, cases, exchanges, letters, mails, threads
from troth.store.statements import several
from troth.store.values import case_of, exchange_of, written_of

MOST = 200
"""How many exchanges, and how many letters, of one client are looked at: the latest."""

MOST_REFERENCES = 60
_AT_ONCE = 900

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = bindparam("since", type_=Instant())

# a parted case counts for ever: it says that no letter goes to this client
_CASES = (
    select(cases)
    .where(
        cases.c.client.in_(several("clients")),
        cases.c.closed_at.is_(None) | (cases.c.closed_at >= _SINCE) | (cases.c.state == CaseState.PARTED.value),
    )
    .order_by(cases.c.opened_at, cases.c.key)
)
_EXCHANGES = (
    select(
        mails.c.identity,
        mails.c.arrived,
        mails.c.thread,
        mails.c.ours,
        mails.c.automatic,
        mails.c.author,
        mails.c.evidence,
        mails.c.because,
    )
    .join(exchanges, exchanges.c.mail == mails.c.identity)
    .where(exchanges.c.address.in_(several("addresses")), exchanges.c.at >= _SINCE)
    .order_by(exchanges.c.at.desc(), exchanges.c.mail.desc())
    .limit(MOST)
)
_WRITTEN = (
    select(
        letters.c.key,
        letters.c.kind,
        letters.c.purpose,
        letters.c.state,
        letters.c.created,
        letters.c.mode,
        letters.c.case_key,
        letters.c.mail,
        letters.c.message_id,
    )
    .where(letters.c.client.in_(several("clients")), letters.c.created >= _SINCE)
    .order_by(letters.c.created.desc(), letters.c.key.desc())
    .limit(MOST)
)
_THREAD = select(threads.c.message_id, threads.c.thread).where(threads.c.message_id == bindparam("id"))
_THREADS = select(threads.c.message_id, threads.c.thread).where(threads.c.message_id.in_(several("ids")))


def relationship(
    connection: Connection, client: Client, keys: Sequence[str], thread: str, since: datetime
) -> Relationship:
    """The history of a client who is known under these keys."""
    return Relationship(
        client=client,
        thread=thread,
        cases=_cases(connection, keys, since),
        exchanges=_exchanges(connection, client, since),
        written=_written(connection, keys, since),
        promises=promising.of_clients(connection, keys, since),
    )


def thread_of(connection: Connection, message_ids: Sequence[str], own_id: str, pending: Mapping[str, str]) -> str:
    """The thread of the first of these ids that is known, else the thread of `own_id`, else a new one of that name.

    `pending` are threads of this transaction that are not written yet.
    """
    ids = [*message_ids[:MOST_REFERENCES], own_id]
    known = known_threads(connection, ids)
    found = (known.get(each) or pending.get(each) for each in ids)
    return next((thread for thread in found if thread), own_id)


def known_threads(connection: Connection, message_ids: Iterable[str]) -> Mapping[str, str]:
    """The threads these ids lead to, of those that lead to one."""
    short = {bounded(each): each for each in message_ids}
    if len(short) == 1:
        return {short[row.message_id]: row.thread for row in connection.execute(_THREAD, {"id": next(iter(short))})}
    ids, found = list(short), {}
    for at in range(0, len(ids), _AT_ONCE):  # both databases bound the parameters of a statement
        rows = connection.execute(_THREADS, {"ids": ids[at : at + _AT_ONCE]})
        found.update({short[row.message_id]: row.thread for row in rows})
    return found


def ids_of(seen: Seen) -> Sequence[str]:
    """All ids that lead to a mail's thread: its own and its references."""
    return (seen.message_id or seen.identity, *nearest_references(seen.references))


def nearest_references(references: Sequence[str]) -> Sequence[str]:
    """As many references as are worth keeping: the roots and the latest. A stranger chose how many there are."""
    if len(references) <= MOST_REFERENCES:
        return references
    return (*references[:10], *references[-(MOST_REFERENCES - 10) :])


def all_cases(connection: Connection, key: str) -> tuple[Case, ...]:
    """Every case of a client, oldest first."""
    return _cases(connection, [key], _LONG_AGO)


def all_written(connection: Connection, key: str) -> tuple[Written, ...]:
    """The latest letters to a client, oldest first."""
    return _written(connection, [key], _LONG_AGO)


def still_counts(case: Case, since: datetime) -> bool:
    """Whether a case belongs to the history since then; a parted one does for ever."""
    return case.closed_at is None or case.closed_at >= since or case.state is CaseState.PARTED


def _cases(connection: Connection, keys: Sequence[str], since: datetime) -> tuple[Case, ...]:
    return tuple(case_of(row) for row in connection.execute(_CASES, {"clients": keys, "since": since}))


def _exchanges(connection: Connection, client: Client, since: datetime) -> tuple[Exchange, ...]:
    rows = connection.execute(_EXCHANGES, {"addresses": sorted(client.addresses), "since": since}).all()
    once = {row.identity: exchange_of(row) for row in reversed(rows)}  # a mail to two of his addresses is one
    return tuple(once.values())


def _written(connection: Connection, keys: Sequence[str], since: datetime) -> tuple[Written, ...]:
    rows = connection.execute(_WRITTEN, {"clients": keys, "since": since}).all()
    return tuple(written_of(row) for row in reversed(rows))
