"""What a letter says in words: dates, opening times, spans and greetings, in the language of the letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

_SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The words of one language. `day`, `when` and the opening phrases are str.format patterns."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    year: str
    when: str
    until: str
    again: tuple[str, str, str, str]  # later today, tomorrow, within the week, later
    both: str
    units: tuple[tuple[str, str], ...]  # day, hour, minute: one, many
    addressed: str
    titled: str
    neutral: str
    subject: str
    openers: str


_ENGLISH = _Tongue(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    day="{weekday} {day} {month}",
    year="{words} {year}",
    when="{day}, {time}",
    until="today until {time}",
    again=(
        "again today from {time}",
        "again tomorrow from {time}",
        "again on {weekday} from {time}",
        "again on {day} from {time}",
    ),
    both="{until}, and {again}",
    units=(("day", "days"), ("hour", "hours"), ("minute", "minutes")),
    addressed="Dear {name}",
    titled="Dear {name}",
    neutral="Hello",
    subject="Your message to {business}",
    openers=r"dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings",
)
_GERMAN = _Tongue(
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    day="{weekday}, {day}. {month}",
    year="{words} {year}",
    when="{day}, {time} Uhr",
    until="heute bis {time} Uhr",
    again=(
        "heute ab {time} Uhr wieder",
        "morgen ab {time} Uhr wieder",
        "am {weekday} ab {time} Uhr wieder",
        "am {day}, ab {time} Uhr wieder",
    ),
    both="{until} und {again}",
    units=(("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten")),
    addressed="Hallo {name}",
    titled="Guten Tag {name}",
    neutral="Guten Tag",
    subject="Ihre Nachricht an {business}",
    openers=r"hallo|hi|hey|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|moin|servus|gr[üu](?:e|ß)[zs ]?\S*",
)
_TONGUES = {"en": _ENGLISH, "de": _GERMAN}

LANGUAGES = tuple(_TONGUES)
"""The languages whose dates, hours and greetings Troth can say; in any other they are said in English."""


def moment(at: datetime, zone: tzinfo, language: str) -> str:
    """A day and a time of day, such as "Thursday 26 November, 16:45", in the zone given."""
    local, tongue = at.astimezone(zone), _tongue(language)
    return tongue.when.format(day=_day(local.date(), tongue), time=_time(local))


def day(at: datetime, zone: tzinfo, language: str, *, now: datetime) -> str:
    """A day, such as "Thursday 26 November", with its year where that is not `now`'s."""
    local, tongue = at.astimezone(zone).date(), _tongue(language)
    words = _day(local, tongue)
    same = local.year == now.astimezone(zone).year
    return words if same else tongue.year.format(words=words, year=local.year)


def opens(now: datetime, zone: tzinfo, language: str, *, until: datetime | None, again: datetime | None) -> str | None:
    """When the business is there: "today until 17:30", "again on Monday from 09:00", or both shortly before closing.

    `until` is the closing of the span `now` lies in, None while closed; `again` the next opening after `now`.
    Fits English "We are open …" and German "Wir sind … da". None where neither is known.
    """
    tongue, here = _tongue(language), now.astimezone(zone)
    later = _again(here, again.astimezone(zone), tongue) if again else None
    if until is None:
        return later
    today = tongue.until.format(time=_time(until.astimezone(zone)))
    if later and until - now <= _SOON:
        return tongue.both.format(until=today, again=later)
    return today


def span(length: timedelta, language: str) -> str:
    """A length of time in its two largest units, such as "2 hours 10 minutes"; never less than a minute."""
    minutes = max(1, int(length.total_seconds()) // 60)
    counts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
    units = _tongue(language).units
    parts = [f"{n} {units[i][n != 1]}" for i, n in enumerate(counts) if n]
    return " ".join(parts[:2])


def greeting(given: str | None, language: str) -> str:
    """The opening words of a letter, without the comma: a name is greeted, words that greet already stay."""
    tongue = _tongue(language)
    if not given:
        return tongue.neutral
    if any(re.match(rf"(?:{known.openers})\b", given, re.IGNORECASE) for known in _TONGUES.values()):
        return given
    titled = re.match(r"(?:frau|herrn?|familie|mrs?|ms|miss|dr|prof)\b", given, re.IGNORECASE)
    return (tongue.titled if titled else tongue.addressed).format(name=given)


def neutral_subject(business: str, language: str) -> str:
    """The subject of a letter to somebody whose own words may not be given back."""
    return _tongue(language).subject.format(business=business)


def neutral_subjects(business: str) -> frozenset[str]:
    return frozenset(neutral_subject(business, language) for language in _TONGUES)


def neutral_greetings() -> frozenset[str]:
    return frozenset(tongue.neutral for tongue in _TONGUES.values())


def _tongue(language: str) -> _Tongue:
    return _TONGUES.get(language.partition("-")[0].lower(), _ENGLISH)


def _day(at: date, tongue: _Tongue) -> str:
    return tongue.day.format(weekday=tongue.weekdays[at.weekday()], day=at.day, month=tongue.months[at.month - 1])


def _time(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def _again(here: datetime, then: datetime, tongue: _Tongue) -> str:
    ahead = (then.date() - here.date()).days
    pattern = tongue.again[0 if ahead <= 0 else 1 if ahead == 1 else 2 if ahead < 7 else 3]
    weekday = tongue.weekdays[then.weekday()]
    return pattern.format(time=_time(then), weekday=weekday, day=_day(then.date(), tongue))
