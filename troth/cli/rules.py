"""`rules suggest`: what colleagues' corrections teach about the rules. It writes nothing."""

from __future__ import annotations

import os
import re
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from troth.app.wiring import store_of
from troth.cli.ending import WELL, WRONG, Ending
from troth.cli.loading import first_of
from troth.cli.terminal import Terminal, visible
from troth.config import Config, load, read_yaml
from troth.rulebook import Rulebook
from troth.rulebook.fold import fold_word
from troth.rulebook.mending import Kind
from troth.rulebook.parts import Rule
from troth.rulebook.suggesting import Advice, Judged, Misleading, Suggestion, as_yaml, suggest
from troth.store import Remembered, SqlStore

HELP = "show which phrases of the rules mislead, and what would mend most, by colleagues' corrections"
ABOUT = (
    "`rules suggest` reads the mails whose tone colleagues have corrected, and shows which phrases of which rules "
    "misled, and which weights, exceptions and new phrases would mend most without breaking a rule test. It writes "
    "nothing: copy what you like into a file of rules of your own, then run `check`."
)

_SECONDS = 60
_WORD = re.compile(r"[^\W\d_]{2,}")


def add(part: ArgumentParser) -> None:
    part.add_argument("word", choices=["suggest"], metavar="suggest", help="the only word there is so far")
    part.add_argument("--json", action="store_true", help="one JSON object a line")
    part.add_argument("--seconds", type=int, default=_SECONDS, metavar="N", help=f"search so long; default: {_SECONDS}")


def act(arguments: Namespace, terminal: Terminal) -> int:
    found = load(Path(arguments.config), environ=os.environ, tests=True, letters=False)
    if found.config is None or found.rulebook is None:
        raise Ending(WRONG, first_of(found.mistakes))
    store = store_of(found.config, os.environ, create=False)
    try:
        mails, lost, private = _gathered(found.config, found.rulebook, store)
    finally:
        store.close()
    end = time.monotonic() + arguments.seconds
    tests = [node for path in found.trials for node in (read_yaml(path)[0],) if node is not None]
    advice = suggest(found.rulebook, mails, tests, private, lambda: time.monotonic() > end)
    if arguments.json:
        for facts in _facts(advice):
            terminal.json(facts)
    else:
        for line in _told(advice, lost, terminal):
            terminal.print(line)
    return WELL


def _gathered(config: Config, rulebook: Rulebook, store: SqlStore) -> tuple[list[Judged], int, frozenset[str]]:
    """The mails to learn from, how many corrected ones have lost their words, and the names in none of the phrases."""
    corrections, beside = store.corrections(), store.uncorrected()
    kept = [each for each in corrections if each.text or each.subject]
    mails = [Judged(each.subject, each.text, each.language, each.tone) for each in kept]
    mails += [_as_judged(each, rulebook) for each in beside]
    with store.reading() as book:
        authors = [seen for each in kept if (seen := book.seen(each.mail)) is not None]
    people = [
        *((each.author_name, each.author) for each in authors),
        *((each.author_name, each.author) for each in beside),
    ]
    house = [config.business.name, *(each.name for each in config.colleagues), *config.business.domains]
    named = [*house, *(part for person in people for part in person if part)]
    return mails, len(corrections) - len(kept), frozenset(_words(named))


def _as_judged(mail: Remembered, rulebook: Rulebook) -> Judged:
    """A mail that nobody corrected: what the rules say of it now shall stay so."""
    said = rulebook.classify(mail.subject, mail.text, mail.language)
    return Judged(mail.subject, mail.text, mail.language, said.tone, corrected=False)


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (fold_word(found[0]) for found in _WORD.finditer(text))


