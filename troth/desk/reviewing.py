"""The way of a due follow-up: is it still right to send this?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from troth import policy
from troth.desk.deciding import Deciding, latest
from troth.desk.issuing import Issuing
from troth.desk.setting import Setting
from troth.desk.telling import Telling
from troth.desk.writing import Writing
from troth.letters import LetterError
from troth.maillog import Maillog
from troth.model import FollowUp, Letter, Note, Postpone, Step, Tell, Withhold, WriteLetter
from troth.store import Book, Moved, Store, StoreError

_AT_ONCE = 200
"""So many are reconsidered in one transaction, whose tellings become one mail for each colleague."""

_AGAIN = timedelta(minutes=15)
"""When a follow-up that could not be reconsidered is tried once more."""


@dataclass
class _Turn:
    """What one transaction has decided to tell, and what it is written from, by the tellings' keys."""

    book: Book
    setting: Setting
    now: datetime
    tellings: list[Tell] = field(default_factory=list)
    of: dict[str, Writing] = field(default_factory=dict)

    def reconsider(self, follow_up: FollowUp) -> tuple[Step, ...]:
        """Decide on one follow-up and write it down; tellings are kept for `tell`."""
        book, desk = self.book, Deciding(self.book, self.setting, self.now)
        seen = book.seen(follow_up.mail)
        if seen is None:
            forgotten = (Withhold(follow_up, "its mail is forgotten"),)
            book.carry_out(None, forgotten, (), self.now, follow_up.inbox)
            return forgotten
        relationship = desk.relationship(follow_up.address, (seen.message_id or seen.identity,), seen.thread)
        case = book.case(follow_up.case) if follow_up.case else None
        occurrence = policy.Occurrence.of_seen(seen, case, book.corrected(case.mail if case else seen.identity))
        steps = policy.on_due(follow_up, occurrence, relationship, self.setting.business, self.now)
        steps, letters = desk.written(seen, relationship.client, case, steps)
        book.carry_out(relationship.client, steps, letters, self.now, follow_up.inbox)
        promise = book.promise(follow_up.promise) if follow_up.promise else None
        writing = Writing(self.setting, seen, relationship.client, latest(case, steps), self.now, promise)
        for step in steps:
            if isinstance(step, Tell):
                self.tellings.append(step)
                self.of[step.key] = writing
        return steps

    def tell(self) -> None:
        """Write the mails that all tellings of this turn become."""
        telling, letters, notes = (
            Telling(self.setting, self.now, self.of, Issuing(self.book, self.now)),
            list[Letter](),
            list[Step](),
        )
        for mail in policy.mails(self.tellings, self.setting.business):
            try:
                letters.extend(telling.written(mail))
            except LetterError as error:
                notes.append(Note("telling could not be written", str(error)))
        if letters or notes:
            self.book.carry_out(None, notes, letters, self.now)


class Reviewing:
    """Reconsiders what has fallen due. Two daemons may do so on one store: each follow-up is taken by one."""

    def __init__(
        self,
        store: Store,
        setting: Callable[[], Setting],
        now: Callable[[], datetime],
        log: Maillog,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._setting = setting
        self._now = now
        self._log = log
        self._wake = wake

    def review(self) -> int:
        """Reconsider all that is due now; gives how many were. Raises StoreError."""
        total = 0
        while done := self._some():
            total += done
        if total:
            self._wake()
        return total

    def _some(self) -> int:
        """Reconsider a turn's worth together; one by one where something goes wrong, so that it costs only itself."""
        now = self._now()
        try:
            return self._together(now)
        except StoreError:
            raise
        except Moved:
            return self._each(now)
        except Exception as error:  # noqa: BLE001 - one follow-up that fails must not keep all others from people
            self._log.tick_failed("review", error)
            return self._each(now)

    def _together(self, now: datetime) -> int:
        with self._store.writing() as book:
            due = book.due(now, _AT_ONCE)
            turn = _Turn(book, self._setting(), now)
            taken = [follow_up for follow_up in due if book.take(follow_up.key, now)]
            said = {follow_up.key: turn.reconsider(follow_up) for follow_up in taken}
            turn.tell()
        self._say(said)
        return len(due)

    def _each(self, now: datetime) -> int:
        with self._store.reading() as book:
            due = book.due(now, _AT_ONCE)
        for follow_up in due:
            try:
                self._alone(follow_up, now)
            except StoreError:
                raise
            except Moved:
                continue
            except Exception as error:  # noqa: BLE001 - as above: it is tried again later, the next one now
                self._log.tick_failed("review", error)
                self._put_off(follow_up, now, error)
        return len(due)

    def _alone(self, follow_up: FollowUp, now: datetime) -> None:
        with self._store.writing() as book:
            if not book.take(follow_up.key, now):
                return
            turn = _Turn(book, self._setting(), now)
            steps = turn.reconsider(follow_up)
            turn.tell()
        self._say({follow_up.key: steps})

    def _put_off(self, follow_up: FollowUp, now: datetime, error: Exception) -> None:
        because = f"it could not be reconsidered ({type(error).__name__})"
        with suppress(Moved), self._store.writing() as book:
            book.carry_out(None, (Postpone(follow_up, now + _AGAIN, because),), (), now, follow_up.inbox)

    def _say(self, said: Mapping[str, tuple[Step, ...]]) -> None:
        for key, steps in said.items():
            for step in steps:
                if isinstance(step, WriteLetter | Tell | Withhold):
                    self._log.reviewed(key, step.what, step.because)
