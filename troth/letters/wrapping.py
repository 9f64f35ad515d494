"""Text at a comfortable width: format=flowed (RFC 3676), so that a telephone may set it anew."""

from __future__ import annotations

import re

WIDTH = 72
_QUOTED = re.compile(r"((?:> ?)+|)(.*)", re.DOTALL)


def flowed(text: str) -> str:
    """The text with lines over 72 characters broken softly, and space-stuffed (RFC 3676, 4.4).

    A line that is short enough is a paragraph's end, as it stands in the template. Quoted lines stay quoted.
    """
    return "\n".join(row for line in text.split("\n") for row in _rows(line, soft=" "))


def wrapped(text: str) -> str:
    """The text as a terminal shows it, with lines of at most 72 characters where spaces allow it."""
    return "\n".join(row for line in text.split("\n") for row in _rows(line, soft=""))


def _rows(line: str, *, soft: str) -> list[str]:
    found = _QUOTED.match(line)
    mark, said = (found[1], found[2]) if found else ("", line)
    if soft:
        mark = mark.replace(" ", "")
    if line == "-- ":
        return [line]
    hang = "" if mark or soft else " " * (len(said) - len(said.lstrip()))
    parts = _broken(said.rstrip(), WIDTH - len(mark) - len(hang) - 2) if len(line) > WIDTH else [said.rstrip()]
    ends = [part + soft for part in parts[:-1]] + parts[-1:]
    return [_stuffed(mark, part, hang if number else "", soft) for number, part in enumerate(ends)]


def _stuffed(mark: str, part: str, hang: str, soft: str) -> str:
    if not soft:
        return f"{mark}{hang}{part}"
    needs = mark or part[:1] in {" ", ">"} or part.startswith("From ")
    return f"{mark} {part}" if needs and (part or mark) else part


def _broken(said: str, width: int) -> list[str]:
    """Rows of whole words; a word longer than a row stands alone. Runs of spaces inside stay."""
    rows: list[str] = []
    ahead = len(said) - len(said.lstrip())
    while len(said) > width:
        at = said.rfind(" ", ahead + 1, width + 1)
        at = at if at > 0 else said.find(" ", max(width, ahead + 1))
        if at < 0:
            break
        rows.append(said[:at].rstrip(" "))
        said, ahead = said[at + 1 :], 0
    return [*rows, said]
