"""Which watched folders have been read, and when: what lies unread in one may forbid what is about to leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from troth.model import LetterKind

PATIENCE = timedelta(minutes=2)
"""So long after a start people are told of nothing while a folder is unread; then they are told all the same."""

ELSEWHERE = timedelta(hours=1)
"""So long letters of one inbox wait for the Sent of another; the owner has been told by then that it cannot be read."""

_FRESH = timedelta(minutes=2)
_SLACK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched folder, looked at every `poll` at least; `sent` where the answers of colleagues lie in it."""

    inbox: str
    folder: str
    sent: bool
    poll: timedelta

    @property
    def fresh(self) -> timedelta:
        """How long after a look nothing is thought to lie there unread."""
        return max(3 * self.poll, _FRESH)


class Sight:
    """What has been read of the watched folders since the start, or since time last passed unnoticed."""

    def __init__(self, now: datetime) -> None:
        self._lock = Lock()
        self._watched: tuple[Watched, ...] = ()
        self._looks: dict[tuple[str, str], datetime] = {}
        self._regained: dict[tuple[str, str], datetime] = {}
        self._since = now
        self._whole = False

    def watch(self, folders: Iterable[Watched], now: datetime) -> None:
        """Begin anew with these folders."""
        with self._lock:
            self._watched = tuple(folders)
        self.blink(now)

    def blink(self, now: datetime) -> None:
        """Time has passed unseen: at a start, while the machine slept, or because its clock was set."""
        with self._lock:
            self._looks.clear()
            self._since, self._whole = now, False

    def read(self, inbox: str, folder: str, at: datetime) -> None:
        """All that lay in a folder at that moment is recorded."""
        with self._lock:
            before = self._looks.get((inbox, folder))
            watched = next((each for each in self._watched if (each.inbox, each.folder) == (inbox, folder)), None)
            if before is None or watched is None or not _within(before, at, watched.fresh):
                self._regained[inbox, folder] = at
            self._looks[inbox, folder] = at

    def tells(self, now: datetime) -> bool:
        """Whether people may be told what is due: once every folder has been read, or they have waited long enough."""
        with self._lock:
            waits = timedelta(0) <= now - self._since < PATIENCE
            unread = any((each.inbox, each.folder) not in self._looks for each in self._watched)
            self._whole = self._whole or not (waits and unread)
            return self._whole

    def writes(self, inbox: str, kind: LetterKind, now: datetime) -> datetime | None:
        """Since when letters of that kind may leave an inbox; None while an answer may lie unread that forbids one.

        A follow-up asks besides whether the client has written again.
        """
        with self._lock:
            if kind is LetterKind.TELLING:
                return self._since
            asked = [each for each in self._watched if each.sent or _asked(each, inbox, kind)]
            if not all(self._clear(each, inbox, now) for each in asked):
                return None
            regained = (self._regained.get((each.inbox, each.folder), self._since) for each in asked)
            return max(regained, default=self._since)

    def _clear(self, folder: Watched, inbox: str, now: datetime) -> bool:
        look = self._looks.get((folder.inbox, folder.folder))
        if look is not None and _within(look, now, folder.fresh):
            return True
        return folder.inbox != inbox and not timedelta(0) <= now - (look or self._since) < ELSEWHERE


def _within(look: datetime, now: datetime, fresh: timedelta) -> bool:
    return -_SLACK <= now - look <= fresh


def _asked(folder: Watched, inbox: str, kind: LetterKind) -> bool:
    return folder.inbox == inbox and kind is LetterKind.FOLLOW_UP
