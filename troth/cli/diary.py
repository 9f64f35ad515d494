"""What would have been sent, as a diary to read and as lines to work on."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from troth.cli.terminal import Terminal, visible
from troth.desk.playing import Entry, What

_LONGEST = 80
_STYLES = {What.LETTER: "green", What.TELLING: "yellow", What.CASE: "cyan", What.STAGE: "blue", What.PROMISE: "magenta"}


class Diary:
    """Prints letters, tellings, cases, promises and stages under the day they fall on at the business."""

    def __init__(self, terminal: Terminal, zone: ZoneInfo) -> None:
        self._terminal = terminal
        self._zone = zone
        self._day: date | None = None

    def tell(self, entry: Entry, mark: str = "") -> None:
        """Print an entry; mails without a letter and what was withheld stand in the sums alone."""
        if entry.what not in _STYLES and not mark:
            return
        at = entry.at.astimezone(self._zone)
        if at.date() != self._day:
            self._day = at.date()
            self._terminal.print(self._terminal.style(f"\n{at:%A} {at.day} {at:%B %Y}", "bold"))
        what = self._terminal.style(f"{entry.what:<9}", _STYLES.get(entry.what, "dim"))
        room = 1 if mark else 0
        words = self._terminal.folded(visible(_words(entry), lines=False), 20 + room)
        because = self._terminal.folded(visible(entry.because, lines=False), 20 + room)
        self._terminal.print(f"{mark}  {at:%H:%M}  {what}  {words}")
        self._terminal.print(f"{mark}{' ' * 20}{self._terminal.style(because, 'dim')}")


def shorten(subject: str) -> str:
    """A subject that leaves room on its line."""
    return subject if len(subject) <= _LONGEST else subject[: _LONGEST - 1] + "…"


def _words(entry: Entry) -> str:
    subject = f": {shorten(entry.subject)}" if entry.subject else ""
    if entry.what in (What.LETTER, What.TELLING):
        return f"{entry.letter} to {entry.to}{subject}"
    return f"{entry.client or 'nobody'}{subject}"


def facts_of(entry: Entry) -> dict[str, object]:
    """What `rehearse --json` says of an entry; `cases` only where it speaks of several."""
    several = {"cases": entry.cases} if len(entry.cases) > 1 else {}
    return {
        "at": entry.at.isoformat(),
        "what": entry.what.value,
        "to": entry.to,
        "letter": entry.letter,
        "subject": entry.subject,
        "client": entry.client,
        "case": entry.case,
        "because": entry.because,
        **several,
    }
