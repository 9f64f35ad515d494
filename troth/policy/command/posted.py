"""Commands about letters that wait for a person's word: send and drop."""

from __future__ import annotations

from datetime import datetime

from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    CaseState,
    ChangeLetter,
    Evidence,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Relationship,
    Tone,
)
from troth.outbox import RELEASED
from troth.policy.command.promises import withdraw
from troth.policy.command.tones import set_tone
from troth.policy.command.values import Change, Effect, Matter
from troth.policy.course import PARTING
from troth.relationship import answer, client_wrote, parted

_FOR_A_WORD = (LetterState.HELD, LetterState.UNKNOWN, LetterState.FAILED)
_DROPPABLE = (*_FOR_A_WORD, LetterState.DRAFTED, LetterState.QUEUED, LetterState.DEFERRED)
_GONE = (LetterState.SENT, LetterState.SENDING)


def send(matter: Matter) -> Change:
    """The letter that waits may leave, unless it would be wrong now; of an unsure verdict, what it asks for may."""
    relationship, letter = matter.subject.relationship, _meant(matter, _FOR_A_WORD)
    if relationship is None:
        return matter.refused(NotDone.NO_CLIENT)
    if letter is None:
        return _nothing_waits(matter)
    against = _against(letter, matter, relationship)
    if against is not None:
        return Change((), (against,))
    step = ChangeLetter(letter.key, (letter.state,), LetterState.QUEUED, RELEASED)
    sent = matter.said(Deed.SENT, what=letter.subject)
    drafts = Mode.DRAFT in (letter.mode, _mode(matter, letter))
    return Change((step,), (sent, *((matter.said(Remark.TO_DRAFTS),) if drafts else ())))


def drop(matter: Matter) -> Change:
    """The letter that waits is not to leave; a promise that the mail spoke of no longer stands."""
    promise, letter = matter.subject.promise, _meant(matter, _DROPPABLE)
    if matter.subject.concern.letter is None and promise is not None and promise.open:
        return withdraw(matter, promise)
    if letter is None:
        return _left_already(matter) or matter.refused(NotDone.NO_LETTER)
    because = f"{matter.person.name} dropped it"
    step = ChangeLetter(letter.key, _DROPPABLE, LetterState.DROPPED, because)
    return Change((step,), (matter.said(Deed.DROPPED, what=letter.subject),))


def _meant(matter: Matter, states: tuple[LetterState, ...]) -> Letter | None:
    """The letter that the mail was about, else the latest that waits."""
    named = matter.subject.concern.letter
    waits = [each for each in matter.subject.letters if each.state in states]
    return next((each for each in reversed(waits) if named in (None, each.key)), None)


def _nothing_waits(matter: Matter) -> Change:
    """There is no letter yet where the verdict was not sure: then `send` says that it is."""
    subject = matter.subject
    verdict = subject.seen.verdict if subject.seen else None
    unsure = verdict.tone - verdict.sure if verdict else frozenset()
    told = subject.corrected is not None or (subject.case is not None and subject.case.sure)
    if subject.concern.letter is None and not subject.letters and unsure and not told:
        tone = Tone.COMPLAINT if Tone.COMPLAINT in unsure else Tone.PRAISE
        return set_tone(matter, frozenset({tone}))
    return _left_already(matter) or matter.refused(NotDone.NO_LETTER)


def _left_already(matter: Matter) -> Change | None:
    named = matter.subject.concern.letter
    about = [each for each in matter.subject.letters if named in (None, each.key)]
    if not about:
        return None
    latest = about[-1]
    if latest.state in _GONE:
        return matter.refused(NotDone.SENT, what=latest.subject, when=latest.sent_at)
    return matter.refused(NotDone.IN_DRAFTS, what=latest.subject) if latest.state is LetterState.DRAFTED else None


def _mode(matter: Matter, letter: Letter) -> Mode:
    inbox = matter.business.inboxes.get(letter.inbox)
    return inbox.mode if inbox else Mode.OBSERVE


def _against(letter: Letter, matter: Matter, relationship: Relationship) -> Effect | None:
    """Why the letter must not leave now, whoever says so."""
    what, client = letter.subject, relationship.client
    if _mode(matter, letter) is Mode.OBSERVE:
        return matter.said(NotDone.OBSERVE, what=what)
    if client.silent:
        return matter.said(NotDone.SILENCE, what=what)
    if letter.to in client.bounced:
        return matter.said(NotDone.BOUNCES, what=what)
    if letter.purpose == PARTING:
        return None
    if parted(relationship):
        return matter.said(NotDone.PARTED, what=what)
    return _overtaken(letter, matter, relationship)


def _overtaken(letter: Letter, matter: Matter, relationship: Relationship) -> Effect | None:
    """What has happened since the letter was written that it does not know."""
    subject, what = matter.subject, letter.subject
    about = Tone.COMPLAINT if letter.case else Tone.PRAISE
    if subject.corrected is not None and about not in subject.corrected:
        return matter.said(NotDone.CORRECTED, what=what)
    if letter.kind is LetterKind.ACKNOWLEDGEMENT:
        at, who = _answered(letter, matter, relationship)
        if at is not None:
            return matter.said(NotDone.ANSWERED, what=what, who=who, when=at)
    elif wrote := client_wrote(relationship, letter.created):
        return matter.said(NotDone.CLIENT_WROTE, what=what, when=wrote.at)
    if subject.case is not None and subject.case.state is CaseState.SETTLED and _closed_since(letter, matter):
        return matter.said(NotDone.CLOSED, what=what, when=subject.case.closed_at)
    late = letter.expires is not None and letter.expires <= matter.now
    return matter.said(NotDone.TOO_OLD, what=what, when=letter.expires) if late else None


def _closed_since(letter: Letter, matter: Matter) -> bool:
    closed = matter.subject.case.closed_at if matter.subject.case else None
    return closed is not None and closed >= letter.created


def _answered(letter: Letter, matter: Matter, relationship: Relationship) -> tuple[datetime | None, str]:
    """When and by whom the client was answered since the mail that the letter acknowledges."""
    subject = matter.subject
    case, since = subject.case, subject.seen.arrived if subject.seen else letter.created
    if case is not None and case.state is CaseState.ANSWERED and case.answered_at is not None:
        return case.answered_at, matter.name(case.answered_by)
    found = answer(relationship, case, relationship.thread, since)
    firm = found is not None and found.evidence is Evidence.FIRM
    return (found.at, matter.name(found.by)) if found and firm else (None, "")
