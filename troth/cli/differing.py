"""What another configuration would have changed: two plays of the same mails, side by side."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from troth.cli.diary import Diary, facts_of
from troth.cli.terminal import Terminal
from troth.desk.playing import Entry, What

_GONE, _NEW, _MOVED = "gone", "new", "moved"
_MARKS = {_GONE: ("-", "red"), _NEW: ("+", "green"), _MOVED: ("~", "yellow")}


def show(
    before: Iterable[Entry], after: Iterable[Entry], zone: ZoneInfo, arguments: Namespace, terminal: Terminal
) -> int:
    """Print what is gone, new or moved in the second play."""
    old, new = _keyed(before), _keyed(after)
    changes = [(entry, _GONE) for key, entry in old.items() if key not in new]
    changes += [(entry, _NEW) for key, entry in new.items() if key not in old]
    changes += [(entry, _MOVED) for key, entry in new.items() if key in old and old[key].at != entry.at]
    changes.sort(key=lambda change: change[0].at)
    diary = Diary(terminal, zone)
    for entry, change in changes:
        if arguments.json:
            terminal.json({**facts_of(entry), "change": change})
        elif not arguments.summary and (entry.what is not What.NO_LETTER or change is _NEW):
            diary.tell(entry, terminal.style(*_MARKS[change]))
    if not arguments.json:
        _sum(changes, arguments, terminal)
    return 0


def _keyed(entries: Iterable[Entry]) -> Mapping[Hashable, Entry]:
    """Each entry by what makes it the same one in both plays."""
    found: dict[Hashable, Entry] = {}
    times: Counter[Hashable] = Counter()
    for entry in entries:
        if entry.what is What.WITHHELD or (entry.what is What.CASE and not entry.because.startswith("opened")):
            continue
        said = entry.because if entry.what is What.NO_LETTER else entry.letter
        key = (entry.what, said, entry.to, entry.client, entry.case, entry.mail)
        times[key] += 1
        found[key, times[key]] = replace(entry, written=None, matter=None)
    return found


def _sum(changes: list[tuple[Entry, str]], arguments: Namespace, terminal: Terminal) -> None:
    counted = Counter((entry.what, change) for entry, change in changes)
    title = f"\nwith {arguments.against} instead of {arguments.config}"
    terminal.print(terminal.style(title, "bold") + (":" if changes else ": nothing changes"))
    for what in What:
        said = [f"{counted[what, change]:,} {change}" for change in _MARKS if counted[what, change]]
        if said:
            terminal.print(f"  {what.value}: {', '.join(said)}")
