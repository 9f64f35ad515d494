"""What a day amounts to for the owner: reckoning over moments and cases, and when his digest is due. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from statistics import median

from troth.hours import Hours
from troth.model import Case

WEEK = timedelta(days=7)
BEFORE = 4 * WEEK
"""What a week is held against: so long before it."""

CHARTED = 14
"""So many days stand in the chart, today being the last."""

_QUIET_AFTER = timedelta(days=60)
_FEWEST_DAYS = 3
_FEWEST_ARRIVALS = 10
_SILENT_AFTER = timedelta(hours=24)
_MOST_THEMES = 6
_RECURS = 2
"""What stands in one complaint alone is no theme."""


class Trend(StrEnum):
    UP = "up"
    DOWN = "down"
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    complaints: int
    praise: int


@dataclass(frozen=True, slots=True)
class Theme:
    """What complaints of this week were about. `before` is how many there were in a week of the four before it."""

    tag: str
    week: int
    before: float
    trend: Trend


@dataclass(frozen=True, slots=True)
class Answering:
    """Median time to answer in opening hours, of this week's answers and of those of the four weeks before it."""

    answers: int
    week: timedelta
    before: timedelta | None
    trend: Trend


def moment(day: date, at: time, hours: Hours) -> datetime:
    """When the digest of a day is due (UTC): in a night when the clock skips that time, as it is set forward."""
    return hours.instant(datetime.combine(day, at))


def since_when(last: datetime | None, now: datetime) -> datetime:
    """From when on a digest tells: the last one; a week ago where there was none, a day ago if a clock was wrong."""
    if last is None:
        return now - WEEK
    return last if last < now else now - timedelta(days=1)


def days(complaints: Iterable[datetime], praise: Iterable[datetime], now: datetime, zone: tzinfo) -> tuple[Day, ...]:
    """How many came on each of the last days by the business's calendar, oldest first."""
    today = now.astimezone(zone).date()
    counted = [Counter(at.astimezone(zone).date() for at in moments) for moments in (complaints, praise)]
    shown = (today - timedelta(days=back) for back in reversed(range(CHARTED)))
    return tuple(Day(day, counted[0][day], counted[1][day]) for day in shown)


def themes(cases: Iterable[Case], now: datetime) -> tuple[Theme, ...]:
    """The recurring tags of this week's complaints against those of the four weeks before, the most frequent first."""
    week, before = Counter[str](), Counter[str]()
    for case in cases:
        age = now - case.opened_at
        if timedelta(0) <= age < WEEK + BEFORE:
            (week if age < WEEK else before).update(set(case.tags))
    weeks = BEFORE / WEEK
    found = [_theme(tag, week[tag], before[tag] / weeks) for tag in week | before]
    worth = [theme for theme in found if theme.week >= _RECURS or theme.trend is Trend.DOWN]
    return tuple(sorted(worth, key=lambda theme: (-theme.week, -theme.before, theme.tag))[:_MOST_THEMES])


def _theme(tag: str, week: int, before: float) -> Theme:
    return Theme(tag, week, before, Trend.NEW if not before else _trend(week, before, least=1.0))


def _trend(now: float, before: float, *, least: float) -> Trend:
    """A change counts from a quarter on, and from `least` on: one more or less is no trend."""
    if abs(now - before) < max(least, before / 4):
        return Trend.SAME
    return Trend.UP if now > before else Trend.DOWN


def answering(cases: Iterable[Case], hours: Hours, now: datetime) -> Answering | None:
    """How long clients waited for an answer; None where nobody was answered this week."""
    week: list[timedelta] = []
    before: list[timedelta] = []
    for case in cases:
        if case.answered_at is None or not timedelta(0) <= now - case.answered_at < WEEK + BEFORE:
            continue
        asked = case.received_at if case.received_at <= case.answered_at else case.opened_at
        waited = max(timedelta(0), hours.business_time(asked, case.answered_at))
        (week if now - case.answered_at < WEEK else before).append(waited)
    if not week:
        return None
    one, other = _median(week), _median(before) if before else None
    return Answering(len(week), one, other, _slower(one, other))


def _slower(week: timedelta, before: timedelta | None) -> Trend:
    if before is None:
        return Trend.NEW
    return _trend(week.total_seconds(), before.total_seconds(), least=60.0)


def _median(lengths: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(each.total_seconds() for each in lengths))


def usual_gap(wrote: Sequence[datetime], zone: tzinfo) -> timedelta | None:
    """How long a client usually lets pass between two days on which he writes; None where too little is known."""
    written = sorted({at.astimezone(zone).date() for at in wrote})
    if len(written) < _FEWEST_DAYS:
        return None
    return _median([after - before for before, after in pairwise(written)])


def quiet_from(wrote: Sequence[datetime], zone: tzinfo) -> datetime | None:
    """From when on a client's silence is unusual: twice his usual gap, and never less than 60 days."""
    usual = usual_gap(wrote, zone)
    return None if usual is None else max(wrote) + max(_QUIET_AFTER, 2 * usual)


def unusual_silence(arrivals: Sequence[datetime], now: datetime) -> timedelta | None:
    """How long an inbox has had no mail, where that is longer than ever in the weeks that are known of."""
    if len(arrivals) < _FEWEST_ARRIVALS:
        return None
    known = sorted(arrivals)
    silence, longest = now - known[-1], max(after - before for before, after in pairwise(known))
    return silence if silence > max(longest, _SILENT_AFTER) else None
