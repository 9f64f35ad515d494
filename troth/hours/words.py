"""Opening times in the words of a letter; times are what the business's clock shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class _Language:
    today: str
    tomorrow: str
    weekday: str
    dated: str
    until: str
    until_later: str
    beginning: str
    midnight: str
    always: str
    days: tuple[str, ...]
    months: tuple[str, ...]


_LANGUAGES = {
    "en": _Language(
        today="today",
        tomorrow="tomorrow",
        weekday="on {day}",
        dated="on {day} {number} {month}",
        until="today until {time}",
        until_later="until {time} {when}",
        beginning="{when} from {time}",
        midnight="today until midnight",
        always="at any hour",
        days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
    ),
    "de": _Language(
        today="heute",
        tomorrow="morgen",
        weekday="am {day}",
        dated="am {day}, dem {number}. {month},",
        until="heute bis {time} Uhr",
        until_later="bis {time} Uhr {when}",
        beginning="{when} ab {time} Uhr",
        midnight="heute bis Mitternacht",
        always="rund um die Uhr",
        days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=(
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
    ),
}


def always(language: str) -> str:
    known = _LANGUAGES.get(language)
    return known.always if known else "00:00-24:00"


def until(language: str, closing: datetime, today: date) -> str:
    """Open now, until `closing`. A language without words of its own here gets figures."""
    known = _LANGUAGES.get(language)
    clock = f"{closing:%H:%M}"
    if not known:
        return f"-{clock}" if closing.date() == today else f"-{closing.date()} {clock}"
    if closing.date() == today:
        return known.until.format(time=clock)
    if closing == datetime.combine(today + timedelta(days=1), time()):
        return known.midnight
    return known.until_later.format(time=clock, when=_when(known, closing.date(), today).rstrip(","))


def beginning(language: str, opening: datetime, today: date) -> str:
    """Closed now, open from `opening`. A language without words of its own here gets figures."""
    known = _LANGUAGES.get(language)
    clock = f"{opening:%H:%M}"
    if not known:
        return f"{opening.date()} {clock}-"
    return known.beginning.format(when=_when(known, opening.date(), today), time=clock)


def _when(language: _Language, day: date, today: date) -> str:
    ahead = (day - today).days
    if ahead <= 1:
        return language.tomorrow if ahead == 1 else language.today
    # on the seventh day its name alone would mean today
    form = language.weekday if ahead < 7 else language.dated
    return form.format(day=language.days[day.weekday()], number=day.day, month=language.months[day.month - 1])
