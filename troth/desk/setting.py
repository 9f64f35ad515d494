"""What the ways through the house are set up with: one frozen picture, swapped whole when the owner edits his files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time

from troth.letters import Letters
from troth.model import Address, Party, Stage
from troth.policy import Business, Inbox
from troth.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Card:
    """What the owner wrote of a client in clients.yaml."""

    addresses: frozenset[Address]
    name: str = ""
    company: str | None = None
    greeting: str | None = None
    language: str | None = None
    quiet: bool = False
    stage: Stage | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily digest: to whom, as a plan's `tell` says it, and when by the business's clock."""

    to: tuple[str, ...]
    at: time


@dataclass(frozen=True, slots=True)
class Setting:
    """`cards` are those of clients.yaml by each address; `at_most` is letters to clients in an hour.

    `servers` names, by inbox, the server whose Authentication-Results are believed there (RFC 8601, 2.5), `folders`
    those of the store's states that are of what is configured now.
    """

    name: str
    languages: tuple[str, ...]
    business: Business
    rulebook: Rulebook
    letters: Letters
    cards: Mapping[Address, Card] = field(default_factory=dict)
    at_most: int = 60
    servers: Mapping[str, str] = field(default_factory=dict)
    digest: Daily | None = None
    folders: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def at(self, inbox: str) -> Setting:
        """The setting for mail that came to one inbox: what another inbox's server says is not believed there."""
        house = replace(self.business.house, authserv_id=self.servers.get(inbox))
        return replace(self, business=replace(self.business, house=house))

    def sender(self, inbox: str) -> Inbox:
        """The inbox a letter or telling leaves from: this one, or the first that sends."""
        inboxes = self.business.inboxes
        named = inboxes.get(inbox)
        if named is not None and named.sends:
            return named
        return next((other for other in inboxes.values() if other.sends), next(iter(inboxes.values())))

    def from_(self, inbox: Inbox) -> Party:
        return Party(self.name, inbox.address)

    def language(self, *wanted: str | None) -> str:
        """The first wanted language that is the business's own, else the business's first."""
        return next((code for code in wanted if code in self.languages), self.languages[0])
