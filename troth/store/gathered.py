"""What a digest is made of, as a store gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from troth.model import Address, Case, FollowUp, Letter, LetterKind, Promise, Seen, Tone
from troth.store.face import Accounting, InboxState


@dataclass(frozen=True, slots=True)
class Span:
    """What a digest tells of: from `since` to `now`, and what falls due until `ahead`.

    `read` says for an inbox up to which arrival the last digest knew its mail; one not in it counts from `since`.
    """

    since: datetime
    now: datetime
    ahead: datetime
    read: Mapping[str, datetime] = field(default_factory=dict)

    def is_new(self, seen: Seen) -> bool:
        """Whether the last digest could not know this mail: after an outage it may be older than that digest."""
        return self.is_fresh(seen.inbox, seen.arrived)

    def is_fresh(self, inbox: str, arrived: datetime) -> bool:
        return self.read.get(inbox, self.since) < arrived <= self.now

    @property
    def arrived_since(self) -> datetime:
        """No mail that is new arrived before."""
        return min((self.since, *self.read.values()))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits, with the mail that opened it, its text left empty; None where that was forgotten.

    `addresses` are the client's, sorted, and `name` what the store calls him.
    """

    case: Case
    mail: Seen | None
    addresses: tuple[Address, ...] = ()
    name: str = ""

    @property
    def address(self) -> Address | None:
        """Where the client wrote from, or one of his addresses: behind a web form it is not the mail's author."""
        author = self.mail.author if self.mail else None
        return author if author in self.addresses else min(self.addresses, default=author)


@dataclass(frozen=True, slots=True)
class Planned:
    """A follow-up that is not done yet, with the subject of the mail it goes back to and its author's name."""

    follow_up: FollowUp
    subject: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters of one name have left."""

    kind: LetterKind
    purpose: str
    many: int


@dataclass(frozen=True, slots=True)
class Regular:
    """A known client and when he wrote, oldest first."""

    client: str
    address: Address
    name: str
    wrote: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a digest needs. Letters are without their bytes, mails without their texts.

    `toned` are new mails in which a tone was found, `learnt` last week's complaints that nobody answered in inboxes
    first started in the span. `cases` were opened or answered within five weeks, `praise` are mails of sure praise of
    the last fortnight with their arrival. `corrected` is what colleagues said of mails within five weeks. `arrivals`
    are those of five weeks, by inbox.
    """

    waiting: tuple[Waiting, ...] = ()
    planned: tuple[Planned, ...] = ()
    promises: tuple[Promise, ...] = ()
    sent: tuple[Tally, ...] = ()
    observed: tuple[Letter, ...] = ()
    drafts: tuple[Letter, ...] = ()
    stuck: tuple[Letter, ...] = ()
    toned: tuple[Seen, ...] = ()
    learnt: tuple[Seen, ...] = ()
    corrected: Mapping[str, frozenset[Tone]] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    praise: tuple[tuple[str, datetime], ...] = ()
    regulars: tuple[Regular, ...] = ()
    accounts: Mapping[str, Accounting] = field(default_factory=dict)
    fresh: Mapping[str, Accounting] = field(default_factory=dict)
    arrivals: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    states: tuple[InboxState, ...] = ()
