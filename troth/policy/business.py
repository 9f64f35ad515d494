"""What deciding must know of the business: a frozen picture of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from troth.gate import House
from troth.hours import Duration, Hours, Rate
from troth.model import Address, Case, Client, Mode
from troth.plan import Plans


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the business. `away` are first and last days of absence, both included, in the business's zone."""

    name: str
    address: Address
    also: frozenset[Address] = frozenset()
    owner: bool = False
    away: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Inbox:
    """A watched mailbox. `sends` is false where only Sent is watched: no letters leave from it.

    `sub_addresses`: mail to `inbox+anything@…` arrives there too.
    """

    name: str
    address: Address
    mode: Mode = Mode.OBSERVE
    sends: bool = True
    sub_addresses: bool = False


@dataclass(frozen=True, slots=True)
class Budgets:
    """How many automatic letters one client may get; every window is rolling."""

    acknowledgement: Rate
    follow_up: Rate
    any: Rate


@dataclass(frozen=True, slots=True)
class Business:
    hours: Hours
    house: House
    plans: Plans
    budgets: Budgets
    oldest: Duration
    settle: Duration
    colleagues: tuple[Colleague, ...]
    inboxes: Mapping[str, Inbox] = field(default_factory=dict)

    @property
    def owner(self) -> Colleague:
        return next((person for person in self.colleagues if person.owner), self.colleagues[0])

    def colleague(self, who: Address | None) -> Colleague | None:
        return next((person for person in self.colleagues if who == person.address or who in person.also), None)

    def reachable(self, person: Colleague, now: datetime) -> bool:
        today = self.hours.day_of(now)
        return not any(first <= today <= last for first, last in person.away)

    def audience(self, words: tuple[str, ...], case: Case | None, client: Client, now: datetime) -> tuple[Address, ...]:
        """Whom a telling goes to; who is away is replaced by the owner."""
        people = [person for word in words for person in self._named(word, case, client)]
        there = [person if self.reachable(person, now) else self.owner for person in people]
        return tuple(dict.fromkeys(person.address for person in there))

    def _named(self, word: str, case: Case | None, client: Client) -> list[Colleague]:
        if word == "everyone":
            return list(self.colleagues)
        if word == "assignee":
            named = self.colleague(case.assignee if case else None) or self.colleague(client.last_colleague)
            return [named or self.owner]
        return [self.colleague(Address(word)) or self.owner]