def _facts(advice: Advice) -> Iterator[dict[str, object]]:
    yield {
        "corrected": advice.corrected,
        "uncorrected": advice.beside,
        "misjudged": advice.before,
        "misjudged_after": advice.after,
        "spoilt": advice.spoilt,
        "out_of_time": advice.cut,
    }
    for found in advice.misleading:
        yield {
            "rule": found.rule,
            "phrase": found.phrase,
            "for": found.side,
            "wrong": found.wrong,
            "right": found.right,
        }
    for each in advice.suggestions:
        yield {
            "change": each.kind,
            "rule": each.rule.name,
            "tone": each.rule.side,
            "language": each.rule.language,
            "phrase": each.said or None,
            "weight": each.rule.weight,
            "weight_before": each.before.weight if each.before else None,
            "mends": each.mends,
            "of": each.wrong,
            "spoils": each.spoils,
            "yaml": as_yaml(each.rule),
        }


def _told(advice: Advice, lost: int, terminal: Terminal) -> Iterator[str]:
    if not advice.corrected:
        yield (
            "nobody has corrected a verdict yet" if not lost else "the words of the corrected mails are no longer kept"
        )
        return
    yield f"{_many(advice.corrected, 'corrected mail')}, {advice.before} of them misjudged by the rules as they are now"
    if lost:
        yield f"{_many(lost, 'more correction')} of mails whose words are no longer kept"
    if advice.few:
        yield terminal.style("these are few: what follows may be chance", "yellow")
    yield from _misleading(advice.misleading, terminal)
    yield from _suggestions(advice, terminal)
    if advice.cut:
        yield terminal.style("time ran out: with --seconds it may search longer", "yellow")


def _misleading(found: Sequence[Misleading], terminal: Terminal) -> Iterator[str]:
    if found:
        yield ""
        yield terminal.style("What misleads", "bold")
    for each in found:
        times = f"wrong in {_mails(each.wrong)}, right in {_mails(each.right)}"
        yield f"  “{visible(each.phrase)}” in `{visible(each.rule)}`, for {each.side}: {times}"


def _mails(count: int) -> str:
    return f"{count} mail{'' if count == 1 else 's'}"


def _suggestions(advice: Advice, terminal: Terminal) -> Iterator[str]:
    yield ""
    if not advice.suggestions:
        yield "no change would mend more than it spoils"
        return
    yield terminal.style("What would mend most, each on top of those before it", "bold")
    for number, each in enumerate(advice.suggestions, 1):
        spoils = f"spoils {each.spoils}" if each.spoils else "breaks none"
        yield f"{number:3}. {_change(each)}: would mend {each.mends} of {each.wrong}, {spoils}"
    mended = advice.before - advice.after
    rest = f"{advice.spoilt} of {_many(advice.beside, 'mail')} that nobody corrected would be judged otherwise"
    yield f"     all together: {mended} of {advice.before} mended; {rest}; every rule test still passes"
    yield ""
    yield terminal.style("To copy into a folder of rules of your own (`rules: [shipped:en, rules/]`)", "bold")
    for file, rules in groupby(sorted(advice.rules, key=_file), key=_file):
        yield from _yaml(*file, rules)


def _file(rule: Rule) -> tuple[str, str]:
    return rule.language or "", rule.side.value


def _yaml(language: str, side: str, rules: Iterable[Rule]) -> Iterator[str]:
    yield ""
    yield f"# a file of its own: rules/corrections-{side}{'.' + language if language else ''}.yaml"
    yield f"tone: {side}"
    if language:
        yield f"language: {language}"
    yield "rules:"
    yield from (visible(as_yaml(rule), lines=True) for rule in rules)


def _change(each: Suggestion) -> str:
    rule = f"`{visible(each.rule.name)}`"
    if each.kind is Kind.WEIGHT and each.before is not None:
        return f"{rule}: weight {each.rule.weight:g} instead of {each.before.weight:g}"
    if each.kind is Kind.UNLESS:
        return f"{rule}: unless “{visible(each.said)}”"
    return f"“{visible(each.said)}” for {each.rule.side}, weight {each.rule.weight:g}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
