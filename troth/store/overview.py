"""What people ask to see: states, accounting, counts, the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, false, func, select

from troth.model import Address, Case, CaseState, LetterState, Standing
from troth.store import promising
from troth.store.face import Accounting, Counts, InboxState, JournalLine
from troth.store.schema import cases, client_addresses, follow_ups, inbox_states, journal, letters, mails
from troth.store.statements import put
from troth.store.values import case_of

_STATES = select(inbox_states).order_by(inbox_states.c.inbox, inbox_states.c.folder)
_ACCOUNTING = (
    select(mails.c.inbox, mails.c.standing, mails.c.because, func.count().label("many"))
    .where(mails.c.ours == false())
    .group_by(mails.c.inbox, mails.c.standing, mails.c.because)
)
_OPEN = (
    select(cases)
    .where(cases.c.state.in_([CaseState.WAITING.value, CaseState.ANSWERED.value]))
    .order_by(cases.c.opened_at, cases.c.key)
)
_DUE = select(func.count()).where(follow_ups.c.done_at.is_(None), follow_ups.c.due_at <= bindparam("now"))
_SCHEDULED = select(func.count()).where(follow_ups.c.done_at.is_(None), follow_ups.c.due_at > bindparam("now"))

_LINES = select(journal).order_by(journal.c.at.desc(), journal.c.id.desc()).limit(bindparam("most"))
_client_of_address = select(client_addresses.c.client).where(client_addresses.c.address == bindparam("client"))
_OF_CLIENT = (journal.c.client == bindparam("client")) | journal.c.client.in_(
    select(client_addresses.c.address).where(client_addresses.c.client.in_(_client_of_address))
)
# with a client's mail goes what became of the letters that answer it
_answered = select(mails.c.identity).where(mails.c.message_id == bindparam("message_id"))
_OF_MESSAGE = (journal.c.message_id == bindparam("message_id")) | journal.c.message_id.in_(
    select(letters.c.message_id).where(letters.c.mail.in_(_answered))
)


def set_state(connection: Connection, state: InboxState) -> None:
    fields = {
        "inbox": state.inbox,
        "folder": state.folder,
        "state": state.state,
        "last_sync": state.last_sync,
        "error": state.error,
    }
    put(connection, inbox_states, [fields])


def states(connection: Connection) -> Sequence[InboxState]:
    return [
        InboxState(row.inbox, row.folder, row.state, row.last_sync, row.error) for row in connection.execute(_STATES)
    ]


def accounting(connection: Connection) -> Mapping[str, Accounting]:
    """How the mails of each inbox stand: one row is one mail, and a mail has one standing."""
    return accounts((row.inbox, row.standing, row.because, row.many) for row in connection.execute(_ACCOUNTING))


def accounts(counted: Iterable[tuple[str, str, str, int]]) -> Mapping[str, Accounting]:
    """The accounting by inbox of mails counted by inbox, standing and reason."""
    found: dict[str, dict[Standing, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for inbox, standing, because, many in counted:
        found[inbox][Standing(standing)][because] = many
    return {inbox: _account(of) for inbox, of in found.items()}


def counts(connection: Connection, now: datetime) -> Counts:
    return Counts(
        cases=dict.fromkeys((each.value for each in CaseState), 0) | _by_state(connection, cases),
        letters=dict.fromkeys((each.value for each in LetterState), 0) | _by_state(connection, letters),
        due=connection.execute(_DUE, {"now": now}).scalar_one(),
        scheduled=connection.execute(_SCHEDULED, {"now": now}).scalar_one(),
        promises=promising.counts(connection),
    )


def journal_lines(
    connection: Connection, client: Address | None, message_id: str | None, limit: int
) -> Sequence[JournalLine]:
    """The latest lines, oldest first; those of a client under whichever of his addresses."""
    statement = _LINES
    if client is not None:
        statement = statement.where(_OF_CLIENT)
    if message_id is not None:
        statement = statement.where(_OF_MESSAGE)
    wanted = {"client": client, "message_id": message_id}
    rows = connection.execute(statement, {"most": limit, **{k: v for k, v in wanted.items() if v is not None}}).all()
    return [JournalLine(row.at, row.inbox, row.message_id, row.client, row.what, row.because) for row in reversed(rows)]


def open_cases(connection: Connection) -> Sequence[Case]:
    return [case_of(row) for row in connection.execute(_OPEN)]


def _account(of: Mapping[Standing, Mapping[str, int]]) -> Accounting:
    return Accounting(
        seen=sum(_total(of, each) for each in of),
        acknowledged=_total(of, Standing.ACKNOWLEDGED),
        pending=_total(of, Standing.PENDING),
        no_letter=dict(of.get(Standing.NO_LETTER, {})),
        set_aside=_total(of, Standing.SET_ASIDE),
    )


def _total(of: Mapping[Standing, Mapping[str, int]], standing: Standing) -> int:
    return sum(of.get(standing, {}).values())


def _by_state(connection: Connection, table: Table) -> dict[str, int]:
    rows = connection.execute(select(table.c.state, func.count().label("many")).group_by(table.c.state))
    return {row.state: row.many for row in rows}
