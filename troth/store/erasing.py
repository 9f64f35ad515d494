"""Forgetting: what has grown old, and who asks to be forgotten."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, delete, false, func, or_, select, update

from troth.model import Address, CaseState, LetterKind, LetterState
from troth.store import clients as people
from troth.store import naming, trusting
from troth.store.recorded import forgotten
from troth.store.schema import (
    cases,
    client_addresses,
    clients,
    corrections,
    exchanges,
    faults,
    follow_ups,
    journal,
    letters,
    mails,
    memory,
    promises,
    silences,
    threads,
    tokens,
    undoings,
)
from troth.store.statements import add_new
from troth.store.values import Found

_Of = TypeVar("_Of")

SILENCE_KEY = "silence key"
"""Under which the key of the hashes is remembered, in hexadecimal."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When a client whose moment was forgotten asked for silence."""

_OF_A_TOKEN = ("told token ", "repeated token ")
"""What is remembered of one token stands under these words and its id."""

_AT_ONCE = 500
_OVER = [
    state.value
    for state in (
        LetterState.SENT,
        LetterState.FAILED,
        LetterState.UNKNOWN,
        LetterState.WITHDRAWN,
        LetterState.DROPPED,
    )
]
_IN_OPEN_CASE = mails.c.case_key.in_(select(cases.c.key).where(cases.c.closed_at.is_(None)))
_WORDLESS = (
    update(mails)
    .where(mails.c.identity == bindparam("of"))
    .values(subject="", text="", header=None, verdict=bindparam("left"))
)
# a digest may give a client's name and a sentence of his without his address
_WORDLESS_DIGESTS = (
    update(letters).where(letters.c.key.startswith("digest:"), letters.c.state.in_(_OVER)).values(raw=b"", subject="")
)
_NAMELESS = (
    update(mails)
    .where(mails.c.identity == bindparam("of"))
    .values(
        identity=bindparam("left"),
        thread=bindparam("left"),
        message_id=None,
        author=None,
        author_name="",
        client=None,
        case_key=None,
        language=None,
        subject="",
        recipients="[]",
        references="[]",
        verdict=None,
        text="",
        header=None,
        because=bindparam("why"),
    )
)


