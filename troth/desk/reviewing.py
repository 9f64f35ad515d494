"""The way of a due follow-up: is it still right to send this?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from troth import policy
from troth.desk.deciding import Deciding
from troth.desk.setting import Setting
from troth.maillog import Maillog
from troth.model import FollowUp, Step, Tell, Withhold, WriteLetter
from troth.store import Book, Moved, Store

_AT_ONCE = 50


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
        now = self._now()
        try:
            with self._store.writing() as book:
                due = book.due(now, _AT_ONCE)
                taken = [follow_up for follow_up in due if book.take(follow_up.key, now)]
                for follow_up in taken:
                    self._reconsider(book, follow_up, now)
        except Moved:
            return self._some()
        return len(due)

    def _reconsider(self, book: Book, follow_up: FollowUp, now: datetime) -> None:
        setting = self._setting()
        desk = Deciding(book, setting, now)
        seen = book.seen(follow_up.mail)
        if seen is None:
            book.carry_out(None, (Withhold(follow_up, "its mail is forgotten"),), (), now, follow_up.inbox)
            return
        own_id = seen.message_id or seen.identity
        relationship = desk.relationship(follow_up.address, (own_id,), seen.thread)
        case = book.case(follow_up.case) if follow_up.case else None
        occurrence = policy.Occurrence.of_seen(seen, case)
        steps = policy.on_due(follow_up, occurrence, relationship, setting.business, now)
        steps, letters = desk.written(seen, relationship.client, case, steps)
        book.carry_out(relationship.client, steps, letters, now, follow_up.inbox)
        for step in steps:
            self._say(follow_up, step)

    def _say(self, follow_up: FollowUp, step: Step) -> None:
        if isinstance(step, WriteLetter | Tell | Withhold):
            self._log.reviewed(follow_up.key, step.what, step.because)
