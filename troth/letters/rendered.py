"""A letter in words, and the error of one that cannot be written."""

from __future__ import annotations

from dataclasses import dataclass

from troth.place import Place


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's words. `text` has its paragraphs on one line each, as the template has; `compose` wraps them."""

    subject: str
    text: str
    html: str | None = None


class LetterError(Exception):
    """A letter that cannot be written or sent. `missing` says what fact is, or what else is wrong, as a clause."""

    def __init__(self, letter: str, missing: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {missing}" if place else f"the letter {letter}: {missing}")
        self.letter = letter
        self.missing = missing
        self.place = place


def is_telling(name: str) -> bool:
    """Whether a letter of that name goes to colleagues; all others go to clients."""
    return name.startswith("colleague/")
