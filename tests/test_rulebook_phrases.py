"""The language of phrases, against texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebooks import WORDS, rulebook
from troth.place import Place
from troth.rulebook.fold import fold, fold_word
from troth.rulebook.pattern import SMALL_MATCHER, BadExpressionError, Matcher, Sieve
from troth.rulebook.phrase import PhraseError, phrase

HERE = Place("rules/own.yaml", 7, 12)


def stands_in(written: str, text: str) -> bool:
    return bool(Matcher(phrase(written, HERE).source).spans(fold(text).text))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("refund", "I want a Refund!"),
        ("refund", "refund"),
        ("refund", "(refund)"),
        ("refund", "the refund's amount"),
        ("refund", "'refund'"),
        ("money back", "money\nback"),
        ("money back", "MONEY  back"),
        ("money back", "money-back"),
        ("thank*", "thankfully"),
        ("thank*", "thank"),
        ("don't", "I don’t"),
        ("don't", "dont"),
        ("don't", "don t"),
        ("don't", "I don&#039;t"),
        ("don't", "I don&#39;T &amp; won&apos;t"),
        ("charge* (me|us)? twice", "you charged twice"),
        ("charge* (me|us)? twice", "charges us twice"),
        ("really? good", "good"),
        ("really? good", "really good"),
        ("(not very|hardly) helpful", "not very helpful"),
        ("charge(d|s)", "charged"),
        ("un(happy|satisfied)", "unhappy"),
        ("want ... back", "want back"),
        ("want ... back", "want all of my money back"),
        ("want ... back", "want my deposit, please, back"),
        ("a ... b ... c", "a b x c"),
        ("größe", "groesse"),
        ("größe", "GROSSE"),
        ("naïve", "naive"),
        ("плохо", "это плохо!"),
        ("👍", "great👍"),
        ("5 stars", "5 stars"),
        ("£5", "only £5 left"),
        (r"/refund(ed|s)?\b/", "refunds"),
        (r"/[0-9]+ stars/", "1 stars"),
    ],
)
def test_a_phrase_stands_in_a_text(written: str, text: str) -> None:
    assert stands_in(written, text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("late", "lately"),
        ("late", "plate"),
        ("can", "can't"),
        ("won", "won't"),
        ("re", "we're here"),
        ("thank*", "unthankful"),
        ("money back", "money. Back"),
        ("money back", "money\n\nback"),
        ("money back", "moneyback"),
        ("want ... back", "want one two three four five back"),
        ("want ... back", "want it. Give it back"),
        ("charge* (me|us)? twice", "charge him twice"),
        ("really? good", "really"),
        ("плохо", "неплохо"),
    ],
)
def test_a_phrase_does_not_stand_in_a_text(written: str, text: str) -> None:
    assert not stands_in(written, text)


@pytest.mark.parametrize(
    ("written", "message", "at"),
    [
        ("", "an empty phrase", 0),
        ("really?", "every word of this phrase may be missing", 0),
        ("(a", "a bracket that is never closed", 0),
        ("a)", "without a bracket before it", 1),
        ("a | b", "without a bracket before it", 2),
        ("(a|)", "a choice in this bracket is empty", 0),
        ("(a ... b)", "cannot stand in a bracket", 3),
        ("... back", "needs words before and after it", 0),
        ("want ...", "needs words before and after it", 8),
        ("* back", "`*` has no word before it", 0),
        ("*back", "`*` has no word before it", 0),
        ("mon*ey", "at the end of a word only", 3),
        ("? back", "`?` has no word before it", 0),
        ("((((((a))))))", "six deep", 5),
        ("/(/", "RE2 refuses this", 0),
        ("/(?=a)/", "RE2 refuses this", 0),
        (r"/(a)\1/", "RE2 refuses this", 0),
        ("/a{2000}/", "RE2 refuses this", 0),
        ("/x*/", "content with no text at all", 0),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why_and_where(written: str, message: str, at: int) -> None:
    with pytest.raises(PhraseError) as caught:
        phrase(written, HERE)
    assert message in caught.value.message
    assert caught.value.at == at
    assert caught.value.mend


@given(st.text(max_size=60))
def test_reading_a_phrase_gives_a_phrase_or_says_what_is_wrong(written: str) -> None:
    try:
        told = phrase(written, HERE).source
    except PhraseError as error:
        told = error.mend
    assert told


@given(st.text(max_size=200))
def test_folding_folds_no_further_the_second_time(text: str) -> None:
    once = fold_word(text)
    assert fold_word(once).split() == once.split()


@given(st.text(alphabet="aé’'ß…\n >👍ﬁЯ.&#39;", max_size=80))
def test_every_byte_of_a_folded_text_leads_back_into_the_text(text: str) -> None:
    folded = fold(text)
    places = [folded.place(at) for at in range(len(folded.text) + 1)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\n"), max_size=100))
def test_an_ascii_text_and_its_wide_twin_fold_alike(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" < one <= "~" and one not in "'`" else one for one in text)
    assert fold(wide).text.translate(None, b" ") == fold(text).text.translate(None, b" ")


def test_many_patterns_are_found_by_their_numbers() -> None:
    sieve = Sieve([f"word{number}z" for number in range(1000)])
    text = b"word999z word7z word512z word511z word1000z"
    assert sieve.hits(text) == [7, 511, 512, 999]
    assert Sieve([]).hits(text) == []


def test_a_phrase_that_is_large_is_found_like_a_small_one() -> None:
    many = "|".join(f"{chr(97 + number % 26) * 9}{number}" for number in range(600))
    with pytest.raises(BadExpressionError):
        Matcher(many, SMALL_MATCHER)
    book = rulebook(WORDS, f"tone: complaint\nlanguage: en\nrules: [{{name: large, any: ['({many})']}}]")
    (match,) = book.classify("", "it was jjjjjjjjj555, they said", "en").matches
    assert match.rule == "large"