@dataclass(frozen=True, slots=True)
class Retained:
    """What was given up because its time had come: words of mails and letters, then whole rows."""

    mail_texts: int
    letter_texts: int
    mails: int
    letters: int
    journal: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a client. `silence`: a keyed hash remains of each address, for he asked for silence.

    `named` are mails of others that named one of his addresses and have lost their words.
    """

    clients: int = 0
    addresses: tuple[Address, ...] = ()
    mails: int = 0
    letters: int = 0
    cases: int = 0
    follow_ups: int = 0
    promises: int = 0
    journal: int = 0
    named: int = 0
    silence: bool = False


def retain(connection: Connection, text_before: datetime, journal_before: datetime) -> Retained:
    """Give up words older than the one moment, and whole records older than the other."""
    old_letters = (letters.c.created < text_before, letters.c.state.in_(_OVER), letters.c.raw != b"")
    emptied = connection.execute(update(letters).where(*old_letters).values(raw=b"", subject=""))
    connection.execute(update(promises).where(promises.c.closed_at < text_before).values(what=""))
    _delete(connection, tokens, tokens.c.expires_at < text_before)
    _delete(connection, undoings, undoings.c.token.not_in(select(tokens.c.id)))
    for words in _OF_A_TOKEN:  # what was said of tokens that are no more
        id_ = func.substr(memory.c.key, len(words) + 1)
        _delete(connection, memory, memory.c.key.startswith(words), id_.not_in(select(tokens.c.id)))
    return Retained(
        mail_texts=_forget_words(connection, text_before),
        letter_texts=emptied.rowcount,
        mails=_delete(connection, mails, mails.c.arrived < journal_before, _IN_OPEN_CASE.is_not(True)),
        letters=_delete(connection, letters, letters.c.created < journal_before, letters.c.state.in_(_OVER)),
        journal=_forget_records(connection, journal_before),
    )


def forget(connection: Connection, addresses: frozenset[Address], key: bytes) -> Erased:
    """Erase whoever has one of these addresses."""
    found = people.by_addresses(connection, addresses)
    every = sorted(addresses.union(*(client.addresses for client in found)))
    silence = any(client.silence_asked_at or client.hushed_at for client in found)
    if silence:
        add_new(connection, silences, [{"hash": _hash(each, key)} for each in every])
    keys = [client.key for client in found]
    written = _mails_of(connection, keys, every)
    tokens_of = _erase_trust(connection, keys, every, [row.identity for row in written])
    _delete_in(connection, corrections.c.mail, [row.identity for row in written])
    connection.execute(_WORDLESS_DIGESTS)
    erased_letters, ids = _erase_letters(connection, keys, every, [row.identity for row in written], tokens_of)
    his = [row for row in written if row.client in keys or row.author in every]
    threads_of = frozenset(row.thread for row in his)
    ids += [row.message_id for row in written if row.message_id] + list(_references(his))
    about_him = frozenset(ids)
    spoken = naming.speaking(connection, frozenset(row.identity for row in written), threads_of, about_him)
    lines = _erase_lines(connection, every, [*ids, *_references(written)])
    _erase_mails(connection, [*written, *spoken], [*ids, *_references(written)], every)
    naming.unthread(connection, threads_of, about_him)
    return Erased(
        addresses=tuple(every),
        mails=len(written) + len(spoken),
        letters=erased_letters,
        follow_ups=_delete_in(connection, follow_ups.c.client, keys)
        + _delete_in(connection, follow_ups.c.address, every),
        promises=_delete_in(connection, promises.c.client, keys) + _delete_in(connection, promises.c.address, every),
        cases=_delete_in(connection, cases.c.client, keys),
        journal=lines,
        clients=_erase_clients(connection, keys),
        named=naming.silence(connection, every),
        silence=silence,
    )


def silenced(connection: Connection, address: Address, key: bytes) -> bool:
    return connection.execute(select(silences.c.hash).where(silences.c.hash == _hash(address, key))).first() is not None


def _hash(address: Address, key: bytes) -> str:
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def _forget_words(connection: Connection, before: datetime) -> int:
    worded = or_(mails.c.text != "", mails.c.subject != "", mails.c.header.is_not(None))
    old = connection.execute(select(mails.c.identity, mails.c.verdict).where(mails.c.arrived < before, worded)).all()
    for some in _chunks(old):
        connection.execute(_WORDLESS, [{"of": row.identity, "left": naming.without_words(row.verdict)} for row in some])
    return len(old)


def _forget_records(connection: Connection, before: datetime) -> int:
    _delete(connection, exchanges, exchanges.c.at < before)
    _delete(connection, threads, threads.c.at < before)
    _delete(connection, follow_ups, follow_ups.c.done_at < before)
    _delete(connection, promises, promises.c.closed_at < before)
    _delete(connection, corrections, corrections.c.at < before)
    # parting has no end: while its case stands, no letter goes to that client
    _delete(connection, cases, cases.c.closed_at < before, cases.c.state != CaseState.PARTED.value)
    return _delete(connection, journal, journal.c.at < before)


def _mails_of(connection: Connection, keys: Sequence[str], every: Sequence[Address]) -> Sequence[Found]:
    passed = select(exchanges.c.mail).where(exchanges.c.address.in_(every))
    his = or_(mails.c.client.in_(keys), mails.c.author.in_(every), mails.c.identity.in_(passed))
    told = (mails.c.identity, mails.c.message_id, mails.c.thread, mails.c.references, mails.c.because)
    return connection.execute(select(*told, mails.c.client, mails.c.author).where(his)).all()


def _references(rows: Sequence[Found]) -> Iterator[str]:
    return (each for row in rows for each in json.loads(row.references) if each)


def _erase_trust(
    connection: Connection, keys: Sequence[str], every: Sequence[Address], identities: Sequence[str]
) -> frozenset[str]:
    """Tokens of mails that speak of him keep their numbers and lose what they said of him; the ids of those."""
    his = frozenset([*keys, *every, *identities, *_keys_of(connection, keys, identities)])
    return trusting.forget(connection, his)


def _keys_of(connection: Connection, keys: Sequence[str], identities: Sequence[str]) -> Iterator[str]:
    """The keys of his cases, promises and letters."""
    for column in (cases.c.client, promises.c.client, letters.c.client):
        yield from connection.execute(select(column.table.c.key).where(column.in_(keys))).scalars()
    for some in _chunks(identities):
        yield from connection.execute(select(letters.c.key).where(letters.c.mail.in_(some))).scalars()


def _erase_mails(
    connection: Connection, written: Sequence[Found], ids: Sequence[str], every: Sequence[Address]
) -> None:
    """Leave one nameless row for each mail, so that it is known again and counted still."""
    _delete_in(connection, exchanges.c.address, every)
    _delete_in(connection, exchanges.c.mail, [row.identity for row in written])
    own = [each for row in written for each in (row.identity, row.message_id) if each]
    _delete_in(connection, threads.c.message_id, [*ids, *own])
    for some in _chunks(written):
        connection.execute(_NAMELESS, [_nameless(row, every) for row in some])


def _nameless(row: Found, every: Sequence[Address]) -> dict[str, object]:
    already = row.identity.startswith("forgotten:")
    why = "" if any(each in row.because for each in every) else row.because
    return {"of": row.identity, "left": row.identity if already else forgotten(row.identity), "why": why}


def _erase_letters(
    connection: Connection,
    keys: Sequence[str],
    every: Sequence[Address],
    identities: Sequence[str],
    tokens_of: frozenset[str],
) -> tuple[int, list[str]]:
    """Letters to him and about him; how many, and their Message-IDs."""
    of_case = letters.c.case_key.in_(select(cases.c.key).where(cases.c.client.in_(keys)))
    his = or_(letters.c.client.in_(keys), letters.c.address.in_(every), of_case)
    found = {
        row.key: row.message_id for row in connection.execute(select(letters.c.key, letters.c.message_id).where(his))
    }
    found.update(_answering(connection, identities))
    found.update(_tellings_naming(connection, every, tokens_of))
    _delete_in(connection, letters.c.key, list(found))
    return len(found), list(found.values())


def _answering(connection: Connection, identities: Sequence[str]) -> Iterator[tuple[str, str]]:
    for some in _chunks(identities):
        rows = connection.execute(select(letters.c.key, letters.c.message_id).where(letters.c.mail.in_(some)))
        yield from ((row.key, row.message_id) for row in rows)


def _tellings_naming(
    connection: Connection, every: Sequence[Address], tokens_of: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Tellings of several clients, digests and the like: those with one of his addresses, or a token about him."""
    tellings = select(letters.c.key, letters.c.message_id, letters.c.subject, letters.c.raw).where(
        letters.c.kind == LetterKind.TELLING.value, letters.c.raw != b""
    )
    for row in connection.execute(tellings.execution_options(yield_per=100)):
        about = any(f".{each}." in row.message_id for each in tokens_of)  # a token stands in the Message-ID of its mail
        if about or any(each in said for said in (row.subject.lower(), *_texts(row.raw)) for each in every):
            yield row.key, row.message_id


