"""The outgoing letters: what waits, what was claimed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, bindparam, case, func, select, update

from troth.model import Address, Letter, LetterKind, LetterState
from troth.store.pending import ENTER, JOURNAL, enter_fields, line_fields
from troth.store.schema import bounded, client_addresses, letters
from troth.store.standing import by_letter
from troth.store.statements import several
from troth.store.values import Fields, Found, letter_of

UNDER_WAY = (LetterState.QUEUED.value, LetterState.DEFERRED.value)
_NOT_TO_REOPEN = (LetterState.SENT.value, LetterState.DROPPED.value, LetterState.WITHDRAWN.value)
_GIVEN_UP = (LetterState.WITHDRAWN.value, LetterState.DROPPED.value)
_INTERRUPTED = "the program stopped while the letter was leaving"

_may_be_tried = (
    letters.c.state.in_(UNDER_WAY),
    letters.c.filed.is_(False),
    # what was never tried waits for no moment: one ahead of now is of a clock that has been set back since
    (letters.c.state == LetterState.QUEUED.value)
    | letters.c.next_try.is_(None)
    | (letters.c.next_try <= bindparam("now")),
)
_tellings_first = case((letters.c.kind == LetterKind.TELLING.value, 0), else_=1)
# the keys first, so that no letter's bytes go through the sorting
_WAITING_KEYS = (
    select(letters.c.key)
    .where(*_may_be_tried, letters.c.inbox == bindparam("inbox"), letters.c.kind.in_(several("kinds")))
    .order_by(_tellings_first, letters.c.created, letters.c.key)
    .limit(bindparam("most"))
)
_WAITING = (
    select(letters).where(letters.c.key.in_(_WAITING_KEYS)).order_by(_tellings_first, letters.c.created, letters.c.key)
)
_NEXT_TRY = select(func.min(func.coalesce(letters.c.next_try, letters.c.created))).where(
    letters.c.state.in_(UNDER_WAY), letters.c.filed.is_(False)
)
_CLAIM = (
    update(letters)
    .where(letters.c.key.in_(several("wanted")), letters.c.state.in_(UNDER_WAY))
    .values(state=LetterState.SENDING.value, claim=bindparam("by"), claimed_at=bindparam("at"))
)
_GIVE_BACK = (
    update(letters)
    .where(letters.c.key.in_(several("wanted")), letters.c.state == LetterState.SENDING.value)
    .values(
        state=case((letters.c.attempts == 0, LetterState.QUEUED.value), else_=LetterState.DEFERRED.value), claim=None
    )
)
_CLAIMED = select(letters.c.key).where(letters.c.key.in_(several("wanted")), letters.c.claim == bindparam("by"))
_STANDING = (
    select(letters.c.key, letters.c.state, client_addresses.c.address)
    .outerjoin(client_addresses, client_addresses.c.client == letters.c.client)
    .where(letters.c.key.in_(several("wanted")))
    .with_for_update(of=letters)
)
SETTLE = (
    update(letters)
    .where(letters.c.key == bindparam("of"))
    .values(
        {
            name: bindparam(f"now_{name}")
            for name in ("state", "because", "attempts", "next_try", "sent_at", "provider_id", "envelope_from")
        }
    )
)
_FILED = update(letters).where(letters.c.key == bindparam("of")).values(filed=True, filed_uid=bindparam("at_uid"))
_TAKE_BACK = (
    update(letters)
    .where(letters.c.key == bindparam("of"), letters.c.filed.is_(True), letters.c.state.in_(_GIVEN_UP))
    .values(filed=False, filed_uid=None)
)
_orphaned = letters.c.claimed_at.is_(None) | (letters.c.claimed_at <= bindparam("before"))
_UNFILED = (
    select(letters)
    .where(letters.c.state == LetterState.SENT.value, letters.c.filed.is_(False), letters.c.inbox == bindparam("inbox"))
    .where((func.substr(letters.c.claim, 1, func.length(bindparam("by"))) == bindparam("by")) | _orphaned)
    .order_by(letters.c.sent_at, letters.c.key)
    .limit(bindparam("most"))
)
_ADOPT = (
    update(letters)
    .where(letters.c.key.in_(several("wanted")), letters.c.filed.is_(False), _orphaned)
    .values(claim=bindparam("mine"), claimed_at=bindparam("at"))
)
_LEFT_SENDING = select(letters).where(
    letters.c.state == LetterState.SENDING.value,
    letters.c.filed.is_(False),
    letters.c.claimed_at <= bindparam("before"),
)
_SENT_SINCE = (
    select(letters.c.sent_at)
    .where(
        letters.c.sent_at >= bindparam("since"),
        letters.c.kind != LetterKind.TELLING.value,
    )
    .order_by(letters.c.sent_at)
)
_WITHOUT_RAW = [column for column in letters.c if column.name != "raw"]
_LAID = (
    select(*_WITHOUT_RAW)
    .where(
        letters.c.inbox == bindparam("inbox"),
        (letters.c.state == LetterState.DRAFTED.value) | (letters.c.state.in_(_GIVEN_UP) & letters.c.filed.is_(True)),
    )
    .order_by(letters.c.created, letters.c.key)
)
_LATEST = select(*_WITHOUT_RAW).order_by(letters.c.created.desc(), letters.c.key.desc()).limit(bindparam("most"))
_LATEST_OF_STATES = _LATEST.where(letters.c.state.in_(several("states")))
_LETTER = select(letters).where(letters.c.key == bindparam("key"))
_LETTER_WITHOUT_RAW = select(*_WITHOUT_RAW).where(letters.c.key == bindparam("key"))
_ABOUT = (
    select(*_WITHOUT_RAW)
    .where(
        letters.c.kind != LetterKind.TELLING.value,
        (letters.c.mail == bindparam("mail")) | (letters.c.case_key == bindparam("case_key")),
    )
    .order_by(letters.c.created, letters.c.key)
)
_CHANGE = (
    update(letters)
    .where(letters.c.key == bindparam("of"), letters.c.state.in_(several("expected")))
    .values(
        state=bindparam("to"),
        because=bindparam("why"),
        next_try=None,
        sent_at=func.coalesce(letters.c.sent_at, bindparam("sent")),
    )
)
_INTERRUPT = (
    update(letters)
    .where(letters.c.key == bindparam("of"), letters.c.state == LetterState.SENDING.value)
    .values(state=LetterState.UNKNOWN.value, because=_INTERRUPTED)
)


def waiting(
    connection: Connection, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind]
) -> Sequence[Letter]:
    wanted = {"now": now, "inbox": inbox, "most": limit, "kinds": [kind.value for kind in kinds]}
    rows = connection.execute(_WAITING, wanted)
    return [letter_of(row, row.raw) for row in rows]


def next_try(connection: Connection) -> datetime | None:
    return connection.execute(_NEXT_TRY).scalar()


def claim(connection: Connection, keys: Sequence[str], at: datetime, worker: str) -> frozenset[str]:
    """Turn letters that may be tried into `sending`; those that this very claim won."""
    wanted, by = list(keys), f"{worker} {uuid4().hex}"
    if not wanted:
        return frozenset()
    if connection.execute(_CLAIM, {"wanted": wanted, "by": by, "at": at}).rowcount == len(wanted):
        return frozenset(wanted)
    return frozenset(connection.execute(_CLAIMED, {"wanted": wanted, "by": by}).scalars())


def give_back(connection: Connection, keys: Sequence[str]) -> None:
    if keys:
        connection.execute(_GIVE_BACK, {"wanted": list(keys)})


def settle(connection: Connection, settled: Sequence[Letter], at: datetime) -> None:
    """Write what became of letters. What was sent stays sent; what a person dropped is reopened by `sent` alone."""
    found = _whom(connection, [letter.key for letter in settled])
    written = [letter for letter in settled if letter.key in found and _may_become(found[letter.key].state, letter)]
    if written:
        connection.execute(SETTLE, [outcome(letter) for letter in written])
        _follow(connection, written, found, at)


def file(connection: Connection, marks: Sequence[tuple[str, int | None]]) -> None:
    connection.execute(_FILED, [{"of": key, "at_uid": uid} for key, uid in marks])


def laid(connection: Connection, inbox: str) -> Sequence[Letter]:
    return [letter_of(row) for row in connection.execute(_LAID, {"inbox": inbox})]


def take_back(connection: Connection, key: str) -> bool:
    return connection.execute(_TAKE_BACK, {"of": key}).rowcount == 1


def unfiled(
    connection: Connection, inbox: str, limit: int, worker: str, before: datetime
) -> tuple[Sequence[Letter], Sequence[Letter]]:
    """Letters to be laid into Sent: those that this worker sent, and those of one that has been gone since `before`."""
    wanted = {"inbox": inbox, "most": limit, "by": f"{worker} ", "before": before}
    own, orphaned = list[Letter](), list[Letter]()
    for row in connection.execute(_UNFILED, wanted):
        (own if (row.claim or "").startswith(f"{worker} ") else orphaned).append(letter_of(row, row.raw))
    return own, orphaned


def adopt(connection: Connection, keys: Sequence[str], at: datetime, worker: str, before: datetime) -> frozenset[str]:
    """Take over letters that nobody has laid into Sent; those that this worker won."""
    wanted, mine = list(keys), f"{worker} {uuid4().hex}"
    connection.execute(_ADOPT, {"wanted": wanted, "mine": mine, "at": at, "before": before})
    return frozenset(connection.execute(_CLAIMED, {"wanted": wanted, "by": mine}).scalars())


def interrupt(connection: Connection, at: datetime, older_than: timedelta) -> Sequence[Letter]:
    """Letters that were left `sending`, now of unknown fate."""
    found = connection.execute(_LEFT_SENDING, {"before": at - older_than}).all()
    won = [row for row in found if connection.execute(_INTERRUPT, {"of": row.key}).rowcount == 1]
    unknown = [replace(letter_of(row, row.raw), state=LetterState.UNKNOWN, because=_INTERRUPTED) for row in won]
    _follow(connection, unknown, _whom(connection, [each.key for each in unknown]), at)
    return unknown


def change(
    connection: Connection, key: str, expect: Sequence[LetterState], state: LetterState, because: str, at: datetime
) -> bool:
    changed = alter(connection, key, expect, state, because, at)
    _follow(connection, [changed] if changed else [], _whom(connection, [key]), at)
    return changed is not None


def alter(
    connection: Connection, key: str, expect: Sequence[LetterState], state: LetterState, because: str, at: datetime
) -> Letter | None:
    """The letter in its new state, without its bytes; None, and nothing written, if it is in no expected state."""
    sent = at if state is LetterState.SENT else None
    fields = {"of": key, "expected": [each.value for each in expect], "to": state.value, "why": because, "sent": sent}
    if not expect or connection.execute(_CHANGE, fields).rowcount == 0:
        return None
    return without_bytes(connection, key)


def sent_since(connection: Connection, since: datetime) -> Sequence[datetime]:
    return list(connection.execute(_SENT_SINCE, {"since": since}).scalars())


def latest(connection: Connection, states: Sequence[LetterState], limit: int) -> Sequence[Letter]:
    """The latest letters, oldest first, without their bytes."""
    statement, wanted = (_LATEST_OF_STATES, {"states": [each.value for each in states]}) if states else (_LATEST, {})
    rows = connection.execute(statement, {"most": limit, **wanted}).all()
    return [letter_of(row) for row in reversed(rows)]


def letter(connection: Connection, key: str) -> Letter | None:
    row = connection.execute(_LETTER, {"key": key}).one_or_none()
    return letter_of(row, row.raw) if row else None


def without_bytes(connection: Connection, key: str) -> Letter | None:
    row = connection.execute(_LETTER_WITHOUT_RAW, {"key": key}).one_or_none()
    return letter_of(row) if row else None


def about(connection: Connection, mail: str, case_key: str | None) -> Sequence[Letter]:
    """Letters to the client on this mail or in this case, oldest first, without their bytes."""
    return [letter_of(row) for row in connection.execute(_ABOUT, {"mail": bounded(mail), "case_key": case_key})]


def _follow(connection: Connection, changed: Sequence[Letter], found: Mapping[str, Found], at: datetime) -> None:
    """What a letter's new state means for the mail it answers, and its line in the journal."""
    entered = [enter_fields(enter) for each in changed if (enter := by_letter(each)) is not None]
    if entered:
        connection.execute(ENTER, entered)
    if changed:
        connection.execute(JOURNAL, [_line(each, found[each.key].address, at) for each in changed])


def _whom(connection: Connection, keys: Sequence[str]) -> Mapping[str, Found]:
    return {row.key: row for row in connection.execute(_STANDING, {"wanted": list(keys)})} if keys else {}


def _may_become(state: str, letter: Letter) -> bool:
    if letter.state is LetterState.SENT:
        return True
    return state not in _NOT_TO_REOPEN


def outcome(letter: Letter) -> Fields:
    return {
        "of": letter.key,
        "now_state": letter.state.value,
        "now_because": letter.because,
        "now_attempts": letter.attempts,
        "now_next_try": letter.next_try,
        "now_sent_at": letter.sent_at,
        "now_provider_id": letter.provider_id,
        "now_envelope_from": letter.envelope_from,
    }


def _line(letter: Letter, client: Address | None, at: datetime) -> Fields:
    """Under the client's address, also for what colleagues were told of him."""
    whom = client if letter.kind is LetterKind.TELLING else letter.to
    what = f"{'telling' if letter.kind is LetterKind.TELLING else 'letter'} {letter.state.value}"
    return line_fields(at, letter.inbox, letter.message_id, whom, what, letter.because)
