"""When a business is open, and what that makes of a moment. Every instant, in and out, is an aware UTC datetime."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from troth.hours import words
from troth.hours.duration import Duration, Unit
from troth.hours.holiday import Holidays
from troth.hours.week import Week

_DAY = timedelta(days=1)
_BREAK = timedelta(hours=3)
_SECOND = timedelta(seconds=1)
_SEARCHED = 731
_REMEMBERED = 400
_HORIZON = 36_525


class NeverOpens(ValueError):  # noqa: N818  # reads as what it says
    """The business does not open within two years of the moment asked about, or a business time ends past a century."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Open from `start` until just before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of a business.

    A business day is a date with an opening; it runs from its first opening to its last closing, so a break belongs to
    it. At the closing time itself the business is closed. Where the clock is set forward over an opening or closing
    time, that time is the moment of setting; where an hour comes twice, it is its first coming.
    Methods that look for an opening raise NeverOpens where there is none for two years. In the first and the last years
    that a datetime can hold they raise OverflowError or ValueError.
    """

    zone: ZoneInfo
    week: Week
    holidays: Holidays = field(default_factory=Holidays)
    _reckoned: dict[date, tuple[Opening, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def day_of(self, at: datetime) -> date:
        """The date on the business's calendar."""
        return at.astimezone(self.zone).date()

    def openings(self, day: date) -> tuple[Opening, ...]:
        """The openings of a date, in order; none on a day off."""
        known = self._reckoned.get(day)
        if known is None:
            if len(self._reckoned) >= _REMEMBERED:
                self._reckoned.clear()
            known = self._reckoned[day] = self._reckon(day)
        return known

    def _reckon(self, day: date) -> tuple[Opening, ...]:
        if day in self.holidays:
            return ()
        found = (
            Opening(self._minute(day, span.start), self._minute(day, span.end)) for span in self.week[day.weekday()]
        )
        return tuple(opening for opening in found if opening.start < opening.end)

    def is_working_day(self, day: date) -> bool:
        return bool(self.openings(day))

    def is_open(self, at: datetime) -> bool:
        today = self.day_of(at)
        return any(
            opening.start <= at < opening.end
            for day in (today - _DAY, today, today + _DAY)  # a clock set back over midnight repeats a date
            for opening in self.openings(day)
        )

    def next_opening(self, at: datetime) -> datetime:
        """When it next opens, after a break too; always later than `at`."""
        return next(opening.start for opening in self._ending_after(at) if opening.start > at)

    def open_at_or_after(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening."""
        return max(at, next(self._ending_after(at)).start)

    def business_day(self, at: datetime) -> tuple[Opening, ...]:
        """The openings of the business day that a mail arriving at `at` belongs to: the next to close."""
        return next(day for day in self._days(at) if day[-1].end > at)

    def closing(self, at: datetime) -> datetime:
        """The closing time of the business day that a mail arriving at `at` belongs to."""
        return self.business_day(at)[-1].end

    def before_close(self, at: datetime, lead: Duration) -> datetime:
        """That long before the closing of the mail's business day; `at` itself where that has passed."""
        return max(at, self.earlier(self.closing(at), lead))

    def at_opening(self, at: datetime, within: Duration) -> datetime | None:
        """When the business day after the mail begins, if it came outside of one or `within` its last stretch."""
        day = self.business_day(at)
        if at < day[0].start:
            return day[0].start
        closing = day[-1].end
        return self.business_day(closing)[0].start if at >= self.earlier(closing, within) else None

    def later(self, at: datetime, length: Duration) -> datetime:
        """The instant `length` after `at`.

        Seconds to hours are elapsed time. Days to years keep the time on the clock and the day of the month, or the
        month's last. Business hours end at the earliest moment by which they have passed, be it a closing time.
        N business days: the same clock time N working days on, moved into opening hours. No business time at all is
        `at` moved into opening hours.
        """
        if length.unit.elapsed:
            return at + length.fixed
        if length.unit is Unit.BUSINESS_HOURS:
            return self._business_hours_on(at, timedelta(hours=length.amount))
        if length.unit is Unit.BUSINESS_DAYS:
            return self.open_at_or_after(self._working_days_on(at, length.amount))
        return self._calendar_on(at, length.unit, length.amount)

    def earlier(self, at: datetime, length: Duration) -> datetime:
        """The instant `length` before `at`; business hours begin at the latest moment that will do."""
        if length.unit.elapsed:
            return at - length.fixed
        if length.unit is Unit.BUSINESS_HOURS:
            return self._business_hours_back(at, timedelta(hours=length.amount))
        if length.unit is Unit.BUSINESS_DAYS:
            return self._working_days_on(at, -length.amount)
        return self._calendar_on(at, length.unit, -length.amount)

    def business_time(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open between two instants; negative where `end` comes first."""
        if end < start:
            return -self.business_time(end, start)
        day, last, total = self.day_of(start) - _DAY, self.day_of(end) + _DAY, timedelta(0)
        while day <= last:
            for opening in self.openings(day):
                total += max(timedelta(0), min(opening.end, end) - max(opening.start, start))
            day += _DAY
        return total

    def opening_words(self, at: datetime, language: str = "en") -> str:
        """When it is open, told at `at`: `today until 17:30`, `tomorrow from 09:00`, `on Monday from 09:00`.

        Breaks in a day that is going on are passed over. Words in English and German, figures in other languages.
        """
        today = self.day_of(at)
        opening = next(self._ending_after(at))
        if opening.start > at:
            return words.beginning(language, self._wall(opening.start), today)
        closing = self._shut(at)
        return words.until(language, self._wall(closing), today) if closing else words.always(language)

    def _shut(self, at: datetime) -> datetime | None:
        """The next closing that is not a break of the day and does not go straight on past midnight; None if none."""
        for opening, following in pairwise(self._ending_after(at)):
            gap = following.start - opening.end
            same_day = self.day_of(opening.start) == self.day_of(following.start)
            if gap > (_BREAK if same_day else timedelta(0)):
                return opening.end
            if opening.start > at + 7 * _DAY:
                break
        return None

    def instant(self, wall: datetime) -> datetime:
        """When the clock on the wall shows a (naive) time: the first of two, or the moment it is set past it."""
        after = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        if self._wall(after) == wall:
            return after
        # In a gap (PEP 495) fold=0 gives an instant past it and fold=1 one before it.
        before = wall.replace(tzinfo=self.zone, fold=1, microsecond=0).astimezone(UTC)
        early, late = 0, -((before - after) // _SECOND)
        while late - early > 1:
            middle = (early + late) // 2
            early, late = (early, middle) if self._wall(before + middle * _SECOND) >= wall else (middle, late)
        return before + late * _SECOND

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _minute(self, day: date, minutes: int) -> datetime:
        return self.instant(datetime.combine(day, time()) + timedelta(minutes=minutes))

    def _days(self, at: datetime, step: timedelta = _DAY) -> Iterator[tuple[Opening, ...]]:
        """Business days from about `at` on, or backwards; the first may lie wholly on the other side of it."""
        day, shut = self.day_of(at) - step, 0
        for _ in range(_HORIZON):
            openings = self.openings(day)
            shut = 0 if openings else shut + 1
            if openings:
                yield openings
            elif shut > _SEARCHED:
                break
            day += step
        raise NeverOpens(f"there are no opening hours in the two years before or after {self.day_of(at)}")

    def _ending_after(self, at: datetime) -> Iterator[Opening]:
        return (opening for day in self._days(at) for opening in day if opening.end > at)

    def _business_hours_on(self, at: datetime, length: timedelta) -> datetime:
        for opening in self._ending_after(at):
            start = max(opening.start, at)
            if length <= opening.end - start:
                return start + length
            length -= opening.end - start
        raise AssertionError("the openings of a business do not end")

    def _business_hours_back(self, at: datetime, length: timedelta) -> datetime:
        for day in self._days(at, -_DAY):
            for opening in reversed(day):
                end = min(opening.end, at)
                if end > opening.start and length <= end - opening.start:
                    return end - length
                length -= max(timedelta(0), end - opening.start)
        raise AssertionError("the openings of a business do not end")

    def _working_days_on(self, at: datetime, count: int) -> datetime:
        if not count:
            return at
        step = _DAY if count > 0 else -_DAY
        wall, left, shut = self._wall(at), abs(count), 0
        while left:
            wall += step
            working = self.is_working_day(wall.date())
            left, shut = (left - 1, 0) if working else (left, shut + 1)
            if shut > _SEARCHED:
                raise NeverOpens(f"there are no opening hours in the two years before or after {wall.date()}")
        return self.instant(wall)

    def _calendar_on(self, at: datetime, unit: Unit, count: int) -> datetime:
        if not count:
            return at
        wall = self._wall(at)
        if unit in (Unit.DAYS, Unit.WEEKS):
            return self.instant(wall + count * (_DAY if unit is Unit.DAYS else 7 * _DAY))
        return self.instant(_months_on(wall, count if unit is Unit.MONTHS else 12 * count))


def _months_on(wall: datetime, count: int) -> datetime:
    year, month = divmod(wall.year * 12 + wall.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))
