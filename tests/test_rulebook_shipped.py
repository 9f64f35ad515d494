"""The shipped packs keep what their comments promise."""

from __future__ import annotations

import time

import pytest

from tests.rulebooks import shipped, shipped_rulebook
from troth.model import Tone
from troth.rulebook import read, run_tests


def test_every_shipped_rule_test_holds_in_well_under_a_second() -> None:
    book, tests = shipped_rulebook(), shipped(tests=True)
    started = time.process_time()
    failures = [str(one) for one in run_tests(book, tests)]
    assert failures == []
    assert time.process_time() - started < 1
    assert sum(len(list(file)) for file in tests) > 300


def test_the_shipped_packs_are_read_in_under_a_second_and_without_a_warning() -> None:
    files = shipped()
    started = time.process_time()
    _, mistakes = read([files])
    assert time.process_time() - started < 1
    assert [str(one) for one in mistakes] == []


@pytest.mark.parametrize(("language", "least", "most"), [("en", 500, 1500), ("de", 300, 1500)])
def test_a_pack_has_enough_phrases_and_not_too_many(language: str, least: int, most: int) -> None:
    phrases = sum(len(rule.phrases) for rule in shipped_rulebook(language).rules)
    assert least <= phrases <= most


def test_german_is_never_sure() -> None:
    worst = "Unverschämt, furchtbar, ich bin entsetzt, will mein Geld zurück und gehe zum Anwalt!"
    found = shipped_rulebook().classify("Beschwerde", worst, "de")
    assert found.tone == {Tone.COMPLAINT}
    assert not found.sure


def test_no_word_that_turns_from_trade_to_trade_stands_alone() -> None:
    turning = {"fine", "fast", "check", "could not", "cheap", "cold", "small", "view", "huge", "cancelled", "closed"}
    alone = {phrase.words for rule in shipped_rulebook("en").rules for phrase in rule.phrases}
    assert alone & turning == set()
