"""What becomes of a letter, and of its channel, after an attempt: pure decisions over what the courier reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from troth.model import Letter, LetterKind, LetterState, Mode

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=1)
LIFE_OF_A_FOLLOW_UP = timedelta(days=5)
ELSEWHERE_AFTER = timedelta(minutes=10)
"""When a channel has rested for so long, tellings leave through another inbox's."""
RELEASED = "released by a person"
"""Why a letter waits that a person let go: no breaker holds it again."""
RESENT = "sent again by a person"
"""Why a letter waits that a person sends once more: as above, but an answer given meanwhile still forbids it."""

_JITTER = 0.2
_MARGIN = timedelta(minutes=1)
_UNCOUNTED_RETRY = timedelta(seconds=30)


class Outcome(StrEnum):
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the server has had the dot, and what it made of it was not heard


class At(StrEnum):
    """How far the talk with the server had come."""

    CONNECT = "connecting"
    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "end of data"

    @property
    def about_the_letter(self) -> bool:
        """Whether anything of a letter had been said by then; before that only the channel can be at fault."""
        return self in (At.MAIL, At.RCPT, At.DATA, At.END)


class Halt(StrEnum):
    """Why nothing more should be sent through an account for a while."""

    BUSY = "the mail server asks us to come back later"
    RATE = "the mail server says that we send too much"
    CREDENTIALS = "the mail server does not accept our user name and password"
    SIGNED_OUT = "somebody has to sign in again"
    REFUSED = "the mail server refuses to talk to us"
    UNREACHABLE = "the mail server cannot be reached, or breaks off"
    UNTRUSTED = "the connection to the mail server cannot be made safe"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one attempt came to. `words` is the server's reply (or what went wrong), one clean line for the journal.

    `pause` is why the whole channel must rest. `provider_id` is the queue id or Message-ID that the 250 names.
    `null_sender_refused`: `<>` was refused, and the inbox's own address was taken in its place.
    """

    outcome: Outcome
    at: At
    code: int | None = None
    words: str = ""
    pause: Halt | None = None
    provider_id: str | None = None
    null_sender_refused: bool = False

    @property
    def permanent(self) -> bool:
        return self.outcome is Outcome.FAILED

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.at}:", str(self.code or ""), self.words) if part)


@dataclass(frozen=True, slots=True)
class Next:
    """What a letter becomes. `next_try` (UTC) only where it is tried again; `attempts` are all that count so far."""

    state: LetterState
    next_try: datetime | None
    because: str
    attempts: int


def expiry(kind: LetterKind, mail_came: datetime | None, created: datetime, oldest: timedelta) -> datetime | None:
    """The moment after which a letter must not leave any more; None for tellings, which always leave."""
    if kind is LetterKind.ACKNOWLEDGEMENT:
        return (mail_came or created) + oldest
    return created + LIFE_OF_A_FOLLOW_UP if kind is LetterKind.FOLLOW_UP else None


def expired(letter: Letter, now: datetime) -> Next | None:
    """What a letter becomes that is too late to be tried (again); None while it still may leave."""
    if letter.expires is None or now <= letter.expires:
        return None
    if letter.attempts == 0:
        return Next(LetterState.WITHDRAWN, None, "its time had passed before it could leave", 0)
    return Next(LetterState.FAILED, None, f"its time passed; {letter.because}", letter.attempts)


def after(delivery: Delivery, letter: Letter, now: datetime, random: float) -> Next:
    """What a letter becomes after an attempt. `letter.attempts` are those before it; `random` is of 0.0 to 1.0."""
    if delivery.outcome is Outcome.SENT:
        return Next(LetterState.SENT, None, delivery.words, letter.attempts + 1)
    if delivery.outcome is Outcome.FAILED:
        return Next(LetterState.FAILED, None, str(delivery), letter.attempts + 1)
    if delivery.outcome is Outcome.UNKNOWN:
        return _after_unknown(str(delivery), letter, now, random)
    return _deferred(delivery, letter, now, random)


def found_sending(letter: Letter, now: datetime, random: float) -> Next:
    """What a letter becomes that a stopped program left `sending`. Its attempt counts.

    One that was to be laid into Drafts has not left: it is laid there once, for Drafts is looked into first.
    """
    if letter.mode is Mode.DRAFT:
        because = "the program stopped while it was laid into Drafts"
        return Next(LetterState.DEFERRED, now, because, letter.attempts)
    return _after_unknown("the program stopped while the letter was leaving", letter, now, random)


def found_in_sent(letter: Letter) -> Next:
    """What a letter of unknown fate becomes when its Message-ID is found where the provider files what it sends."""
    return Next(LetterState.SENT, None, "found in Sent", letter.attempts)


def applied(step: Next, letter: Letter, delivery: Delivery | None, now: datetime) -> Letter:
    """The letter as it stands after that step."""
    sent = step.state is LetterState.SENT
    return replace(
        letter,
        state=step.state,
        next_try=step.next_try,
        because=step.because,
        attempts=step.attempts,
        sent_at=now if sent else letter.sent_at,
        provider_id=(delivery.provider_id if delivery else None) or letter.provider_id,
    )


def back_off(attempts: int, random: float) -> timedelta:
    """How long to wait after so many attempts: 5 minutes, doubling, with jitter, up to an hour (RFC 5321, 4.5.4.1)."""
    doubled = FIRST_RETRY * (1 << min(max(attempts, 1) - 1, 10))
    return min(doubled, LONGEST_RETRY / (1 + _JITTER)) * (1 + _JITTER * random)


def _after_unknown(words: str, letter: Letter, now: datetime, random: float) -> Next:
    attempts = letter.attempts + 1
    if letter.kind is not LetterKind.TELLING:
        return Next(LetterState.UNKNOWN, None, f"it may have arrived, so it is not sent again; {words}", attempts)
    because = f"it may have arrived; sent again with the same Message-ID; {words}"
    return Next(LetterState.DEFERRED, now + back_off(attempts, random), because, attempts)


def _deferred(delivery: Delivery, letter: Letter, now: datetime, random: float) -> Next:
    counts = delivery.at.about_the_letter
    attempts = letter.attempts + (1 if counts else 0)
    # where the channel alone was at fault, the channel's own pause says when
    at = now + (back_off(attempts, random) if counts else _UNCOUNTED_RETRY)
    if letter.expires is not None and at >= letter.expires:
        at = letter.expires - _MARGIN  # one last try, while it may still leave
    if at < now + _UNCOUNTED_RETRY:
        return Next(LetterState.FAILED, None, f"no time is left to try again; {delivery}", attempts)
    return Next(LetterState.DEFERRED, at, str(delivery), attempts)


@dataclass(frozen=True, slots=True)
class Pause:
    """A channel at rest; since the first of its rests nothing has left.

    `tell`: now is the moment to tell the owner, who is told once for each rest; `told` remembers it.
    """

    why: Halt
    since: datetime
    until: datetime
    times: int
    words: str
    tell: bool = False
    told: bool = False

    def over(self, now: datetime) -> bool:
        return now >= self.until

    def elsewhere(self, now: datetime) -> bool:
        """Whether it has lasted so long that tellings leave through another inbox."""
        return now - self.since >= ELSEWHERE_AFTER


_RESTS: dict[Halt, tuple[timedelta, timedelta]] = {
    Halt.BUSY: (timedelta(minutes=1), timedelta(minutes=30)),
    Halt.RATE: (timedelta(minutes=5), timedelta(hours=2)),
    Halt.CREDENTIALS: (timedelta(hours=1), timedelta(hours=6)),  # a server may lock out who tries too often
    Halt.SIGNED_OUT: (timedelta(minutes=5), timedelta(hours=1)),
    Halt.REFUSED: (timedelta(minutes=5), timedelta(hours=1)),
    Halt.UNREACHABLE: (timedelta(seconds=30), timedelta(minutes=10)),
    Halt.UNTRUSTED: (timedelta(minutes=5), timedelta(hours=1)),
}
_TOLD_AT_ONCE = frozenset({Halt.CREDENTIALS, Halt.SIGNED_OUT, Halt.REFUSED, Halt.UNTRUSTED})
_TOLD_AFTER = timedelta(hours=1)


def pause_after(delivery: Delivery, before: Pause | None, now: datetime, random: float) -> Pause | None:
    """The channel's rest after an attempt; None where the server does its work, which also ends a rest before it.

    Rests of one kind grow by doubling; the owner is told at once of what only he can mend, else after an hour.
    """
    if delivery.pause is None:
        return None
    same = before is not None and before.why is delivery.pause
    since = before.since if before else now
    times = before.times + 1 if before and same else 1
    told = before is not None and same and (before.told or before.tell)
    tell = not told and (delivery.pause in _TOLD_AT_ONCE or now - since >= _TOLD_AFTER)
    return Pause(delivery.pause, since, _until(delivery.pause, times, now, random), times, str(delivery), tell, told)


def _until(why: Halt, times: int, now: datetime, random: float) -> datetime:
    first, longest = _RESTS[why]
    return now + min(first * (1 << min(times - 1, 16)), longest) * (1 + _JITTER * random)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether letters to clients are held. `tell` only at the moment it trips; `tripped` is kept for next time."""

    hold: bool
    tell: bool = False
    tripped: datetime | None = None


