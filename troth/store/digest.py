"""Everything that a digest needs, read in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, false, func, literal, or_, select, true

from troth.digest import BEFORE, CHARTED, WEEK
from troth.model import Address, Case, CaseState, Letter, LetterKind, LetterState, Mode, PromiseState, Seen
from troth.store import promising
from troth.store.correcting import tone_of
from troth.store.face import Accounting
from troth.store.gathered import Gathered, Planned, Regular, Span, Tally, Waiting
from troth.store.overview import accounting, accounts, states
from troth.store.schema import (
    Instant,
    cases,
    client_addresses,
    clients,
    corrections,
    exchanges,
    follow_ups,
    letters,
    mails,
    watermarks,
)
from troth.store.statements import several
from troth.store.values import Found, case_of, follow_up_of, letter_of, seen_of

_FIVE_WEEKS = WEEK + BEFORE
_QUIET = timedelta(days=60)
_FEWEST = 3
_DAY = timedelta(days=1)
_AT_ONCE = 500
_MOST = 200
"""So many of one kind are read at most: no digest shows more."""

STUCK = (LetterState.HELD, LetterState.FAILED, LetterState.UNKNOWN)
"""What has become of a letter that waits for a person's word."""

_SINCE, _NOW = bindparam("since", type_=Instant()), bindparam("now", type_=Instant())
_MAIL = [*(column for column in mails.c if column.name != "text"), literal("").label("text")]
_LETTER = [column for column in letters.c if column.name != "raw"]
# verdicts are JSON made here (values.verdict_json): its quotes cannot be those of a client's words, which are escaped
_TONED = mails.c.verdict.like('{"tone":["%')
_COMPLAINT = mails.c.verdict.like('{"tone":["complaint"%')
_SURE_PRAISE = mails.c.verdict.like('{"tone":[%],"sure":[%"praise"],"doubtful":%')
_THEIRS = mails.c.ours == false()

