"""A letter that waits in Drafts for a person: what becomes of it as time passes and others write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeLetter,
    Evidence,
    Letter,
    LetterKind,
    LetterState,
    Relationship,
    Seen,
    Tone,
)
from troth.policy.business import Business
from troth.policy.course import PARTING
from troth.relationship import Answer, answer, client_wrote, parted

GONE = "gone from Drafts, and not in Sent"
PERHAPS_SENT = (LetterState.DRAFTED, LetterState.WITHDRAWN, LetterState.DROPPED)
"""What a letter in Drafts may be by the time that a person sends it all the same."""

_GRACE = timedelta(minutes=2)
"""Mail programs lay what they have sent into Sent first and take it out of Drafts afterwards."""

_GONE_AFTER = timedelta(minutes=10)
"""While a draft is being edited, some programs take the old one away before they save the new one."""


class Lies(StrEnum):
    """How a draft was found in Drafts."""

    AS_LAID = "as it was laid"
    CHANGED = "changed"  # or another draft in its thread, which may be what it has become
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter in Drafts with what is known at the moment of looking; `gone_since` is when it was first missed.

    `seen` is the mail it goes back to, `corrected` what a colleague says that mail's tone is.
    """

    letter: Letter
    lies: Lies
    seen: Seen
    case: Case | None
    relationship: Relationship
    corrected: frozenset[Tone] | None = None
    gone_since: datetime | None = None


def on_draft(draft: Draft, business: Business, now: datetime) -> ChangeLetter | None:
    """What the letter becomes at `now` (UTC): sent by a person, withdrawn, or None while it may go on lying there."""
    found = _answer(draft)
    if found is not None and draft.lies is Lies.GONE:
        return sent_by(draft.letter, found.by, business)
    if found is not None:
        return _withdrawn(draft, "a colleague answered") if now - found.at >= _GRACE else None
    if because := _passed(draft, now):
        return _withdrawn(draft, because)
    if draft.lies is Lies.GONE and not draft.letter.filed:
        return ChangeLetter(draft.letter.key, (LetterState.DRAFTED,), LetterState.QUEUED, "laid into Drafts again")
    missed = draft.lies is Lies.GONE and draft.gone_since is not None and now - draft.gone_since >= _GONE_AFTER
    return _withdrawn(draft, GONE) if missed else None


def sent_by(letter: Letter, by: Address | None, business: Business) -> ChangeLetter:
    """A person sent it, edited or not."""
    who = business.colleague(by)
    return ChangeLetter(letter.key, PERHAPS_SENT, LetterState.SENT, f"sent by {who.name if who else 'one of us'}")


def _withdrawn(draft: Draft, because: str) -> ChangeLetter:
    return ChangeLetter(draft.letter.key, (LetterState.DRAFTED,), LetterState.WITHDRAWN, because)


def _answer(draft: Draft) -> Answer | None:
    """A colleague's mail to the client since the draft was laid, or, for an acknowledgement, since the mail came."""
    first = draft.letter.kind is LetterKind.ACKNOWLEDGEMENT
    since = draft.seen.arrived if first else draft.letter.created
    found = answer(draft.relationship, draft.case, draft.seen.thread, since)
    return found if found is not None and found.evidence is Evidence.FIRM else None


def _passed(draft: Draft, now: datetime) -> str | None:
    """Why the moment of the draft has passed."""
    letter, client = draft.letter, draft.relationship.client
    if client.silent:
        return "silence asked"
    if letter.to in client.bounced:
        return "the address bounces"
    if parted(draft.relationship) and letter.purpose != PARTING:
        return "parted"
    if (over := _over(draft)) is not None:
        return over
    if letter.kind is LetterKind.FOLLOW_UP and client_wrote(draft.relationship, letter.created):
        return "the client wrote"
    return "its time had passed before anybody sent it" if letter.expires and letter.expires < now else None


def _over(draft: Draft) -> str | None:
    case, created = draft.case, draft.letter.created
    about = Tone.PRAISE if case is None else Tone.COMPLAINT
    if draft.corrected is not None and about not in draft.corrected:
        return "the verdict was corrected"
    if case is None:
        return None
    if case.state is CaseState.SETTLED and case.closed_at is not None and case.closed_at >= created:
        return "settled"
    answered = case.state is CaseState.ANSWERED and case.answered_at is not None and case.answered_at >= created
    return "the case was answered" if answered else None