def breaker(
    wanted: Sequence[datetime],
    at_most: int,
    now: datetime,
    tripped: datetime | None = None,
    per: timedelta = timedelta(hours=1),
) -> Ruling:
    """Whether one more letter to a client may leave. `wanted`: when such letters left or were held by this breaker.

    It trips at `at_most` within the rolling window. Held letters count on, so a loop of mails cannot wear it out; it
    closes again when fewer than half as many were wanted. What it held waits for a person.
    """
    many = sum(1 for at in wanted if now - per < at <= now)
    if many >= at_most or (tripped is not None and many * 2 >= at_most):
        return Ruling(hold=True, tell=tripped is None, tripped=tripped or now)
    return Ruling(hold=False)


class Filing(StrEnum):
    """Who lays a letter into Sent."""

    PROVIDER = "the provider files what its SMTP server sends"
    OURSELVES = "Troth appends it"


_FILES_ITSELF = (
    "smtp.gmail.com",
    "smtp.googlemail.com",
    "smtp-mail.outlook.com",
    "smtp.office365.com",
    "outlook.office365.com",
    *(f"{name}.zoho.{end}" for name in ("smtp", "smtppro") for end in ("com", "eu", "in", "com.au", "jp", "sa")),
)


def filing(smtp_host: str, choice: Filing | None = None) -> Filing:
    """Who files letters sent through this host; the owner's choice goes before what is known of providers."""
    if choice is not None:
        return choice
    return Filing.PROVIDER if smtp_host.lower().rstrip(".") in _FILES_ITSELF else Filing.OURSELVES
