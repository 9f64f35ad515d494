"""How a command ends."""

from __future__ import annotations

WELL = 0
FINDING = 1
WRONG = 2
UNREACHABLE = 3


class Ending(Exception):  # noqa: N818 - it is no error by itself: it ends a command with a code and one line
    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.words = words
