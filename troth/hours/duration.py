"""Lengths of time and rates, as an owner writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from troth.place import nearest


class Unit(StrEnum):
    """The units of a duration; the last two count opening hours and working days only."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    BUSINESS_HOURS = "business hours"
    BUSINESS_DAYS = "business days"

    @property
    def business(self) -> bool:
        return self in (Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS)

    @property
    def elapsed(self) -> bool:
        """Counts seconds as they pass, whatever a clock on the wall shows."""
        return self in (Unit.SECONDS, Unit.MINUTES, Unit.HOURS)


_NAMES = {name: unit for unit in Unit for name in (unit.value, unit.value.removesuffix("s"))}
_ABBREVIATIONS = {
    "s": Unit.SECONDS,
    "sec": Unit.SECONDS,
    "secs": Unit.SECONDS,
    "min": Unit.MINUTES,
    "mins": Unit.MINUTES,
    "h": Unit.HOURS,
    "hr": Unit.HOURS,
    "hrs": Unit.HOURS,
    "d": Unit.DAYS,
    "w": Unit.WEEKS,
    "wk": Unit.WEEKS,
    "working days": Unit.BUSINESS_DAYS,
    "working day": Unit.BUSINESS_DAYS,
    "workdays": Unit.BUSINESS_DAYS,
    "working hours": Unit.BUSINESS_HOURS,
}
ALLOWED = "units are seconds, minutes, hours, days, weeks, months, years, business hours and business days"

_LENGTHS = {
    Unit.SECONDS: timedelta(seconds=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
    Unit.MONTHS: timedelta(days=30),
    Unit.YEARS: timedelta(days=365),
    Unit.BUSINESS_HOURS: timedelta(hours=1),
    Unit.BUSINESS_DAYS: timedelta(days=1),
}
_LONGEST = timedelta(days=36_525)
_LONGEST_IN_BUSINESS = timedelta(days=3_653)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in its owner's unit. What it comes to from a given instant is for `Hours.later` to say."""

    amount: int
    unit: Unit

    @property
    def fixed(self) -> timedelta:
        """Its length where no calendar plays a part (polling, retention, rolling windows).

        A day is 24 hours, a month 30 days, a year 365 days. Raises ValueError for business hours and business days.
        """
        if self.unit.business:
            raise ValueError(f"`{self}` depends on the opening hours, which play no part here; {_PLAIN}")
        return self.amount * _LENGTHS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value.removesuffix('s') if self.amount == 1 else self.unit.value}"


_PLAIN = "units are seconds, minutes, hours, days, weeks, months and years"
_WRITTEN = re.compile(r"([0-9]+)(\s*)([a-z]+(?: [a-z]+)?)")


def duration(text: str) -> Duration:
    """The duration a text such as `45 minutes` or `2 business hours` is.

    Raises ValueError, worded for the owner, for anything else and for more than 100 years (10 in business units).
    """
    written = " ".join(text.split())
    found = _WRITTEN.fullmatch(written.lower())
    if not found:
        raise ValueError(f"`{written}` is no duration: {_reproof(written)}; {ALLOWED}")
    unit = _unit(written, found[1], found[3])
    if not found[2]:
        raise ValueError(f"`{written}` is no duration: write `{found[1]} {found[3]}`")
    return Duration(_amount(written, found[1], unit), unit)


def _reproof(written: str) -> str:
    if re.match(r"-\s*[0-9]", written):
        return "it is negative"
    if re.match(r"[0-9]*[.,][0-9]", written):
        return "the number must be whole, in a smaller unit if need be (`90 minutes` for one and a half hours)"
    if re.fullmatch(r"[0-9]+", written):
        return f"the unit is missing (`{written} minutes`?)"
    return "write a whole number and a unit, such as `45 minutes`"


def _unit(written: str, number: str, name: str) -> Unit:
    unit = _NAMES.get(name)
    if unit:
        return unit
    meant = _ABBREVIATIONS.get(name) or nearest(name, list(_NAMES))
    hint = f", did you mean `{Duration(int(number[:9]), _NAMES[meant])}`" if meant else ""
    raise ValueError(f"`{written}` is no duration: the unit `{name}` is not known{hint}; {ALLOWED}")


def _amount(written: str, number: str, unit: Unit) -> int:
    longest = _LONGEST_IN_BUSINESS if unit.business else _LONGEST
    # the digits are counted first: int() of thousands of digits is slow
    if len(number) > 12 or int(number) > longest // _LENGTHS[unit]:
        years = longest.days // 365
        raise ValueError(f"`{written}` is too long: at most {years} years")
    return int(number)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any stretch as long as `window`, which rolls; it is never in business units."""

    count: int
    window: Duration

    def __str__(self) -> str:
        return f"{self.count} per {str(self.window).removeprefix('1 ')}"


_RATE = re.compile(r"([0-9]+) per (.+)")


def rate(text: str) -> Rate:
    """The rate a text such as `1 per day` or `3 per 30 days` is.

    Raises ValueError, worded for the owner, for anything else.
    """
    written = " ".join(text.split())
    found = _RATE.fullmatch(written.lower())
    if not found or len(found[1]) > 9:
        raise ValueError(f"`{written}` is no rate: write `1 per day`, `3 per 30 days` or `60 per hour`")
    if int(found[1]) == 0:
        raise ValueError(f"`{written}` would let nothing leave: the number must be at least 1")
    return Rate(int(found[1]), _window(written, found[2]))


def _window(written: str, text: str) -> Duration:
    try:
        window = duration(text if text[0].isdigit() else f"1 {text}")
        length = window.fixed
    except ValueError as wrong:
        raise ValueError(f"`{written}` is no rate: {wrong}") from None
    if not length:
        raise ValueError(f"`{written}` is no rate: its window is empty")
    return window
