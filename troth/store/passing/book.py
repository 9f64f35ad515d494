"""A transaction of a passing store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table

from troth.model import (
    Address,
    Case,
    ChangeClient,
    ChangeLetter,
    Client,
    Correct,
    Enter,
    Exchange,
    FollowUp,
    KeepPromise,
    Letter,
    Promise,
    Relationship,
    Seen,
    Step,
    Token,
    Tone,
    Written,
)
from troth.store import clients as people
from troth.store import history, post, promising, trusting
from troth.store import schema as table
from troth.store import steps as writing
from troth.store.book import SqlBook
from troth.store.history import MOST
from troth.store.passing.memory import Recollection, age, place
from troth.store.pending import Pending
from troth.store.recorded import exchange_addresses
from troth.store.schema import bounded
from troth.store.values import Fields


class _PassingPending(Pending):
    """Rows for the tables that a passing store has; journals and threads are not among them."""

    def __init__(self, connection: Connection, memory: Recollection) -> None:
        super().__init__(connection)
        self._memory = memory

    def add(self, into: Table, rows: Sequence[Fields]) -> None:
        if into is not table.journal and into is not table.exchanges:
            super().add(into, rows)

    def add_mail(self, seen: Seen) -> None:
        super().add_mail(seen)
        self._memory.keep_mail(seen)

    def add_cases(self, changed: Sequence[Case]) -> None:
        super().add_cases(changed)
        for each in changed:
            self._memory.keep_case(self.whose(each))

    def add_exchanges(self, seen: Seen, client: Client | None) -> None:
        exchange = Exchange.of(seen)
        for who in exchange_addresses(seen, client):
            self._memory.passed(who, exchange)

    def add_threads(self, thread: str, message_ids: Iterable[str], at: datetime) -> None:  # noqa: ARG002 - the base's
        for each in message_ids:
            self._memory.lead(each, thread)

    def plan(self, planned: Sequence[FollowUp]) -> None:
        for each in planned:
            self._memory.agenda.add(each)

    def postpone(self, follow_up: FollowUp, until: datetime) -> None:
        self._memory.agenda.postpone(follow_up, until)

    def done(self, follow_up: str, at: datetime) -> None:  # noqa: ARG002 - as above
        self._memory.agenda.done(follow_up)

    def enter(self, entries: Sequence[Enter]) -> None:
        super().enter(entries)
        self._memory.enter(entries)

    def written(self, *tables: Table) -> Connection:
        if self._memory.backlog.holds(tables):
            self.write()
        return super().written(*tables)

    def write(self) -> None:
        self._memory.backlog.write(self._connection)
        super().write()

    def leave(self) -> None:
        """The block is at its end: let what waits still wait on."""
        backlog = self._memory.backlog
        for into, rows in self._rows.items():
            backlog.add(into, rows)
        backlog.enter(self._entered)


class PassingBook(SqlBook):
    """A transaction whose histories come from memory."""

    def __init__(self, connection: Connection, memory: Recollection) -> None:
        super().__init__(connection)
        self._memory = memory
        self._pending: _PassingPending = _PassingPending(connection, memory)

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

    def finish(self) -> None:
        """Nobody else writes here: what waits may wait on."""
        self._pending.leave()

    def seen(self, identity: str) -> Seen | None:
        return self._memory.recent.get(identity) or super().seen(identity)

    def seen_by_message_id(self, message_id: str) -> Seen | None:
        found = self._memory.named.get(bounded(message_id))
        return self.seen(min(found)[1]) if found else None

    def doubt(self, identity: str) -> None:
        super().doubt(identity)
        self._memory.ledger.drop(self._memory.recent, identity)

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        return self._memory.agenda.due(now, limit)

    def follow_up(self, key: str) -> FollowUp | None:
        return self._memory.agenda.known(key)

    def next_due(self) -> datetime | None:
        return self._memory.agenda.next_due()

    def take(self, key: str, now: datetime) -> bool:
        return self._memory.agenda.take(key, now)

    def remember(self, key: str, value: str) -> bool:
        words = self._memory.words
        if words.get(key) == value:
            return False
        self._memory.ledger.put(words, key, value)
        return True

    def recall(self, key: str) -> str | None:
        return self._memory.words.get(key)

    def issue(self, token: Token) -> None:
        self._pending.add(table.tokens, [trusting.token_fields(token)])

    def token(self, id_: str) -> Token | None:
        self._pending.written(table.tokens)
        return super().token(id_)

    def revoke(self, id_: str, at: datetime) -> None:
        self._pending.written(table.tokens)
        super().revoke(id_, at)

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        fresh = super().record(seen, client, steps, letters, at)
        if fresh:
            self._recollect(steps, letters)
        return fresh

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
        found = {each.key for one in concerned for each in self._people(one.addresses)}
        super()._touch(client, steps, at)
        for who in {who for one in concerned for who in one.addresses}:
            self._memory.clients.pop(who, None)
        if client is not None and len(found) > 1:
            self._memory.merged(found - {client.key}, client.key)
        elif client is not None and not client.revision:
            self._memory.made(client.key)

    def _recollect(self, steps: Sequence[Step], letters: Sequence[Letter]) -> None:
        memory = self._memory
        for step in steps:
            memory.promised |= isinstance(step, KeepPromise)
            memory.corrected |= isinstance(step, Correct)
            if isinstance(step, ChangeLetter):
                self._reread(step.key)
        memory.write(letters)

    def _reread(self, key: str) -> None:
        letter = post.letter(self._pending.written(table.letters), key)
        if letter is not None:
            self._memory.stand([letter])

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
        return tuple(found if len(keys) == 1 else sorted(found, key=age))

    def _all_cases(self, key: str) -> tuple[Case, ...]:
        if key not in self._memory.cases:
            self._memory.cases[key] = history.all_cases(self._pending.written(table.cases), key)
        return self._memory.cases[key]

    def _exchanges_of(self, addresses: frozenset[Address], since: datetime) -> tuple[Exchange, ...]:
        kept = self._memory.exchanges
        found = [each for who in addresses for each in kept.get(who, ()) if each.at >= since]
        if len(addresses) > 1:
            found = sorted({each.identity: each for each in found}.values(), key=place)
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
