"""Whether the clock was set, or the machine slept: then more or less time is said to have passed than did."""

from __future__ import annotations

from datetime import datetime, timedelta

_WORTH = timedelta(seconds=5)
"""Less than this is a clock being corrected as it should be."""


class Stepping:
    """Compares the clock with one that cannot be set and stands still while the machine sleeps (in seconds)."""

    def __init__(self, now: datetime, steady: float) -> None:
        self._begin = now - timedelta(seconds=steady)

    def by(self, now: datetime, steady: float) -> timedelta | None:
        """How far the clock went beyond the time that passed since the last step; None where they agree."""
        begin = now - timedelta(seconds=steady)
        step = begin - self._begin
        if abs(step) < _WORTH:
            return None
        self._begin = begin
        return step
