"""What a day amounts to, reckoned from moments and cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import matters
from troth.digest import (
    CHARTED,
    Answering,
    Theme,
    Trend,
    answering,
    days,
    moment,
    quiet_from,
    since_when,
    themes,
    unusual_silence,
    usual_gap,
)
from troth.hours import Hours
from troth.model import Case, CaseState

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def in_zone(zone: str) -> Hours:
    return Hours(ZoneInfo(zone), matters.business().hours.week)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/London", date(2026, 11, 26), time(17), "2026-11-26T17:00"),
        ("Europe/London", date(2026, 7, 1), time(17), "2026-07-01T16:00"),
        ("Europe/London", date(2026, 3, 29), time(1, 30), "2026-03-29T01:00"),
        ("Europe/London", date(2026, 10, 25), time(1, 30), "2026-10-25T00:30"),
        ("America/New_York", date(2026, 11, 1), time(17), "2026-11-01T22:00"),
        ("Asia/Tokyo", date(2026, 11, 26), time(17), "2026-11-26T08:00"),
        ("Pacific/Kiritimati", date(2026, 11, 26), time(7), "2026-11-25T17:00"),
        ("Europe/London", date(2026, 11, 26), time(0), "2026-11-26T00:00"),
    ],
    ids=[
        "in winter",
        "in summer",
        "at a time the clock skips",
        "at a time that comes twice",
        "on the day the clock goes back",
        "far in the east",
        "on yesterday's date in UTC",
        "at midnight",
    ],
)
def test_the_moment_is_that_of_the_clock_on_the_wall(zone: str, day: date, at: time, utc: str) -> None:
    assert moment(day, at, in_zone(zone)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "since"),
    [(None, NOW - 7 * DAY), (NOW - 3 * DAY, NOW - 3 * DAY), (NOW, NOW - DAY), (NOW + 5 * DAY, NOW - DAY)],
    ids=["none yet", "after downtime", "at the very moment", "after the clock was set back"],
)
def test_a_digest_tells_from_the_last_one_on(last: datetime | None, since: datetime) -> None:
    assert since_when(last, NOW) == since


def test_the_chart_counts_by_the_business_s_calendar() -> None:
    late_on_the_25th = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
    found = days([late_on_the_25th, NOW, NOW], [NOW - 40 * DAY], NOW, ZoneInfo("Asia/Tokyo"))
    assert len(found) == CHARTED
    assert [(each.day, each.complaints) for each in found if each.complaints] == [
        (date(2026, 11, 26), 1),
        (date(2026, 11, 27), 2),
    ]
    assert sum(each.praise for each in found) == 0


def complaint(days_ago: float, *tags: str) -> Case:
    return matters.case(opened=NOW - days_ago * DAY, tags=tags)


@pytest.mark.parametrize(
    ("cases", "found"),
    [
        ([], ()),
        ([complaint(1, "late")], ()),
        ([complaint(1, "late"), complaint(2, "late")], (Theme("late", 2, 0.0, Trend.NEW),)),
        ([complaint(n, "late") for n in (1, 2, 9, 10, 11, 12)], (Theme("late", 2, 1.0, Trend.UP),)),
        ([complaint(n, "late") for n in (1, 2, 8, 9, 10, 11, 12, 13)], (Theme("late", 2, 1.5, Trend.SAME),)),
        ([complaint(n, "late") for n in (8, 9, 15, 20)], (Theme("late", 0, 1.0, Trend.DOWN),)),
        ([complaint(20, "late")], ()),
        ([complaint(n, "late") for n in (36, 37, -1, -2)], ()),
        (
            [complaint(1, "late", "money"), complaint(2, "money"), complaint(3, "money", "late")],
            (Theme("money", 3, 0.0, Trend.NEW), Theme("late", 2, 0.0, Trend.NEW)),
        ),
        ([complaint(1, "late", "late")], ()),
    ],
    ids=[
        "none",
        "once",
        "new",
        "more",
        "about as many",
        "fewer, and none this week",
        "one long ago is no theme",
        "too old, or of a clock set back",
        "the most frequent first",
        "a tag counts once in a case",
    ],
)
def test_themes_of_the_week_against_the_four_before(cases: list[Case], found: tuple[Theme, ...]) -> None:
    assert themes(cases, NOW) == found


def answered(days_ago: int, after: timedelta, *, again: bool = False) -> Case:
    at = datetime(2026, 11, 26, 16, 0, tzinfo=UTC) - days_ago * DAY
    case = matters.case(CaseState.ANSWERED, opened=at - after, answered=at)
    return replace(case, received_at=at + HOUR) if again else case


@pytest.mark.parametrize(
    ("cases", "found"),
    [
        ([], None),
        ([answered(20, HOUR)], None),
        ([answered(0, HOUR)], Answering(1, HOUR, None, Trend.NEW)),
        ([answered(0, HOUR), answered(1, 3 * HOUR), answered(2, 2 * HOUR)], Answering(3, 2 * HOUR, None, Trend.NEW)),
        ([answered(0, 2 * HOUR), answered(14, HOUR)], Answering(1, 2 * HOUR, HOUR, Trend.UP)),
        ([answered(0, HOUR), answered(14, 2 * HOUR)], Answering(1, HOUR, 2 * HOUR, Trend.DOWN)),
        ([answered(0, HOUR), answered(14, HOUR * 1.1)], Answering(1, HOUR, HOUR * 1.1, Trend.SAME)),
        ([answered(0, HOUR, again=True)], Answering(1, HOUR, None, Trend.NEW)),
        ([matters.case(opened=NOW - DAY)], None),
    ],
    ids=["none", "none this week", "one", "the median", "slower", "faster", "the same", "he wrote again", "waiting"],
)
def test_time_to_answer_is_the_median_of_opening_hours(cases: list[Case], found: Answering | None) -> None:
    assert answering(cases, matters.business().hours, NOW) == found


def test_the_night_between_complaint_and_answer_does_not_count() -> None:
    opened = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    over_night = matters.case(CaseState.ANSWERED, opened=opened, answered=opened + timedelta(hours=17))
    assert matters.business().hours.business_time(opened, opened + timedelta(hours=17)) == timedelta(
        hours=1, minutes=30
    )
    assert answering([over_night], matters.business().hours, NOW) == Answering(
        1, timedelta(hours=1, minutes=30), None, Trend.NEW
    )


@pytest.mark.parametrize(
    ("wrote", "usual", "quiet"),
    [
        ([0, 10], None, None),
        ([0, 0.1, 0.2, 0.3], None, None),
        ([0, 10, 20], 10, 80),
        ([0, 40, 80], 40, 160),
        ([0, 1, 2, 3, 90, 91, 92], 1, 152),
    ],
    ids=["too few", "four mails of one day", "never before 60 days", "twice the usual gap", "the usual, not the mean"],
)
def test_a_client_is_quiet_when_his_silence_is_unusual(
    wrote: list[float], usual: int | None, quiet: int | None
) -> None:
    first = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
    moments = [first + each * DAY for each in wrote]
    assert usual_gap(moments, LONDON) == (None if usual is None else usual * DAY)
    assert quiet_from(moments, LONDON) == (None if quiet is None else first + quiet * DAY)


@given(st.lists(st.integers(0, 500), min_size=3, max_size=30, unique=True))
def test_no_client_is_quiet_before_sixty_days(wrote: list[int]) -> None:
    moments = [datetime(2026, 1, 1, 9, 0, tzinfo=UTC) + each * DAY for each in wrote]
    quiet = quiet_from(moments, LONDON)
    assert quiet is not None
    assert quiet - max(moments) >= 60 * DAY


@pytest.mark.parametrize(
    ("arrivals", "silence"),
    [
        ([1, 2, 3], None),
        ([*range(26, 60)], 26),
        ([*range(20, 60)], None),
        ([*range(45, 90), *range(140, 160)], None),
        ([*range(80, 100), *range(140, 160)], 80),
    ],
    ids=["too few to know", "over a day", "less than a day", "a weekend is usual", "longer than a weekend"],
)
def test_an_inbox_is_silent_when_it_never_was_so_long(arrivals: list[int], silence: int | None) -> None:
    found = unusual_silence([NOW - hours * HOUR for hours in arrivals], NOW)
    assert found == (None if silence is None else silence * HOUR)
