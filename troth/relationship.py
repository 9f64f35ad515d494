"""What a client's history amounts to: the questions that deciding asks of a Relationship."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth.model import (
    Address,
    Case,
    CaseState,
    Client,
    Evidence,
    Exchange,
    LetterKind,
    LetterState,
    Mode,
    Promise,
    Relationship,
    Written,
)

AFTERMATH = timedelta(days=30)
"""How long after settling a mail in a case's thread, or the case itself, still counts."""

_NEVER_LEFT = (LetterState.FAILED, LetterState.DROPPED, LetterState.WITHDRAWN)


def open_case(relationship: Relationship) -> Case | None:
    """The client's open case, the latest if there are several."""
    return next((case for case in reversed(relationship.cases) if case.open), None)


def case_of_thread(relationship: Relationship, now: datetime) -> Case | None:
    """The case whose thread this is, if it is open or was settled within the aftermath; an open one first."""
    own = [case for case in reversed(relationship.cases) if case.thread == relationship.thread]
    return next((case for case in own if case.open), None) or next(
        (case for case in own if _settled_since(case, now - AFTERMATH)), None
    )


def matter_case(relationship: Relationship, now: datetime) -> Case | None:
    """The case that a mail of this client in this thread belongs to; while one is open, all he writes belongs to it."""
    found = case_of_thread(relationship, now)
    return found if found is not None and found.open else open_case(relationship) or found


def recent_case(relationship: Relationship, now: datetime) -> Case | None:
    """A case that is open or was opened within the aftermath: no praise letter beside it."""
    for case in reversed(relationship.cases):
        if case.open or case.opened_at > now - AFTERMATH:
            return case
    return None


def waiting_case(relationship: Relationship) -> Case | None:
    return next((case for case in relationship.cases if case.state is CaseState.WAITING), None)


def open_promises(relationship: Relationship, case: Case) -> tuple[Promise, ...]:
    """What was promised in a case and still binds, the earliest due first."""
    found = (promise for promise in relationship.promises if promise.open and promise.case == case.key)
    return tuple(sorted(found, key=lambda promise: promise.due_at))


def parted(relationship: Relationship) -> bool:
    """Whether we have parted with that client: no letter goes to him any more, whatever he writes after."""
    return any(case.state is CaseState.PARTED for case in relationship.cases)


def _settled_since(case: Case, since: datetime) -> bool:
    return case.state is CaseState.SETTLED and case.closed_at is not None and case.closed_at >= since


def is_theirs(exchange: Exchange, client: Client) -> bool:
    """Whether the client himself wrote it: not ours, not in a colleague's name, not by a program."""
    his = exchange.by is None or exchange.by in client.addresses
    return not exchange.ours and not exchange.automatic and his


def _while_open(at: datetime, case: Case) -> bool:
    return at >= case.opened_at and (case.closed_at is None or at <= case.closed_at)


def threads(relationship: Relationship, case: Case | None, thread: str) -> frozenset[str]:
    """The threads of the matter: the case's own, and those in which the client wrote while it was open."""
    if case is None:
        return frozenset({thread})
    written = (
        exchange.thread
        for exchange in relationship.exchanges
        if is_theirs(exchange, relationship.client) and _while_open(exchange.at, case)
    )
    return frozenset({case.thread, *written})


@dataclass(frozen=True, slots=True)
class Answer:
    """What shows, firmly or not, that a colleague has answered the client; `because` in words for people."""

    at: datetime
    evidence: Evidence
    because: str
    by: Address | None = None


def answer(relationship: Relationship, case: Case | None, thread: str, since: datetime) -> Answer | None:
    """The best evidence of an answer in the matter to the mail of `since`: firm before doubtful, then the earliest.

    A mail of ours in another thread is doubtful evidence, whatever was thought of it when it was found.
    """
    matter = threads(relationship, case, thread)
    found = _answers(relationship, matter, since)
    return min(found, key=lambda answer: (answer.evidence is not Evidence.FIRM, answer.at), default=None)


def _answers(relationship: Relationship, matter: frozenset[str], since: datetime) -> Iterator[Answer]:
    for exchange in relationship.exchanges:
        if exchange.evidence is Evidence.NONE or exchange.at < since:
            continue
        if is_theirs(exchange, relationship.client):
            if exchange.thread in matter:
                yield Answer(exchange.at, Evidence.DOUBTFUL, THEIR_OWN, exchange.by)
        elif not exchange.automatic and exchange.at > since:
            yield _weighed(exchange, matter)


THEIR_OWN = "the client's mail is marked as answered, or refers to a mail of ours that was not seen"
IN_OUR_NAME = "a mail to the client in a colleague's name came into the inbox"
ANOTHER_THREAD = "a colleague wrote to the client in another thread"


def _weighed(exchange: Exchange, matter: frozenset[str]) -> Answer:
    if not exchange.ours:
        return Answer(exchange.at, Evidence.DOUBTFUL, IN_OUR_NAME, exchange.by)
    if exchange.thread in matter:
        return Answer(exchange.at, exchange.evidence, exchange.because, exchange.by)
    return Answer(exchange.at, Evidence.DOUBTFUL, ANOTHER_THREAD, exchange.by)


def client_wrote(relationship: Relationship, since: datetime) -> Exchange | None:
    """The client's first mail after `since` that is not automatic, whatever it is about."""
    for exchange in relationship.exchanges:
        if exchange.at > since and is_theirs(exchange, relationship.client):
            return exchange
    return None


def latest_mail(relationship: Relationship, case: Case) -> Exchange | None:
    """The client's latest mail in a case: his address of now, and what a letter about the case goes back to."""
    for exchange in reversed(relationship.exchanges):
        in_matter = exchange.thread == case.thread or _while_open(exchange.at, case)
        if in_matter and is_theirs(exchange, relationship.client):
            return exchange
    return None


def letter_was_last(relationship: Relationship, at: datetime) -> bool:
    """Whether the last that the client got before `at` was a letter of ours, of late, and no mail of a colleague."""
    letters = [
        each.decided_at
        for each in relationship.written
        if each.kind is not LetterKind.TELLING
        and each.state not in _NEVER_LEFT
        and at - AFTERMATH < each.decided_at < at
    ]
    mails = [each.at for each in relationship.exchanges if each.ours and not each.automatic and each.at < at]
    return bool(letters) and (not mails or max(mails) < max(letters))


def counted(written: Written, mode: Mode) -> bool:
    """Whether a letter uses up a budget: one that left or still may leave, decided in the mode of now.

    In observe mode every letter is withdrawn at once; those count there, so that what is shown is what would be.
    """
    if written.kind is LetterKind.TELLING or written.mode is not mode:
        return False
    return mode is Mode.OBSERVE or written.state not in _NEVER_LEFT
