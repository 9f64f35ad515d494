"""What happened in a play, one thing at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from troth.model import (
    Address,
    Case,
    ChangeCase,
    Client,
    KeepPromise,
    Letter,
    LetterKind,
    LetterState,
    OpenCase,
    Seen,
    Step,
    Tell,
    Verdict,
    Withhold,
    WriteLetter,
)


class What(StrEnum):
    """What an entry of a play speaks of."""

    LETTER = "letter"
    TELLING = "telling"
    CASE = "case"
    PROMISE = "promise"
    STAGE = "stage"
    NO_LETTER = "no letter"
    WITHHELD = "withheld"  # a follow-up or telling that was reconsidered and found needless


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened in a play. `to`, `letter` and `written` are those of a letter or telling that left.

    `subject` is that letter's, else the mail's; `mail` the identity of the mail it goes back to. `letter` of what was
    withheld is its step. `matter` is the case as it stood from then on, for an entry about a case. `cases` are all that
    a telling speaks of, in its order.
    """

    at: datetime
    what: What
    because: str
    to: Address | None = None
    letter: str | None = None
    subject: str | None = None
    client: Address | None = None
    case: str | None = None
    mail: str | None = None
    matter: Case | None = None
    written: Letter | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What an entry about a letter says beside the letter itself."""

    client: Address | None
    because: str
    cases: tuple[str, ...] = ()


def tone_words(verdict: Verdict) -> str:
    """The tones of a verdict with their scores: `complaint, sure (3.2)`."""
    said = [
        f"{tone}, {'sure' if tone in verdict.sure else 'not sure'} ({verdict.scores[tone]:.1f})"
        for tone in sorted(verdict.tone)
    ]
    return "; ".join(said) or "no tone"


def whom_of(steps: Sequence[Step], client: Client | None, seen: Seen | None = None) -> Address | None:
    """The client's address that steps are about: who wrote the mail, or whom a mail of ours went to."""
    if seen is not None and not seen.ours:
        return seen.author
    written_to = client.addresses.intersection(seen.to) if client and seen else frozenset()
    if written_to:
        return min(written_to)
    for step in steps:
        if isinstance(step, WriteLetter):
            return step.to
        if isinstance(step, Tell | Withhold) and step.follow_up is not None:
            return step.follow_up.address
    return min(client.addresses, default=None) if client else None


def of_case(step: OpenCase | ChangeCase, subject: str | None, whom: Address | None, at: datetime) -> Entry:
    case = step.case
    because = f"{step.what.removeprefix('case ')}: {step.because}"
    return Entry(at, What.CASE, because, subject=subject, client=whom, case=case.key, mail=case.mail, matter=case)


def of_promise(step: KeepPromise, at: datetime) -> Entry:
    promise = step.promise
    because = f"{step.what.removeprefix('promise ')}: {promise.what}"
    return Entry(at, What.PROMISE, because, client=promise.address, case=promise.case, mail=promise.mail)


def withheld(step: Withhold, at: datetime) -> Entry:
    due = step.follow_up
    return Entry(
        at, What.WITHHELD, step.because, letter=due.step, client=due.address, case=due.case, mail=due.mail or None
    )


def without(seen: Seen, because: str, at: datetime) -> Entry:
    return Entry(
        at,
        What.NO_LETTER,
        because,
        subject=seen.subject,
        client=seen.author,
        case=seen.case,
        mail=seen.identity,
    )


def posted(letter: Letter, about: About, at: datetime) -> Entry:
    """A letter that left, waits in Drafts or is held; or one that was kept in after all."""
    what = What.TELLING if letter.kind is LetterKind.TELLING else What.LETTER
    because = about.because
    if letter.state is LetterState.HELD:
        because = f"held: {letter.because}"
    elif letter.state not in (LetterState.SENT, LetterState.DRAFTED):
        what, because = What.NO_LETTER, letter.because
    return Entry(
        at,
        what,
        because,
        to=letter.to,
        letter=letter.purpose,
        subject=letter.subject,
        client=about.client,
        case=letter.case,
        mail=letter.mail,
        written=letter,
        cases=about.cases,
    )
