"""Texts and rules that want to be expensive: nothing raises, and the time is bounded by the length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebooks import WORDS, rulebook, shipped, shipped_rulebook
from troth.rulebook import Rulebook, read, render

SHIPPED = shipped_rulebook("en", "de")
MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "a" * MEGABYTE,
        "want " * (MEGABYTE // 5),
        "not " * (MEGABYTE // 4),
        "not good, but if " * (MEGABYTE // 17),
        "refund " * (MEGABYTE // 7),
        "?!" * (MEGABYTE // 2),
        "." * MEGABYTE,
        "\n" * MEGABYTE,
        "> " * (MEGABYTE // 2),
        "\n -- \n" * (MEGABYTE // 6),
        "'" * MEGABYTE,
        "é" * MEGABYTE,
        "\u0301" * MEGABYTE,
        "👍" * MEGABYTE,
        "ﷺ" * MEGABYTE,
        " \t\r\n" * (MEGABYTE // 4),
        "kind regards " * (MEGABYTE // 13),
        "the the the the refund of the of the " * (MEGABYTE // 37),
        "\x00" * MEGABYTE,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_megabyte_is_judged_and_explained_in_a_second(text: str) -> None:
    started = time.process_time()
    SHIPPED.classify(text, text, None)
    render(SHIPPED.explain("", text, "en"))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "expression",
    [r"/(a+)+$/", r"/(a|aa)+b/", r"/(x+x+)+y/", r"/((a{1,30}){1,30})b/", r"/.*.*.*.*=.*/", r"/([a-z]+ )*end/"],
)
def test_a_rule_that_would_run_away_elsewhere_takes_linear_time(expression: str) -> None:
    book = rulebook(WORDS, f"tone: complaint\nlanguage: en\nrules: [{{name: a, any: ['{expression}']}}]")
    started = time.process_time()
    for text in ("a" * MEGABYTE, "x" * MEGABYTE, "word " * (MEGABYTE // 5)):
        book.classify("", text, "en")
    assert time.process_time() - started < 2


def test_rules_too_large_for_the_machine_are_a_mistake_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.rulebook.pattern.LEAST_MEMORY", 1 << 16)
    monkeypatch.setattr("troth.rulebook.pattern.MOST_MEMORY", 1 << 17)
    made, mistakes = read([shipped("en")])
    assert made is None
    assert "all phrases together are too large" in mistakes[-1].message


PIECES = [
    "not ",
    "good",
    "refund",
    "but ",
    "if ",
    "? ",
    ". ",
    "\n\n",
    "\n",
    "> ",
    "-- \n",
    "kind regards",
    "’",
    "é",
    "👍",
    "ß",
]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["en", "de", "fr", None]))
def test_no_text_makes_it_raise(text: str, subject: str, language: str | None) -> None:
    found = SHIPPED.classify(subject, text, language)
    assert found.sure <= found.tone <= found.doubtful
    assert render(SHIPPED.explain(subject, text, language))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_a_match_stands_where_it_says(text: str) -> None:
    found = SHIPPED.classify("", text, "en")
    for match in found.matches:
        assert 0 <= match.start < match.end <= len(text)
    assert all(score >= 0 for score in found.scores.values())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["I want a refund, it is broken", "Lovely work, thank you so much", "Not good at all"]))
def test_case_width_and_quotes_change_nothing(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if one.isalpha() else one for one in text)
    for other in (text.upper(), wide, f"“{text}”"):
        assert SHIPPED.classify("", other, "en").tone == SHIPPED.classify("", text, "en").tone


def seconds(book: Rulebook, text: str) -> float:
    """The least of three, so that a busy machine does not decide."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        book.classify("", text, "en")
        taken.append(time.process_time() - started)
    return min(taken)


def test_time_grows_with_the_length_and_no_faster() -> None:
    sentence = "I was not happy with the lovely service, but if you refund me I will be back. "
    short, long = sentence * 16, sentence * 128
    assert seconds(SHIPPED, long) < 8 * 4 * max(seconds(SHIPPED, short), 0.001)
