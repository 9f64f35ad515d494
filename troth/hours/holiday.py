"""Public holidays and a business's own days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from troth.place import nearest


@dataclass(frozen=True, slots=True)
class Holidays:
    """Whole days off: `dates`, and the public holidays of a country (ISO 3166-1) and subdivision (ISO 3166-2).

    `public_holidays` builds one whose names are known to exist.
    """

    dates: frozenset[date] = frozenset()
    country: str | None = None
    subdivision: str | None = None

    def __contains__(self, day: date) -> bool:
        if day in self.dates:
            return True
        return self.country is not None and day in _public(self.country, self.subdivision, day.year)


def public_holidays(country: str, subdivision: str | None = None, days_off: frozenset[date] = frozenset()) -> Holidays:
    """The public holidays of `GB` or, narrower, `GB` and `ENG`, and days off beside them.

    Raises ValueError, worded for the owner, where one of the names is not known.
    """
    import holidays  # noqa: PLC0415  # 12 MB that a business without public holidays need not hold

    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(
            f"`{country}` is no known country{_hint(_code(country), list(known))}; write its ISO code, such as GB"
        )
    parts = [str(part) for part in known[country]]
    if subdivision is not None and subdivision not in parts:
        raise ValueError(f"`{subdivision}` is no known subdivision of {country}{_offer(subdivision, parts)}")
    return Holidays(days_off, country, subdivision)


def _code(country: str) -> str:
    """The code of a country given by its English name; else what was given."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415  # as above

    return COUNTRIES.get(country.strip().lower().replace(" ", "_"), ("", country))[1]


def _hint(name: str, known: list[str]) -> str:
    upper = name.upper()
    meant = upper if upper in known else nearest(upper, known) if len(upper) < 5 else None
    return f", did you mean `{meant}`" if meant else ""


def _offer(name: str, parts: list[str]) -> str:
    if not parts:
        return ", which has none: leave it out"
    return f"{_hint(name, parts)}; known are {', '.join(parts)}"


@lru_cache(maxsize=64)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415  # as above

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))
