"""Warnings that teach: what is allowed in the rules, and yet cannot do what its writer hoped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from troth.model import Tone
from troth.place import Gravity, Mistake, Place
from troth.rulebook.fold import fold, fold_word
from troth.rulebook.parts import Pack, Rule, Side
from troth.rulebook.pattern import Sieve
from troth.rulebook.phrase import Phrase

FAINTEST = 0.05  # a weight that no threshold will feel
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|x\{[^}]*\}|[pP](?:\{[^}]*\}|.)|.)|\(\?[^)]*[):]")


def warnings(packs: Sequence[Pack], replaced: Sequence[tuple[Rule, Rule]]) -> Iterator[Mistake]:
    """All warnings about the packs, in the order of their places within each kind."""
    for pack in packs:
        for rule in pack.rules:
            yield from _about_rule(rule, replaced)
            for phrase in (*rule.phrases, *rule.unless):
                yield from _about_phrase(phrase)
        yield from _said_before(pack.rules)
        yield from _masked(pack)
    yield from _thresholds_missing(packs)


def _warning(place: Place, message: str, mend: str) -> Mistake:
    return Mistake(place, message, mend, Gravity.WARNING)


def _about_rule(rule: Rule, replaced: Sequence[tuple[Rule, Rule]]) -> Iterator[Mistake]:
    if not rule.weight and not any(new.place == rule.place for _, new in replaced):
        mend = "give it a weight, or the name of the rule you want to switch off"
        yield _warning(rule.place, f"the rule `{rule.name}` has no weight and switches nothing off", mend)
    elif 0 < rule.weight < FAINTEST:
        yield _warning(
            rule.place, f"a weight of {rule.weight:g} cannot matter", "weights are felt from about 0.3; most are 1 to 3"
        )
    if rule.side is not Side.COMPLAINT and rule.severity is not None:
        yield _warning(
            rule.place, f"`severity` says nothing in a rule for {rule.side}", "only complaints have a severity"
        )
    if rule.side is Side.NEUTRAL and rule.tags:
        yield _warning(rule.place, "`tags` say nothing in a neutral rule", "take them out")


def _about_phrase(phrase: Phrase) -> Iterator[Mistake]:
    if phrase.is_expression:
        letters = _ESCAPE.sub("", phrase.written[1:-1])
        if letters != fold_word(letters):
            yield _warning(
                phrase.place,
                f"`{phrase.written}` can never match: the text is folded to small letters without accents",
                f"write `/{fold_word(letters)}/`"
                if "\\" not in phrase.written
                else "write small letters without accents",
            )
    elif re.search(r"[.!?;]\s", phrase.written.replace("...", "").replace("? ", " ")):
        yield _warning(
            phrase.place,
            f"`{phrase.written}` reaches over the end of a sentence, where nothing is looked for together",
            "write two phrases",
        )


def _said_before(rules: Sequence[Rule]) -> Iterator[Mistake]:
    """A phrase that stands in two rules: words count once, for the rule with the greater weight."""
    first: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        known = 0
        for phrase in rule.phrases if rule.weight else ():
            for where in sorted(rule.where):
                other = first.setdefault((phrase.words, where), rule)
                if other is not rule:
                    known += 1
                    yield _twice(phrase, rule, other)
                    break
        if rule.phrases and known == len(rule.phrases):
            mend = "take it out, or give it phrases of its own"
            yield _warning(rule.place, f"the rule `{rule.name}` is hidden: others have all its phrases", mend)


def _twice(phrase: Phrase, rule: Rule, other: Rule) -> Mistake:
    stronger = other if other.weight >= rule.weight else rule
    message = f"`{phrase.written}` stands in `{other.name}` too, and counts for `{stronger.name}` only"
    if other.side is not rule.side:
        message = f"`{phrase.written}` speaks for {other.side} in `{other.name}` and for {rule.side} here"
    return _warning(phrase.place, message, "leave it in one of them")


def _masked(pack: Pack) -> Iterator[Mistake]:
    """Plain phrases that a courtesy always takes away."""
    courtesies = pack.words.get("courtesies", ())
    whole = [one for one in courtesies if not one.gapped]
    if not whole:
        return
    sieve = Sieve([one.source for one in whole])
    for rule in pack.rules:
        for phrase in rule.phrases:
            if phrase.words.replace(" ", "").isalpha() and (hits := sieve.hits(fold(phrase.words).text)):
                yield _warning(
                    phrase.place,
                    f"`{phrase.written}` never counts: the courtesy `{whole[hits[0]].written}` covers it",
                    "take it out of `courtesies`, or the phrase out of the rule",
                )


def _thresholds_missing(packs: Sequence[Pack]) -> Iterator[Mistake]:
    everywhere = next((pack.marks for pack in packs if pack.language is None), {})
    for pack in packs:
        if pack.language and pack.rules:
            for tone in Tone:
                if tone not in pack.marks and tone not in everywhere:
                    yield _warning(
                        pack.rules[0].place,
                        f"there is no threshold for {tone} in the language `{pack.language}`, so it is never called",
                        f"add `thresholds:` with `{tone}: {{doubtful: 0.3, tone: 0.5, sure: never}}`",
                    )
