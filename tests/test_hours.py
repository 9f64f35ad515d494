"""Opening hours and what they make of a moment. Times in the tables are what the clock on the wall shows."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make_before_close import SHOPS
from troth.hours import (
    Duration,
    Holidays,
    Hours,
    NeverOpens,
    Unit,
    dates,
    duration,
    public_holidays,
    week,
)

LONDON = ZoneInfo("Europe/London")
PRINTER = Hours(
    LONDON,
    week({"mon-thu": "09:00-12:30 13:30-17:30", "fri": "09:00-15:00"}),
    public_holidays("GB", "ENG", dates(["2026-12-24", "2026-12-27..2026-12-31"])),
)
ROUND_THE_CLOCK = Hours(LONDON, week({"mon-sun": "00:00-24:00"}))
BAR = Hours(LONDON, week({"fri": "18:00-24:00", "sat": "00:00-02:00 18:00-24:00", "sun": "00:00-02:00"}))
FIVE = {
    shop.name: Hours(ZoneInfo(shop.zone), week(shop.hours), Holidays(dates(shop.days_off))) for shop in SHOPS.values()
}
ALL = [*FIVE.values(), PRINTER, ROUND_THE_CLOCK, BAR]
YEAR = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001  # hypothesis asks for bounds without a zone
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=9))
HOURS = st.sampled_from(ALL)


def at(text: str, hours: Hours = PRINTER, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=hours.zone, fold=fold).astimezone(UTC)


def wall(moment: datetime, hours: Hours = PRINTER) -> str:
    return f"{moment.astimezone(hours.zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-19 08:59", False),
        ("2026-11-19 09:00", True),
        ("2026-11-19 12:29", True),
        ("2026-11-19 12:30", False),
        ("2026-11-19 13:29", False),
        ("2026-11-19 13:30", True),
        ("2026-11-19 17:30", False),
        ("2026-11-20 14:59", True),
        ("2026-11-20 15:00", False),
        ("2026-11-21 11:00", False),
        ("2026-12-24 11:00", False),
        ("2026-12-25 11:00", False),
        ("2026-12-30 11:00", False),
        ("2027-01-01 11:00", False),
        ("2026-07-01 09:00", True),
        ("2026-07-01 17:30", False),
    ],
)
def test_it_is_open_from_the_opening_until_just_before_the_closing(moment: str, is_open: bool) -> None:
    assert PRINTER.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "following", "open_again", "closing"),
    [
        ("2026-11-19 07:00", "2026-11-19 09:00", "2026-11-19 09:00", "2026-11-19 17:30"),
        ("2026-11-19 09:00", "2026-11-19 13:30", "2026-11-19 09:00", "2026-11-19 17:30"),
        ("2026-11-19 12:45", "2026-11-19 13:30", "2026-11-19 13:30", "2026-11-19 17:30"),
        ("2026-11-19 17:29", "2026-11-20 09:00", "2026-11-19 17:29", "2026-11-19 17:30"),
        ("2026-11-19 17:30", "2026-11-20 09:00", "2026-11-20 09:00", "2026-11-20 15:00"),
        ("2026-11-20 16:50", "2026-11-23 09:00", "2026-11-23 09:00", "2026-11-23 17:30"),
        ("2026-11-22 11:00", "2026-11-23 09:00", "2026-11-23 09:00", "2026-11-23 17:30"),
        ("2026-12-23 17:30", "2027-01-04 09:00", "2027-01-04 09:00", "2027-01-04 17:30"),
    ],
)
def test_a_moment_has_its_next_opening_and_the_closing_of_its_business_day(
    moment: str, following: str, open_again: str, closing: str
) -> None:
    assert wall(PRINTER.next_opening(at(moment))) == following
    assert wall(PRINTER.open_at_or_after(at(moment))) == open_again
    assert wall(PRINTER.closing(at(moment))) == closing


def test_before_close_agrees_with_a_walk_minute_by_minute() -> None:
    with Path(__file__).with_name("before_close.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {
        (row["shop"], row["at"], row["lead"]): FIVE[row["shop"]]
        .before_close(datetime.fromisoformat(row["at"]), duration(row["lead"]))
        .isoformat()
        for row in rows
    }
    assert len(rows) == 200
    assert found == {(row["shop"], row["at"], row["lead"]): row["before close"] for row in rows}


@pytest.mark.parametrize(
    ("moment", "lead", "expected"),
    [
        ("2026-11-20 14:10", "45 minutes", "2026-11-20 14:15"),
        ("2026-11-20 14:50", "45 minutes", "2026-11-20 14:50"),
        ("2026-11-20 16:50", "45 minutes", "2026-11-23 16:45"),
        ("2026-11-19 12:45", "45 minutes", "2026-11-19 16:45"),
        ("2026-11-19 12:45", "5 hours", "2026-11-19 12:45"),
        ("2026-11-18 08:00", "4 business hours", "2026-11-18 13:30"),
        ("2026-11-18 08:00", "5 business hours", "2026-11-18 11:30"),
        ("2026-11-18 18:00", "1 business day", "2026-11-18 18:00"),
        ("2026-11-17 10:00", "1 day", "2026-11-17 10:00"),
    ],
)
def test_before_close_is_at_once_when_its_moment_has_passed(moment: str, lead: str, expected: str) -> None:
    assert wall(PRINTER.before_close(at(moment), duration(lead))) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-19 07:00", "2026-11-19 09:00"),
        ("2026-11-19 10:00", None),
        ("2026-11-19 12:45", None),
        ("2026-11-19 16:44", None),
        ("2026-11-19 16:45", "2026-11-20 09:00"),
        ("2026-11-19 17:30", "2026-11-20 09:00"),
        ("2026-11-20 14:15", "2026-11-23 09:00"),
        ("2026-11-22 11:00", "2026-11-23 09:00"),
    ],
)
def test_at_opening_is_for_what_came_while_closed_or_shortly_before(moment: str, expected: str | None) -> None:
    found = PRINTER.at_opening(at(moment), duration("45 minutes"))
    assert (found and wall(found)) == expected


@pytest.mark.parametrize(
    ("moment", "length", "expected"),
    [
        ("2026-11-20 14:30", "2 minutes", "2026-11-20 14:32"),
        ("2026-03-28 12:00", "24 hours", "2026-03-29 13:00"),
        ("2026-03-28 12:00", "1 day", "2026-03-29 12:00"),
        ("2026-10-24 12:00", "1 week", "2026-10-31 12:00"),
        ("2026-01-31 10:00", "1 month", "2026-02-28 10:00"),
        ("2026-01-31 10:00", "13 months", "2027-02-28 10:00"),
        ("2028-02-29 10:00", "1 year", "2029-02-28 10:00"),
        ("2026-03-28 01:30", "1 day", "2026-03-29 02:00"),
        ("2026-11-19 10:00", "2 business hours", "2026-11-19 12:00"),
        ("2026-11-19 11:00", "2 business hours", "2026-11-19 14:00"),
        ("2026-11-19 10:30", "2 business hours", "2026-11-19 12:30"),
        ("2026-11-20 14:00", "2 business hours", "2026-11-23 10:00"),
        ("2026-11-22 14:00", "2 business hours", "2026-11-23 11:00"),
        ("2026-12-23 17:00", "40 business hours", "2027-01-11 12:30"),
        ("2026-11-19 12:45", "0 business hours", "2026-11-19 13:30"),
        ("2026-11-16 16:00", "3 business days", "2026-11-19 16:00"),
        ("2026-11-17 16:00", "3 business days", "2026-11-23 09:00"),
        ("2026-11-20 12:45", "1 business day", "2026-11-23 13:30"),
        ("2026-11-21 14:00", "1 business day", "2026-11-23 14:00"),
        ("2026-11-20 20:00", "1 business day", "2026-11-24 09:00"),
        ("2026-12-23 10:00", "1 business day", "2027-01-04 10:00"),
        ("2026-11-21 14:00", "0 business days", "2026-11-23 09:00"),
        ("2026-11-21 14:00", "0 days", "2026-11-21 14:00"),
    ],
)
def test_a_length_of_time_ends_where_its_unit_says(moment: str, length: str, expected: str) -> None:
    assert wall(PRINTER.later(at(moment), duration(length))) == expected


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]
)
def test_every_day_of_a_year_opens_and_closes_by_the_clock_on_the_wall(zone: str) -> None:
    shop = Hours(ZoneInfo(zone), week({"mon-fri": "09:00-17:30", "sat": "10:00-12:00"}))
    day = date(2026, 1, 1)
    while day.year == 2026:
        opens, closes = {5: ("10:00", "12:00"), 6: (None, None)}.get(day.weekday(), ("09:00", "17:30"))
        shown = [f"{moment.astimezone(shop.zone):%H:%M}" for o in shop.openings(day) for moment in (o.start, o.end)]
        assert shown == ([opens, closes] if opens else []), day
        assert all(shop.day_of(opening.start) == day for opening in shop.openings(day))
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "span", "expected"),
    [
        ("Europe/London", "2026-03-29", "00:30-02:30", ["2026-03-29 00:30", "2026-03-29 01:30"]),
        ("Europe/London", "2026-03-29", "01:30-02:30", ["2026-03-29 01:00", "2026-03-29 01:30"]),
        ("Europe/London", "2026-03-29", "01:15-01:45", []),
        ("Europe/London", "2026-10-25", "00:30-01:30", ["2026-10-24 23:30", "2026-10-25 00:30"]),
        ("Europe/London", "2026-10-25", "01:30-02:00", ["2026-10-25 00:30", "2026-10-25 02:00"]),
        ("Australia/Lord_Howe", "2026-10-04", "01:00-02:15", ["2026-10-03 14:30", "2026-10-03 15:30"]),
        ("Australia/Lord_Howe", "2026-04-05", "01:00-02:15", ["2026-04-04 14:00", "2026-04-04 15:45"]),
        ("Africa/Cairo", "2026-04-24", "00:00-02:00", ["2026-04-23 22:00", "2026-04-23 23:00"]),
        ("Africa/Cairo", "2026-10-29", "22:00-24:00", ["2026-10-29 19:00", "2026-10-29 22:00"]),
        ("America/St_Johns", "2006-10-28", "22:00-24:00", ["2006-10-29 00:30", "2006-10-29 02:30"]),
        ("Pacific/Apia", "2011-12-30", "09:00-17:00", []),
    ],
)  # fmt: skip
def test_a_day_on_which_the_clock_is_set_keeps_its_hours_as_near_as_it_can(
    zone: str, day: str, span: str, expected: list[str]
) -> None:
    shop = Hours(ZoneInfo(zone), week({"mon-sun": span}))
    found = [moment for o in shop.openings(date.fromisoformat(day)) for moment in (o.start, o.end)]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in found] == expected


def test_it_stays_open_while_the_clock_goes_back_over_midnight() -> None:
    shop = Hours(ZoneInfo("America/St_Johns"), week({"sun": "00:00-09:00"}))
    assert shop.is_open(datetime(2006, 10, 29, 2, 45, tzinfo=UTC))
    assert shop.day_of(datetime(2006, 10, 29, 2, 45, tzinfo=UTC)) == date(2006, 10, 28)
    assert shop.closing(datetime(2006, 10, 29, 2, 45, tzinfo=UTC)) == datetime(2006, 10, 29, 12, 30, tzinfo=UTC)


def test_a_time_that_the_clock_skips_is_the_moment_of_setting_it_to_the_microsecond() -> None:
    assert PRINTER.instant(datetime(2026, 3, 29, 1, 30, 17, 250_000)) == datetime(2026, 3, 29, 1, tzinfo=UTC)  # noqa: DTZ001  # a wall's time


def test_a_second_hour_is_as_late_in_the_day_as_the_first() -> None:
    second = at("2026-10-25 01:30", fold=1)
    assert wall(PRINTER.later(second, Duration(1, Unit.DAYS))) == "2026-10-26 01:30"
    assert PRINTER.later(second, Duration(0, Unit.DAYS)) == second
    assert PRINTER.later(at("2026-10-24 01:30"), Duration(1, Unit.DAYS)) == at("2026-10-25 01:30")


@pytest.mark.parametrize(
    "hours",
    [
        Hours(LONDON, ((),) * 7),
        Hours(LONDON, week({"mon": "09:00-17:00"}), Holidays(dates(["2026-01-01..2030-01-01"]))),
    ],
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda hours, now: hours.next_opening(now),
        lambda hours, now: hours.open_at_or_after(now),
        lambda hours, now: hours.closing(now),
        lambda hours, now: hours.before_close(now, Duration(45, Unit.MINUTES)),
        lambda hours, now: hours.at_opening(now, Duration(45, Unit.MINUTES)),
        lambda hours, now: hours.later(now, Duration(1, Unit.BUSINESS_HOURS)),
        lambda hours, now: hours.later(now, Duration(1, Unit.BUSINESS_DAYS)),
        lambda hours, now: hours.earlier(now, Duration(1, Unit.BUSINESS_DAYS)),
        lambda hours, now: hours.earlier(now, Duration(1, Unit.BUSINESS_HOURS)),
        lambda hours, now: hours.opening_words(now),
    ],
)  # fmt: skip
def test_a_business_that_never_opens_is_said_to_be_so(hours: Hours, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(NeverOpens, match="two years"):
        ask(hours, at("2028-01-01 12:00"))
    assert not hours.is_open(at("2028-01-01 12:00"))
    assert hours.business_time(at("2027-01-01 12:00"), at("2028-01-01 12:00")) == timedelta(0)


def test_more_business_hours_than_a_century_holds_are_refused() -> None:
    brief = Hours(LONDON, week({"mon": "09:00-09:01"}))
    with pytest.raises(NeverOpens):
        brief.later(at("2026-01-01 12:00"), duration("80000 business hours"))


def test_a_date_is_that_of_the_business_calendar() -> None:
    auckland = Hours(ZoneInfo("Pacific/Auckland"), week({"mon-fri": "09:00-17:00"}))
    noon = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert (auckland.day_of(noon), PRINTER.day_of(noon)) == (date(2026, 12, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("hours", "moment", "english", "german"),
    [
        (PRINTER, "2026-11-19 10:00", "today until 17:30", "heute bis 17:30 Uhr"),
        (PRINTER, "2026-11-19 07:00", "today from 09:00", "heute ab 09:00 Uhr"),
        (PRINTER, "2026-11-19 12:45", "today from 13:30", "heute ab 13:30 Uhr"),
        (PRINTER, "2026-11-19 18:00", "tomorrow from 09:00", "morgen ab 09:00 Uhr"),
        (PRINTER, "2026-11-20 16:50", "on Monday from 09:00", "am Montag ab 09:00 Uhr"),
        (PRINTER, "2026-12-28 12:00", "on Monday 4 January from 09:00", "am Montag, dem 4. Januar, ab 09:00 Uhr"),
        (PRINTER, "2026-12-29 12:00", "on Monday from 09:00", "am Montag ab 09:00 Uhr"),
        (ROUND_THE_CLOCK, "2026-11-19 10:00", "at any hour", "rund um die Uhr"),
        (BAR, "2026-11-20 19:00", "until 02:00 tomorrow", "bis 02:00 Uhr morgen"),
        (BAR, "2026-11-21 01:00", "today until 02:00", "heute bis 02:00 Uhr"),
        (FIVE["café"], "2026-08-08 17:00", "today until midnight", "heute bis Mitternacht"),
    ],
)  # fmt: skip
def test_letters_say_when_it_is_open_in_the_clients_language(
    hours: Hours, moment: str, english: str, german: str
) -> None:
    assert hours.opening_words(at(moment, hours)) == english
    assert hours.opening_words(at(moment, hours), "de") == german


@pytest.mark.parametrize(
    ("hours", "moment", "figures"),
    [
        (PRINTER, "2026-11-19 10:00", "-17:30"),
        (PRINTER, "2026-11-20 16:50", "2026-11-23 09:00-"),
        (BAR, "2026-11-20 19:00", "-2026-11-21 02:00"),
        (ROUND_THE_CLOCK, "2026-11-20 19:00", "00:00-24:00"),
    ],
)
def test_other_languages_are_given_figures(hours: Hours, moment: str, figures: str) -> None:
    assert hours.opening_words(at(moment, hours), "fr") == figures


@given(HOURS, YEAR)
def test_no_instant_found_open_lies_inside_a_closed_span(hours: Hours, now: datetime) -> None:
    assert hours.is_open(hours.open_at_or_after(now))
    assert hours.is_open(hours.next_opening(now))
    assert not hours.is_open(hours.next_opening(now) - timedelta(microseconds=1)) or hours is not PRINTER
    assert hours.is_open(hours.later(now, Duration(2, Unit.BUSINESS_DAYS)))
    assert hours.is_open(hours.closing(now) - timedelta(microseconds=1))


@given(HOURS, YEAR, YEAR, st.sampled_from(["45 minutes", "3 business hours", "12 hours", "1 day"]))
def test_a_later_mail_never_has_an_earlier_deadline(hours: Hours, one: datetime, other: datetime, lead: str) -> None:
    early, late = sorted((one, other))
    assert hours.closing(early) <= hours.closing(late)
    assert hours.next_opening(early) <= hours.next_opening(late)
    assert hours.open_at_or_after(early) <= hours.open_at_or_after(late)
    assert hours.before_close(early, duration(lead)) <= hours.before_close(late, duration(lead))


@given(HOURS, YEAR, st.sampled_from(["45 minutes", "3 business hours", "12 hours", "1 day"]))
def test_a_deadline_lies_between_the_mail_and_its_closing(hours: Hours, now: datetime, lead: str) -> None:
    deadline = hours.before_close(now, duration(lead))
    assert now <= deadline < hours.closing(now)
    opening = hours.at_opening(now, duration(lead))
    assert opening is None or (now < opening and hours.is_open(opening))


def seam(hours: Hours, year: int) -> list[datetime]:
    """The moments of a year at which the clock is set."""
    steps = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=half / 2) for half in range(2 * 8760)]
    return [
        b for a, b in pairwise(steps) if a.astimezone(hours.zone).utcoffset() != b.astimezone(hours.zone).utcoffset()
    ]


SEAMS = [(hours, moment) for hours in FIVE.values() for moment in seam(hours, 2026)]
NEAR_A_SEAM = st.sampled_from(SEAMS).flatmap(
    lambda found: st.tuples(
        st.just(found[0]),
        st.timedeltas(timedelta(hours=-30), timedelta(hours=30)).map(lambda off: found[1] + off),
    )
)
MOMENTS = st.one_of(NEAR_A_SEAM, st.tuples(HOURS, YEAR))


def test_four_of_the_five_zones_set_their_clocks_twice_a_year() -> None:
    assert len(SEAMS) == 8


@given(MOMENTS, st.integers(0, 200))
def test_business_hours_later_is_the_inverse_of_business_time(found: tuple[Hours, datetime], amount: int) -> None:
    hours, now = found
    end = hours.later(now, Duration(amount, Unit.BUSINESS_HOURS))
    assert hours.business_time(now, end) == timedelta(hours=amount)
    if amount:
        assert hours.business_time(now, end - timedelta(seconds=1)) < timedelta(hours=amount)
        assert hours.business_time(hours.earlier(end, Duration(amount, Unit.BUSINESS_HOURS)), end) == timedelta(
            hours=amount
        )


@given(MOMENTS, LENGTHS, LENGTHS)
def test_business_time_adds_up_and_is_never_more_than_time(
    found: tuple[Hours, datetime], first: timedelta, second: timedelta
) -> None:
    hours, start = found
    middle, end = start + first, start + first + second
    whole = hours.business_time(start, end)
    assert whole == hours.business_time(start, middle) + hours.business_time(middle, end)
    assert timedelta(0) <= whole <= end - start
    assert hours.business_time(end, start) == -whole


@given(MOMENTS, st.integers(0, 40), st.sampled_from(list(Unit)))
def test_later_is_never_earlier_and_grows_with_the_amount(
    found: tuple[Hours, datetime], amount: int, unit: Unit
) -> None:
    hours, now = found
    end = hours.later(now, Duration(amount, unit))
    assert now <= end <= hours.later(now, Duration(amount + 1, unit))
    assert end.utcoffset() == timedelta(0)


@given(MOMENTS, LENGTHS, st.integers(0, 9), st.sampled_from([u for u in Unit if u not in (Unit.MONTHS, Unit.YEARS)]))
def test_what_starts_later_ends_later(found: tuple[Hours, datetime], gap: timedelta, amount: int, unit: Unit) -> None:
    hours, now = found
    early, late = (hours.later(moment, Duration(amount, unit)) for moment in (now, now + gap))
    repeated = any(moment.astimezone(hours.zone).fold for moment in (now, now + gap))
    # the same clock time, so Sunday morning's ends before Saturday evening's
    days = [hours.day_of(moment) for moment in (now, now + gap)]
    off = unit is Unit.BUSINESS_DAYS and not all(map(hours.is_working_day, days))
    assert early <= late or repeated or off


@given(MOMENTS, st.integers(1, 60))
def test_days_keep_the_time_on_the_clock(found: tuple[Hours, datetime], amount: int) -> None:
    hours, now = found
    end = hours.later(now, Duration(amount, Unit.DAYS))
    before, after = now.astimezone(hours.zone), end.astimezone(hours.zone)
    in_a_gap = hours.instant(before.replace(tzinfo=None) + timedelta(days=amount)).astimezone(hours.zone)
    assert after.date() == before.date() + timedelta(days=amount)
    assert after.time() == before.time() or after == in_a_gap > before.replace(tzinfo=hours.zone) + timedelta(
        days=amount - 1
    )


@settings(max_examples=300)
@given(NEAR_A_SEAM)
def test_the_openings_around_a_set_clock_are_in_order_and_apart(found: tuple[Hours, datetime]) -> None:
    hours, now = found
    days = [hours.day_of(now) + timedelta(days=step) for step in range(-2, 3)]
    ends = [moment for day in days for o in hours.openings(day) for moment in (o.start, o.end)]
    assert ends == sorted(ends)
    assert hours.is_open(now) == any(o.start <= now < o.end for day in days for o in hours.openings(day))
