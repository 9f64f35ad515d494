"""One transaction: what the ways through the house read and write in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from troth.model import Address, Case, ChangeClient, Client, FollowUp, Letter, Relationship, Seen, Step
from troth.store import clients as people
from troth.store import history, learning
from troth.store import schema as table
from troth.store import steps as writing
from troth.store.face import JournalLine, Moved, Watermark
from troth.store.recorded import already, exchange_rows
from troth.store.schema import bounded
from troth.store.standing import at_record, shown
from troth.store.statements import add_new, put, several
from troth.store.values import case_of, follow_up_of, letter_of, mail_fields, seen_of

_WATERMARK = select(table.watermarks).where(
    table.watermarks.c.inbox == bindparam("inbox"), table.watermarks.c.folder == bindparam("folder")
)
_SEEN = select(table.mails).where(table.mails.c.identity == bindparam("identity"))
_SEEN_BY_MESSAGE_ID = (
    select(table.mails)
    .where(table.mails.c.message_id == bindparam("message_id"))
    .order_by(table.mails.c.arrived, table.mails.c.identity)
    .limit(1)
)
_WITHOUT_RAW = [column for column in table.letters.c if column.name != "raw"]
_LETTERS = select(*_WITHOUT_RAW).where(
    or_(table.letters.c.message_id.in_(several("ids")), table.letters.c.provider_id.in_(several("ids")))
)
_CASE = select(table.cases).where(table.cases.c.key == bindparam("key"))
_DUE = (
    select(table.follow_ups)
    .where(table.follow_ups.c.done_at.is_(None), table.follow_ups.c.due_at <= bindparam("now"))
    .order_by(table.follow_ups.c.due_at, table.follow_ups.c.key)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(table.follow_ups.c.due_at)).where(table.follow_ups.c.done_at.is_(None))
_TAKE = (
    update(table.follow_ups)
    .where(
        table.follow_ups.c.key == bindparam("of"),
        table.follow_ups.c.done_at.is_(None),
        table.follow_ups.c.due_at <= bindparam("now"),
    )
    .values(done_at=bindparam("now"))
)
_RECALL = select(table.memory.c.value).where(table.memory.c.key == bindparam("key"))
_REMEMBER = (
    update(table.memory)
    .where(table.memory.c.key == bindparam("of"), table.memory.c.value != bindparam("said"))
    .values(value=bindparam("said"))
)


def _this_fault() -> list[ColumnElement[bool]]:
    return [table.faults.c[name] == bindparam(f"of_{name}") for name in ("inbox", "folder", "uidvalidity", "uid")]


_ONE_MORE = update(table.faults).where(*_this_fault()).values(count=table.faults.c.count + 1, words=bindparam("said"))
_FAULTS = select(table.faults.c.count).where(*_this_fault())


class SqlBook:
    """A `Book` over one connection. After a Moved the block may go on, unless `spoilt` is set."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.spoilt = False

    def watermark(self, inbox: str, folder: str) -> Watermark | None:
        row = self._connection.execute(_WATERMARK, {"inbox": inbox, "folder": folder}).one_or_none()
        if row is None:
            return None
        return Watermark(row.inbox, row.folder, row.uidvalidity, row.uid, row.learn_until, row.first_start)

    def set_watermark(self, mark: Watermark) -> None:
        fields = {
            "inbox": mark.inbox,
            "folder": mark.folder,
            "uidvalidity": mark.uidvalidity,
            "uid": mark.uid,
            "learn_until": mark.learn_until,
            "first_start": mark.first_start,
        }
        put(self._connection, table.watermarks, [fields])

    def recorded(self, identities: Sequence[str]) -> frozenset[str]:
        return already(self._connection, identities)

    def seen(self, identity: str) -> Seen | None:
        row = self._connection.execute(_SEEN, {"identity": identity}).one_or_none()
        return seen_of(row) if row else None

    def seen_by_message_id(self, message_id: str) -> Seen | None:
        row = self._connection.execute(_SEEN_BY_MESSAGE_ID, {"message_id": message_id}).one_or_none()
        return seen_of(row) if row else None

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        wanted = {bounded(each): each for each in message_ids[: history.MOST_REFERENCES]}
        if not wanted:
            return {}
        found = [letter_of(row) for row in self._connection.execute(_LETTERS, {"ids": list(wanted)})]
        return {
            wanted[each]: letter
            for letter in found
            for each in (letter.message_id, letter.provider_id)
            if each is not None and each in wanted
        }

    def relationship(
        self, addresses: frozenset[Address], message_ids: Sequence[str], own_id: str, since: datetime
    ) -> Relationship:
        return history.relationship(self._connection, addresses, message_ids, own_id, since)

    def threads(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        return history.known_threads(self._connection, message_ids)

    def case(self, key: str) -> Case | None:
        row = self._connection.execute(_CASE, {"key": key}).one_or_none()
        return case_of(row) if row else None

    def client(self, key: str) -> Client | None:
        return people.by_key(self._connection, key)

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        connection = self._connection
        if already(connection, (seen.identity,)):
            return False
        people.touch_all(connection, client, steps, at)
        whole = at_record(seen, client, steps, letters)
        if not add_new(connection, table.mails, [mail_fields(whole)]):
            return self._overtaken(client, steps)
        add_new(connection, table.exchanges, exchange_rows(whole, client))
        history.join_thread(connection, whole)
        writing.apply(connection, steps, at)
        writing.enter(connection, [each for each in writing.entries(steps, letters) if each.mail != seen.identity])
        writing.add_letters(connection, letters, dict.fromkeys([each.key for each in letters], seen.thread), at)
        writing.write_lines(connection, writing.lines_of_mail(whole, shown(client, seen), steps, at))
        return True

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        connection = self._connection
        people.touch_all(connection, client, steps, at)
        about = writing.about(connection, writing.mails_behind(steps, letters))
        writing.apply(connection, steps, at)
        writing.enter(connection, writing.entries(steps, letters))
        thread_of = {each.key: about[each.mail].thread for each in letters if each.mail and each.mail in about}
        writing.add_letters(connection, letters, thread_of, at)
        writing.write_lines(connection, writing.lines_without_mail(client, steps, about, at, inbox))

    def learn(self, learnt: Iterable[Seen], known: Iterable[Address]) -> None:
        learning.learn(self._connection, learnt, known)

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        rows = self._connection.execute(_DUE, {"now": now, "most": limit})
        return [follow_up_of(row) for row in rows]

    def next_due(self) -> datetime | None:
        return self._connection.execute(_NEXT_DUE).scalar()

    def take(self, key: str, now: datetime) -> bool:
        return self._connection.execute(_TAKE, {"of": key, "now": now}).rowcount == 1

    def note(self, line: JournalLine) -> None:
        client = line.client
        if client is not None and "@" not in client:  # a key: the journal keeps addresses, which outlive a merging
            known = self.client(client)
            client = min(known.addresses, default=None) if known else None
        fields = writing.line(line.at, line.inbox, line.message_id, client, line.what, line.because)
        writing.write_lines(self._connection, [fields])

    def remember(self, key: str, value: str) -> bool:
        if add_new(self._connection, table.memory, [{"key": key, "value": value}]):
            return True
        return self._connection.execute(_REMEMBER, {"of": key, "said": value}).rowcount == 1

    def recall(self, key: str) -> str | None:
        return self._connection.execute(_RECALL, {"key": key}).scalar()

    def fault(self, inbox: str, folder: str, uidvalidity: int, uid: int, words: str) -> int:
        mail = {"inbox": inbox, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
        of = {f"of_{name}": value for name, value in mail.items()}
        if not add_new(self._connection, table.faults, [{**mail, "count": 1, "words": words}]):
            self._connection.execute(_ONE_MORE, {**of, "said": words})
        return int(self._connection.execute(_FAULTS, of).scalar_one())

    def _overtaken(self, client: Client | None, steps: Sequence[Step]) -> bool:
        """Another daemon recorded this mail after we looked. What we wrote of its client must not stay."""
        if client is None and not any(isinstance(step, ChangeClient) for step in steps):
            return False
        self.spoilt = True
        raise Moved("the mail was recorded meanwhile")
