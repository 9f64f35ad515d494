"""The vocabulary: frozen values and the steps that can be decided. Every instant is an aware UTC datetime."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

Address = NewType("Address", str)
"""An addr-spec (RFC 5322, 3.4.1) in small letters with its domain in A-labels; only `address` makes one."""

_ADDR_SPEC = re.compile(r"[^\s\"(),:;<>@\[\]\\\x00-\x1f\x7f]+@[^\s\"(),:;<>@\[\]\\\x00-\x1f\x7f]+")
_A_LABELS = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def address(text: str) -> Address | None:
    """The address a string is, or None where no mail could be sent to it (RFC 5321, 4.5.3.1 for lengths)."""
    text = text.strip()
    if len(text) > 254 or not _ADDR_SPEC.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    try:
        labels = domain.rstrip(".").lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if len(local.encode()) > 64 or local.startswith(".") or local.endswith(".") or not _A_LABELS.fullmatch(labels):
        return None
    return Address(f"{local.lower()}@{labels}")


def domain_of(who: Address) -> str:
    return who.rpartition("@")[2]


class Tone(StrEnum):
    COMPLAINT = "complaint"
    PRAISE = "praise"


class Severity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Nature(StrEnum):
    """What a mail is by its own form, before anybody asks who sent it."""

    PERSON = "person"
    BOUNCE = "bounce"  # RFC 3464, and the many that are not
    RECEIPT = "receipt"  # RFC 8098 (MDN)
    REPORT = "report"  # RFC 5965 (ARF), DMARC and TLS reports
    CALENDAR = "calendar"  # an iTIP reply
    AUTOMATIC = "automatic"  # RFC 3834, 5
    OUT_OF_OFFICE = "out of office"


@dataclass(frozen=True, slots=True)
class Party:
    """A mailbox of an address field (RFC 5322, 3.4). `name` is decoded, without control characters."""

    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce speaks of. `permanent` is None where it does not say; `message_id` is the returned mail's.

    `delayed`: the server is still trying. It may give up on an address that is a good one, as when a mailbox is full.
    """

    recipients: tuple[Address, ...] = ()
    permanent: bool | None = None
    status: str | None = None
    message_id: str | None = None
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, parsed. Strings hold no lone surrogates and, but for the texts, no control characters.

    `identity` makes two sightings one mail: Message-ID and a hash of stable headers and text, or the hash alone.
    `text` is what the sender newly wrote; `quoted` what he quoted or forwarded, `signature` what closed it. Without
    `own_words` he wrote nothing, and `text` is what he quoted or forwarded.
    `return_path` is None where the field is absent and "" where it is `<>`.
    `fields` are the header fields in order, names in small letters, values unfolded and decoded, for the gate.
    `defects` names, in words, what was wrong or cut off.
    """

    identity: str
    message_id: str | None = None
    from_: tuple[Party, ...] = ()
    from_fields: int = 1
    sender: Party | None = None
    reply_to: tuple[Party, ...] = ()
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    return_path: str | None = None
    subject: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    signature: str = ""
    own_words: bool = True
    language: str | None = None
    nature: Nature = Nature.PERSON
    bounce: Bounce | None = None
    absent_until: datetime | None = None
    attachments: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    defects: tuple[str, ...] = ()

    def field_values(self, name: str) -> tuple[str, ...]:
        """All values of a header field, its name in small letters, topmost first."""
        return tuple(value for known, value in self.fields if known == name)

    @property
    def author(self) -> Address | None:
        """The one address in From; None where there is none or more than one (RFC 7103, 7.5.1)."""
        return self.from_[0].address if len(self.from_) == 1 and self.from_fields == 1 else None


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's phrase where it hit. `start` and `end` count characters of that text (subject or body)."""

    rule: str
    phrase: str
    where: str  # "subject" or "body"
    weight: float
    negated: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rulebook makes of a text. `sure` are the tones strong enough to send a letter on.

    `doubtful` are the tones whose score reaches the doubtful mark, sure or not.
    `sentence` is the sentence of the text that mattered most, for giving back to a known client.
    """

    tone: frozenset[Tone] = frozenset()
    sure: frozenset[Tone] = frozenset()
    doubtful: frozenset[Tone] = frozenset()
    scores: Mapping[Tone, float] = field(default_factory=lambda: {Tone.COMPLAINT: 0.0, Tone.PRAISE: 0.0})
    severity: Severity | None = None
    tags: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    language: str | None = None
    sentence: str | None = None
    notes: tuple[str, ...] = ()


class Mode(StrEnum):
    """How far an inbox may go with letters to clients; tellings always leave."""

    OBSERVE = "observe"
    DRAFT = "draft"
    SEND = "send"


class Occasion(StrEnum):
    """What a plan answers."""

    COMPLAINT = "complaint"
    PRAISE = "praise"
    MIXED = "mixed"
    PROMISE = "promise"


class Stage(StrEnum):
    STRANGER = "stranger"
    PROSPECT = "prospect"
    RUMOR = "rumor"
    FLING = "fling"
    ACQUAINTANCE = "acquaintance"
    FRIEND = "friend"
    BEST_FRIEND = "best friend"
    EX = "ex"


class CaseState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    SETTLED = "settled"
    PARTED = "parted"


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    LATE = "late"  # its moment has passed, and nobody has said that it was kept
    WITHDRAWN = "withdrawn"


class LetterState(StrEnum):
    QUEUED = "queued"
    HELD = "held"  # waits for a person's word
    DRAFTED = "drafted"
    SENDING = "sending"  # committed before DATA; found after a crash it is UNKNOWN
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the server may or may not have taken it
    WITHDRAWN = "withdrawn"  # its moment passed, or the mode kept it in
    DROPPED = "dropped"  # by a person


class LetterKind(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    FOLLOW_UP = "follow_up"
    TELLING = "telling"  # to colleagues; always leaves


class Standing(StrEnum):
    """Where a mail of an inbox stands in its accounting: seen = acknowledged + pending + no letter + set aside."""

    ACKNOWLEDGED = "acknowledged"
    PENDING = "pending"
    NO_LETTER = "no letter"
    SET_ASIDE = "set aside"


class Evidence(StrEnum):
    """How far a mail of ours shows that a colleague has answered the client."""

    FIRM = "firm"
    DOUBTFUL = "doubtful"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Client:
    """A person outside, as the store knows him. `revision` grows by one with every record that touches him.

    `known`: a colleague has written to one of the addresses before, or clients.yaml has it.
    `last_colleague` is who of us last wrote to him. `absent_until` is the day his last notice of absence named, as
    midnight UTC. `quiet` is the owner's word in clients.yaml and is not stored; `hushed_at` is when a colleague asked,
    by a reply, for no automatic letters to this client.
    """

    key: str
    addresses: frozenset[Address]
    revision: int = 0
    name: str = ""
    known: bool = False
    stage: Stage = Stage.STRANGER
    last_colleague: Address | None = None
    silence_asked_at: datetime | None = None
    bounced: frozenset[Address] = frozenset()
    first_seen: datetime | None = None
    absent_until: datetime | None = None
    quiet: bool = False
    hushed_at: datetime | None = None

    @property
    def silent(self) -> bool:
        """Whether no letter may go to him: he asked for silence, or one of us did for him."""
        return self.quiet or self.silence_asked_at is not None or self.hushed_at is not None


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint and all that follows. `received_at` is the arrival of the client's latest non-automatic mail in it.

    `round` grows each time the case waits anew, so that tellings start again under keys of their own. `occasion` is
    the plan it goes by; `sure`: one of its mails was sure enough of a complaint to send letters on. Until
    `snoozed_until` colleagues are not told of it.
    """

    key: str
    client: str
    inbox: str
    thread: str
    mail: str  # identity of the mail that opened it
    state: CaseState
    severity: Severity
    opened_at: datetime
    received_at: datetime
    tags: tuple[str, ...] = ()
    answered_at: datetime | None = None
    answered_by: Address | None = None
    closed_at: datetime | None = None
    assignee: Address | None = None
    round: int = 0
    occasion: Occasion = Occasion.COMPLAINT
    sure: bool = False
    snoozed_until: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in (CaseState.WAITING, CaseState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a colleague told a client would happen, and by when. `mail` is the identity of the mail it goes back to."""

    key: str
    client: str
    address: Address
    inbox: str
    mail: str
    what: str
    by: Address
    made_at: datetime
    due_at: datetime
    state: PromiseState = PromiseState.OPEN
    case: str | None = None
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still binds: a late one does until somebody keeps or withdraws it."""
        return self.state in (PromiseState.OPEN, PromiseState.LATE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One mail between the business and a client, as much of it as deciding needs."""

    identity: str
    at: datetime
    thread: str
    ours: bool
    automatic: bool = False
    by: Address | None = None
    evidence: Evidence = Evidence.NONE
    because: str = ""

    @classmethod
    def of(cls, seen: Seen) -> Exchange:
        return cls(
            identity=seen.identity,
            at=seen.arrived,
            thread=seen.thread,
            ours=seen.ours,
            automatic=seen.automatic,
            by=seen.author,
            evidence=seen.evidence,
            because=seen.because,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A letter already decided on, as much of it as budgets and conditions need. `mode` is that of its moment."""

    key: str
    kind: LetterKind
    purpose: str
    state: LetterState
    decided_at: datetime
    mode: Mode
    case: str | None = None
    mail: str | None = None
    message_id: str | None = None

    @classmethod
    def of(cls, letter: Letter) -> Written:
        return cls(
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


@dataclass(frozen=True, slots=True)
class Relationship:
    """All that is known of one client at the moment of deciding, each tuple oldest first.

    `thread` is the thread of the mail or follow-up in question. `cases` are those open, or closed within the window;
    `promises` those that still bind, or were closed within it;
    `exchanges` and `written` reach back over the window that was asked for.
    """

    client: Client
    thread: str
    cases: tuple[Case, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    written: tuple[Written, ...] = ()
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something to reconsider at `due_at`; `key` is unique for each occurrence, its time counts from `anchor`."""

    key: str
    occasion: Occasion
    step: str
    inbox: str
    client: str
    address: Address
    mail: str
    anchor: datetime
    due_at: datetime
    case: str | None = None
    round: int = 0
    planned_at: datetime | None = None
    promise: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail as it is recorded. `refusal` is the gate's reason in words, `verdict` what the rulebook made of it.

    `fields` are those header fields that people may want to see, `attachments` the names of what came with it.
    """

    identity: str
    inbox: str
    folder: str
    uidvalidity: int
    uid: int
    arrived: datetime
    thread: str
    ours: bool = False
    message_id: str | None = None
    author: Address | None = None
    author_name: str = ""
    client: str | None = None
    case: str | None = None
    to: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    language: str | None = None
    references: tuple[str, ...] = ()
    nature: Nature = Nature.PERSON
    automatic: bool = False
    evidence: Evidence = Evidence.NONE
    refusal: str | None = None
    verdict: Verdict | None = None
    authenticated: bool = False
    learnt: bool = False
    standing: Standing = Standing.NO_LETTER
    because: str = ""
    attachments: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """An outgoing mail: its bytes and Message-ID are fixed before the first attempt. `envelope_from` "" is `<>`.

    `filed`: it lies in Sent, or in Drafts, under `filed_uid` where the server told.
    """

    key: str
    inbox: str
    kind: LetterKind
    purpose: str
    to: Address
    subject: str
    message_id: str
    envelope_from: str
    raw: bytes
    state: LetterState
    created: datetime
    mode: Mode
    because: str
    client: str | None = None
    case: str | None = None
    mail: str | None = None
    expires: datetime | None = None
    attempts: int = 0
    next_try: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str | None = None
    filed: bool = False
    filed_uid: int | None = None


class Purpose(StrEnum):
    """What a reply to a mail of ours to a colleague may be about."""

    TELLING = "telling"
    CONFIRMATION = "confirmation"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that a mail to a colleague speaks of: a client's mail with its case, a letter, or a promise."""

    mail: str | None = None
    case: str | None = None
    letter: str | None = None
    promise: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """What lets a colleague's reply act. Its id and MAC stand in the Message-ID of a mail to that one person.

    `about` are the things that mail speaks of, in its order: a word with a number in front means that one.
    """

    id: str
    person: Address
    purpose: Purpose
    about: tuple[Concern, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What one mail of commands changed, each as (before, after), kept under the token of its confirmation.

    It may be undone while everything still stands as it was left. `hushed` names clients by key, `letters` by key.
    """

    token: str
    cases: tuple[tuple[Case | None, Case], ...] = ()
    promises: tuple[tuple[Promise | None, Promise], ...] = ()
    letters: tuple[tuple[str, LetterState, LetterState], ...] = ()
    hushed: tuple[tuple[str, datetime | None, datetime | None], ...] = ()
    corrected: tuple[tuple[str, frozenset[Tone] | None, frozenset[Tone]], ...] = ()


@dataclass(frozen=True, slots=True)
class Ignore:
    """No letter follows from this mail."""

    because: str
    what = "no letter"


@dataclass(frozen=True, slots=True)
class OpenCase:
    case: Case
    because: str
    what = "case opened"


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """The case as it stands from now on; `what` says which change it was."""

    case: Case
    what: str
    because: str


@dataclass(frozen=True, slots=True)
class ChangeClient:
    """The client as he is known from now on."""

    client: Client
    what: str
    because: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A follow-up to reconsider later."""

    follow_up: FollowUp
    because: str
    what = "follow-up planned"


@dataclass(frozen=True, slots=True)
class Postpone:
    follow_up: FollowUp
    until: datetime
    because: str
    what = "follow-up postponed"


@dataclass(frozen=True, slots=True)
class Withhold:
    """A follow-up that was reconsidered and found needless or wrong."""

    follow_up: FollowUp
    because: str
    what = "withheld"


@dataclass(frozen=True, slots=True)
class WriteLetter:
    """A letter to a client. `follow_up` is the one it fulfils; `hold` says why it must wait for a person."""

    key: str
    kind: LetterKind
    purpose: str
    to: Address
    mode: Mode
    because: str
    follow_up: FollowUp | None = None
    case: str | None = None
    hold: str | None = None
    what = "letter"


@dataclass(frozen=True, slots=True)
class Tell:
    """A telling to colleagues about a case or a matter of the house.

    `doubt` names what may have been an answer, `done` what the client has had from us, `history` what passed before.
    """

    key: str
    purpose: str
    to: tuple[Address, ...]
    because: str
    follow_up: FollowUp | None = None
    case: str | None = None
    deadline: datetime | None = None
    doubt: str = ""
    done: str = ""
    history: tuple[tuple[datetime, str], ...] = ()
    what = "telling"


@dataclass(frozen=True, slots=True)
class Enter:
    """Where the mail stands in its inbox's accounting from now on."""

    mail: str
    standing: Standing
    because: str
    what = "standing"


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the journal and nothing else."""

    what: str
    because: str


@dataclass(frozen=True, slots=True)
class KeepPromise:
    """The promise as it stands from now on: made, kept, late or withdrawn; `what` says which."""

    promise: Promise
    what: str
    because: str


@dataclass(frozen=True, slots=True)
class ChangeLetter:
    """A letter in one of the states `expect` goes over to `state`; in any other it is left as it is."""

    key: str
    expect: tuple[LetterState, ...]
    state: LetterState
    because: str
    what = "letter changed"


@dataclass(frozen=True, slots=True)
class Correct:
    """What a colleague says that a mail's tone is; None takes his word back. The recorded verdict stays beside it."""

    mail: str
    tone: frozenset[Tone] | None
    by: Address | None
    because: str
    what = "verdict corrected"


Step = (
    Ignore
    | OpenCase
    | ChangeCase
    | ChangeClient
    | Schedule
    | Postpone
    | Withhold
    | WriteLetter
    | Tell
    | Enter
    | Note
    | KeepPromise
    | ChangeLetter
    | Correct
)
