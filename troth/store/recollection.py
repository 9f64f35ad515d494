"""A passing store's own memory of histories: nobody else writes there, so what was written need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Table

from troth.model import (
    Address,
    Case,
    ChangeCase,
    ChangeClient,
    Client,
    Correct,
    Exchange,
    KeepPromise,
    Letter,
    OpenCase,
    Promise,
    Relationship,
    Seen,
    Step,
    Tone,
    Written,
)
from troth.store import clients as people
from troth.store import history, promising
from troth.store import schema as table
from troth.store import steps as writing
from troth.store.book import SqlBook
from troth.store.history import MOST
from troth.store.pending import Pending
from troth.store.recorded import exchange_rows
from troth.store.standing import at_record
from troth.store.values import Fields


@dataclass
class Recollection:
    """What passed, and who is who. Threads and exchanges stand here alone; the rest is kept beside the tables."""

    threads: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    exchanges: dict[Address, tuple[Exchange, ...]] = field(default_factory=dict)
    clients: dict[Address, Sequence[Client]] = field(default_factory=dict)
    cases: dict[str, tuple[Case, ...]] = field(default_factory=dict)
    written: dict[str, tuple[Written, ...]] = field(default_factory=dict)
    by_key: dict[str, Case] = field(default_factory=dict)
    promised: bool = False
    corrected: bool = False
    _undo: list[tuple[dict[object, object], object, object]] = field(default_factory=list)

    def lead(self, message_id: str, thread: str) -> None:
        if message_id not in self.threads:
            self._put(self.threads, message_id, thread)

    def keep_mail(self, identity: str, thread: str) -> None:
        self._put(self.mails, identity, thread)

    def passed(self, who: Address, exchange: Exchange) -> None:
        before = self.exchanges.get(who, ())
        after = (*before, exchange)
        if before and _place(exchange) < _place(before[-1]):
            after = tuple(sorted(after, key=_place))
        self._put(self.exchanges, who, after)

    def begin(self) -> None:
        self._undo.clear()

    def take_back(self) -> None:
        """The block has failed: what was kept beside the tables is read again, the rest is as it was."""
        for kept, key, before in reversed(self._undo):
            if before is None:
                kept.pop(key, None)
            else:
                kept[key] = before
        for beside in (self.clients, self.cases, self.written, self.by_key):
            beside.clear()
        self._undo.clear()

    def _put(self, kept: dict, key: object, value: object) -> None:  # type: ignore[type-arg]  # any of the three
        self._undo.append((kept, key, kept.get(key)))
        kept[key] = value


def _place(exchange: Exchange) -> tuple[datetime, str]:
    return exchange.at, exchange.identity


class _PassingPending(Pending):
    """Rows for the tables that a passing store has; journals and threads are not among them."""

    def __init__(self, connection: Connection, memory: Recollection) -> None:
        super().__init__(connection)
        self._memory = memory

    def add(self, into: Table, rows: Sequence[Fields]) -> None:
        if into is not table.journal and into is not table.exchanges:
            super().add(into, rows)

    def add_threads(self, thread: str, message_ids: Iterable[str], at: datetime) -> None:  # noqa: ARG002 - the base's
        for each in message_ids:
            self._memory.lead(each, thread)


class PassingBook(SqlBook):
    """A transaction whose histories come from memory."""

    def __init__(self, connection: Connection, memory: Recollection) -> None:
        super().__init__(connection)
        self._memory = memory
        self._pending = _PassingPending(connection, memory)

    def relationship(
        self, addresses: frozenset[Address], message_ids: Sequence[str], own_id: str, since: datetime
    ) -> Relationship:
        thread = self._thread(message_ids, own_id)
        found = self._people(addresses)
        if not found:
            return Relationship(people.new(addresses), thread)
        client, keys = people.as_one(found, addresses), [each.key for each in found]
        return Relationship(
            client,
            thread,
            cases=self._cases_of(keys, since),
            exchanges=self._exchanges_of(client.addresses, since),
            written=self._written_of(keys, since),
            promises=self._promises_of(keys, since),
        )

    def threads(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        known = self._memory.threads
        return {each: known[each] for each in message_ids if each in known}

    def case(self, key: str) -> Case | None:
        return self._memory.by_key.get(key) or super().case(key)

    def corrected(self, mail: str) -> frozenset[Tone] | None:
        return super().corrected(mail) if self._memory.corrected else None

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        if not super().record(seen, client, steps, letters, at):
            return False
        whole = at_record(seen, client, steps, letters)
        self._memory.keep_mail(whole.identity, whole.thread)
        exchange = _exchange(whole)
        for row in exchange_rows(whole, client):
            self._memory.passed(Address(str(row["address"])), exchange)
        self._recollect(steps, letters)
        return True

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,  # noqa: ARG002 - of the journal, which is not kept
    ) -> None:
        self._touch(client, steps, at)
        writing.apply(self._pending, steps, at)
        self._pending.enter(writing.entries(steps, letters))
        mails = self._memory.mails
        thread_of = {each.key: mails[each.mail] for each in letters if each.mail in mails}
        writing.add_letters(self._pending, letters, thread_of, at)
        self._recollect(steps, letters)

    def _touch(self, client: Client | None, steps: Sequence[Step], at: datetime) -> None:
        """Nobody else writes here, so a client is written only where something of him changes."""
        changed = [step.client for step in steps if isinstance(step, ChangeClient)]
        if not changed and (client is None or (client.revision and len(client.addresses) == 1)):
            return
        concerned = [*changed, *([client] if client else [])]
        merged = {each.key for one in concerned for each in self._people(one.addresses)}
        super()._touch(client, steps, at)
        for who in {who for one in concerned for who in one.addresses}:
            self._memory.clients.pop(who, None)
        if len(merged) > 1:
            self._memory.clients.clear()
            self._memory.by_key.clear()
            for key in merged:
                self._memory.cases.pop(key, None)
                self._memory.written.pop(key, None)

    def _recollect(self, steps: Sequence[Step], letters: Sequence[Letter]) -> None:
        memory = self._memory
        for step in steps:
            if isinstance(step, OpenCase | ChangeCase):
                memory.by_key[step.case.key] = step.case
            if isinstance(step, OpenCase | ChangeCase) and step.case.client in memory.cases:
                others = [each for each in memory.cases[step.case.client] if each.key != step.case.key]
                memory.cases[step.case.client] = tuple(sorted([*others, step.case], key=_age))
            memory.promised |= isinstance(step, KeepPromise)
            memory.corrected |= isinstance(step, Correct)
        for letter in letters:
            if letter.client in memory.written:
                memory.written[letter.client] = (*memory.written[letter.client], _written(letter))

    def _thread(self, message_ids: Sequence[str], own_id: str) -> str:
        known = self._memory.threads
        ids = (*message_ids[: history.MOST_REFERENCES], own_id)
        return next((known[each] for each in ids if each in known), own_id)

    def _people(self, addresses: frozenset[Address]) -> list[Client]:
        found = {client.key: client for who in addresses for client in self._person(who)}
        return sorted(found.values(), key=lambda client: (client.first_seen is None, client.first_seen, client.key))

    def _person(self, who: Address) -> Sequence[Client]:
        if who not in self._memory.clients:
            self._memory.clients[who] = people.by_addresses(self._connection, frozenset({who}))
        return self._memory.clients[who]

    def _cases_of(self, keys: Sequence[str], since: datetime) -> tuple[Case, ...]:
        found = [case for key in keys for case in self._all_cases(key) if history.still_counts(case, since)]
        return tuple(found if len(keys) == 1 else sorted(found, key=_age))

    def _all_cases(self, key: str) -> tuple[Case, ...]:
        if key not in self._memory.cases:
            self._memory.cases[key] = history.all_cases(self._pending.written(table.cases), key)
        return self._memory.cases[key]

    def _exchanges_of(self, addresses: frozenset[Address], since: datetime) -> tuple[Exchange, ...]:
        kept = self._memory.exchanges
        found = [each for who in addresses for each in kept.get(who, ()) if each.at >= since]
        if len(addresses) > 1:
            found = sorted({each.identity: each for each in found}.values(), key=_place)
        return tuple(found[-MOST:])

    def _written_of(self, keys: Sequence[str], since: datetime) -> tuple[Written, ...]:
        for key in keys:
            if key not in self._memory.written:
                self._memory.written[key] = history.all_written(self._pending.written(table.letters), key)
        found = [each for key in keys for each in self._memory.written[key] if each.decided_at >= since]
        return tuple(sorted(found, key=lambda each: (each.decided_at, each.key))[-MOST:])

    def _promises_of(self, keys: Sequence[str], since: datetime) -> tuple[Promise, ...]:
        if not self._memory.promised:
            return ()
        return promising.of_clients(self._pending.written(table.promises), keys, since)


def settled(memory: Recollection, letters: Sequence[Letter]) -> None:
    """Let it be known what became of letters."""
    for letter in letters:
        for each in memory.written.get(letter.client or "", ()):
            if each.key == letter.key:
                others = [other for other in memory.written[letter.client or ""] if other.key != letter.key]
                memory.written[letter.client or ""] = (*others, replace(each, state=letter.state))


def _age(case: Case) -> tuple[datetime, str]:
    return case.opened_at, case.key


def _exchange(seen: Seen) -> Exchange:
    return Exchange(
        seen.identity, seen.arrived, seen.thread, seen.ours, seen.automatic, seen.author, seen.evidence, seen.because
    )


def _written(letter: Letter) -> Written:
    return Written(
        key=letter.key,
        kind=letter.kind,
        purpose=letter.purpose,
        state=letter.state,
        decided_at=letter.created,
        mode=letter.mode,
        case=letter.case,
        mail=letter.mail,
        message_id=letter.message_id,
    )
