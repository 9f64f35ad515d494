"""RE2, met here only: one set that says which patterns stand in a text, and matchers that say where."""

from __future__ import annotations

import re2

LEAST_MEMORY, MOST_MEMORY = 12 << 20, 256 << 20  # bytes for a set: its program and the cache of its automaton
AMPLE_MEMORY = 96 << 20
MATCHER_MEMORY = 1 << 20
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

    def __init__(self, source: str) -> None:
        """Raises BadExpressionError."""
        try:
            self._compiled = re2.compile(source.encode(), _options(MATCHER_MEMORY, capture=True))
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
    """Which of many patterns stand in a text, in one pass over it."""

    __slots__ = ("_set",)

    def __init__(self, sources: list[str], *, ample: bool = False) -> None:
        """Raises BadExpressionError where they are too many, or too large, to be one set."""
        self._set = _compiled(sources, AMPLE_MEMORY if ample else LEAST_MEMORY)

    def hits(self, text: bytes) -> list[int]:
        """The numbers of the patterns, in the order they were given."""
        return sorted(self._set.Match(text) or ())


def _compiled(sources: list[str], memory: int) -> re2.Set:
    """The set, with as little memory as it is content with: what it may use for its cache it will use."""
    made = re2.Set.SearchSet(_options(memory, capture=False))
    for source in sources:
        made.Add(source.encode())
    try:
        made.Compile()
    except re2.error:
        if memory >= MOST_MEMORY:
            raise BadExpressionError("all phrases together are too large") from None
        return _compiled(sources, memory * 2)
    return made
