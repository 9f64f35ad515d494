"""What the store in memory gathers for a digest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from troth.digest import BEFORE, CHARTED, WEEK
from troth.model import (
    Address,
    Case,
    CaseState,
    Client,
    Correct,
    FollowUp,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Promise,
    Seen,
    Tone,
)
from troth.store.face import Accounting, InboxState, Watermark
from troth.store.gathered import Gathered, Planned, Regular, Span, Tally, Waiting
from troth.store.overview import accounts

STUCK = (LetterState.HELD, LetterState.FAILED, LetterState.UNKNOWN)
QUIET = timedelta(days=60)
DAY = timedelta(days=1)


class Ledger(Protocol):
    """What of the ledger of tests/fakes.py a digest is gathered from."""

    @property
    def clients(self) -> Mapping[str, Client]: ...
    @property
    def mails(self) -> Mapping[str, Seen]: ...
    @property
    def passed(self) -> Mapping[tuple[Address, str], datetime]: ...
    @property
    def cases(self) -> Mapping[str, Case]: ...
    @property
    def open_follow_ups(self) -> Mapping[str, FollowUp]: ...
    @property
    def letters(self) -> Mapping[str, Letter]: ...
    @property
    def promises(self) -> Mapping[str, Promise]: ...
    @property
    def corrections(self) -> Mapping[str, tuple[Correct, datetime]]: ...
    @property
    def watermarks(self) -> Mapping[tuple[str, str], Watermark]: ...
    @property
    def states(self) -> Mapping[tuple[str, str], InboxState]: ...


def gathered(ledger: Ledger, span: Span) -> Gathered:
    since = span.now - WEEK - BEFORE
    theirs = sorted(
        (replace(seen, text="") for seen in ledger.mails.values() if not seen.ours),
        key=lambda seen: (seen.arrived, seen.identity),
    )
    new = [seen for seen in theirs if span.is_new(seen) and not seen.learnt]
    return Gathered(
        waiting=tuple(_waiting(ledger)),
        planned=tuple(_planned(ledger, span)),
        promises=tuple(
            sorted(
                (each for each in ledger.promises.values() if each.open and each.due_at <= span.ahead),
                key=lambda each: (each.due_at, each.key),
            )
        ),
        sent=tuple(_sent(ledger, span)),
        observed=_letters(
            ledger,
            lambda each: (
                each.state is LetterState.WITHDRAWN
                and each.mode is Mode.OBSERVE
                and each.kind is not LetterKind.TELLING
                and each.created > span.since
            ),
        ),
        drafts=_letters(ledger, lambda each: each.state is LetterState.DRAFTED),
        stuck=_letters(ledger, lambda each: each.state in STUCK),
        toned=tuple(seen for seen in new if seen.verdict and seen.verdict.tone),
        learnt=tuple(_learnt(ledger, theirs, span)),
        corrected={
            mail: step.tone for mail, (step, at) in ledger.corrections.items() if at > since and step.tone is not None
        },
        cases=tuple(
            sorted(
                (
                    case
                    for case in ledger.cases.values()
                    if case.opened_at > since or (case.answered_at is not None and case.answered_at > since)
                ),
                key=lambda case: (case.opened_at, case.key),
            )
        ),
        praise=tuple(
            (seen.identity, seen.arrived)
            for seen in theirs
            if seen.client and not seen.learnt and seen.arrived > span.now - timedelta(days=CHARTED)
            if seen.verdict and Tone.PRAISE in seen.verdict.sure
        ),
        regulars=tuple(_regulars(ledger, theirs, span)),
        accounts=_accounts(theirs),
        fresh=_accounts(new),
        arrivals=_arrivals([seen for seen in theirs if seen.arrived > since]),
        states=tuple(ledger.states[key] for key in sorted(ledger.states)),
    )


def _waiting(ledger: Ledger) -> Iterator[Waiting]:
    for case in sorted(ledger.cases.values(), key=lambda case: (case.received_at, case.key)):
        if case.state is CaseState.WAITING:
            seen, client = ledger.mails.get(case.mail), ledger.clients.get(case.client)
            addresses = tuple(sorted(client.addresses)) if client else ()
            yield Waiting(case, replace(seen, text="") if seen else None, addresses, client.name if client else "")


def _planned(ledger: Ledger, span: Span) -> Iterator[Planned]:
    for row in sorted(ledger.open_follow_ups.values(), key=lambda row: (row.due_at, row.key)):
        if row.due_at <= span.ahead:
            seen = ledger.mails.get(row.mail)
            yield Planned(row, seen.subject if seen else "", seen.author_name if seen else "")


def _sent(ledger: Ledger, span: Span) -> Iterator[Tally]:
    counted = Counter(
        (letter.kind, letter.purpose)
        for letter in ledger.letters.values()
        if letter.sent_at is not None and span.since < letter.sent_at <= span.now
    )
    return (Tally(kind, purpose, many) for (kind, purpose), many in sorted(counted.items()))


def _letters(ledger: Ledger, wanted: Callable[[Letter], bool]) -> tuple[Letter, ...]:
    found = (replace(each, raw=b"") for each in ledger.letters.values() if wanted(each))
    return tuple(sorted(found, key=lambda each: (each.created, each.key)))


def _learnt(ledger: Ledger, theirs: Sequence[Seen], span: Span) -> Iterator[Seen]:
    starts: dict[str, datetime] = {}
    for (inbox, _), mark in ledger.watermarks.items():
        if mark.first_start is not None:
            starts[inbox] = min(mark.first_start, starts.get(inbox, mark.first_start))
    for seen in theirs:
        start = starts.get(seen.inbox)
        complains = seen.verdict is not None and Tone.COMPLAINT in seen.verdict.tone
        if seen.learnt and seen.client and complains and start and start > span.since and seen.arrived > start - WEEK:
            answers = [
                at
                for (who, mail), at in ledger.passed.items()
                if who == seen.author and ledger.mails[mail].ours and not ledger.mails[mail].automatic
            ]
            if max(answers, default=seen.arrived - DAY) < seen.arrived:
                yield seen


def _regulars(ledger: Ledger, theirs: Sequence[Seen], span: Span) -> Iterator[Regular]:
    wrote: dict[str, list[Seen]] = defaultdict(list)
    for seen in theirs:
        if seen.client and not seen.automatic:
            wrote[seen.client].append(seen)
    for key, mails in sorted(wrote.items()):
        client, first, last = ledger.clients.get(key), mails[0].arrived, mails[-1].arrived
        silent = last <= span.now - QUIET and last + max(QUIET, 2 * (last - first + DAY)) > span.since
        if client is not None and client.known and len(mails) >= 3 and silent:
            name = client.name or next((seen.author_name for seen in reversed(mails) if seen.author_name), "")
            who = next((seen.author for seen in reversed(mails) if seen.author), Address(""))
            yield Regular(key, who, name, tuple(seen.arrived for seen in mails))


def _accounts(mails: Sequence[Seen]) -> Mapping[str, Accounting]:
    counted = Counter((seen.inbox, seen.standing.value, seen.because) for seen in mails)
    return accounts((*of, many) for of, many in counted.items())


def _arrivals(mails: Sequence[Seen]) -> Mapping[str, tuple[datetime, ...]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for seen in mails:
        found[seen.inbox].append(seen.arrived)
    return {inbox: tuple(moments) for inbox, moments in found.items()}
