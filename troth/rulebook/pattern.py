"""RE2, met here only: one set that says which patterns stand in a text, and matchers that say where."""

from __future__ import annotations

import re2

AT_ONCE = 512  # patterns to a set: more sets are quicker over strange texts, and slower between threads
LEAST_MEMORY = 4 << 20  # bytes for a set, its program and the cache of its automaton: a pack has 3 or 4 sets
AMPLE_MEMORY, MOST_MEMORY = 96 << 20, 256 << 20  # for all sets together
MATCHER_MEMORY, SMALL_MATCHER = 1 << 20, 1 << 16
MOST_SPANS = 40  # of one pattern in one text; what is repeated more often counts no further anyway


class BadExpressionError(Exception):
    """RE2 refuses a regular expression; the text says why."""


def _options(memory: int, *, capture: bool) -> re2.Options:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.never_capture = not capture
    return options


class Matcher:
    """Where a pattern stands in a folded text: the span of its first bracket."""

    __slots__ = ("_compiled",)

    def __init__(self, source: str, memory: int = MATCHER_MEMORY) -> None:
        """Raises BadExpressionError, also where the pattern needs more `memory` (bytes)."""
        try:
            self._compiled = re2.compile(source.encode(), _options(memory, capture=True))
        except re2.error as error:
            reason = error.args[0] if error.args else ""
            raise BadExpressionError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None

    def spans(self, text: bytes) -> list[tuple[int, int]]:
        """Spans in bytes, from left to right. The closing bound of one may be the opening bound of the next."""
        found: list[tuple[int, int]] = []
        start = 0
        while len(found) < MOST_SPANS:
            match = self._compiled.search(text, start)
            if match is None:
                break
            first, last = match.span(1)
            found.append((first, last))
            start = max(last, match.start() + 1)
        return found

    def matches_nothing(self) -> bool:
        """Whether the pattern is content with an empty stretch of text."""
        return any(first == last for first, last in self.spans(b"\n \n"))


class Sieve:
    """Which of many patterns stand in a text, in a few passes over it.

    One automaton for all is slow: it has too many states to keep, and compiling it takes 20 MB for a moment.
    """

    __slots__ = ("_sets",)

    def __init__(self, sources: list[str], *, ample: bool = False) -> None:
        """Raises BadExpressionError where they are too many, or too large, for MOST_MEMORY."""
        groups = [sources[first : first + AT_ONCE] for first in range(0, len(sources), AT_ONCE)]
        least = AMPLE_MEMORY // max(len(groups), 1) if ample else LEAST_MEMORY
        self._sets = [_compiled(group, least, MOST_MEMORY // len(groups)) for group in groups]

    def hits(self, text: bytes) -> list[int]:
        """The numbers of the patterns, in the order they were given."""
        first = range(0, AT_ONCE * len(self._sets), AT_ONCE)
        found = ((start, made.Match(text)) for start, made in zip(first, self._sets, strict=True))
        return [start + number for start, numbers in found for number in sorted(numbers or ())]


def _compiled(sources: list[str], memory: int, most: int) -> re2.Set:
    """The set, with as little memory as it is content with: what it may use for its cache it will use."""
    made = re2.Set.SearchSet(_options(memory, capture=False))
    for source in sources:
        made.Add(source.encode())
    try:
        made.Compile()
    except re2.error:
        if memory >= most:
            raise BadExpressionError("all phrases together are too large") from None
        return _compiled(sources, memory * 2, most)
    return made
