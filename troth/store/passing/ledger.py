"""Changes in memory that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

_ABSENT = object()
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass
class Ledger:
    """Every change of a block, so that it can be undone."""

    _changes: list[tuple[dict[Any, Any], object, object]] = field(default_factory=list)

    def put(self, kept: dict[_K, _V], key: _K, value: _V) -> None:
        self._changes.append((kept, key, kept.get(key, _ABSENT)))
        kept[key] = value

    def drop(self, kept: dict[_K, _V], key: _K) -> None:
        if key in kept:
            self._changes.append((kept, key, kept.pop(key)))

    def begin(self) -> None:
        self._changes.clear()

    def take_back(self) -> None:
        for kept, key, before in reversed(self._changes):
            if before is _ABSENT:
                kept.pop(key, None)
            else:
                kept[key] = before
        self._changes.clear()
