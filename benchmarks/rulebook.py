"""How fast texts are judged, with the shipped pack and with 500, 1,000 and 2,000 rules, and what hostile mail costs.

    python -m benchmarks.rulebook [TEXTS.jsonl]

The texts are made up here from words and phrases of the rules themselves, so that many of them hit; or they are read
from a file of {"subject", "text"} a line.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from troth.config import parse_yaml, read_yaml
from troth.place import Node
from troth.rulebook import Rulebook, read

SHIPPED = Path(__file__).parent.parent / "rules" / "en"
PLAIN = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had
an they which one you were all her she there would their we him been has when who will no more if
out so said what up its about into than them
"""
PLAIN_WORDS = PLAIN.split()


def files() -> list[Node]:
    paths = [path for path in sorted(SHIPPED.glob("*.yaml")) if not path.name.endswith(".test.yaml")]
    return [node for path in paths if (node := read_yaml(path)[0]) is not None]


def more_rules(count: int, chance: random.Random) -> Node:
    """A file of made-up rules, each of three phrases."""
    rules = "\n".join(
        f'  - {{name: made up {number}, any: ["{_words(chance, 1)}{number}x {_words(chance, 1)}", '
        f'"{_words(chance, 2)} item{number}", "{_words(chance, 1)} ... thing{number}"]}}'
        for number in range(count)
    )
    node, _ = parse_yaml(f"tone: complaint\nlanguage: en\nrules:\n{rules}\n", "made-up.yaml")
    assert node is not None  # noqa: S101 -- the text above is ours
    return node


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(PLAIN_WORDS) for _ in range(count))


def texts(book: Rulebook, count: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Subjects and bodies of 20 to 120 words, every fifteenth word or so a phrase of the pack."""
    phrases = [
        phrase.words for rule in book.rules for phrase in rule.phrases if phrase.words.replace(" ", "").isalpha()
    ]
    for _ in range(count):
        words = [
            chance.choice(phrases) if chance.random() < 0.07 else chance.choice(PLAIN_WORDS)
            for _ in range(chance.randint(20, 120))
        ]
        yield _words(chance, 4), " ".join(words)


def per_second(book: Rulebook, given: list[tuple[str, str]]) -> float:
    started = time.process_time()
    for subject, text in given:
        book.classify(subject, text, "en")
    return len(given) / (time.process_time() - started)


def built(packs: list[list[Node]]) -> tuple[Rulebook, float]:
    started = time.process_time()
    book, _ = read(packs)
    assert book is not None  # noqa: S101 -- the shipped pack is tested
    return book, time.process_time() - started


def main() -> None:
    chance = random.Random(1)  # noqa: S311 -- the same texts at each run
    shipped, seconds = built([files()])
    given = list(texts(shipped, 3000, chance))
    if len(sys.argv) > 1:
        records = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
        given = [(record.get("subject") or "", record["text"]) for record in records]
    print(f"shipped pack: {len(shipped.rules)} rules, read in {seconds:.2f} s")  # noqa: T201 -- a benchmark prints
    per_second(shipped, given[:300])
    print(f"{per_second(shipped, given):8.0f} texts a second")  # noqa: T201 -- as above
    for count in (500, 1000, 2000):
        book, seconds = built([files(), [more_rules(count - len(shipped.rules), chance)]])
        per_second(book, given[:300])
        print(f"{per_second(book, given):8.0f} with {count} rules, read in {seconds:.2f} s")  # noqa: T201 -- as above
    for name, text in {"a": "a", "nested": "not if but good refund ", "line ends": "\n", "marks": "?!."}.items():
        started = time.process_time()
        shipped.classify("", text * (1_000_000 // len(text)), None)
        print(f"{(time.process_time() - started) * 1000:8.1f} ms for a megabyte of {name}")  # noqa: T201 -- as above
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MB at most")  # noqa: T201 -- as above


if __name__ == "__main__":
    main()
