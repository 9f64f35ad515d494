"""Where a value stands in a file, and what is wrong with it: pure, so that the core can word its own mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

Scalar = str | int | float | bool | None


class Gravity(StrEnum):
    """How bad a finding is: a mistake stops the program, a warning does not."""

    MISTAKE = "mistake"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One finding in the owner's files: what it is, and the mend, both whole clauses without a full stop."""

    place: Place
    message: str
    mend: str
    gravity: Gravity = Gravity.MISTAKE

    def __str__(self) -> str:
        mark = "warning: " if self.gravity is Gravity.WARNING else ""
        return (
            f"{self.place}: {mark}{self.message}; {self.mend}" if self.mend else f"{self.place}: {mark}{self.message}"
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with its place. `value` is a scalar, a tuple of nodes, or a dict of nodes by key.

    A key's own place is in `keys`, for a mapping only. `written` is the scalar's text as it stands in the file,
    for saying what a YAML reader would have made of it.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    place: Place
    keys: dict[str, Place] | None = None
    written: str | None = None

    def __iter__(self) -> Iterator[Node]:
        return iter(self.value if isinstance(self.value, tuple) else ())

    def get(self, key: str) -> Node | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def place_of(self, key: str) -> Place:
        return (self.keys or {}).get(key, self.place)

    def plain(self) -> object:
        """The value as plain lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant, if one is near enough."""
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def not_text(node: Node) -> Mistake:
    """The mistake of a value that is no text where one is meant, worded by what a YAML reader makes of the word."""
    if isinstance(node.value, tuple | dict):
        shape = "a list" if isinstance(node.value, tuple) else "a mapping"
        return Mistake(node.place, f"{shape} stands where a text is meant", "write one text")
    if not node.written:
        return Mistake(node.place, "nothing stands here where a text is meant", "write one, or leave the key out")
    made = {"True": "true", "False": "false", "None": "nothing"}.get(str(node.value), f"the number {node.value}")
    return Mistake(node.place, f"`{node.written}` is read as {made}", f'write "{node.written}" in quotes')


def one_of(known: list[str]) -> str:
    """The mend that offers every word there is."""
    return f"write {known[0]}" if len(known) == 1 else f"write one of {', '.join(known)}"
