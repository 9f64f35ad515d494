"""The rulebook: rules in YAML that tell complaint from praise, read, judged, explained and tested. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from troth.model import Tone, Verdict
from troth.place import Gravity, Mistake, Node, Place
from troth.rulebook.explain import Explanation, Line, Segment, explain, render
from troth.rulebook.judge import BODY, LONGEST, SUBJECT, Judge, Reading
from troth.rulebook.parts import Marks, Pack, Rule
from troth.rulebook.pattern import BadExpressionError
from troth.rulebook.reading import read_packs
from troth.rulebook.teaching import warnings
from troth.rulebook.trial import run
from troth.rulebook.verdict import verdict

UNSURE = Marks(0.5, 0.8)  # where only rules for every language can be asked
LONG_ENOUGH = 8  # words from which a text without a known common word is in a language we have no rules for


class Rulebook:
    """All packs, ready to judge. Safe to share between threads."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)
        everywhere = next((pack for pack in packs if pack.language is None), Pack(None))
        self._judges = {pack.language: Judge(_joined(everywhere, pack)) for pack in packs if pack.language}
        self._everywhere = Judge(replace(everywhere, marks=dict.fromkeys(Tone, UNSURE) | everywhere.marks))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are rules for, in the order they were read."""
        return tuple(self._judges)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, those for every language once."""
        own = [rule for judge in self._judges.values() for rule in judge.pack.rules if rule.language]
        return (*self._everywhere.pack.rules, *own)

    def classify(self, subject: str, text: str, language: str | None) -> Verdict:
        """The tone of a mail. `language` is a code of two letters, None where nobody knows: then the words decide."""
        judge, language, notes = self._judge(subject, text, language)
        return verdict(judge.pack, _read(judge, subject, text), language, notes)

    def explain(self, subject: str, text: str, language: str | None) -> Explanation:
        """Why `classify` says what it says."""
        judge, language, notes = self._judge(subject, text, language)
        return explain(judge.pack, _read(judge, subject, text), language, notes, subject[:LONGEST], text[:LONGEST])

    def hasten(self) -> None:
        """Be quicker over many thousands of texts, for up to 96 MB of memory a language that they are in."""
        for judge in self._judges.values():
            judge.hasten()

    def pack_of(self, language: str | None) -> Pack | None:
        """All that is judged by in a language, rules for every language included; None where there is nothing."""
        judge = self._judges.get(language or "")
        return judge.pack if judge else None

    def readings(self, subject: str, text: str, language: str | None) -> tuple[Pack, list[Reading]] | None:
        """The pack by which a mail is judged, and what it finds; None where there are no rules for its language."""
        judge, known, _ = self._judge(subject, text, language)
        return (judge.pack, _read(judge, subject, text)) if known in self._judges else None

    def _judge(self, subject: str, text: str, language: str | None) -> tuple[Judge, str | None, tuple[str, ...]]:
        known = language.partition("-")[0].lower() if language else self._guess(subject, text)
        if known in self._judges:
            return self._judges[known], known, ()
        note = f"there are no rules for the language `{known}`" if known else "the language is not known"
        return self._everywhere, known, (note,)

    def _guess(self, subject: str, text: str) -> str | None:
        """The language whose common words a text has most of; where that leaves it open, the one whose rules hit most.

        A longer text without any of these words is in a language there are no rules for.
        """
        whole = f"{subject}\n\n{text}"
        common = {code: judge.common_words(whole) for code, judge in self._judges.items()}
        most = max(common.values(), default=0)
        open_ = [code for code, count in common.items() if count == most]
        if len(open_) == 1:
            return open_[0]
        if not most and len(whole[:LONGEST].split()) > LONG_ENOUGH:
            return None
        hits = {code: sum(len(r.hits) for r in _read(self._judges[code], subject, text)) for code in open_}
        return max(open_, key=lambda code: hits[code]) if any(hits.values()) else None


def read(packs: Sequence[Sequence[Node]]) -> tuple[Rulebook | None, list[Mistake]]:
    """Reads packs of located YAML, a later one replacing what it names. No rulebook where there is a mistake."""
    drafts = read_packs(packs)
    if any(mistake.gravity is Gravity.MISTAKE for mistake in drafts.mistakes):
        return None, drafts.mistakes
    every = tuple(drafts.packs.values())
    try:
        book = Rulebook(every)
    except BadExpressionError as error:
        place = next((rule.place for pack in reversed(every) for rule in reversed(pack.rules)), Place("rules"))
        return None, [
            *drafts.mistakes,
            Mistake(place, str(error), "write fewer, or take counts like {1,900} out of /.../"),
        ]
    return book, [*drafts.mistakes, *warnings(every, drafts.replaced)]


def run_tests(rulebook: Rulebook, files: Sequence[Node]) -> list[Mistake]:
    """Runs the rule tests of the `*.test.yaml` documents; each mistake is a test that cannot be read or that fails."""
    probe = Rulebook(rulebook.packs)  # what it learns of hundreds of texts takes 25 MB, and goes with it
    return list(run(probe.classify, [rule.name for rule in rulebook.rules], files))


def _read(judge: Judge, subject: str, text: str) -> list[Reading]:
    return [judge.read(where, words) for where, words in ((SUBJECT, subject), (BODY, text)) if words.strip()]


def _joined(everywhere: Pack, pack: Pack) -> Pack:
    """A language's pack with what holds in every language; a rule of its own goes before one of the same name."""
    own = {rule.name for rule in pack.rules}
    rules = (*(rule for rule in everywhere.rules if rule.name not in own), *pack.rules)
    words = {
        name: (*everywhere.words.get(name, ()), *pack.words.get(name, ())) for name in everywhere.words | pack.words
    }
    return replace(pack, rules=rules, words=words, marks=everywhere.marks | pack.marks)


__all__ = ["Explanation", "Line", "Rulebook", "Segment", "read", "render", "run_tests"]
