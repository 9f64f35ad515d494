"""The follow-ups of a passing store, which stand in memory alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from troth.model import FollowUp
from troth.store.passing.ledger import Ledger
from troth.store.schema import bounded


class Agenda:
    """Follow-ups in the order in which they fall due; what was done stays known."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, FollowUp] = {}
        self._open: dict[str, datetime] = {}
        self._order: list[tuple[datetime, str]] = []

    def add(self, follow_up: FollowUp) -> None:
        """Plan it, unless one of its key is known."""
        if follow_up.key not in self._known:
            self._set(replace(follow_up, mail=bounded(follow_up.mail)))

    def done(self, key: str) -> bool:
        """Whether it was still open."""
        due = self._open.get(key)
        if due is None:
            return False
        self._ledger.drop(self._open, key)
        del self._order[bisect_left(self._order, (due, key))]
        return True

    def take(self, key: str, now: datetime) -> bool:
        due = self._open.get(key)
        return due is not None and due <= now and self.done(key)

    def postpone(self, follow_up: FollowUp, until: datetime) -> None:
        known = self._known.get(follow_up.key)
        planned = (known and known.planned_at) or follow_up.planned_at or follow_up.due_at
        self.done(follow_up.key)
        self._set(replace(known or follow_up, due_at=until, planned_at=planned))

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        until = min(limit, bisect_right(self._order, now, key=lambda each: each[0]))
        return [self._known[key] for _, key in self._order[:until]]

    def next_due(self) -> datetime | None:
        return self._order[0][0] if self._order else None

    def known(self, key: str) -> FollowUp | None:
        return self._known.get(key)

    def rekey(self, gone: AbstractSet[str], kept: str) -> None:
        """Clients were one."""
        for key, follow_up in list(self._known.items()):
            if follow_up.client in gone:
                self._ledger.put(self._known, key, replace(follow_up, client=kept))

    def taken_back(self) -> None:
        """The ledger was taken back: what is open is in order again."""
        self._order = sorted((due, key) for key, due in self._open.items())

    def _set(self, follow_up: FollowUp) -> None:
        self._ledger.put(self._known, follow_up.key, follow_up)
        self._ledger.put(self._open, follow_up.key, follow_up.due_at)
        insort(self._order, (follow_up.due_at, follow_up.key))
