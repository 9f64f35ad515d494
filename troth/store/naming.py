"""What others' mails say of a client who is forgotten: colleagues' replies about him, and whoever names him."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, or_, select, update

from troth.store.recorded import forgotten
from troth.store.schema import cases, mails, threads
from troth.store.values import Found, verdict_json, verdict_of

_SPEAKING = select(mails.c.identity, mails.c.message_id, mails.c.thread, mails.c.references, mails.c.because).where(
    mails.c.client.is_(None), mails.c.author.is_not(None)
)
_REFERRING = select(mails.c.identity, mails.c.references).where(mails.c.references != "[]")
_REFERS = update(mails).where(mails.c.identity == bindparam("of")).values(references=bindparam("left"))
_SILENT = (
    update(mails)
    .where(mails.c.identity == bindparam("of"))
    .values(
        subject="", text="", header=None, author_name="", recipients=bindparam("to"), verdict=bindparam("verdict_left")
    )
)


def speaking(
    connection: Connection, passed: frozenset[str], threads_of: frozenset[str], ids: frozenset[str]
) -> list[Found]:
    """Mails of no client that stand in his threads or answer a mail about him, but for those that `passed` already."""
    return [
        row
        for row in connection.execute(_SPEAKING.execution_options(yield_per=1000))
        if row.identity not in passed and (row.thread in threads_of or not ids.isdisjoint(json.loads(row.references)))
    ]


def silence(connection: Connection, every: Sequence[str]) -> int:
    """Take the words out of all mails that name one of these addresses, and the addresses themselves; how many."""
    columns = (mails.c.text, mails.c.subject, mails.c.recipients, mails.c.header, mails.c.verdict, mails.c.author_name)
    named = or_(*(func.lower(column).contains(each, autoescape=True) for column in columns for each in every))
    found = connection.execute(select(mails.c.identity, mails.c.recipients, mails.c.verdict).where(named)).all()
    gone = frozenset(every)
    for row in found:
        to = json.dumps([each for each in json.loads(row.recipients) if each not in gone])
        connection.execute(_SILENT, {"of": row.identity, "to": to, "verdict_left": without_words(row.verdict)})
    return len(found)


def without_words(verdict: str | None) -> str | None:
    """A verdict as it is stored, less the client's words in it."""
    known = verdict_of(verdict)
    return verdict_json(replace(known, matches=(), sentence=None)) if known else None


def unthread(connection: Connection, threads_of: Iterable[str], ids: frozenset[str]) -> None:
    """What others wrote in his threads stays together, under a name that says nothing of him."""
    for row in connection.execute(_REFERRING).all():
        before = json.loads(row.references)
        left = [each for each in before if each not in ids]
        if left != before:
            connection.execute(_REFERS, {"of": row.identity, "left": json.dumps(left)})
    for thread, name in _renamed(threads_of):
        for table in (mails, cases, threads):
            connection.execute(update(table).where(table.c.thread == thread).values(thread=name))


def _renamed(threads_of: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((each, forgotten(each)) for each in sorted(threads_of) if not each.startswith("forgotten:"))
