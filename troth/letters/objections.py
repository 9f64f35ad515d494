"""What a colleague's words have not done, and what is worth knowing beside, as his confirmation says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from troth.letters.cleaning import one_line
from troth.letters.wording import Voice


class NotDone(StrEnum):
    """Why a colleague's word did nothing."""

    WHICH = "which matter"  # several, and no number
    NO_SUCH = "no such matter"
    NO_CLIENT = "about no client"
    NO_CASE = "no case"
    CLOSED = "closed already"
    ANSWERED = "answered already"
    STANDS = "stands so already"
    PAST = "in the past"
    TOO_FAR = "too far ahead"
    NO_PROMISE = "no promise"
    WHICH_PROMISE = "which promise"
    NOBODY = "nobody of that name"
    SEVERAL_PEOPLE = "several of that name"
    NO_LETTER = "no letter waits"
    IN_DRAFTS = "in Drafts"
    SENT = "sent already"
    CORRECTED = "the verdict was corrected"
    OBSERVE = "observe mode"
    SILENCE = "silence asked"
    BOUNCES = "the address bounces"
    PARTED = "parted"
    CLIENT_WROTE = "the client wrote"
    FOR_PEOPLE = "for people only"
    GATE = "the gate"
    TOO_OLD = "too old"
    LIMIT = "limit"
    NOTHING_TO_UNDO = "nothing to undo"
    CHANGED_SINCE = "changed since"


class Remark(StrEnum):
    """What is worth knowing beside what was done."""

    CLOSED_THAT_DAY = "closed that day"
    PROMISE_STANDS = "a promise stands"
    STILL_WAITING = "still waiting"
    SENT_BEFORE = "sent before"  # a letter that cannot be called back
    LETTER_HELD = "letter held"
    LETTER_FOLLOWS = "letter follows"
    TO_DRAFTS = "to Drafts"
    NO_LETTER_FOLLOWS = "no letter follows"
    AWAY = "away"


def objection(
    word: NotDone | Remark,
    voice: Voice,
    *,
    client: str = "",
    what: str = "",
    who: str = "",
    when: datetime | None = None,
) -> str:
    """One line of a confirmation, as `said` words the others."""
    line = _ENGLISH.get(word, f"Not done: {word.value}.")
    given = {"client": one_line(client, 80), "what": one_line(what, 200), "who": one_line(who, 80)}
    return line.format(**given, when=voice.due(when) if when else "")


_ENGLISH: Mapping[NotDone | Remark, str] = {}
