"""Rulebooks for tests, written as an owner writes them."""

from __future__ import annotations

from pathlib import Path

from troth.config import parse_yaml, read_yaml
from troth.place import Mistake, Node
from troth.rulebook import Rulebook, read

SHIPPED = Path(__file__).parent.parent / "rules"

WORDS = """
language: en
words:
  negations: [not, never, "no", "nobody"]
  no negations: ["not only"]
  wishes: ["should be"]
  contrasts: [but]
  conditions: [if]
  courtesies: ["thanks in advance", "let me know if ... problems"]
  closings: ["kind regards"]
  boilerplate: ["this email is confidential"]
  common: [the, is, it, was, i]
thresholds:
  complaint: {doubtful: 0.5, tone: 1, sure: 3}
  praise: {doubtful: 0.5, tone: 1, sure: 3}
effects:
  {length power: 0.5, other tone at most: 0, ordinary against complaint: 1, ordinary against praise: 1,
   praise turned: 1, complaint turned: 1}
"""

COMPLAINT = """
tone: complaint
language: en
rules:
  - name: broken
    any: ["broken", "does not work"]
    weight: 2
    tags: [broken]
  - name: money back
    any: ["refund", "want ... back"]
    unless: ["thank* for the refund"]
    weight: 2
    tags: [money]
    severity: high
  - name: problems
    any: ["problem*"]
    weight: 1
    severity: low
"""

PRAISE = """
tone: praise
language: en
rules:
  - name: calls it good
    any: ["good", "lovely", "could not be better"]
    weight: 2
"""

NEUTRAL = """
tone: neutral
language: en
rules:
  - name: sends papers
    any: ["attached"]
    weight: 1.5
"""


def documents(*texts: str) -> list[Node]:
    """Texts as located documents; the files are called rules/0.yaml, rules/1.yaml, ..."""
    found = []
    for number, text in enumerate(texts):
        node, mistakes = parse_yaml(text, f"rules/{number}.yaml")
        assert node is not None, mistakes
        found.append(node)
    return found


def rulebook(*texts: str) -> Rulebook:
    """A rulebook of these files; the small English one where none are given."""
    made, mistakes = read([documents(*(texts or (WORDS, COMPLAINT, PRAISE, NEUTRAL)))])
    assert made is not None, mistakes
    return made


def told(*texts: str) -> list[Mistake]:
    """The mistakes and warnings about one pack of files."""
    return read([documents(*texts)])[1]


def shipped(*languages: str, tests: bool = False) -> list[Node]:
    """The files of the shipped packs: their rules, or their rule tests."""
    paths = [path for code in languages or ("en", "de") for path in sorted((SHIPPED / code).glob("*.yaml"))]
    wanted = [path for path in paths if path.name.endswith(".test.yaml") is tests]
    return [node for path in wanted if (node := read_yaml(path)[0]) is not None]


def shipped_rulebook(*languages: str) -> Rulebook:
    made, mistakes = read([shipped(*languages)])
    assert made is not None, mistakes
    return made
