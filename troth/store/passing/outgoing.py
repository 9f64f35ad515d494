"""The letters of a passing store that may be tried: nobody else tries them, so a claim is a mark in memory."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from troth.model import Letter, LetterKind
from troth.store.passing.ledger import Ledger
from troth.store.post import UNDER_WAY


class Outgoing:
    """Letters under way, with their bytes; of all others it is known that they were written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, None] = {}
        self._under_way: dict[str, Letter] = {}
        self._sending: set[str] = set()

    def add(self, letter: Letter) -> bool:
        """A letter is written; False, and nothing is done, if one of its key was before."""
        if letter.key in self._known:
            return False
        self._ledger.put(self._known, letter.key, None)
        self.changed(letter)
        return True

    def changed(self, letter: Letter) -> None:
        """The letter stands as it does now."""
        self._sending.discard(letter.key)
        if letter.state.value in UNDER_WAY and not letter.filed:
            self._ledger.put(self._under_way, letter.key, letter)
        else:
            self._ledger.drop(self._under_way, letter.key)

    def waiting(self, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind]) -> Sequence[Letter]:
        """As a table gives them: tellings first, then the oldest."""
        found = [
            each
            for each in self._under_way.values()
            if each.inbox == inbox
            and each.kind in kinds
            and each.key not in self._sending
            and (each.next_try is None or each.next_try <= now)
        ]
        return sorted(found, key=_turn)[:limit]

    def mark(self, keys: Sequence[str]) -> frozenset[str]:
        """Mark letters as leaving; those that were not leaving yet."""
        won = frozenset(each for each in keys if each in self._under_way and each not in self._sending)
        self._sending |= won
        return won

    def unmark(self, keys: Sequence[str]) -> None:
        self._sending.difference_update(keys)

    def rekey(self, gone: AbstractSet[str], kept: str) -> None:
        """Clients were one."""
        for letter in [each for each in self._under_way.values() if each.client in gone]:
            self._ledger.put(self._under_way, letter.key, replace(letter, client=kept))


def _turn(letter: Letter) -> tuple[bool, datetime, str]:
    return letter.kind is not LetterKind.TELLING, letter.created, letter.key
