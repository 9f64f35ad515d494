"""What a letter says in words: dates, spans and greetings, in its language; `hours` words the opening times."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from troth.letters.phrases import phrase


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The words of one language. `day`, `when` and those after it are str.format patterns."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    when: str
    soon: tuple[str, str]  # today, tomorrow
    near: str
    yesterday: str
    units: tuple[tuple[str, str], ...]  # day, hour, minute: one, many
    addressed: str
    titled: str
    neutral: str
    subject: str
    openers: str
    no_subject: str


_ENGLISH = _Tongue(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    day="{weekday} {day} {month}",
    when="{day}, {time}",
    soon=("today {time}", "tomorrow {time}"),
    near="{weekday} {time}",
    yesterday="yesterday {time}",
    units=(("day", "days"), ("hour", "hours"), ("minute", "minutes")),
    addressed="Dear {name}",
    titled="Dear {name}",
    neutral="Hello",
    subject="Your message to {business}",
    openers=r"dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings",
    no_subject="(no subject)",
)
_GERMAN = _Tongue(
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    day="{weekday}, {day}. {month}",
    when="{day}, {time} Uhr",
    soon=("heute {time} Uhr", "morgen {time} Uhr"),
    near="{weekday} {time} Uhr",
    yesterday="gestern {time} Uhr",
    units=(("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten")),
    addressed="Hallo {name}",
    titled="Guten Tag {name}",
    neutral="Guten Tag",
    subject="Ihre Nachricht an {business}",
    openers=r"hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|moin|servus|gr(?:ü|ue)(?:ß|ss|ez)\w*",
    no_subject="(ohne Betreff)",
)
# For a language without words here: figures read well in any letter, English words in none but an English one.
_FIGURES = replace(
    _ENGLISH,
    day="{date}",
    when="{day} {time}",
    soon=("{date} {time}", "{date} {time}"),
    near="{date} {time}",
    yesterday="{date} {time}",
    units=(("d", "d"), ("h", "h"), ("min", "min")),
    addressed="{name}",
    titled="{name}",
    subject="{business}",
)
_TONGUES = {"en": _ENGLISH, "de": _GERMAN, "": _FIGURES}


@dataclass(frozen=True, slots=True)
class Voice:
    """How a letter speaks of time: its language, the business's zone, and the moment it is written."""

    language: str
    zone: tzinfo
    now: datetime

    def moment(self, at: datetime) -> str:
        """A day and a time of day, such as "Thursday 26 November, 16:45"."""
        return self._tongue.when.format(day=self.day(at), time=self._clock(at))

    def day(self, at: datetime) -> str:
        """A day, such as "Thursday 26 November", with its year where that is not the present one."""
        local, tongue = at.astimezone(self.zone), self._tongue
        weekday, month = tongue.weekdays[local.weekday()], tongue.months[local.month - 1]
        words = tongue.day.format(weekday=weekday, day=local.day, month=month, date=local.date())
        return words if local.year == self._today.year or tongue is _FIGURES else f"{words} {local.year}"

    def soon(self, at: datetime) -> str:
        """A moment as one says it of a deadline: "today 17:30", "tomorrow 09:45", else with its day."""
        ahead = (at.astimezone(self.zone).date() - self._today).days
        if ahead not in {0, 1}:
            return self.moment(at)
        return self._tongue.soon[ahead].format(time=self._clock(at), date=at.astimezone(self.zone).date())

    def due(self, at: datetime) -> str:
        """A moment as one promises it: "today 17:30", "Friday 12:00" within a week, else with its day."""
        ahead = (at.astimezone(self.zone).date() - self._today).days
        if not 1 < ahead < 7:
            return self.soon(at)
        weekday = self._tongue.weekdays[at.astimezone(self.zone).weekday()]
        return self._tongue.near.format(weekday=weekday, time=self._clock(at), date=at.astimezone(self.zone).date())

    def past(self, at: datetime) -> str:
        """A moment as one says it of what has happened: "today 09:45", "yesterday 17:30", else with its day."""
        local = at.astimezone(self.zone)
        if (local.date() - self._today).days != -1:
            return self.soon(at)
        return self._tongue.yesterday.format(time=self._clock(at), date=local.date())

    def said(self, words: str) -> str:
        """An English phrase of the deciding parts as colleagues read it."""
        return phrase(words, self.language)

    @property
    def no_subject(self) -> str:
        """What stands for the subject of a mail without one."""
        return self._tongue.no_subject

    def span(self, length: timedelta) -> str:
        """A length of time in its two largest units, such as "2 hours 10 minutes"; never less than a minute."""
        minutes = max(1, int(length.total_seconds()) // 60)
        counts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
        parts = [f"{n} {self._tongue.units[i][n != 1]}" for i, n in enumerate(counts) if n]
        return " ".join(parts[:2])

    @property
    def _tongue(self) -> _Tongue:
        return _tongue(self.language)

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"


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
    return _TONGUES.get(language.partition("-")[0].lower(), _FIGURES)
