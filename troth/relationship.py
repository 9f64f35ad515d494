"""What a client's history amounts to: the questions that deciding asks of a Relationship."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from troth.model import Case, CaseState, Evidence, Exchange, LetterKind, LetterState, Mode, Relationship, Written

AFTERMATH = timedelta(days=30)
"""How long after settling a mail in a case's thread, or the case itself, still counts."""

_NEVER_LEFT = (LetterState.FAILED, LetterState.DROPPED, LetterState.WITHDRAWN)


def open_case(relationship: Relationship) -> Case | None:
    """The client's open case, the latest if there are several."""
    return next((case for case in reversed(relationship.cases) if case.open), None)


def case_of_thread(relationship: Relationship, now: datetime) -> Case | None:
    """The case to whose thread this mail belongs, if it is open or was closed within the aftermath."""
    for case in reversed(relationship.cases):
        if case.thread == relationship.thread and (case.open or _closed_since(case, now - AFTERMATH)):
            return case
    return None


def matter_case(relationship: Relationship, now: datetime) -> Case | None:
    """The case that a mail of this client in this thread belongs to."""
    return open_case(relationship) or case_of_thread(relationship, now)


def recent_case(relationship: Relationship, now: datetime) -> Case | None:
    """A case that is open or was opened within the aftermath: no praise letter beside it."""
    for case in reversed(relationship.cases):
        if case.open or case.opened_at > now - AFTERMATH:
            return case
    return None


def parted(relationship: Relationship) -> bool:
    """Whether the last case ended by parting: no letter goes to that client any more."""
    return bool(relationship.cases) and relationship.cases[-1].state is CaseState.PARTED


def _closed_since(case: Case, since: datetime) -> bool:
    return case.closed_at is not None and case.closed_at >= since and case.state is not CaseState.PARTED


def _in_matter(exchange: Exchange, thread: str, case: Case | None) -> bool:
    if case is None:
        return exchange.thread == thread
    while_open = exchange.at >= case.opened_at and (case.closed_at is None or exchange.at <= case.closed_at)
    return while_open or exchange.thread == case.thread


def answers(
    relationship: Relationship, case: Case | None, thread: str, since: datetime, evidence: Evidence
) -> Iterator[Exchange]:
    """Mails of ours in the matter after `since` that are evidence, of this strength, of a colleague's answer."""
    for exchange in relationship.exchanges:
        if exchange.ours and not exchange.automatic and exchange.at > since and exchange.evidence is evidence:
            doubtful_elsewhere = evidence is Evidence.DOUBTFUL
            if doubtful_elsewhere or _in_matter(exchange, thread, case):
                yield exchange


def client_wrote(relationship: Relationship, case: Case | None, thread: str, since: datetime) -> Exchange | None:
    """The client's first mail in the matter after `since` that is not automatic."""
    for exchange in relationship.exchanges:
        theirs = not exchange.ours and not exchange.automatic and exchange.at > since
        if theirs and _in_matter(exchange, thread, case):
            return exchange
    return None


def counted(written: Written, mode: Mode) -> bool:
    """Whether a letter uses up a budget: one that left or still may leave, decided in the mode of now.

    In observe mode every letter is withdrawn at once; those count there, so that what is shown is what would be.
    """
    if written.kind is LetterKind.TELLING or written.mode is not mode:
        return False
    return mode is Mode.OBSERVE or written.state not in _NEVER_LEFT
