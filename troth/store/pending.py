"""Rows of one transaction that wait to be written together: many mails cost little more statements than one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Table, bindparam, func, insert, update

from troth.model import Case, Client, Enter, FollowUp, Promise, Seen, Standing
from troth.store.recorded import exchange_rows
from troth.store.schema import cases, exchanges, follow_ups, journal, letters, mails, threads, tokens
from troth.store.statements import add_new, put
from troth.store.values import Fields, case_fields, follow_up_fields, mail_fields

_Owned = TypeVar("_Owned", Case, Promise)
_NEW = (exchanges, threads, follow_ups, letters, tokens)
_WHOSE = {cases: "client", letters: "client", exchanges: "address"}
_DONE = (
    update(follow_ups)
    .where(follow_ups.c.key == bindparam("of"), follow_ups.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
_POSTPONE = (
    update(follow_ups)
    .where(follow_ups.c.key == bindparam("of"))
    .values(
        due_at=bindparam("until"),
        done_at=None,
        planned_at=func.coalesce(follow_ups.c.planned_at, bindparam("planned")),
    )
)
ENTER = (
    update(mails)
    .where(
        mails.c.identity == bindparam("of"),
        (mails.c.standing != Standing.ACKNOWLEDGED.value) | (bindparam("to") == Standing.ACKNOWLEDGED.value),
    )
    .values(standing=bindparam("to"), because=bindparam("why"))
)
JOURNAL = insert(journal).inline()


class Pending:
    """Rows that wait. Whoever reads one of their tables asks for it with `written` first.

    `merged`: clients who were found to be others, whom a case or promise that was read before may still name.
    `overtaken`: a mail among them had been recorded by another daemon meanwhile.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Table, list[Fields]] = {}
        self._done: list[Fields] = []
        self._entered: list[Fields] = []
        self._concerned: set[object] = set()
        self.threads: dict[str, str] = {}
        self.identities: set[str] = set()
        self.merged: dict[str, str] = {}
        self.overtaken = False

    def add(self, table: Table, rows: Sequence[Fields]) -> None:
        self._rows.setdefault(table, []).extend(rows)
        column = _WHOSE.get(table)
        if column:
            self._concerned.update(row[column] for row in rows)

    def add_mail(self, seen: Seen) -> None:
        self.identities.add(seen.identity)
        self.add(mails, [mail_fields(seen)])

    def add_cases(self, changed: Sequence[Case]) -> None:
        """Write cases as they stand from now on."""
        self.add(cases, [case_fields(self.whose(each)) for each in changed])

    def whose(self, of: _Owned) -> _Owned:
        """A case or promise as its client's, whoever he was before."""
        return replace(of, client=self.merged[of.client]) if of.client in self.merged else of

    def add_exchanges(self, seen: Seen, client: Client | None) -> None:
        self.add(exchanges, exchange_rows(seen, client))

    def add_threads(self, thread: str, message_ids: Iterable[str], at: datetime) -> None:
        """Let these ids lead to a thread, but for those that lead to one already."""
        ids = list(dict.fromkeys(message_ids))
        self.add(threads, [{"message_id": each, "thread": thread, "at": at} for each in ids])
        for each in ids:
            self.threads.setdefault(each, thread)

    def plan(self, planned: Sequence[FollowUp]) -> None:
        """Write follow-ups, but for those whose keys are known."""
        self.add(follow_ups, [follow_up_fields(each) for each in planned])

    def postpone(self, follow_up: FollowUp, until: datetime) -> None:
        """Plan a follow-up for another moment, as one that is open."""
        planned = follow_up.planned_at or follow_up.due_at
        fields = {"of": follow_up.key, "until": until, "planned": planned}
        if self.written(follow_ups).execute(_POSTPONE, fields).rowcount == 0:
            self.add(follow_ups, [{**follow_up_fields(follow_up), "due_at": until, "planned_at": planned}])

    def done(self, follow_up: str, at: datetime) -> None:
        self._done.append({"of": follow_up, "at": at})

    def enter(self, entries: Sequence[Enter]) -> None:
        """Change where mails stand; what was acknowledged stays so."""
        self._entered += [enter_fields(each) for each in entries]

    def written(self, *tables: Table) -> Connection:
        """The connection, once nothing that is to be read from these tables waits any more."""
        touched = (mails in tables and self._entered) or (follow_ups in tables and self._done)
        if touched or any(self._rows.get(table) for table in tables):
            self.write()
        return self._connection

    def written_of(self, keys_and_addresses: Iterable[str]) -> Connection:
        """The connection, once nothing waits any more that belongs to the history of a client."""
        if self._entered or not self._concerned.isdisjoint(keys_and_addresses):
            self.write()
        return self._connection

    def write(self) -> None:
        rows, connection = self._rows, self._connection
        new_mails = rows.pop(mails, [])
        if add_new(connection, mails, new_mails) < len(new_mails):
            self.overtaken = True
        put(connection, cases, rows.pop(cases, []))
        for table in _NEW:
            add_new(connection, table, rows.pop(table, []))
        for statement, given in ((_DONE, self._done), (ENTER, self._entered), (JOURNAL, rows.pop(journal, []))):
            if given:
                connection.execute(statement, given)
        self._clear()

    def _clear(self) -> None:
        self._done, self._entered = [], []
        self._concerned.clear()
        self.threads.clear()
        self.identities.clear()


def line_fields(
    at: datetime, inbox: str | None, message_id: str | None, client: str | None, what: str, because: str
) -> Fields:
    return {"at": at, "inbox": inbox, "message_id": message_id, "client": client, "what": what, "because": because}


def enter_fields(entry: Enter) -> Mapping[str, object]:
    return {"of": entry.mail, "to": entry.standing.value, "why": entry.because}
