"""A client as mail to colleagues names him."""

from __future__ import annotations

from dataclasses import dataclass

from troth.letters.cleaning import maybe, one_line
from troth.model import Address


@dataclass(frozen=True, slots=True)
class TheClient:
    """A client as colleagues see him; `name` is his address where no name is known."""

    name: str
    address: str
    known: bool = False
    company: str | None = None
    stage: str | None = None
    notes: str | None = None


def the_client(
    who: Address,
    name: str | None = None,
    *,
    known: bool = False,
    company: str | None = None,
    stage: str | None = None,
    notes: str | None = None,
) -> TheClient:
    """A client for tellings; every text may come from him."""
    shown = one_line(name or "", 80) or who
    return TheClient(shown, who, known, maybe(company), maybe(stage), maybe(notes, 500))
