"""Until when a notice of absence says that its sender is away."""

# ruff: noqa: E501  # one family of words to a line

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

_LOOKED_AT = 3000
_MONTHS = (
    "jan|gen(?=n)|ene(?=ro)|led(?=n|e)|sty(?=c)",
    "feb|fév|fev|úno|lut(?=y|e)",
    "mar|mär|maa|mrz|bře",
    "apr|avr|abr|dub|kwi",
    "may|mai|mag(?=g)|maj|mei|kvě",
    "jun|juin|giu|čer(?=vn)|cze",
    "jul|juil|lug|srp|lip(?=ca|ie)",
    "aug|aoû|ago(?=sto)|sie(?=rp)",
    "sep|set(?=t|em)|zář|wrz",
    "oct|okt|ott(?=o)|out(?=ubro)|paź|říj",
    "nov|lis(?=top)",
    "dec|dez|déc|dic(?=i)|pro(?=sin)|gru(?=d)",
)
_MONTH = "|".join(f"(?P<{{0}}{number}>{names})" for number, names in enumerate(_MONTHS, 1))
_DAYS = ("mon|mo", "tue|die|di", "wed|mit|mi", "thu|don|do", "fri|fr", "sat|sam|sa", "sun|son|so")
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b|(?:mon|diens|donners|frei|sams|sonn)tag\b|mittwoch\b|sonnabend\b|(?:mo|di|mi|do|fr|sa|so)\b(?=\.?,? ?\d)"
_DATE = (
    r"(?:(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<d1>\d{1,2})\s?(?P<sep>[./-])\s?(?P<m1>\d{1,2})(?:\s?(?P=sep)\s?(?P<y1>20\d\d|\d\d)(?!\d)|(?![\d-]))"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s?(?:of |de |den )?(?:{_MONTH.format('a')})[^\W\d_]{{0,9}}\.?,?(?:\s(?:de )?(?P<y2>20\d\d))?"
    rf"|(?:{_MONTH.format('b')})[^\W\d_]{{0,9}}\.?\s(?:the )?(?P<d3>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,?\s(?P<y3>20\d\d))?"
    r"|(?P<d4>\d{1,2})(?:st|nd|rd|th)\b"
    rf"|(?P<tomorrow>tomorrow|morgen)\b|(?P<weekday>{_WEEKDAY}))"
)
_FILLER = rf"(?:[\s,(:]{{1,3}}(?:on|the|in|at|to|and|including|incl|inclusive|office|my|work|desk|our|business|around|about|of|next|this|coming|including|again|from|as|zum|dem|den|der|einschließlich|einschliesslich|inklusive|inkl|am|im|ins|büro|erst|au|le|el|al|het|with|{_WEEKDAY})\.?){{0,7}}[\s,(:]{{0,3}}"
_CUE = r"(?:until|untill|till|til|'til|through|thru|to|up to|back|return|returns|returning|resume|resuming|reachable|available|bis|ab|zurück|wieder|jusqu.|jusqu.au|retour|hasta|fino|até|tot|t/m|t\.o\.m\.?)"


@cache
def _ways() -> tuple[re.Pattern[str], ...]:
    """How a day is named: after until or back, at the end of a range, or in German between am and wieder."""
    on = rf"am\s{{1,2}}(?:{_WEEKDAY}[\s,.]{{0,3}})?(?:den |dem )?{_DATE}"
    ways = (
        rf"(?<![\w-]){_CUE}{_FILLER}{_DATE}",
        rf"\d(?:st|nd|rd|th|\.)?(?:\s[^\W\d_]{{3,9}}\.?)?(?:\s20\d\d)?\s?[-–—]\s?(?:{_FILLER}){_DATE}",
        rf"(?<!\w){on}(?=\.?[^.!?\n]{{0,40}}\b(?:wieder|zurück))",
        rf"(?:wieder|kehre?n?)\W{{1,2}}(?:ich )?(?:erst )?{on}",
    )
    return tuple(re.compile(way, re.IGNORECASE) for way in ways)


def until(text: str, written: datetime | None) -> datetime | None:
    """The last day or the day of return a notice of absence of `written` names, as midnight UTC; None where it names none.

    Day and month are read in that order where only figures stand, unless they cannot be; the year that is missing is
    the next to come, and so is a weekday.
    """
    if written is None:
        return None
    said = text[:_LOOKED_AT]
    found = [each for way in _ways() for each in way.finditer(said)]
    days = (_day(each, written) for each in sorted(found, key=lambda each: each.start()))
    return next((day for day in days if day is not None), None)


def _day(found: re.Match[str], written: datetime) -> datetime | None:
    midnight = datetime(written.year, written.month, written.day, tzinfo=UTC)
    if found["tomorrow"]:
        return midnight + timedelta(days=1)
    if found["weekday"]:
        return _next(found["weekday"].lower(), midnight)
    day = next(int(value) for name in ("d", "d1", "d2", "d3", "d4") if (value := found[name]))
    if found["d4"]:
        return _of_month(day, midnight)
    month = int(found["m"] or found["m1"] or 0) or _month(found)
    year = next((int(value) for name in ("y", "y1", "y2", "y3") if (value := found[name])), None)
    if found["m1"] and found["sep"] == "-" and year is None:
        return None
    if month > 12 >= day:
        day, month = month, day
    return _dated(year, month, day, written)


def _month(found: re.Match[str]) -> int:
    return next(number for number in range(1, 13) if found[f"a{number}"] or found[f"b{number}"])


def _next(name: str, midnight: datetime) -> datetime:
    weekday = next(number for number, names in enumerate(_DAYS) if name.startswith(tuple(names.split("|"))))
    return midnight + timedelta(days=(weekday - midnight.weekday() - 1) % 7 + 1)


def _of_month(day: int, midnight: datetime) -> datetime | None:
    """The next day of that number, within this month or the one after it."""
    ahead = (midnight + timedelta(days=more) for more in range(62))
    return next((each for each in ahead if each.day == day), None)


def _dated(year: int | None, month: int, day: int, written: datetime) -> datetime | None:
    whole = (year + 2000 if year < 100 else year) if year is not None else written.year
    try:
        found = datetime(whole, month, day, tzinfo=UTC)
        if year is None and found < written - timedelta(days=60):
            found = found.replace(year=whole + 1)
    except ValueError:
        return None
    return found if written - timedelta(days=60) < found < written + timedelta(days=400) else None
