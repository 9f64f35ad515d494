"""What corrections teach: which phrases mislead, and which change of the rules would mend most. It writes nothing.

A change is first estimated from what was read once, then proved: with the changed rulebook, on the mails it touches and
on every rule test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from troth.model import Tone
from troth.place import Node, Place
from troth.rulebook import Rulebook, run_tests
from troth.rulebook.mending import Change, Field, Kind, names_in, speaks_true
from troth.rulebook.parts import BODY, SUBJECT, Pack, Rule, Side
from troth.rulebook.phrase import phrase
from troth.rulebook.tallying import Tally, tally

FEW = 20
"""With fewer corrections than this a phrase of a single mail may be suggested, and it is said that they are few."""

_LEAST_GAIN = 0.5
"""A change that makes the rules surer by less than this, for each mail that it must stand in, is chance."""

_WORTH = 3
"""So many mails must be mended for one that is spoilt: of those that nobody corrected there will be many more."""

_PLACE = Place("rules")


@dataclass(frozen=True, slots=True)
class Judged:
    """A mail with the tone it has: by a person's word if `corrected`, else by the rules, and nobody said otherwise."""

    subject: str
    text: str
    language: str | None
    tone: frozenset[Tone]
    corrected: bool = True


@dataclass(frozen=True, slots=True)
class Misleading:
    """A phrase of a rule: in how many misjudged mails it spoke for what they are not, in how many mails for what is."""

    rule: str
    phrase: str
    side: Side
    wrong: int
    right: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change, counted on top of those before it. `rule` is as it would stand, `before` as it stands.

    It mends `mends` of the `wrong` corrected mails that are misjudged so far, and spoils `spoils` of all others; no
    rule test fails by it. `said` is the phrase that is new.
    """

    kind: Kind
    rule: Rule
    before: Rule | None
    said: str
    mends: int
    wrong: int
    spoils: int


@dataclass(frozen=True, slots=True)
class Advice:
    """All there is to say. `before` and `after` count the corrected mails that are misjudged without and with it.

    `beside` are the mails that nobody corrected, of which `spoilt` would be judged otherwise. `refused` changes were
    tried and broke a rule test, or did not what was hoped. `cut`: time ran out.
    """

    corrected: int
    beside: int
    before: int
    after: int
    spoilt: int
    misleading: tuple[Misleading, ...]
    suggestions: tuple[Suggestion, ...]
    refused: int = 0
    cut: bool = False

    @property
    def few(self) -> bool:
        return self.corrected < FEW

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Each changed rule once, as it would stand with all suggestions."""
        return tuple({(each.rule.language, each.rule.name): each.rule for each in self.suggestions}.values())


def suggest(
    rulebook: Rulebook,
    mails: Sequence[Judged],
    tests: Sequence[Node] = (),
    private: frozenset[str] = frozenset(),
    enough: Callable[[], bool] = lambda: False,
    most: int = 20,
) -> Advice:
    """What would mend most of the corrected mails among `mails`, in at most `most` changes.

    `private` are folded words that no phrase may hold: names and parts of addresses. `enough` is asked often, and ends
    the search with what was found. Mails in a language without rules are left out.
    """
    search = _Search(rulebook, mails, tests, private, enough)
    search.run(most)
    return search.advice()


