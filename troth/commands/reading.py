"""From a reply's text to its commands.

A line acts only if it consists of a command: its word and what belongs to that, with at most courtesies around it. A
line that merely begins like one is prose, and is asked back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.commands.asked import (
    ALL,
    Answered,
    Asked,
    Assign,
    Command,
    Drop,
    Help,
    Kept,
    MakePromise,
    NoteDown,
    Part,
    Pending,
    Quiet,
    Reply,
    Send,
    Settled,
    SetTone,
    Snooze,
    Undo,
)
from troth.commands.english import ENGLISH
from troth.commands.german import GERMAN
from troth.commands.times import Edge, moment
from troth.commands.tongue import Tongue, Verb, folded
from troth.hours import Hours
from troth.model import Tone, address

TONGUES: Mapping[str, Tongue] = {"en": ENGLISH, "de": GERMAN}
"""The languages that replies are read in, by their ISO 639-1 code; English always is."""

MOST = 20
"""So many lines are looked at, and so many commands taken: more are not a reply's."""

_LONGEST_TEXT = 100_000
_LONGEST_LINE = 300
_LONGEST_NOTE = 2_000
_LONGEST_WHAT = 200
_NAME_AT_MOST = 3
_GREETING_AT_MOST = 5
_QUOTES = ">|\u00bb\u203a\uff1e"
_AROUND = " \t*_~`\"'\u201c\u201d\u201e\u2018\u2019\u00ab"
_BULLET = re.compile(r"(?:[-\u2010-\u2015\u2022\u00b7\u25cf+]+\s+|#+\s+)+")
_NUMBER = re.compile(r"#?([1-9]\d{0,2})(?:[-\u2013]#?([1-9]\d{0,2}))?[.):]*")
_TRAILING = re.compile(r"[*_~`\"\u201c\u201d]+(?=[.,;:!()]+$)")  # of "**answered**."
_PARAGRAPHS = re.compile(r"\n{3,}")
_PUNCTUATION = ".,;:!()"
_ENDS = re.compile(
    r"--\s*|_{5,}|-{2,} ?(?:original message|urspr\w+ nachricht|forwarded message|weitergeleitete nachricht).*"
    r"|(?:on|am) .{5,} (?:wrote|schrieb).*:|(?:on|am) .*\d.* <\S+@\S+>|(?:from|von): .*@.*",
    re.IGNORECASE,
)
_BARE: Mapping[Verb, Command] = {
    Verb.ANSWERED: Answered(),
    Verb.SETTLED: Settled(),
    Verb.PART: Part(),
    Verb.KEPT: Kept(),
    Verb.COMPLAINT: SetTone(frozenset({Tone.COMPLAINT})),
    Verb.PRAISE: SetTone(frozenset({Tone.PRAISE})),
    Verb.NEITHER: SetTone(frozenset()),
    Verb.SEND: Send(),
    Verb.DROP: Drop(),
    Verb.QUIET: Quiet(),
    Verb.PENDING: Pending(),
    Verb.HELP: Help(),
    Verb.UNDO: Undo(),
}
_MAY_ASK = (Verb.PENDING, Verb.HELP)


def read(text: str, languages: Sequence[str], now: datetime, hours: Hours) -> Reply:
    """The commands in the text that a colleague newly wrote, in the words of English and of `languages`.

    Times are those of the business's clock, counted from `now` (UTC). Never raises.
    """
    chosen = [TONGUES[code] for each in languages if (code := each.partition("-")[0].lower()) in TONGUES]
    tongues = tuple({id(tongue): tongue for tongue in (*chosen, ENGLISH)}.values())
    asked: list[Asked] = []
    rest: list[str] = []
    unread: list[str] = []
    looked = 0
    for line in _lines(text):
        if not line:
            rest.append("")
            continue
        found = _Line(line, tongues, now, hours).asked() if looked < MOST else None
        looked += 1
        if found and len(asked) + len(found) <= MOST:
            asked.extend(found)
            continue
        rest.extend([] if _says_nothing(line, tongues) else [line])
        unread.extend([line] if found is not None or (looked <= MOST and _begins(line, tongues)) else [])
    return Reply(tuple(asked), _PARAGRAPHS.sub("\n\n", "\n".join(rest)).strip("\n"), tuple(unread))


