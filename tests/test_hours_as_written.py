"""What an owner may write for durations, rates, opening hours, dates and holidays, and what he is told otherwise."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.hours import (
    Duration,
    Rate,
    Span,
    Unit,
    dates,
    duration,
    public_holidays,
    rate,
    week,
)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("0 seconds", 0, Unit.SECONDS),
        ("1 minute", 1, Unit.MINUTES),
        ("45 minutes", 45, Unit.MINUTES),
        (" 12  Hours ", 12, Unit.HOURS),
        ("1 days", 1, Unit.DAYS),
        ("2 weeks", 2, Unit.WEEKS),
        ("1 month", 1, Unit.MONTHS),
        ("100 years", 100, Unit.YEARS),
        ("2 business hours", 2, Unit.BUSINESS_HOURS),
        ("1 business  day", 1, Unit.BUSINESS_DAYS),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, amount: int, unit: Unit) -> None:
    assert duration(text) == Duration(amount, unit)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write a whole number and a unit"),
        ("soon", "write a whole number and a unit"),
        ("two hours", "write a whole number and a unit"),
        ("٣ hours", "write a whole number and a unit"),
        ("5", "the unit is missing (`5 minutes`?)"),
        ("-1 day", "it is negative"),
        ("1.5 hours", "the number must be whole"),
        ("1,5 hours", "the number must be whole"),
        ("2hours", "write `2 hours`"),
        ("60s", "did you mean `60 seconds`"),
        ("1 working day", "did you mean `1 business day`"),
        ("3 buisness days", "did you mean `3 business days`"),
        ("3 fortnights", "the unit `fortnights` is not known; units are seconds"),
        ("101 years", "at most 100 years"),
        ("11000 business days", "at most 10 years"),
        ("9" * 5000 + " days", "at most 100 years"),
    ],
)
def test_what_is_no_duration_is_told_why(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        duration(text)


@given(st.integers(0, 3000), st.sampled_from(list(Unit)))
def test_a_duration_is_written_as_it_is_read(amount: int, unit: Unit) -> None:
    longest = {Unit.YEARS: 100, Unit.MONTHS: 1200}.get(unit, amount)
    length = Duration(min(amount, longest), unit)
    assert duration(str(length)) == length


def test_no_text_takes_long_to_refuse() -> None:
    start = perf_counter()
    for text in ("1" * 100_000, "1 " * 50_000, "a " * 50_000, "1 " + "a" * 50_000, "1 per " * 20_000):
        for read in (duration, rate):
            with pytest.raises(ValueError, match=r"no duration|too long|no rate"):
                read(text)
    assert perf_counter() - start < 2


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("60 seconds", timedelta(minutes=1)),
        ("90 days", timedelta(days=90)),
        ("2 months", timedelta(days=60)),
        ("3 years", timedelta(days=1095)),
    ],
)
def test_a_duration_without_a_calendar_has_a_fixed_length(text: str, length: timedelta) -> None:
    assert duration(text).fixed == length


def test_business_time_has_no_fixed_length() -> None:
    with pytest.raises(ValueError, match="depends on the opening hours"):
        _ = duration("2 business days").fixed


@pytest.mark.parametrize(
    ("text", "count", "window", "written"),
    [
        ("1 per day", 1, timedelta(days=1), "1 per day"),
        ("3 per 30 days", 3, timedelta(days=30), "3 per 30 days"),
        ("60 per hour", 60, timedelta(hours=1), "60 per hour"),
        ("1  per 1 week", 1, timedelta(weeks=1), "1 per week"),
    ],
)
def test_a_rate_is_a_number_in_a_rolling_window(text: str, count: int, window: timedelta, written: str) -> None:
    found = rate(text)
    assert (found.count, found.window.fixed, str(found)) == (count, window, written)
    assert rate(str(found)) == found == Rate(count, found.window)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write `1 per day`"),
        ("daily", "write `1 per day`"),
        ("1 / day", "write `1 per day`"),
        ("0 per day", "would let nothing leave"),
        ("1 per fortnight", "the unit `fortnight` is not known"),
        ("1 per 0 days", "its window is empty"),
        ("1 per 2 business days", "depends on the opening hours"),
    ],
)
def test_what_is_no_rate_is_told_why(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        rate(text)


def test_a_week_is_written_day_by_day_or_in_ranges() -> None:
    found = week({"mon-thu": "09:00-12:30 13:30-17:30", "fri": "9:00-15:00", "sat": "18:00–24:00"})
    assert found[0] == found[3] == (Span(540, 750), Span(810, 1050))
    assert found[4:] == ((Span(540, 900),), (Span(1080, 1440),), ())


def test_a_range_of_days_may_pass_the_end_of_the_week() -> None:
    assert [bool(day) for day in week({"fri-mon": "10:00-12:00"})] == [True, False, False, False, True, True, True]


def test_spans_are_put_in_order_and_joined_where_they_touch() -> None:
    assert week({"Mon": "13:00-17:00 09:00-12:00 12:00-13:00"})[0] == (Span(540, 1020),)


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({}, 'write at least one, such as `mon-fri: "09:00-17:00"`'),
        ({"monday": "09:00-17:00"}, "did you mean `mon`"),
        ({"tues": "09:00-17:00"}, "did you mean `tue`"),
        ({"weekdays": "09:00-17:00"}, "is no day"),
        ({"mon-wed-fri": "09:00-17:00"}, "names no days"),
        ({"mon-mon": "09:00-17:00"}, "or `mon-sun` for all"),
        ({"mon-wed": "09:00-17:00", "tue": "09:00-10:00"}, "`tue` is given twice"),
        ({"mon": ""}, "no hours are given"),
        ({"mon": "closed"}, "leave out days on which you are closed"),
        ({"mon": "9-17"}, "write `09:00-17:00`"),
        ({"mon": "09:00-17:60"}, "is no time of day"),
        ({"mon": "09:00-24:01"}, "is no time of day"),
        ({"mon": "24:00-24:00"}, "ends when it starts"),
        ({"mon": "17:00-09:00"}, "write `17:00-24:00` on that day and `00:00-09:00` on the next"),
        ({"mon": "22:00-00:00"}, "write `22:00-24:00`"),
        ({"mon": "09:00-12:00 11:30-13:00"}, "`11:30-13:00` overlaps `09:00-12:00`"),
    ],
)
def test_a_week_that_cannot_be_is_told_why(mapping: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        week(mapping)


def test_dates_are_single_or_ranges_with_both_ends() -> None:
    found = dates(["2026-12-24", " 2026-12-30 .. 2027-01-01 ", "2026-12-31"])
    assert sorted(map(str, found)) == ["2026-12-24", "2026-12-30", "2026-12-31", "2027-01-01"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("24.12.2026", "write year, month and day"),
        ("20261224", "write year, month and day"),
        ("2026-12-24..", "write year, month and day"),
        ("2026-02-29", "`2026-02-29` is not in the calendar"),
        ("2026-12-31..2026-12-27", "ends before it starts"),
        ("2026-01-01..2066-01-01", "longer than ten years"),
        ("2026-01-01..2026-01-02..2026-01-03", "is no range of dates"),
    ],
)
def test_what_is_no_date_is_told_why(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        dates([text])


# from the calendars that the governments publish
@pytest.mark.parametrize(
    ("country", "subdivision", "day", "off"),
    [
        ("GB", "ENG", date(2026, 8, 31), True),
        ("GB", "SCT", date(2026, 8, 31), False),
        ("GB", "SCT", date(2026, 8, 3), True),
        ("GB", "ENG", date(2026, 12, 28), True),
        ("GB", "ENG", date(2028, 1, 3), True),
        ("DE", "BY", date(2026, 1, 6), True),
        ("DE", "BE", date(2026, 1, 6), False),
        ("DE", None, date(2026, 10, 3), True),
        ("US", None, date(2027, 12, 31), True),
        ("US", None, date(2026, 11, 26), True),
        ("US", None, date(2026, 11, 27), False),
        ("NO", None, date(2026, 5, 17), True),
    ],
)
def test_public_holidays_are_those_of_the_country_and_its_part(
    country: str, subdivision: str | None, day: date, off: bool
) -> None:
    assert (day in public_holidays(country, subdivision)) is off


def test_days_off_of_ones_own_stand_beside_public_holidays() -> None:
    found = public_holidays("GB", "ENG", dates(["2026-12-24"]))
    assert date(2026, 12, 24) in found
    assert date(2026, 12, 25) in found
    assert date(2026, 12, 23) not in found


@pytest.mark.parametrize(
    ("country", "subdivision", "told"),
    [
        ("gb", None, "did you mean `GB`"),
        ("Germany", None, "did you mean `DE`"),
        ("Atlantis", None, "`Atlantis` is no known country; write its ISO code"),
        ("GB", "England", "known are ENG, NIR, SCT, WLS"),
        ("DE", "by", "did you mean `BY`"),
        ("SG", "X", "which has none"),
    ],
)
def test_a_country_that_is_not_known_is_told_what_is(country: str, subdivision: str | None, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        public_holidays(country, subdivision)


def printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_the_library_of_holidays_is_loaded_by_those_only_who_need_it() -> None:
    assert printed("import sys, troth.hours; print('holidays' in sys.modules)") == "False\n"


def test_one_country_is_loaded_and_not_all_of_them() -> None:
    program = """
import sys
from datetime import date
from troth.hours import public_holidays
print(date(2026, 12, 25) in public_holidays("GB", "ENG"))
print(sorted(name for name in sys.modules if name.startswith("holidays.countries.")))
"""
    assert printed(program) == "True\n['holidays.countries.united_kingdom']\n"


def test_a_country_has_the_holidays_that_the_library_gives_it_by_itself() -> None:
    ask = "print({code: sorted(map(str, {days})) for code in sorted(names[1] for names in COUNTRIES.values())[::9]})"
    whole = "import holidays; from holidays.registry import COUNTRIES;"
    ours = whole + "from datetime import date, timedelta; from troth.hours import public_holidays;"
    every = "[d for n in range(365) if (d := date(2026, 1, 1) + timedelta(n)) in public_holidays(code)]"
    theirs = "holidays.country_holidays(code, years=2026, expand=False)"
    assert printed(ours + ask.replace("{days}", every)) == printed(whole + ask.replace("{days}", theirs))
