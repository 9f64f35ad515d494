"""What the ways through the house ask of a store; met by the SQL store and by the fake of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from troth.model import (
    Address,
    Case,
    Client,
    FollowUp,
    Letter,
    LetterKind,
    LetterState,
    Promise,
    PromiseState,
    Relationship,
    Seen,
    Step,
    Token,
    Tone,
    Undoing,
    Verdict,
)

if TYPE_CHECKING:
    from troth.store.gathered import Gathered, Span


class StoreError(Exception):
    """The store cannot be reached, is of a newer schema, corrupt or read-only: one line, naming the store.

    `full`: nothing more can be written, so nothing may be sent either; it mends itself once there is room.
    """

    def __init__(self, line: str, *, full: bool = False) -> None:
        super().__init__(line)
        self.full = full


class Moved(Exception):  # noqa: N818 - it is no error: it asks to decide again
    """Another writer recorded something about this client since it was read."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a folder has been read. Mail up to `learn_until` was there before the first start."""

    inbox: str
    folder: str
    uidvalidity: int
    uid: int
    learn_until: int = 0
    first_start: datetime | None = None


@dataclass(frozen=True, slots=True)
class JournalLine:
    at: datetime
    inbox: str | None
    message_id: str | None
    client: str | None
    what: str
    because: str


LETTERS = "letters"


@dataclass(frozen=True, slots=True)
class InboxState:
    """How the watching of one folder goes. `state` is watching, retrying or stopped.

    Under the folder LETTERS stands how the sending goes; `last_sync` is then when its trouble began.
    """

    inbox: str
    folder: str
    state: str
    last_sync: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Accounting:
    """seen = acknowledged + pending + sum(no_letter) + set_aside, of the mails of one inbox that are no colleague's."""

    seen: int = 0
    acknowledged: int = 0
    pending: int = 0
    no_letter: Mapping[str, int] | None = None
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What `status` counts; the keys are the words of the states."""

    cases: Mapping[str, int]
    letters: Mapping[str, int]
    due: int
    scheduled: int
    promises: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """A mail whose tone a colleague corrected; `text` and `subject` are empty where its words are no longer kept."""

    mail: str
    subject: str
    text: str
    language: str | None
    tone: frozenset[Tone]
    verdict: Verdict | None
    by: Address | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """A client's mail whose words are still kept."""

    mail: str
    subject: str
    text: str
    language: str | None
    author: Address | None
    author_name: str


