"""One transaction: what the ways through the house read and write in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from troth.model import (
    Address,
    Case,
    CaseState,
    Client,
    Evidence,
    FollowUp,
    Letter,
    Promise,
    PromiseState,
    Relationship,
    Seen,
    Step,
    Token,
    Tone,
    Undoing,
)
from troth.store import clients as people
from troth.store import correcting, history, learning, overview, post, promising, trusting
from troth.store import schema as table
from troth.store import steps as writing
from troth.store.erasing import LONG_AGO, SILENCE_KEY, silenced
from troth.store.face import JournalLine, Moved, Watermark
from troth.store.pending import Pending, line_fields
from troth.store.recorded import already
from troth.store.schema import bounded
from troth.store.standing import at_record, shown
from troth.store.statements import add_new, put, several
from troth.store.values import case_of, follow_up_of, letter_of, seen_of

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
_WAITING = table.cases.c.state == CaseState.WAITING.value
_UNANSWERED = (
    select(table.mails.c.uid, table.mails.c.identity)
    .where(
        table.mails.c.client.in_(select(table.cases.c.client).where(_WAITING)),
        table.mails.c.case_key.in_(select(table.cases.c.key).where(_WAITING)),
        table.mails.c.inbox == bindparam("inbox"),
        table.mails.c.folder == bindparam("folder"),
        table.mails.c.uidvalidity == bindparam("uidvalidity"),
        table.mails.c.ours.is_(False),
        table.mails.c.evidence == Evidence.NONE.value,
    )
    .order_by(table.mails.c.arrived.desc())
    .limit(50)
)
_DOUBT = update(table.mails).where(table.mails.c.identity == bindparam("of")).values(evidence=Evidence.DOUBTFUL.value)
_CASE = select(table.cases).where(table.cases.c.key == bindparam("key"))
_DUE = (
    select(table.follow_ups)
    .where(table.follow_ups.c.done_at.is_(None), table.follow_ups.c.due_at <= bindparam("now"))
    .order_by(table.follow_ups.c.due_at, table.follow_ups.c.key)
    .limit(bindparam("most"))
)
_FOLLOW_UP = select(table.follow_ups).where(table.follow_ups.c.key == bindparam("key"))
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
    """A `Book` over one connection. After a Moved the block may go on: nothing of that record was written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pending = Pending(connection)
        self._new: set[str] = set()

    def finish(self) -> None:
        """Write what still waits; Moved if another daemon has recorded one of the mails meanwhile."""
        self._pending.write()
        if self._pending.overtaken:
            raise Moved("another daemon recorded one of these mails")

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
        waiting = self._pending.identities.intersection(identities)
        found = already(self._connection, [each for each in identities if each not in waiting]) | waiting
        self._new.update(set(identities) - found)
        return found

    def seen(self, identity: str) -> Seen | None:
        row = self._pending.written(table.mails).execute(_SEEN, {"identity": identity}).one_or_none()
        return seen_of(row) if row else None

    def seen_by_message_id(self, message_id: str) -> Seen | None:
        connection = self._pending.written(table.mails)
        row = connection.execute(_SEEN_BY_MESSAGE_ID, {"message_id": message_id}).one_or_none()
        return seen_of(row) if row else None

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        wanted = {bounded(each): each for each in message_ids[: history.MOST_REFERENCES]}
        if not wanted:
            return {}
        connection = self._pending.written(table.letters)
        found = [letter_of(row) for row in connection.execute(_LETTERS, {"ids": list(wanted)})]
        return {
            wanted[each]: letter
            for letter in found
            for each in (letter.message_id, letter.provider_id)
            if each is not None and each in wanted
        }

    def relationship(
        self, addresses: frozenset[Address], message_ids: Sequence[str], own_id: str, since: datetime
    ) -> Relationship:
        # the client first: whoever writes after this moves his revision, so he is never paired with newer facts
        found = people.by_addresses(self._connection, addresses)
        thread = history.thread_of(self._connection, message_ids, own_id, self._pending.threads)
        if not found:
            return Relationship(self._as_asked(people.new(addresses)), thread)
        client, keys = people.as_one(found, addresses), [each.key for each in found]
        connection = self._pending.written_of([*keys, *client.addresses])
        return history.relationship(connection, client, keys, thread, since)

    def unanswered(self, inbox: str, folder: str, uidvalidity: int) -> Mapping[int, str]:
        wanted = {"inbox": inbox, "folder": folder, "uidvalidity": uidvalidity}
        rows = self._pending.written(table.mails, table.cases).execute(_UNANSWERED, wanted)
        return {row.uid: row.identity for row in rows}

    def doubt(self, identity: str) -> None:
        self._pending.written(table.mails).execute(_DOUBT, {"of": identity})

    def threads(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        return history.known_threads(self._pending.written(table.threads), message_ids)

    def case(self, key: str) -> Case | None:
        row = self._pending.written(table.cases).execute(_CASE, {"key": key}).one_or_none()
        return case_of(row) if row else None

    def client(self, key: str) -> Client | None:
        return people.by_key(self._connection, key)

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        if seen.identity not in self._new and self.recorded((seen.identity,)):
            return False
        self._touch(client, steps, at)
        self._new.discard(seen.identity)
        pending, whole = self._pending, at_record(seen, client, steps, letters)
        pending.add_mail(whole)
        pending.add_exchanges(whole, client)
        pending.add_threads(whole.thread, history.ids_of(whole), whole.arrived)
        done = writing.apply(pending, steps, at)
        pending.enter([each for each in writing.entries(steps, letters) if each.mail != seen.identity])
        writing.add_letters(pending, letters, dict.fromkeys([each.key for each in letters], seen.thread), at)
        pending.add(table.journal, writing.lines_of_mail(whole, shown(client, seen), done, at))
        return True

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        self._touch(client, steps, at)
        pending = self._pending
        about = writing.about(pending.written(table.mails), writing.mails_behind(steps, letters))
        done = writing.apply(pending, steps, at)
        pending.enter(writing.entries(steps, letters))
        thread_of = {each.key: about[each.mail].thread for each in letters if each.mail and each.mail in about}
        writing.add_letters(pending, letters, thread_of, at)
        pending.add(table.journal, writing.lines_without_mail(client, done, about, at, inbox))

    def learn(self, mails: Iterable[Seen], known: Iterable[Address]) -> None:
        self._pending.write()
        learning.learn(self._connection, mails, known)

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        rows = self._pending.written(table.follow_ups).execute(_DUE, {"now": now, "most": limit})
        return [follow_up_of(row) for row in rows]

    def follow_up(self, key: str) -> FollowUp | None:
        row = self._pending.written(table.follow_ups).execute(_FOLLOW_UP, {"key": key}).one_or_none()
        return follow_up_of(row) if row else None

    def next_due(self) -> datetime | None:
        return self._pending.written(table.follow_ups).execute(_NEXT_DUE).scalar()

    def take(self, key: str, now: datetime) -> bool:
        return self._pending.written(table.follow_ups).execute(_TAKE, {"of": key, "now": now}).rowcount == 1

    def note(self, line: JournalLine) -> None:
        client = line.client
        if client is not None and "@" not in client:  # a key: the journal keeps addresses, which outlive a merging
            known = self.client(client)
            client = min(known.addresses, default=None) if known else None
        fields = line_fields(line.at, line.inbox, line.message_id, client, line.what, line.because)
        self._pending.add(table.journal, [fields])

    def remember(self, key: str, value: str) -> bool:
        if add_new(self._connection, table.memory, [{"key": key, "value": value}]):
            return True
        return self._connection.execute(_REMEMBER, {"of": key, "said": value}).rowcount == 1

    def recall(self, key: str) -> str | None:
        return self._connection.execute(_RECALL, {"key": key}).scalar()

    def issue(self, token: Token) -> None:
        trusting.issue(self._connection, token)

    def token(self, id_: str) -> Token | None:
        return trusting.token(self._connection, id_)

    def revoke(self, id_: str, at: datetime) -> None:
        trusting.revoke(self._connection, id_, at)

    def keep_undoing(self, undoing: Undoing) -> None:
        trusting.keep_undoing(self._connection, undoing)

    def undoing(self, token: str) -> Undoing | None:
        return trusting.undoing(self._connection, token)

    def promise(self, key: str) -> Promise | None:
        return promising.by_key(self._connection, key)

    def promises(self, states: Sequence[PromiseState]) -> Sequence[Promise]:
        return promising.of_states(self._connection, states)

    def open_cases(self) -> Sequence[Case]:
        return overview.open_cases(self._pending.written(table.cases))

    def letter(self, key: str) -> Letter | None:
        return post.without_bytes(self._pending.written(table.letters), key)

    def letters_about(self, mail: str, case: str | None) -> Sequence[Letter]:
        return post.about(self._pending.written(table.letters), mail, case)

    def corrected(self, mail: str) -> frozenset[Tone] | None:
        return correcting.corrected(self._connection, mail)

    def fault(self, inbox: str, folder: str, uidvalidity: int, uid: int, words: str) -> int:
        mail = {"inbox": inbox, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
        of = {f"of_{name}": value for name, value in mail.items()}
        if not add_new(self._connection, table.faults, [{**mail, "count": 1, "words": words}]):
            self._connection.execute(_ONE_MORE, {**of, "said": words})
        return int(self._connection.execute(_FAULTS, of).scalar_one())

    def _as_asked(self, client: Client) -> Client:
        """A new client, silent if one who was forgotten had asked for silence under his address."""
        key = self.recall(SILENCE_KEY)
        if key is None or not any(silenced(self._connection, each, bytes.fromhex(key)) for each in client.addresses):
            return client
        return replace(client, silence_asked_at=LONG_AGO)

    def _touch(self, client: Client | None, steps: Sequence[Step], at: datetime) -> None:
        if client is not None and client.revision and len(client.addresses) > 1:
            self._pending.write()  # a merging moves what is written under the other's key
        self._pending.merged.update(people.touch_all(self._connection, client, steps, at))