_WAITING = select(cases).where(cases.c.state == CaseState.WAITING.value).order_by(cases.c.received_at, cases.c.key)
_MAILS = select(*_MAIL).where(mails.c.identity.in_(several("wanted")))
_PEOPLE = (
    select(client_addresses.c.client, client_addresses.c.address, clients.c.name)
    .join(clients, clients.c.key == client_addresses.c.client)
    .where(clients.c.key.in_(several("wanted")))
)
_PLANNED = (
    select(follow_ups, mails.c.subject, mails.c.author_name)
    .join(mails, mails.c.identity == follow_ups.c.mail, isouter=True)
    .where(follow_ups.c.done_at.is_(None), follow_ups.c.due_at <= bindparam("ahead", type_=Instant()))
    .order_by(follow_ups.c.due_at, follow_ups.c.key)
    .limit(5 * _MOST)
)
_SENT = (
    select(letters.c.kind, letters.c.purpose, func.count().label("many"))
    .where(letters.c.sent_at > _SINCE, letters.c.sent_at <= _NOW)
    .group_by(letters.c.kind, letters.c.purpose)
    .order_by(letters.c.kind, letters.c.purpose)
)
_OBSERVED = (
    select(*_LETTER)
    .where(
        letters.c.state == LetterState.WITHDRAWN.value,
        letters.c.mode == Mode.OBSERVE.value,
        letters.c.kind != LetterKind.TELLING.value,
        letters.c.created > _SINCE,
    )
    .order_by(letters.c.created, letters.c.key)
    .limit(_MOST)
)
_OF_STATES = (
    select(*_LETTER)
    .where(letters.c.state.in_(several("states")))
    .order_by(letters.c.created, letters.c.key)
    .limit(_MOST)
)
_NEW = (
    select(*_MAIL)
    .where(_THEIRS, mails.c.learnt == false(), mails.c.arrived > _SINCE, _TONED)
    .order_by(mails.c.arrived, mails.c.identity)
    .limit(5 * _MOST)
)
_STARTED = (
    select(watermarks.c.inbox, func.min(watermarks.c.first_start).label("at"))
    .group_by(watermarks.c.inbox)
    .having(func.min(watermarks.c.first_start) > _SINCE)
)
_LEARNT = (
    select(*_MAIL)
    .where(
        _THEIRS,
        mails.c.learnt == true(),
        mails.c.client.is_not(None),
        mails.c.inbox == bindparam("of"),
        mails.c.arrived > _SINCE,
        _COMPLAINT,
    )
    .order_by(mails.c.arrived, mails.c.identity)
    .limit(_MOST)
)
_WRITTEN_TO = (
    select(exchanges.c.address, func.max(exchanges.c.at).label("at"))
    .join(mails, mails.c.identity == exchanges.c.mail)
    .where(exchanges.c.address.in_(several("wanted")), mails.c.ours == true(), mails.c.automatic == false())
    .group_by(exchanges.c.address)
)
_CORRECTED = select(corrections.c.mail, corrections.c.tone).where(corrections.c.at > _SINCE)
_CASES = (
    select(cases)
    .where(or_(cases.c.opened_at > _SINCE, cases.c.answered_at > _SINCE))
    .order_by(cases.c.opened_at, cases.c.key)
)
_PRAISE = (
    select(mails.c.identity, mails.c.arrived)
    .where(_THEIRS, mails.c.learnt == false(), mails.c.client.is_not(None), mails.c.arrived > _SINCE, _SURE_PRAISE)
    .order_by(mails.c.arrived, mails.c.identity)
)
_ARRIVALS = select(mails.c.inbox, mails.c.arrived).where(_THEIRS, mails.c.arrived > _SINCE).order_by(mails.c.arrived)
_STANDING = select(mails.c.inbox, mails.c.standing, mails.c.because, mails.c.arrived).where(
    _THEIRS, mails.c.learnt == false(), mails.c.arrived > _SINCE
)
_OF_CLIENTS = (_THEIRS, mails.c.automatic == false())
_SILENT = (
    select(mails.c.client, func.min(mails.c.arrived).label("first"), func.max(mails.c.arrived).label("last"))
    .join(clients, clients.c.key == mails.c.client)
    .where(clients.c.known == true(), *_OF_CLIENTS)
    .group_by(mails.c.client)
    .having(func.count() >= _FEWEST, func.max(mails.c.arrived) <= _NOW)
    .order_by(mails.c.client)
)
_WROTE = (
    select(mails.c.client, mails.c.arrived, mails.c.author, mails.c.author_name, clients.c.name)
    .join(clients, clients.c.key == mails.c.client)
    .where(mails.c.client.in_(several("wanted")), *_OF_CLIENTS)
    .order_by(mails.c.client, mails.c.arrived)
)


def gather(connection: Connection, span: Span) -> Gathered:
    """All that a digest of this span needs."""
    five_weeks_ago = span.now - _FIVE_WEEKS
    return Gathered(
        waiting=_waiting(connection),
        planned=tuple(
            Planned(follow_up_of(row), row.subject or "", row.author_name or "")
            for row in connection.execute(_PLANNED, {"ahead": span.ahead})
        ),
        promises=tuple(
            promise
            for promise in promising.of_states(connection, (PromiseState.OPEN, PromiseState.LATE))
            if promise.due_at <= span.ahead
        ),
        sent=tuple(
            Tally(LetterKind(row.kind), row.purpose, row.many)
            for row in connection.execute(_SENT, {"since": span.since, "now": span.now})
        ),
        observed=_letters(connection, _OBSERVED, since=span.since),
        drafts=_letters(connection, _OF_STATES, states=[LetterState.DRAFTED.value]),
        stuck=_letters(connection, _OF_STATES, states=[state.value for state in STUCK]),
        toned=tuple(each for each in _mails(connection, _NEW, since=span.arrived_since) if span.is_new(each)),
        learnt=tuple(_learnt(connection, span)),
        corrected={row.mail: tone_of(row.tone) for row in connection.execute(_CORRECTED, {"since": five_weeks_ago})},
        cases=tuple(case_of(row) for row in connection.execute(_CASES, {"since": five_weeks_ago})),
        praise=_praise(connection, span.now),
        regulars=tuple(_regulars(connection, span)),
        accounts=accounting(connection),
        fresh=_fresh(connection, span),
        arrivals=_arrivals(connection, five_weeks_ago),
        states=tuple(states(connection)),
    )


