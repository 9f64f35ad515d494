"""One mail as the search for better rules sees it: what each hit brought, and which words stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p

from troth.model import Tone
from troth.rulebook.judge import Hit, Reading
from troth.rulebook.parts import Pack, Side
from troth.rulebook.verdict import NEVER, scored, share, side_of

LONGEST_GRAM = 4
MOST_BYTES = 4000  # of a text that are searched for phrases; what a mail is about stands at its beginning

_STEEP = 2.0
_FAR = 20.0

_WORD = re.compile(rb"[a-z0-9'\x80-\xff]+")
_SENTENCE = re.compile(rb"(?:[^.!?;\n]|[.!?](?=[^\s\"')]))+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a folded text, its sequences of one to four words, and those words that look like names."""

    where: str
    start: int
    end: int
    grams: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a hit adds to its side, after length. `said` is the number of its sentence, None where it has none."""

    rule: str
    phrase: str
    side: Side
    weight: float
    said: int | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """The logistic loss of a mail's scores over both tones; `right` where both are on their side of the mark."""

    size: float
    right: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """A mail with the tone it should have, and what spoke for each side."""

    wanted: frozenset[Tone]
    pack: Pack
    totals: dict[Side, float]
    brought: tuple[Brought, ...]
    sentences: tuple[Sentence, ...]
    shares: dict[str, float]
    grams: frozenset[str]

    def tone(self, more: Mapping[Side, float]) -> frozenset[Tone]:
        """The tone by the totals as they are, with so much more for some sides."""
        totals = {side: max(total + more.get(side, 0.0), 0.0) for side, total in self.totals.items()}
        sums = scored(totals, self.pack.effects)
        return frozenset(tone for tone in Tone if sums[tone].score >= self.pack.marks.get(tone, NEVER).tone)

    @property
    def right(self) -> bool:
        return self.tone({}) == self.wanted

    def doubt(self, more: Mapping[Side, float]) -> Doubt:
        """How far the scores are from saying what the mail is, with so much more for some sides."""
        totals = {side: max(total + more.get(side, 0.0), 0.0) for side, total in self.totals.items()}
        size, right = 0.0, True
        for tone, one in scored(totals, self.pack.effects).items():
            beyond = min(one.score - self.pack.marks.get(tone, NEVER).tone, _FAR)
            right = right and (beyond >= 0) is (tone in self.wanted)
            size += log1p(exp(-_STEEP * (beyond if tone in self.wanted else -beyond)))
        return Doubt(size, right)

    def share_of(self, gram: str) -> float:
        """How much of a weight the mail leaves to a phrase that stands in it; 0 where it does not."""
        if gram not in self.grams:
            return 0.0
        return max(self.shares[each.where] for each in self.sentences if gram in each.grams)

    def by_rule(self, rule: str) -> dict[Side, float]:
        """What a rule brought to each side."""
        total: dict[Side, float] = {}
        for each in self.brought:
            if each.rule == rule:
                total[each.side] = total.get(each.side, 0.0) + each.weight
        return total

    def excused(self, rule: str, gram: str) -> dict[Side, float]:
        """What a rule would no longer bring if it were excused by a phrase."""
        total: dict[Side, float] = {}
        for each in self.brought:
            if each.rule == rule and each.said is not None and gram in self.sentences[each.said].grams:
                total[each.side] = total.get(each.side, 0.0) + each.weight
        return total


def tally(pack: Pack, readings: Sequence[Reading], wanted: frozenset[Tone], before: Tally | None = None) -> Tally:
    """What was read of a mail, summed up; `before` is the same mail under other rules, whose sentences are the same."""
    sentences = before.sentences if before else tuple(one for reading in readings for one in _sentences(reading))
    shares = {reading.where: share(reading, pack.effects) for reading in readings}
    brought = tuple(
        Brought(hit.rule.name, hit.phrase.written, side_of(hit), hit.weight * shares[reading.where], said)
        for reading in readings
        for hit in reading.hits
        if hit.weight
        for said in (_place(hit, reading.where, sentences),)
    )
    totals = dict.fromkeys(Side, 0.0)
    for each in brought:
        totals[each.side] += each.weight
    grams = before.grams if before else frozenset[str]().union(*(each.grams for each in sentences))
    return Tally(wanted, pack, totals, brought, sentences, shares, grams)


def _place(hit: Hit, where: str, sentences: Sequence[Sentence]) -> int | None:
    found = (n for n, one in enumerate(sentences) if one.where == where and one.start <= hit.start < one.end)
    return next(found, None)


def _sentences(reading: Reading) -> Iterator[Sentence]:
    text = reading.folded.text[:MOST_BYTES]
    for found in _SENTENCE.finditer(text):
        words = [
            (word[0].decode("utf-8", "replace"), word.start())
            for word in _WORD.finditer(text, found.start(), found.end())
            if not any(span.start <= word.start() < span.end for span in reading.masked)
        ]
        grams = frozenset(
            " ".join(word for word, _ in words[first : first + many])
            for many in range(1, LONGEST_GRAM + 1)
            for first in range(len(words) - many + 1)
        )
        names = frozenset(word for word, at in words[1:] if _capital(reading, at))
        yield Sentence(reading.where, found.start(), found.end(), grams, names)


def _capital(reading: Reading, at: int) -> bool:
    """Whether a word begins with a capital in the text as it was written, and is not all in capitals."""
    place = reading.folded.place(at)
    first, second = reading.text[place : place + 1], reading.text[place + 1 : place + 2]
    return first.isupper() and not second.isupper() and second.isalpha()