class _Search:
    """Greedy: the change that promises most is proved, kept if it holds, and the next one is looked for."""

    def __init__(
        self,
        rulebook: Rulebook,
        mails: Sequence[Judged],
        tests: Sequence[Node],
        private: frozenset[str],
        enough: Callable[[], bool],
    ) -> None:
        self._book, self._tests, self._enough = rulebook, tests, enough
        self._mails: list[Judged] = []
        self._tallies: list[Tally] = []
        for mail in mails:
            found = rulebook.readings(mail.subject, mail.text, mail.language)
            if found is not None:
                self._mails.append(mail)
                self._tallies.append(tally(*found, mail.tone))
        self._private = private | names_in(self._tallies)
        self._failing = self._failures(rulebook)
        self._before = [each.right for each in self._tallies]
        self._misleading = tuple(_mislead(self._tallies))
        self._given: list[Suggestion] = []
        self._tried: set[tuple[str, str, str, float]] = set()
        self._cut = False

    def run(self, most: int) -> None:
        while len(self._given) < most and not self._cut:
            change = self._best()
            if change is None:
                return
            self._tried.add(change.key)
            self._prove(change)

    def advice(self) -> Advice:
        own = [number for number, mail in enumerate(self._mails) if mail.corrected]
        others = [number for number, mail in enumerate(self._mails) if not mail.corrected]
        return Advice(
            corrected=len(own),
            beside=len(others),
            before=sum(not self._before[number] for number in own),
            after=sum(not self._tallies[number].right for number in own),
            spoilt=sum(self._before[number] and not self._tallies[number].right for number in others),
            misleading=self._misleading,
            suggestions=tuple(self._given),
            refused=len(self._tried) - len(self._given),
            cut=self._cut,
        )

    @property
    def _least(self) -> int:
        """In how many mails that are to be mended a phrase must stand."""
        return 1 if sum(mail.corrected for mail in self._mails) < FEW else 2

    def _wrong(self) -> list[int]:
        return [n for n, mail in enumerate(self._mails) if mail.corrected and not self._tallies[n].right]

    def _best(self) -> Change | None:
        doubts = [one.doubt({}) for one in self._tallies]
        field = Field(self._tallies, self._wrong(), self._private, self._least, doubts)
        best, most = None, _LEAST_GAIN * self._least
        for change in field.changes():
            if change.key not in self._tried and (gain := field.gain(change)) > most:
                best, most = change, gain
            if self._enough():
                self._cut = True
                return None
        return best

    def _prove(self, change: Change) -> None:
        """Try the change with a rulebook that has it; keep it where it mends more than it spoils and breaks no test."""
        before, after = self._rule_of(change)
        book = _with(self._book, after)
        anew = {number: self._anew(book, number) for number in change.effect}
        mends = sum(self._mails[n].corrected and one.right and not self._tallies[n].right for n, one in anew.items())
        spoils = sum(not one.right and self._tallies[n].right for n, one in anew.items())
        least = self._least if change.kind is Kind.UNLESS else 1
        if mends < max(least, _WORTH * spoils) or self._failures(book) - self._failing:
            return
        wrong = len(self._wrong())
        self._given.append(Suggestion(change.kind, after, before, change.said, mends, wrong, spoils))
        self._book = book
        for number, one in anew.items():
            self._tallies[number] = one
        self._tallies = [_moved(each, book) for each in self._tallies]

    def _anew(self, book: Rulebook, number: int) -> Tally:
        mail, old = self._mails[number], self._tallies[number]
        found = book.readings(mail.subject, mail.text, mail.language)
        return tally(*found, mail.tone, old) if found else old

    def _failures(self, book: Rulebook) -> set[str]:
        return {str(each.place) for each in run_tests(book, self._tests)}

    def _rule_of(self, change: Change) -> tuple[Rule | None, Rule]:
        """The rule as it stands, and as it would stand."""
        rules = (rule for pack in self._book.packs for rule in pack.rules if rule.language in (change.language, None))
        before = next((rule for rule in rules if rule.name == change.rule), None)
        rule = before or Rule(change.rule, change.side, change.language, (), _PLACE, weight=change.weight)
        said = (phrase(change.said, _PLACE),) if change.said else ()
        if change.kind is Kind.UNLESS:
            return before, replace(rule, unless=(*rule.unless, *said))
        return before, replace(rule, weight=change.weight, phrases=(*rule.phrases, *said))


def _moved(one: Tally, book: Rulebook) -> Tally:
    """The tally of a mail that a change did not touch, under the pack that has it."""
    pack = book.pack_of(one.pack.language)
    return one if pack is None or pack is one.pack else replace(one, pack=pack)


def _with(book: Rulebook, rule: Rule) -> Rulebook:
    """The rulebook with a rule in the place of the one of its name, or beside all others."""
    return Rulebook([_having(pack, rule) if pack.language == rule.language else pack for pack in book.packs])


def _having(pack: Pack, rule: Rule) -> Pack:
    if any(each.name == rule.name for each in pack.rules):
        return replace(pack, rules=tuple(rule if each.name == rule.name else each for each in pack.rules))
    return replace(pack, rules=(*pack.rules, rule))


def _mislead(tallies: Sequence[Tally], most: int = 12) -> list[Misleading]:
    """The phrases that spoke for the wrong side in most misjudged mails, and in most of all that they stand in."""
    wrong: Counter[tuple[str, str, Side]] = Counter()
    right: Counter[tuple[str, str, Side]] = Counter()
    for each in tallies:
        for key in {(one.rule, one.phrase, one.side) for one in each.brought}:
            if speaks_true(key[2], each.wanted):
                right[key] += 1
            elif not each.right:
                wrong[key] += 1
    found = [Misleading(*key, wrong=many, right=right[key]) for key, many in wrong.items()]
    found.sort(key=lambda each: (-each.wrong * each.wrong / (each.wrong + each.right), each.rule, each.phrase))
    return found[:most]


def as_yaml(rule: Rule) -> str:
    """The rule as it is written in a file of rules, below `rules:`."""
    lines = [f"  - name: {_quoted(rule.name)}", f"    any: [{_list(each.written for each in rule.phrases)}]"]
    lines.append(f"    weight: {rule.weight:g}")
    if rule.where != frozenset({SUBJECT, BODY}):
        lines.append(f"    in: [{', '.join(sorted(rule.where))}]")
    if rule.unless:
        lines.append(f"    unless: [{_list(each.written for each in rule.unless)}]")
    if rule.tags:
        lines.append(f"    tags: [{_list(rule.tags)}]")
    if rule.severity:
        lines.append(f"    severity: {rule.severity}")
    return "\n".join(lines)


def _list(words: Iterable[str]) -> str:
    return ", ".join(_quoted(word) for word in words)


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