def _waiting(connection: Connection) -> tuple[Waiting, ...]:
    found = [case_of(row) for row in connection.execute(_WAITING)]
    known = {
        row.identity: seen_of(row)
        for some in _chunks([case.mail for case in found])
        for row in connection.execute(_MAILS, {"wanted": some})
    }
    people: dict[str, list[Found]] = defaultdict(list)
    for some in _chunks([case.client for case in found]):
        for row in connection.execute(_PEOPLE, {"wanted": some}):
            people[row.client].append(row)
    return tuple(_with(case, known.get(case.mail), people[case.client]) for case in found)


def _with(case: Case, mail: Seen | None, client: Sequence[Found]) -> Waiting:
    addresses = tuple(sorted(Address(row.address) for row in client))
    return Waiting(case, mail, addresses, client[0].name if client else "")


def _mails(connection: Connection, statement: Select[tuple[object, ...]], **given: object) -> Iterator[Seen]:
    return (seen_of(row) for row in connection.execute(statement, given))


def _letters(connection: Connection, statement: Select[tuple[object, ...]], **given: object) -> tuple[Letter, ...]:
    return tuple(letter_of(row) for row in connection.execute(statement, given))


def _learnt(connection: Connection, span: Span) -> Iterator[Seen]:
    """The complaints of the week before its first start that nobody has answered, for inboxes that are new."""
    for start in connection.execute(_STARTED, {"since": span.since}):
        known = {"of": start.inbox, "since": start.at - WEEK}
        old = list(_mails(connection, _LEARNT, **known))
        authors = [each.author for each in old if each.author]
        answered = {row.address: row.at for row in connection.execute(_WRITTEN_TO, {"wanted": authors})}
        yield from (each for each in old if each.author not in answered or answered[each.author] < each.arrived)


def _praise(connection: Connection, now: datetime) -> tuple[tuple[str, datetime], ...]:
    rows = connection.execute(_PRAISE, {"since": now - timedelta(days=CHARTED)})
    return tuple((row.identity, row.arrived) for row in rows)


def _regulars(connection: Connection, span: Span) -> Iterator[Regular]:
    """Known clients who may have fallen quiet in the span: whose last word is long ago, but not too long."""
    rows = connection.execute(_SILENT, {"now": span.now - _QUIET})
    # no usual gap is longer than all that is known of him
    late = [row.client for row in rows if row.last + max(_QUIET, 2 * (row.last - row.first + _DAY)) > span.since]
    for some in _chunks(late):
        wrote: dict[str, list[Found]] = defaultdict(list)
        for row in connection.execute(_WROTE, {"wanted": some}):
            wrote[row.client].append(row)
        yield from (_regular(client, of) for client, of in wrote.items())


def _regular(client: str, rows: Sequence[Found]) -> Regular:
    name = rows[-1].name or next((row.author_name for row in reversed(rows) if row.author_name), "")
    address = next((Address(row.author) for row in reversed(rows) if row.author), Address(""))
    return Regular(client, address, name, tuple(row.arrived for row in rows))


def _fresh(connection: Connection, span: Span) -> Mapping[str, Accounting]:
    """How the mails stand that the last digest could not know."""
    counted: Counter[tuple[str, str, str]] = Counter(
        (row.inbox, row.standing, row.because)
        for row in connection.execute(_STANDING, {"since": span.arrived_since})
        if span.is_fresh(row.inbox, row.arrived)
    )
    return accounts((inbox, standing, because, many) for (inbox, standing, because), many in counted.items())


def _arrivals(connection: Connection, since: datetime) -> Mapping[str, tuple[datetime, ...]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in connection.execute(_ARRIVALS, {"since": since}):
        found[row.inbox].append(row.arrived)
    return {inbox: tuple(moments) for inbox, moments in found.items()}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
