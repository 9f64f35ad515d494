"""Opening hours of a week and single dates, as an owner writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from troth.place import nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `start` until `end`, in minutes after midnight by the clock on the wall; `end` may be 24:00."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


Week = tuple[tuple[Span, ...], ...]
"""The spans of Monday to Sunday, each day's in order and apart from each other."""


def week(mapping: Mapping[str, str]) -> Week:
    """The week that a mapping such as `{mon-thu: "09:00-12:30 13:30-17:30", fri: "09:00-15:00"}` describes.

    Days not named are closed. Raises ValueError, worded for the owner, for the first thing wrong.
    """
    found: dict[int, tuple[Span, ...]] = {}
    for days, hours in mapping.items():
        spans = spans_of(hours)
        for day in days_of(days):
            if day in found:
                raise ValueError(f"`{DAYS[day]}` is given twice: name each day once")
            found[day] = spans
    if not found:
        raise ValueError('no day is named: write at least one, such as `mon-fri: "09:00-17:00"`')
    return tuple(found.get(day, ()) for day in range(7))


def days_of(text: str) -> tuple[int, ...]:
    """The weekdays (Monday is 0) that `fri`, `mon-thu` or `sat-mon` names. Raises ValueError, worded for the owner."""
    if "," in text or " " in text.strip():
        raise ValueError(f"`{text}` names several days: give each its own hours, or name a range such as mon-thu")
    ends = [_day(text, part.strip()) for part in re.split("[-–]", text.lower())]
    if len(ends) > 2:
        raise ValueError(f"`{text}` names no days: write one day (`fri`) or a range (`mon-thu`)")
    first, last = ends[0], ends[-1]
    if len(ends) == 2 and first == last:
        raise ValueError(f"`{text}` begins and ends on the same day: write `{DAYS[first]}`, or `mon-sun` for all")
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _day(text: str, name: str) -> int:
    if name in DAYS:
        return DAYS.index(name)
    meant = name[:3] if name[:3] in DAYS else nearest(name, list(DAYS))
    hint = f", did you mean `{meant}`" if meant else ""
    raise ValueError(f"`{name}` in `{text}` is no day{hint}; days are {', '.join(DAYS)}, or a range such as mon-thu")


def spans_of(text: str) -> tuple[Span, ...]:
    """The spans that `09:00-12:30 13:30-17:30` names, in order; those that touch become one.

    Raises ValueError, worded for the owner.
    """
    spans = sorted(_span(part) for part in text.split())
    if not spans:
        raise ValueError("no hours are given: write `09:00-17:00`, and leave out days on which you are closed")
    merged = spans[:1]
    for span in spans[1:]:
        if span.start < merged[-1].end:
            raise ValueError(f"`{span}` overlaps `{merged[-1]}`")
        if span.start == merged[-1].end:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)


_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})[-–]([0-9]{1,2}):([0-9]{2})")


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(
            f"`{text}` is no span of hours: write `09:00-17:00`, several with a space between, "
            "and leave out days on which you are closed"
        )
    start, end = _minutes(text, found[1], found[2]), _minutes(text, found[3], found[4])
    if end < start:
        mend = (
            f"`{_clock(start)}-24:00` on that day and `00:00-{_clock(end)}` on the next"
            if end
            else f"`{_clock(start)}-24:00`"
        )
        raise ValueError(f"`{text}` ends before it starts: past midnight, write {mend}")
    if end == start:
        raise ValueError(f"`{text}` ends when it starts: all day is `00:00-24:00`")
    return Span(start, end)


def _minutes(text: str, hour: str, minute: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > _MIDNIGHT:
        raise ValueError(f"`{hour}:{minute}` in `{text}` is no time of day: from 00:00 to 24:00")
    return total


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LONGEST_RANGE = timedelta(days=3_660)


def dates(texts: Iterable[str]) -> frozenset[date]:
    """The dates that `2026-12-24` and ranges such as `2026-12-27..2026-12-31` (both ends in it) name.

    Raises ValueError, worded for the owner, for the first that is wrong; a range of over ten years is.
    """
    return frozenset(day for text in texts for day in _range(text.strip()))


def _range(text: str) -> Iterable[date]:
    ends = [_date(text, part.strip()) for part in text.split("..")]
    if len(ends) > 2:
        raise ValueError(f"`{text}` is no range of dates: write `2026-12-27..2026-12-31`")
    length = ends[-1] - ends[0]
    if length < timedelta(0):
        raise ValueError(f"`{text}` ends before it starts")
    if length > _LONGEST_RANGE:
        raise ValueError(f"`{text}` is longer than ten years")
    return (ends[0] + timedelta(days=step) for step in range(length.days + 1))


def _date(text: str, part: str) -> date:
    found = _DATE.fullmatch(part)
    if not found:
        raise ValueError(
            f"`{text}` is no date: write year, month and day, such as `2026-12-24`, or a range `2026-12-27..2026-12-31`"
        )
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"`{part}` is not in the calendar") from None