def _texts(raw: bytes) -> Iterator[str]:
    yield raw.decode("utf-8", "replace").lower()
    for part in message_from_bytes(raw).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload.decode("utf-8", "replace").lower()


def _erase_lines(connection: Connection, every: Sequence[Address], ids: Sequence[str]) -> int:
    """Lines under his addresses or his mails, and whatever names him in passing."""
    naming = or_(false(), *(_names(each, journal.c.because, journal.c.what) for each in every))
    count = _delete(connection, journal, or_(journal.c.client.in_(every), naming))
    _delete(connection, memory, or_(false(), *(_names(each, memory.c.key, memory.c.value) for each in every)))
    _delete(connection, faults, or_(false(), *(_names(each, faults.c.words) for each in every)))
    return count + _delete_in(connection, journal.c.message_id, ids)


def _names(address: Address, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(address, autoescape=True) for column in columns))


def _erase_clients(connection: Connection, keys: Sequence[str]) -> int:
    _delete_in(connection, client_addresses.c.client, keys)
    return _delete_in(connection, clients.c.key, keys)


def _delete(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(*where)).rowcount


def _delete_in(connection: Connection, column: Column[str], values: Iterable[str]) -> int:
    return sum(_delete(connection, column.table, column.in_(some)) for some in _chunks(sorted(set(values))))


def _chunks(values: Sequence[_Of]) -> Iterator[Sequence[_Of]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
