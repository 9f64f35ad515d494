"""When a colleague means: `Friday 12:00`, `24 Dec`, `24.12. 10 Uhr`, `in 3 business days`, by the business's clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum

from troth.commands.tongue import Tongue
from troth.hours import Duration, Hours, Unit


class Edge(Enum):
    """Which end of a day is meant where no time is named."""

    OPENING = "opening"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class _Day:
    """A day as it was said: so many days ahead, a weekday, or a date with or without its year."""

    ahead: int | None = None
    weekday: int | None = None
    following: bool = False
    year: int | None = None
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day; with neither, the edge of the day. `morning` and `afternoon` mean other ends of it."""

    at: time | None = None
    part: str = ""


_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t(\d{1,2}):(\d{2}))?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(am|pm|h|uhr)?")
_HOUR = re.compile(r"(\d{1,2})(am|pm|h|uhr)")
_AMOUNT = re.compile(r"(\d{1,4})([a-z]+)?")
_HALVES = {"am": "am", "pm": "pm", "a.m": "am", "p.m": "pm", "a.m.": "am", "p.m.": "pm"}
_EARLIEST_BARE_HOUR = 8  # "at 5" may be either half of the day
_YEARS = range(2000, 2101)
_LONGEST = {
    Unit.MINUTES: 100_000,
    Unit.HOURS: 9_000,
    Unit.DAYS: 400,
    Unit.WEEKS: 60,
    Unit.MONTHS: 14,
    Unit.YEARS: 1,
    Unit.BUSINESS_HOURS: 1_000,
    Unit.BUSINESS_DAYS: 260,
}
_LATELY = timedelta(days=60)
_MORNING_ENDS = time(12)
_AFTERNOON_BEGINS = time(13)


def moment(
    words: Sequence[str], start: int, tongues: Sequence[Tongue], now: datetime, hours: Hours, edge: Edge
) -> tuple[datetime, int] | None:
    """The instant (UTC) that the words from `start` on begin with, and where the words after it begin; None for none.

    Words are folded, each with its own punctuation. It may lie in the past: a day named without its year is the next
    such, but for one just over. None too for what could mean two things.
    """
    try:
        return _Words(words, tongues, now, hours, edge).moment(start)
    except (ValueError, OverflowError):
        return None  # a day that is on no calendar, or a business that never opens


