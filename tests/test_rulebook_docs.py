"""What docs/writing-rules.md shows is what the rulebook does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rulebooks import documents, shipped
from troth.rulebook import read, run_tests

PAGE = (Path(__file__).parent.parent / "docs" / "writing-rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
RULES = [block for block in BLOCKS if not block.startswith("-")]
TESTS = [block for block in BLOCKS if block.startswith("-")]


@pytest.mark.parametrize("block", RULES)
def test_every_rules_file_of_the_page_is_read(block: str) -> None:
    book, mistakes = read([shipped(), documents(block)])
    assert book is not None, [str(one) for one in mistakes]


def test_the_rule_tests_of_the_page_hold_for_its_rules() -> None:
    book, _ = read([shipped(), documents(RULES[0])])
    assert book is not None
    assert [str(one) for one in run_tests(book, documents(*TESTS))] == []


def test_the_page_switches_off_a_rule_that_there_is() -> None:
    off, _ = read([shipped(), documents(RULES[1])])
    on, _ = read([shipped()])
    assert off is not None
    assert on is not None
    assert on.classify("", "It is pricey", "en").matches
    assert not off.classify("", "It is pricey", "en").matches
