"""Public holidays and a business's own days off."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec, module_from_spec

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
    codes = _codes()
    if country not in codes.values():
        meant = codes.get(country.strip().lower().replace(" ", "_"), country)
        hint = _hint(meant, sorted(set(codes.values())))
        raise ValueError(f"`{country}` is no known country{hint}; write its ISO code, such as GB")
    parts = _parts(country)
    if subdivision is not None and subdivision not in parts:
        raise ValueError(f"`{subdivision}` is no known subdivision of {country}{_offer(subdivision, parts)}")
    return Holidays(days_off, country, subdivision)


def _hint(name: str, known: list[str]) -> str:
    upper = name.upper()
    meant = upper if upper in known else nearest(upper, known) if len(upper) < 5 else None
    return f", did you mean `{meant}`" if meant else ""


def _offer(name: str, parts: list[str]) -> str:
    if not parts:
        return ", which has none: leave it out"
    return f"{_hint(name, parts)}; known are {', '.join(parts)}"


# The library is imported where it is used: a business without public holidays need not hold its 4 MB.


def _codes() -> dict[str, str]:
    """The codes of the known countries, each under itself and under the English name."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415  # as said above

    named = {name: codes[1] for name, codes in COUNTRIES.items()}
    return named | {code: code for codes in COUNTRIES.values() for code in codes[1:]}


def _parts(country: str) -> list[str]:
    import holidays  # noqa: PLC0415  # as said above

    _load_countries_singly()
    return [str(part) for part in getattr(holidays, country).subdivisions]


@lru_cache(maxsize=64)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415  # as said above

    _load_countries_singly()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))


def _load_countries_singly() -> None:
    """Stand a bare package in for the library's own, which loads 250 countries (8 MB) for the one asked for."""
    name = "holidays.countries"
    spec = find_spec(name) if name not in sys.modules else None
    if spec:
        sys.modules[name] = module_from_spec(spec)