@dataclass(frozen=True, slots=True)
class _Words:
    words: Sequence[str]
    tongues: Sequence[Tongue]
    now: datetime
    hours: Hours
    edge: Edge

    def moment(self, start: int) -> tuple[datetime, int] | None:
        at, end = start, self._over(start, lambda tongue: tongue.by)
        while at < end and not self._span(
            at
        ):  # "for an hour": what stands before a time in one language counts in another
            at += 1
        found = self._span(at) or self._day_first(at) or self._clock_first(at)
        return found if found and found[1] > at else None

    def _word(self, at: int) -> str:
        return self.words[at].strip(",;!()") if at < len(self.words) else ""

    def _bare(self, at: int) -> str:
        return self._word(at).rstrip(".:")

    def _over(self, at: int, of: Callable[[Tongue], frozenset[str]]) -> int:
        known = frozenset().union(*(of(tongue) for tongue in self.tongues))
        while self._bare(at) in known or (at < len(self.words) and self.words[at] in {"-", "\u2013", ","}):
            at += 1
        return at

    def _phrase(self, at: int, phrases: Mapping[str, int] | Sequence[str]) -> tuple[str, int] | None:
        """The longest of these phrases that stands here."""
        for length in (3, 2, 1):
            said = " ".join(self._bare(each) for each in range(at, at + length))
            if said in phrases:
                return said, at + length
        return None

    def _number(self, at: int) -> tuple[int, int] | None:
        for tongue in self.tongues:
            if self._bare(at) in tongue.numbers:
                return tongue.numbers[self._bare(at)], at + 1
        found = _AMOUNT.fullmatch(self._bare(at))
        return (int(found[1]), at + 1) if found and not found[2] else None

    def _span(self, at: int) -> tuple[datetime, int] | None:
        close = _AMOUNT.fullmatch(self._bare(at))
        number = self._number(at)
        for tongue in self.tongues:
            if close and close[2] in tongue.units and (close[2] != "h" or self._hours_long(at)):
                return self._later(int(close[1]), tongue.units[close[2]], at + 1)
            unit = self._phrase(number[1], list(tongue.units)) if number else None
            if number and unit:
                return self._later(number[0], tongue.units[unit[0]], unit[1])
        return None

    def _hours_long(self, at: int) -> bool:
        """Whether `2h` is a length: a snooze is, and `in 2h`; `14h` alone may be a time of day."""
        return self.edge is Edge.OPENING or (at > 0 and self._bare(at - 1) == "in")

    def _later(self, amount: int, unit: Unit, after: int) -> tuple[datetime, int] | None:
        if not 0 < amount <= _LONGEST[unit]:
            return None
        return self.hours.later(self.now, Duration(amount, unit)), after

    def _day_first(self, at: int) -> tuple[datetime, int] | None:
        day = self._day(at)
        if day is None:
            return None
        said, after = day
        iso = _ISO.fullmatch(self._bare(after - 1))
        if iso and iso[4]:
            return self._instant(said, _Clock(time(int(iso[4]), int(iso[5])))), after
        behind = self._over(after, lambda tongue: tongue.at)
        clock = self._clock(behind, bare=behind > after)
        if clock:
            return self._instant(said, clock[0]), clock[1]
        if (behind > after and self._bare(behind)[:1].isdigit()) or re.fullmatch(r"\d{1,2}", self._word(behind)):
            return None  # "at 5" could be either half of the day, and "12 proofs" no time at all
        return self._instant(said, _Clock()), after

    def _clock_first(self, at: int) -> tuple[datetime, int] | None:
        clock = self._clock(at, bare=at > 0 and any(self._bare(at - 1) in tongue.at for tongue in self.tongues))
        if clock is None:
            return None
        day = self._day(self._over(clock[1], lambda tongue: tongue.by | tongue.at))
        if day:
            return self._instant(day[0], clock[0]), day[1]
        unsaid = re.fullmatch(r"\d+h", self._bare(at)) is not None
        return None if unsaid else (self._instant(_Day(0), clock[0]), clock[1])

    # The words of a clock.

    def _clock(self, at: int, *, bare: bool) -> tuple[_Clock, int] | None:
        for tongue in self.tongues:
            noon = at + (self._bare(at) == "12")
            if self._bare(noon) in tongue.noon:
                return _Clock(_MORNING_ENDS), noon + 1
            if self._bare(at) in tongue.morning | tongue.afternoon:
                return _Clock(part="morning" if self._bare(at) in tongue.morning else "afternoon"), at + 1
            closing = self._phrase(at, tongue.closing)
            if closing:
                return _Clock(part="closing"), closing[1]
        return self._figures(at, bare=bare)

    def _figures(self, at: int, *, bare: bool) -> tuple[_Clock, int] | None:
        word = self._bare(at)
        found = _TIME.fullmatch(word) or _HOUR.fullmatch(word)
        hour, minute, half = (found[1], "0", found[2]) if found and found.re is _HOUR else ("", "", "")
        if found and found.re is _TIME:
            hour, minute, half = found[1], found[2], found[3] or ""
        elif not found and re.fullmatch(r"\d{1,2}", word):
            hour, minute = word, "0"
        if not hour:
            return None
        after = at + 1
        marked = bool(found) or bare
        if not half and self._word(after) in _HALVES:
            half, after, marked = _HALVES[self._word(after)], after + 1, True
        elif any(self._bare(after) in tongue.oclock for tongue in self.tongues):
            after, marked = after + 1, True
        elif not found and int(hour) < _EARLIEST_BARE_HOUR:
            return None
        return (_Clock(_at(int(hour), int(minute), half)), after) if marked else None

    # The words of a day.

    def _day(self, at: int) -> tuple[_Day, int] | None:
        return self._relative(at) or self._weekday(at) or self._date(at)

    def _relative(self, at: int) -> tuple[_Day, int] | None:
        for tongue in self.tongues:
            week = tongue.units.get(self._bare(at + 1)) is Unit.WEEKS and self._bare(at) in tongue.following
            if week and self.edge is Edge.OPENING:
                return _Day(weekday=0, following=True), at + 2
            found = self._phrase(at, tongue.days)
            if found:
                return _Day(ahead=tongue.days[found[0]]), found[1]
            closing = self._phrase(at, tongue.closing)
            if closing and self._day_or_none(closing[1]) is None:
                return _Day(ahead=0), closing[1]
        return None

    def _day_or_none(self, at: int) -> tuple[_Day, int] | None:
        at = self._over(at, lambda tongue: tongue.by)
        return (
            self._weekday(at)
            or self._date(at)
            or next(((_Day(ahead=1), at) for tongue in self.tongues if self._phrase(at, tongue.days)), None)
        )

    def _weekday(self, at: int) -> tuple[_Day, int] | None:
        following = any(self._bare(at) in tongue.following for tongue in self.tongues)
        coming = any(self._bare(at) in tongue.coming for tongue in self.tongues)
        name = at + (following or coming)
        for tongue in self.tongues:
            for number, spellings in enumerate(tongue.weekdays):
                if self._bare(name) in spellings:
                    return self._dated(_Day(weekday=number, following=following), name + 1)
        return None

    def _dated(self, said: _Day, after: int) -> tuple[_Day, int]:
        """A weekday may have its date behind it: `Friday, 24 Dec`."""
        named = self._date(self._over(after, lambda tongue: tongue.by - tongue.at))
        if named is None or said.following:
            return said, after
        return replace(named[0], weekday=said.weekday), named[1]

    def _date(self, at: int) -> tuple[_Day, int] | None:
        word = self._word(at).rstrip(":")
        iso, dotted = _ISO.fullmatch(word), _DOTTED.fullmatch(word)
        if iso:
            return _Day(year=int(iso[1]), month=int(iso[2]), day=int(iso[3])), at + 1
        if dotted and int(dotted[2]) in range(1, 13) and not self._told_as_time(at):
            return self._numeric(dotted, at)
        return self._named(at)

    def _told_as_time(self, at: int) -> bool:
        """`10.12 Uhr` and `10.12 am` are times, and so is `at 10.12`."""
        after, before = self._word(at + 1), self._bare(at - 1) if at else ""
        known = any(after in tongue.oclock or before in tongue.at - tongue.by for tongue in self.tongues)
        return after in _HALVES or known

    def _numeric(self, dotted: re.Match[str], at: int) -> tuple[_Day, int]:
        year, after = dotted[3], at + 1
        if year is None and re.fullmatch(r"\d{4}", self._bare(after)) and int(self._bare(after)) in _YEARS:
            year, after = self._bare(after), after + 1
        full = None if year is None else int(year) + (2000 if len(year) <= 2 else 0)
        return _Day(year=full, month=int(dotted[2]), day=int(dotted[1])), after

    def _named(self, at: int) -> tuple[_Day, int] | None:
        first = _ORDINAL.fullmatch(self._word(at))
        if first:
            month = self._month(at + 1) or (self._month(at + 2) if self._bare(at + 1) == "of" else None)
            return self._with_year(month[0], int(first[1]), month[1]) if month else None
        month = self._month(at)
        second = _ORDINAL.fullmatch(self._bare(at + 1)) if month else None
        return self._with_year(month[0], int(second[1]), at + 2) if month and second else None

    def _month(self, at: int) -> tuple[int, int] | None:
        for tongue in self.tongues:
            for number, spellings in enumerate(tongue.months, start=1):
                if self._bare(at) in spellings:
                    return number, at + 1
        return None

    def _with_year(self, month: int, day: int, after: int) -> tuple[_Day, int]:
        if re.fullmatch(r"\d{4}", self._bare(after)) and int(self._bare(after)) in _YEARS:
            return _Day(year=int(self._bare(after)), month=month, day=day), after + 1
        return _Day(month=month, day=day), after

    # From what was said to an instant.

    def _instant(self, said: _Day, clock: _Clock) -> datetime:
        today = self.hours.day_of(self.now)
        if said.month:
            return self._on(self._on_calendar(said, today), clock)
        if said.weekday is None:
            return self._on(today + timedelta(days=said.ahead or 0), clock)
        if said.following:
            return self._on(today + timedelta(days=7 - today.weekday() + said.weekday), clock)
        day = today + timedelta(days=(said.weekday - today.weekday()) % 7)
        found = self._on(day, clock)
        return found if found > self.now else self._on(day + timedelta(days=7), clock)

    def _on_calendar(self, said: _Day, today: date) -> date:
        if said.year is not None and said.year not in _YEARS:
            raise ValueError("not a year one promises for")
        day = date(said.year or today.year, said.month, said.day)
        if said.year is None and day < today - _LATELY:
            day = date(today.year + 1, said.month, said.day)
        if said.weekday is not None and day.weekday() != said.weekday:
            raise ValueError("that day is another weekday")
        return day

    def _on(self, day: date, clock: _Clock) -> datetime:
        if clock.at is not None:
            return self.hours.instant(datetime.combine(day, clock.at))
        openings = self.hours.openings(day)
        if self.edge is Edge.CLOSING:
            if clock.part == "morning":
                return self.hours.instant(datetime.combine(day, _MORNING_ENDS))
            return openings[-1].end if openings else self.hours.instant(datetime.combine(day, time(23, 59)))
        if clock.part == "closing":
            return openings[-1].end if openings else self.hours.instant(datetime.combine(day, time(23, 59)))
        begins = _AFTERNOON_BEGINS if clock.part == "afternoon" else time()
        return self.hours.open_at_or_after(self.hours.instant(datetime.combine(day, begins)))


def _at(hour: int, minute: int, half: str) -> time:
    """The time of day; raises ValueError where there is none such. 12 am is midnight, 12 pm noon."""
    if half not in {"am", "pm"}:
        return time(hour, minute)
    if not 1 <= hour <= 12:
        raise ValueError("no such hour")
    return time(hour % 12 + (12 if half == "pm" else 0), minute)