def _lines(text: str) -> Iterator[str]:
    """The lines that the sender himself wrote, cleaned; without what others wrote before him."""
    for raw in text[:_LONGEST_TEXT].splitlines():
        line = "".join(each for each in raw if each == "\t" or unicodedata.category(each)[0] != "C").strip()
        if _ENDS.fullmatch(line):
            return
        if not line or line.lstrip(_AROUND)[:1] not in _QUOTES:
            yield line


def _says_nothing(line: str, tongues: Sequence[Tongue]) -> bool:
    words = [folded(word).strip(_PUNCTUATION + "?-" + _AROUND) for word in line.split()]
    known = frozenset().union(*(tongue.greetings for tongue in tongues))
    return len(words) <= _GREETING_AT_MOST and all(not word or word in known for word in words)


def _begins(line: str, tongues: Sequence[Tongue]) -> bool:
    """Whether a line begins with the word of a command, as one does that was meant as one and went wrong."""
    words = _words(line)
    return any(_verb(words, at, tongues) for at in range(min(3, len(words))) if _leads(words[:at], tongues))


def _leads(words: Sequence[str], tongues: Sequence[Tongue]) -> bool:
    return all(_NUMBER.fullmatch(word) or any(word in tongue.courtesy for tongue in tongues) for word in words)


def _words(line: str) -> list[str]:
    return [_bare(word) for word in _BULLET.sub("", line.strip(_AROUND), count=1).split()]


def _bare(word: str) -> str:
    """A word as it is compared, without the marks that make it bold or quote it."""
    return _TRAILING.sub("", folded(word).strip(_AROUND))


