"""Which changes of the rules may be worth their while: other weights, exceptions and new phrases, each estimated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from troth.model import Tone
from troth.rulebook.parts import Pack, Rule, Side
from troth.rulebook.tallying import Doubt, Tally

WEIGHTS = ((1.2, 0), (2.2, 4), (4.2, 10))
"""Weights for new phrases, each with the number of mails that must speak for the phrase: what is rare weighs little."""

FACTORS = (0.5, 0.75, 1.5)
MOST_PHRASES = 600
TRUE = 0.8
"""Of all mails in which a phrase stands, it must be right in so many."""

LEARNT = "learnt from corrections"
_STRENGTH = {1.2: ", faintly", 2.2: "", 4.2: ", strongly"}

_DIGIT = re.compile(r"\d")
_CAPITALS_MEAN_NOTHING = frozenset({"de"})
_SHORTEST, _SHORTEST_ALONE = 4, 5

Effect = Mapping[int, Mapping[Side, float]]
"""What a change adds to the sides of each mail that it touches, by the mail's number."""


class Kind(StrEnum):
    WEIGHT = "weight"
    UNLESS = "unless"
    PHRASE = "new phrase"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one rule, which may be a new one; `said` is the phrase where there is one."""

    kind: Kind
    language: str
    side: Side
    rule: str
    weight: float
    said: str
    effect: Effect

    @property
    def key(self) -> tuple[str, str, str, float]:
        return self.kind, self.rule, self.said, self.weight


@dataclass(frozen=True, slots=True)
class Field:
    """All mails by number, and which of them are to be mended. `least` is in how many a phrase must stand.

    `doubts` are those of the mails as they are.
    """

    tallies: Sequence[Tally]
    wrong: Sequence[int]
    private: frozenset[str]
    least: int
    doubts: Sequence[Doubt]

    def changes(self) -> Iterator[Change]:
        """Every change that may mend something, each once."""
        yield from self._weights()
        yield from self._phrases()
        yield from self._excuses()

    def gain(self, change: Change) -> float:
        """How much surer the rules become of what mails are, in sum; 0 where no more mails are mended than spoilt."""
        flips, gain = 0, 0.0
        for number, more in change.effect.items():
            doubt, after = self.doubts[number], self.tallies[number].doubt(more)
            gain += doubt.size - after.size
            flips += after.right - doubt.right
        return gain if flips > 0 else 0.0

    def _weights(self) -> Iterator[Change]:
        for rule, pack, numbers in self._rules():
            brought = {number: self.tallies[number].by_rule(rule.name) for number in numbers}
            for factor in FACTORS:
                weight = round(rule.weight * factor, 1)
                if weight > 0 and weight != rule.weight and not rule.name.startswith(LEARNT):
                    scale = weight / rule.weight - 1
                    effect = {n: {side: total * scale for side, total in sides.items()} for n, sides in brought.items()}
                    yield Change(Kind.WEIGHT, pack.language or "", rule.side, rule.name, weight, "", effect)

    def _excuses(self) -> Iterator[Change]:
        """Phrases beside which a rule misleads, and beside which it is seldom right."""
        wrong = set(self.wrong)
        for rule, pack, numbers in self._rules():
            beside = Counter[str]()
            for number in wrong.intersection(numbers):
                one = self.tallies[number]
                beside.update(() if speaks_true(rule.side, one.wanted) else _beside(one, rule.name))
            for gram, standing, _ in self._fit(pack, beside, rule.side, numbers, one_side=True):
                found = {number: self.tallies[number].excused(rule.name, gram) for number in standing}
                effect = {n: {side: -total for side, total in sides.items()} for n, sides in found.items() if sides}
                yield Change(Kind.UNLESS, pack.language or "", rule.side, rule.name, rule.weight, gram, effect)

    def _phrases(self) -> Iterator[Change]:
        """Phrases of mails whose tone was missed; of false alarms, phrases of ordinary business."""
        for pack in {id(self.tallies[n].pack): self.tallies[n].pack for n in self.wrong}.values():
            for side in Side:
                found = Counter[str]()
                for number in self.wrong:
                    one = self.tallies[number]
                    if one.pack is pack and _lacks(side, one):
                        found.update(one.grams)
                for gram, standing, true in self._fit(pack, found, side, range(len(self.tallies))):
                    shares = {number: self.tallies[number].share_of(gram) for number in standing}
                    heaviest = WEIGHTS[0][0] if side is Side.NEUTRAL else WEIGHTS[-1][0]
                    for weight in (weight for weight, needs in WEIGHTS if true >= needs and weight <= heaviest):
                        effect = {number: {side: weight * share} for number, share in shares.items()}
                        rule = f"{LEARNT}: {side}{_STRENGTH[weight]}"
                        yield Change(Kind.PHRASE, pack.language or "", side, rule, weight, gram, effect)

    def _rules(self) -> Iterator[tuple[Rule, Pack, list[int]]]:
        """The rules that hit in mails to be mended, with the numbers of all mails in which they hit."""
        hit: dict[tuple[str, int], list[int]] = {}
        for number, one in enumerate(self.tallies):
            for name in {each.rule for each in one.brought}:
                hit.setdefault((name, id(one.pack)), []).append(number)
        wrong = set(self.wrong)
        packs = {id(one.pack): one.pack for one in self.tallies}
        for key, pack in packs.items():
            for rule in pack.rules:
                numbers = hit.get((rule.name, key), [])
                if wrong.intersection(numbers):
                    yield rule, pack, numbers

    def _fit(
        self, pack: Pack, found: Counter[str], side: Side, among: Iterable[int], *, one_side: bool = False
    ) -> list[tuple[str, list[int], int]]:
        """The phrases fit to be suggested, those in most mails first: with the mails they stand in, and where right.

        A new phrase is right in mails for which its side speaks, an exception in those for which its rule does not.
        """
        small = frozenset(phrase.words for list_ in pack.words.values() for phrase in list_)
        likely = {gram for gram, many in found.items() if many >= self.least and self._speakable(gram.split(), small)}
        standing: dict[str, list[int]] = {gram: [] for gram in likely}
        true = Counter[str]()
        for number in among:
            one = self.tallies[number]
            there = likely & one.grams if one.pack is pack else set[str]()
            true.update(there if speaks_true(side, one.wanted) is not one_side else ())
            for gram in there:
                standing[gram].append(number)
        fit = [gram for gram in likely if true[gram] + 0.5 >= TRUE * (len(standing[gram]) + 0.5)]
        fit.sort(key=lambda gram: (-found[gram], -true[gram], -len(gram), gram))
        return [(gram, standing[gram], true[gram]) for gram in fit[:MOST_PHRASES]]

    def _speakable(self, words: Sequence[str], small: frozenset[str]) -> bool:
        """Whether an owner could have written the phrase: no name, no number, no scrap that ends in a small word.

        Small are the words of the word lists, which say nothing by themselves.
        """
        if any(word in self.private or word.strip("'") != word or _DIGIT.search(word) for word in words):
            return False
        if len(words) > 1 and words[-1] in small:
            return False
        least = _SHORTEST if len(words) > 1 else _SHORTEST_ALONE
        return any(word not in small and len(word) >= least for word in words)


def names_in(tallies: Iterable[Tally]) -> frozenset[str]:
    """Words that stand with a capital within sentences as often as not: names of people, places and firms."""
    capitals, all_ = Counter[str](), Counter[str]()
    for one in tallies:
        if one.pack.language not in _CAPITALS_MEAN_NOTHING:
            for each in one.sentences:
                capitals.update(each.names)
                all_.update(gram for gram in each.grams if " " not in gram)
    return frozenset(word for word, many in capitals.items() if many * 2 >= all_[word])


def speaks_true(side: Side, wanted: frozenset[Tone]) -> bool:
    """Whether what speaks for a side is right in a mail of that tone; ordinary business is right in none."""
    return not wanted if side is Side.NEUTRAL else Tone(side.value) in wanted


def _lacks(side: Side, one: Tally) -> bool:
    called = one.tone({})
    if side is Side.NEUTRAL:
        return bool(called - one.wanted) and not one.wanted
    return Tone(side.value) in one.wanted - called


def _beside(one: Tally, rule: str) -> set[str]:
    said = {each.said for each in one.brought if each.rule == rule and each.said is not None}
    return set().union(*(one.sentences[number].grams for number in said))
