"""What a passing store holds in memory beside its tables: nobody else writes there, so it need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from troth.model import (
    Address,
    Case,
    Client,
    Enter,
    Exchange,
    Letter,
    Seen,
    Written,
)
from troth.store.passing.agenda import Agenda
from troth.store.passing.backlog import Backlog
from troth.store.passing.ledger import Ledger
from troth.store.passing.outgoing import Outgoing
from troth.store.pending import enter_fields
from troth.store.post import outcome
from troth.store.schema import LONGEST_IDENTIFIER, bounded
from troth.store.standing import by_letter, may_enter
from troth.store.values import MOST_MATCHES

KEPT = 5_000
_LONGEST = 10_000
"""So many mails are held in memory as they were recorded, and only those whose text is no longer."""


@dataclass
class Recollection:
    """What passed, and who is who. Threads, exchanges, follow-ups and what a book remembers stand here alone.

    The rest is kept beside the tables: `mails` are the threads of all, `named` when they arrived, by their Message-IDs,
    and `recent` the latest as they are recorded.
    """

    threads: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    named: dict[str, tuple[tuple[datetime, str], ...]] = field(default_factory=dict)
    recent: dict[str, Seen] = field(default_factory=dict)
    exchanges: dict[Address, tuple[Exchange, ...]] = field(default_factory=dict)
    clients: dict[Address, Sequence[Client]] = field(default_factory=dict)
    cases: dict[str, tuple[Case, ...]] = field(default_factory=dict)
    written: dict[str, tuple[Written, ...]] = field(default_factory=dict)
    by_key: dict[str, Case] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    promised: bool = False
    corrected: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    backlog: Backlog = field(default_factory=Backlog)
    agenda: Agenda = field(init=False)
    outgoing: Outgoing = field(init=False)

    def __post_init__(self) -> None:
        self.agenda, self.outgoing = Agenda(self.ledger), Outgoing(self.ledger)

    def lead(self, message_id: str, thread: str) -> None:
        if message_id not in self.threads:
            self.ledger.put(self.threads, message_id, thread)

    def keep_mail(self, seen: Seen) -> None:
        self.ledger.put(self.mails, seen.identity, seen.thread)
        if seen.message_id is not None:
            name = bounded(seen.message_id)
            self.ledger.put(self.named, name, (*self.named.get(name, ()), (seen.arrived, seen.identity)))
        if _as_in_a_table(seen):
            if len(self.recent) >= KEPT:
                self.ledger.drop(self.recent, next(iter(self.recent)))
            self.ledger.put(self.recent, seen.identity, seen)

    def enter(self, entries: Iterable[Enter]) -> None:
        for each in entries:
            seen = self.recent.get(each.mail)
            if seen is not None and may_enter(seen.standing, each.standing):
                entered = replace(seen, standing=each.standing, because=each.because)
                self.ledger.put(self.recent, each.mail, entered)

    def passed(self, who: Address, exchange: Exchange) -> None:
        before = self.exchanges.get(who, ())
        after = (*before, exchange)
        if before and place(exchange) < place(before[-1]):
            after = tuple(sorted(after, key=place))
        self.ledger.put(self.exchanges, who, after)

    def keep_case(self, case: Case) -> None:
        self.by_key[case.key] = case
        if case.client in self.cases:
            others = [each for each in self.cases[case.client] if each.key != case.key]
            self.cases[case.client] = tuple(sorted([*others, case], key=age))

    def write(self, letters: Sequence[Letter]) -> None:
        """Letters are written, but for those whose keys are known."""
        for letter in letters:
            if self.outgoing.add(letter) and letter.client in self.written:
                self.written[letter.client] = (*self.written[letter.client], Written.of(letter))

    def settle(self, letters: Sequence[Letter]) -> None:
        """Let it be known what became of letters that were under way, here and in the tables."""
        self.backlog.settle([outcome(letter) for letter in letters])
        entries = [enter for letter in letters if (enter := by_letter(letter)) is not None]
        self.backlog.enter([enter_fields(each) for each in entries])
        self.enter(entries)
        self.stand(letters)

    def stand(self, letters: Sequence[Letter]) -> None:
        """Letters stand as they do now."""
        for letter in letters:
            self.outgoing.changed(letter)
            if letter.client in self.written:
                written = self.written[letter.client]
                self.written[letter.client] = tuple(
                    replace(each, state=letter.state) if each.key == letter.key else each for each in written
                )

    def made(self, client: str) -> None:
        """A client is new: nothing is written of him yet."""
        self.cases[client], self.written[client] = (), ()

    def merged(self, gone: AbstractSet[str], kept: str) -> None:
        """Clients were one: what is kept beside the tables is read again."""
        for beside in (self.recent, self.clients, self.by_key):
            beside.clear()
        for key in (*gone, kept):
            self.cases.pop(key, None)
            self.written.pop(key, None)
        self.agenda.rekey(gone, kept)
        self.outgoing.rekey(gone, kept)

    def begin(self, connection: Connection) -> None:
        self.ledger.begin()
        self.backlog.begin(connection)

    def take_back(self) -> None:
        """The block has failed: what was kept beside the tables is read again, the rest is as it was."""
        self.ledger.take_back()
        self.backlog.take_back()
        self.agenda.taken_back()
        for beside in (self.clients, self.cases, self.written, self.by_key):
            beside.clear()


def place(exchange: Exchange) -> tuple[datetime, str]:
    return exchange.at, exchange.identity


def age(case: Case) -> tuple[datetime, str]:
    return case.opened_at, case.key


def _as_in_a_table(seen: Seen) -> bool:
    """Whether a table gives this mail back as it is."""
    ids = (seen.identity, seen.thread, seen.message_id or "")
    words = (seen.text, seen.subject, *ids)
    return (
        len(seen.text) <= _LONGEST
        and max(map(len, ids)) <= LONGEST_IDENTIFIER
        and not any("\x00" in each for each in words)
        and (seen.verdict is None or len(seen.verdict.matches) <= MOST_MATCHES)
    )