def _verb(words: Sequence[str], at: int, tongues: Sequence[Tongue]) -> tuple[Verb, int] | None:
    """The verb that begins there, by its longest spelling, and where the words behind it begin."""
    for length in (5, 4, 3, 2, 1):
        said = " ".join(words[at : at + length]).rstrip(_PUNCTUATION + "?")
        for tongue in tongues if at + length <= len(words) else ():
            for verb, spellings in tongue.verbs.items():
                if said in spellings:
                    return verb, at + length
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a reply."""

    line: str
    tongues: Sequence[Tongue]
    now: datetime
    hours: Hours

    def asked(self) -> list[Asked] | None:
        """What the line asks for, once for each number in front; None where it is no command."""
        bare = _BULLET.sub("", self.line.strip(_AROUND), count=1).strip(_AROUND)
        written = bare.split()
        words = [_bare(word) for word in written]
        if bare == "?":
            return [Asked(Help(), None, self.line)]
        at = self._over_courtesy(words, 0)
        numbers, at = self._numbers(words, at)
        verb = _verb(words, self._over_courtesy(words, at), self.tongues)
        if verb is None:
            return None
        command = self._command(verb[0], written, words, verb[1])
        return None if command is None else [Asked(command, number, self.line) for number in numbers]

    def _any(self, word: str, of: Callable[[Tongue], frozenset[str]]) -> bool:
        return any(word.rstrip(_PUNCTUATION) in of(tongue) for tongue in self.tongues)

    def _over_courtesy(self, words: Sequence[str], at: int) -> int:
        while at < len(words) and self._any(words[at], lambda tongue: tongue.courtesy):
            at += 1
        return at

    def _numbers(self, words: Sequence[str], at: int) -> tuple[list[int | None], int]:
        """The matters named in front (`2`, `#3`, `1 and 3`, `2-4`, `all`), and where the words behind them begin."""
        if at < len(words) and self._any(words[at], lambda tongue: tongue.every):
            return [ALL], at + 1
        numbers: list[int | None] = []
        while at < len(words) and len(numbers) <= MOST:
            found = _NUMBER.fullmatch(words[at].rstrip(","))
            if found:
                first, last = int(found[1]), int(found[2] or found[1])
                numbers.extend(range(first, min(last, first + MOST) + 1))
            elif not (numbers and self._any(words[at], lambda tongue: tongue.joins)):
                break
            at += 1
        return list(dict.fromkeys(numbers)) or [None], at

    def _command(self, verb: Verb, written: Sequence[str], words: Sequence[str], at: int) -> Command | None:
        if verb is Verb.NOTE:
            return self._note(written, words, at)
        if len(self.line) > _LONGEST_LINE or ("?" in self.line and verb not in _MAY_ASK):
            return None
        if verb is Verb.PROMISE:
            return self._promise(written, words, at)
        if verb is Verb.SNOOZE:
            found = moment(words, at, self.tongues, self.now, self.hours, Edge.OPENING)
            return Snooze(found[0]) if found and self._ends(words, found[1], verb) else None
        if verb is Verb.ASSIGN:
            return self._assign(written, words, at)
        return _BARE[verb] if self._ends(words, at, verb) else None

    def _ends(self, words: Sequence[str], at: int, verb: Verb | None = None) -> bool:
        """Whether nothing follows but courtesies and what may follow that verb."""
        while at < len(words):
            after = at + self._follower(words, at, verb)
            if after == at and self._any(words[at].rstrip("?"), lambda tongue: tongue.courtesy | frozenset({"", "-"})):
                after = at + 1
            if after == at:
                return False
            at = after
        return True

    def _follower(self, words: Sequence[str], at: int, verb: Verb | None) -> int:
        known = [phrase for tongue in self.tongues if verb for phrase in tongue.after.get(verb, ())]
        for length in (3, 2, 1):
            said = " ".join(words[at : at + length]).rstrip(_PUNCTUATION)
            if at + length <= len(words) and said in known:
                return length
        return 0

    def _promise(self, written: Sequence[str], words: Sequence[str], at: int) -> MakePromise | None:
        """`promise Friday 12:00 new proofs`, or `promise new proofs by Friday 12:00`."""
        if at < len(words) and self._any(words[at], lambda tongue: tongue.whom):
            at += 1
        found = moment(words, at, self.tongues, self.now, self.hours, Edge.CLOSING)
        if found:
            doubtful = found[1] < len(words) and self._any(words[found[1]], lambda tongue: tongue.doubts)
            return None if doubtful else MakePromise(found[0], _what(written[found[1] :]))
        for place in range(at + 1, len(words)):
            if self._any(words[place], lambda tongue: tongue.by):
                found = moment(words, place, self.tongues, self.now, self.hours, Edge.CLOSING)
                if (
                    found
                    and self._ends(words, found[1])
                    and not self._any(words[at], lambda tongue: tongue.prose | tongue.doubts)
                ):
                    return MakePromise(found[0], _what(written[at:place]))
        return None

    def _assign(self, written: Sequence[str], words: Sequence[str], at: int) -> Assign | None:
        end = len(words)
        while end > at and self._any(words[end - 1], lambda tongue: tongue.courtesy):
            end -= 1
        name = " ".join(written[at:end]).strip(_AROUND + _PUNCTUATION)
        who = address(re.sub(r"(?i)^mailto:|[<>]", "", name))
        if who:
            return Assign(who)
        letters = all(
            word.strip(_AROUND + _PUNCTUATION).replace("-", "").replace("'", "").isalpha() for word in words[at:end]
        )
        prose = at < end and self._any(words[at], lambda tongue: tongue.prose)
        return Assign(name) if 0 < end - at <= _NAME_AT_MOST and letters and not prose else None

    def _note(self, written: Sequence[str], words: Sequence[str], at: int) -> NoteDown | None:
        """`note: …` whatever follows; without the colon, not where it goes on as a sentence would."""
        text = " ".join(written[at:]).strip()
        marked = words[at - 1].endswith(":")
        if not text or (not marked and self._any(words[at], lambda tongue: tongue.prose)):
            return None
        return NoteDown(text[:_LONGEST_NOTE])


def _what(written: Sequence[str]) -> str:
    return " ".join(written).strip(_AROUND + _PUNCTUATION + "-\u2013\u2014").strip()[:_LONGEST_WHAT]
