"""What a language must say so that replies can be read in it; one module for each language fills it in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from troth.hours import Unit


class Verb(StrEnum):
    """What a word of a reply asks for, whatever the language."""

    ANSWERED = "answered"
    SETTLED = "settled"
    PART = "part"
    PROMISE = "promise"
    KEPT = "kept"
    SNOOZE = "snooze"
    ASSIGN = "to"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    NEITHER = "neither"
    SEND = "send"
    DROP = "drop"
    NOTE = "note"
    QUIET = "quiet"
    PENDING = "pending"
    HELP = "help"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language, each as `folded` leaves it, words of a phrase one blank apart.

    `verbs` are the spellings of each verb. `after` are phrases that may follow a verb without changing it, `courtesy`
    what may stand around any. `whom` are words for the client to whom something is promised. `prose`: a name or what is
    promised never begins with one of these. `doubts` behind a time make it no promise. `greetings` are words of lines
    that say nothing.

    Of time: `by` stands before it, `at` before a clock time, `oclock` behind one; `morning` and `afternoon` are parts
    of a day. `weekdays` begin with Monday, `months` with January, each with all its spellings.
    """

    verbs: Mapping[Verb, tuple[str, ...]]
    after: Mapping[Verb, tuple[str, ...]]
    courtesy: frozenset[str]
    greetings: frozenset[str]
    whom: frozenset[str]
    prose: frozenset[str]
    doubts: frozenset[str]
    every: frozenset[str]
    joins: frozenset[str]
    by: frozenset[str]
    at: frozenset[str]
    following: frozenset[str]
    coming: frozenset[str]
    oclock: tuple[str, ...]
    noon: frozenset[str]
    morning: frozenset[str]
    afternoon: frozenset[str]
    closing: tuple[str, ...]
    days: Mapping[str, int]
    weekdays: tuple[tuple[str, ...], ...]
    months: tuple[tuple[str, ...], ...]
    numbers: Mapping[str, int]
    units: Mapping[str, Unit]


def folded(text: str) -> str:
    """A text without case and accents, apostrophes straight: what spellings are compared by."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return bare.replace("\u2019", "'").replace("\u2018", "'")