class Book(Protocol):
    """One transaction. Nothing in it is seen by others until it is committed; an exception rolls all of it back."""

    def watermark(self, inbox: str, folder: str) -> Watermark | None: ...
    def set_watermark(self, mark: Watermark) -> None: ...

    def recorded(self, identities: Sequence[str]) -> frozenset[str]:
        """Which of these mails are recorded already."""
        ...

    def seen(self, identity: str) -> Seen | None: ...
    def seen_by_message_id(self, message_id: str) -> Seen | None: ...

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        """Our letters among these Message-IDs (or the aliases a provider gave them); raw left empty."""
        ...

    def relationship(
        self, addresses: frozenset[Address], message_ids: Sequence[str], own_id: str, since: datetime
    ) -> Relationship:
        """What is known of whoever has one of `addresses`; a new Client (key made here, not yet written) otherwise.

        `message_ids` are In-Reply-To and References of the mail, newest first: the first known gives the thread, else
        the thread is `own_id`. Where the addresses belong to several clients they are merged into the oldest when next
        written.
        """
        ...

    def unanswered(self, inbox: str, folder: str, uidvalidity: int) -> Mapping[int, str]:
        """Clients' mails in waiting cases without any evidence of an answer: their identities by UID, at most 50."""
        ...

    def doubt(self, identity: str) -> None:
        """A client's mail is itself doubtful evidence, from now on, that it was answered."""
        ...

    def threads(self, message_ids: Sequence[str]) -> Mapping[str, str]: ...
    def case(self, key: str) -> Case | None: ...
    def client(self, key: str) -> Client | None: ...

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        """Write a mail with all that was decided on it; False, and nothing written, if it was recorded before.

        Raises Moved if `client.revision` is not the stored one any more. Every step leaves a line in the journal.
        """
        ...

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        """Write what was decided without a new mail (a due follow-up, a person's command). Raises Moved."""
        ...

    def learn(self, mails: Iterable[Seen], known: Iterable[Address]) -> None:
        """Record mails that were there before the first start: threads, clients, exchanges; no steps."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]: ...
    def follow_up(self, key: str) -> FollowUp | None:
        """A follow-up, whether it was reconsidered already or not."""
        ...

    def next_due(self) -> datetime | None:
        """When the earliest open follow-up falls due."""
        ...

    def take(self, key: str, now: datetime) -> bool:
        """Claim a due follow-up for this transaction; False if another has reconsidered it meanwhile."""
        ...

    def note(self, line: JournalLine) -> None: ...
    def remember(self, key: str, value: str) -> bool:
        """Keep a small fact of the house; False if this very value stood there already."""
        ...

    def recall(self, key: str) -> str | None: ...

    def issue(self, token: Token) -> None: ...
    def token(self, id_: str) -> Token | None:
        """A token that was issued, expired and revoked ones included."""
        ...

    def revoke(self, id_: str, at: datetime) -> None: ...
    def keep_undoing(self, undoing: Undoing) -> None: ...
    def undoing(self, token: str) -> Undoing | None: ...
    def promise(self, key: str) -> Promise | None: ...
    def promises(self, states: Sequence[PromiseState]) -> Sequence[Promise]:
        """Promises in these states, the earliest due first."""
        ...

    def open_cases(self) -> Sequence[Case]:
        """Cases that wait or are answered, the oldest first."""
        ...

    def letter(self, key: str) -> Letter | None:
        """A letter by its key, its bytes left empty."""
        ...

    def letters_about(self, mail: str, case: str | None) -> Sequence[Letter]:
        """Letters to the client that were decided on this mail or in this case, oldest first; bytes left empty."""
        ...

    def corrected(self, mail: str) -> frozenset[Tone] | None:
        """The tone that a colleague has given a mail; None where nobody did."""
        ...

    def fault(self, inbox: str, folder: str, uidvalidity: int, uid: int, words: str) -> int:
        """Count one more failure over this mail and give the number of failures so far."""
        ...


class Store(Protocol):
    """Where everything is kept: SQLite or PostgreSQL."""

    def writing(self) -> AbstractContextManager[Book]:
        """A transaction that may write; on SQLite BEGIN IMMEDIATE. Committed at the end of the block."""
        ...

    def reading(self) -> AbstractContextManager[Book]: ...

    def waiting_letters(
        self, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind] = tuple(LetterKind)
    ) -> Sequence[Letter]:
        """Letters of an inbox and of these kinds that may be tried now, tellings and oldest first, with their bytes."""
        ...

    def next_try(self) -> datetime | None:
        """When the earliest queued or deferred letter may be tried."""
        ...

    def mark_sending(self, keys: Sequence[str], at: datetime, worker: str) -> frozenset[str]:
        """Claim letters by conditional UPDATE (queued or deferred -> sending), committed; gives those that were won."""
        ...

    def unmark(self, keys: Sequence[str]) -> None:
        """Give back letters that were marked `sending` and not offered to any server: they wait as before."""
        ...

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        """Write what became of letters, with a line in the journal each.

        What follows for the standing of the mails they answer is written too: sent is acknowledged; failed, dropped,
        withdrawn and unknown are no letter, with the reason.
        """
        ...

    def filed(self, marks: Sequence[tuple[str, int | None]]) -> None:
        """Letters that lie in Sent, or in Drafts, now, each with its UID where the server told it."""
        ...

    def laid(self, inbox: str) -> Sequence[Letter]:
        """Letters in Drafts, oldest first: those that wait there, and those given up that have to be taken back."""
        ...

    def taken_back(self, key: str) -> bool:
        """A letter that was given up is looked after in Drafts no more; False if that was known already."""
        ...

    def unfiled(self, inbox: str, limit: int, worker: str, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        """Sent letters that this worker has to lay into Sent: its own, and those claimed longer ago than that."""
        ...

    def interrupted(self, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        """Letters found `sending` for longer than that: marked unknown, journalled, and given."""
        ...

    def sent_since(self, since: datetime) -> Sequence[datetime]:
        """When letters to clients (not tellings) were sent since then, for the circuit breaker."""
        ...

    def letters(self, states: Sequence[LetterState] = (), limit: int = 1000) -> Sequence[Letter]: ...
    def letter(self, key: str) -> Letter | None: ...
    def change_letter(
        self, key: str, expect: Sequence[LetterState], state: LetterState, because: str, at: datetime
    ) -> bool:
        """A person's word on one letter (release, resend, drop): False if it is in none of the expected states."""
        ...

    def state(self, state: InboxState) -> None: ...
    def states(self) -> Sequence[InboxState]: ...
    def accounting(self) -> Mapping[str, Accounting]: ...
    def counts(self, now: datetime) -> Counts: ...
    def journal(
        self, *, client: Address | None = None, message_id: str | None = None, limit: int = 1000
    ) -> Sequence[JournalLine]: ...
    def open_cases(self) -> Sequence[Case]: ...
    def promises(self, states: Sequence[PromiseState] = ()) -> Sequence[Promise]:
        """Promises in these states (all, where none is named), the earliest due first."""
        ...

    def corrections(self, limit: int = 10_000) -> Sequence[Correction]:
        """What colleagues have corrected, latest first."""
        ...

    def uncorrected(self, limit: int = 2000) -> Sequence[Remembered]:
        """Mails of clients that nobody has corrected and whose words are kept, latest first."""
        ...

    def gathered(self, span: Span) -> Gathered:
        """All that a digest of this span needs, read in one transaction."""
        ...

    def close(self) -> None: ...
