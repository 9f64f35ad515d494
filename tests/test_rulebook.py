"""Judging a text: each mechanism by itself, on a small pack."""

from __future__ import annotations

import pytest

from tests.rulebooks import COMPLAINT, NEUTRAL, PRAISE, WORDS, documents, rulebook
from troth.model import Severity, Tone, Verdict
from troth.rulebook import read, render

RULES = rulebook()


def verdict(text: str, subject: str = "") -> Verdict:
    return RULES.classify(subject, text, "en")


def tones(text: str, subject: str = "") -> set[str]:
    return {tone.value for tone in verdict(text, subject).tone}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The lamp is broken.", {"complaint"}),
        ("The lamp is lovely.", {"praise"}),
        ("The lamp is lovely. The shade is broken.", {"complaint", "praise"}),
        ("The lamp is on the table.", set()),
        # negation, its reach and its end
        ("It is not good.", {"complaint"}),
        ("It was never very very good.", {"complaint"}),
        ("It is not what one two three four would call good.", {"praise"}),
        ("I did not come, it is good.", {"praise"}),
        ("It does not work. Good.", {"complaint", "praise"}),
        ("Not only good.", {"praise"}),
        ("It could not be better.", {"praise"}),
        ("It should be good.", {"complaint"}),
        # conditions and questions
        ("If it is broken I will call.", set()),
        ("If you ask, it is broken.", {"complaint"}),
        ("If not, I want a refund.", {"complaint"}),
        ("Is it good?", set()),
        ("Is it broken?", {"complaint"}),
        # what does not count
        ("Let me know if you have problems.", set()),
        ("Thanks in advance. It is broken.", {"complaint"}),
        ("Kind regards\nPaula Good, Good Lamps", set()),
        ("I send kind regards and it is broken.", {"complaint"}),
        ("This email is confidential and any refund is void.", set()),
        ("Hello\n\nThis email is confidential.\nIt is broken.\n\nIt is good.", {"praise"}),
        ("> it is broken\nYes", set()),
        ("Yes\n-- \nBroken Lamps Ltd", set()),
        ("Thanks for the refund.", set()),
        ("Thanks for the refund. I want my deposit back.", {"complaint"}),
        # ordinary business speaks against both
        ("The lamp is good, see the file attached.", set()),
        ("", set()),
    ],
)
def test_a_text_has_the_tones_a_careful_reader_hears(text: str, expected: set[str]) -> None:
    assert tones(text) == expected


def test_what_follows_a_contrast_weighs_more_than_what_stands_before() -> None:
    scores = verdict("It is lovely but broken").scores
    assert scores[Tone.COMPLAINT] > scores[Tone.PRAISE] > 0


def test_a_long_text_needs_more_than_a_short_one() -> None:
    short = verdict("It is broken.").scores[Tone.COMPLAINT]
    long = verdict("It is broken. " + "Then we went home and had tea. " * 40).scores[Tone.COMPLAINT]
    assert 0 < long < short / 2


def test_a_phrase_said_ten_times_is_not_ten_times_as_strong() -> None:
    once = verdict("broken").scores[Tone.COMPLAINT]
    often = verdict("broken " * 10).scores[Tone.COMPLAINT]
    assert once < often <= 2 * once


def test_only_the_same_words_count_as_said_again() -> None:
    book = rulebook(WORDS, 'tone: complaint\nlanguage: en\nrules: [{name: a, any: ["(torn|bent)"], weight: 2}]')
    assert book.classify("", "torn, torn", "en").scores[Tone.COMPLAINT] == 3
    assert book.classify("", "torn, bent", "en").scores[Tone.COMPLAINT] == 4


def test_words_count_once_for_the_longest_phrase() -> None:
    matches = verdict("it does not work, I want my refund back").matches
    assert [match.phrase for match in matches] == ["does not work", "refund"]


def test_a_subject_counts_and_one_carried_over_hardly() -> None:
    assert tones("See below.", "The lamp is broken") == {"complaint"}
    assert tones("See below.", "Re: The lamp is broken") == set()
    assert tones("See below.", "AW: The lamp is broken") == set()


def test_a_rule_for_the_subject_does_not_look_in_the_body() -> None:
    rules = "tone: complaint\nlanguage: en\nrules: [{name: a, any: [lamp], in: [subject], weight: 2}]"
    book = rulebook(WORDS, rules)
    assert book.classify("lamp", "x", "en").tone
    assert not book.classify("x", "lamp", "en").tone


def test_sure_starts_at_its_mark() -> None:
    assert verdict("broken").sure == frozenset()
    assert verdict("broken, I want a refund").sure == {Tone.COMPLAINT}


def test_praise_beside_a_suspected_complaint_is_not_sure() -> None:
    assert verdict("good lovely").sure == {Tone.PRAISE}
    both = verdict("good lovely problem")
    assert Tone.COMPLAINT in both.doubtful
    assert both.sure == frozenset()


def test_severity_is_that_of_the_gravest_rule_and_only_of_complaints() -> None:
    assert verdict("a problem").severity is Severity.LOW
    assert verdict("a problem, it is broken").severity is Severity.NORMAL
    assert verdict("a problem, broken, refund").severity is Severity.HIGH
    assert verdict("lovely").severity is None


def test_tags_come_by_weight_and_only_for_a_called_tone() -> None:
    assert verdict("broken broken, I want a refund").tags == ("broken", "money")
    assert verdict("It is not broken").tags == ()


def test_a_match_says_where_it_stands_in_the_text_as_it_was_sent() -> None:
    text = "Größe ﬁt… — it’s “BROKEN”"
    match = verdict(text).matches[0]
    assert (match.where, text[match.start : match.end]) == ("body", "BROKEN")


def test_a_negated_match_is_marked() -> None:
    assert [match.negated for match in verdict("not good").matches] == [True]


def test_the_sentence_that_mattered_is_given_back_as_written() -> None:
    text = (
        "Hello Ada,\nthe lamp you sent is lovely and my mother has one as well. But the\n"
        "shade is broken and I want a refund! Yours, Jo"
    )
    assert verdict(text).sentence == "But the shade is broken and I want a refund!"
    assert verdict("Hello Ada,\nthe lamp is broken.").sentence == "the lamp is broken."
    assert verdict("good " + "word " * 100).sentence is None
    assert verdict("nothing here").sentence is None


def test_a_text_beyond_the_limit_is_read_to_the_limit_and_says_so() -> None:
    found = verdict("word " * 6000 + "broken")
    assert found.tone == frozenset()
    assert found.notes == ("only the first 20000 characters of the body were read",)


# --- languages and packs


def test_a_language_without_rules_gets_no_tone_and_a_note() -> None:
    found = RULES.classify("", "broken broken broken", "fr")
    assert not found.tone
    assert found.language == "fr"
    assert found.notes == ("there are no rules for the language `fr`",)


def test_a_regional_code_is_its_language() -> None:
    assert RULES.classify("", "broken", "en-GB").language == "en"


GERMAN = """
language: de
words: {common: [der, die, das, ist], negations: [nicht], negations behind: [nicht]}
thresholds: {complaint: {doubtful: 0.5, tone: 1, sure: never}, praise: {doubtful: 0.5, tone: 1, sure: never}}
effects: {negation reaches back: 2}
"""
GERMAN_RULES = 'tone: praise\nlanguage: de\nrules: [{name: lobt, any: ["gefällt", "gut"], weight: 4}]'


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Lampe ist gut", "de"),
        ("The lamp is good", "en"),
        ("gefällt", "de"),
        ("lovely", "en"),
        ("xyz", None),
        ("la lampe que vous avez envoyée hier matin ne marche pas", None),
        ("la lampe lovely que vous avez envoyée hier matin", None),
    ],
)
def test_an_unknown_language_is_told_by_its_words(text: str, language: str | None) -> None:
    book = rulebook(WORDS, PRAISE, GERMAN, GERMAN_RULES)
    assert book.languages == ("en", "de")
    assert book.classify("", text, None).language == language


def test_a_negation_may_follow_where_a_language_has_it_so() -> None:
    book = rulebook(GERMAN, GERMAN_RULES)
    assert book.classify("", "Das gefällt mir", "de").tone == {Tone.PRAISE}
    assert book.classify("", "Das gefällt mir nicht", "de").tone == {Tone.COMPLAINT}


def test_sure_never_means_never() -> None:
    found = rulebook(GERMAN, GERMAN_RULES).classify("", "gut gut gut gefällt gefällt", "de")
    assert found.tone == {Tone.PRAISE}
    assert not found.sure


def test_a_rule_without_a_language_holds_in_every_language() -> None:
    book = rulebook(WORDS, GERMAN, "tone: complaint\nrules: [{name: code, any: [E404], weight: 4}]")
    for language in ("en", "de", "fr", None):
        assert book.classify("", "E404", language).tone == {Tone.COMPLAINT}
    assert book.classify("", "E404", "fr").sure == frozenset()


def own(text: str, shipped: tuple[str, ...] = (WORDS, COMPLAINT, PRAISE)) -> Verdict:
    book, mistakes = read([documents(*shipped), documents(text)])
    assert book is not None, mistakes
    return book.classify("", "it is broken", "en")


def test_a_later_rule_of_the_same_name_replaces_the_earlier_one() -> None:
    changed = own("tone: complaint\nlanguage: en\nrules: [{name: broken, any: [cracked], weight: 2}]")
    assert changed.matches == ()


def test_weight_zero_switches_a_rule_off() -> None:
    assert own("tone: complaint\nlanguage: en\nrules: [{name: broken, weight: 0}]").tone == frozenset()


def test_word_lists_thresholds_and_effects_of_a_later_pack_win() -> None:
    assert own("language: en\nthresholds: {complaint: {tone: 5, sure: 6}}").tone == frozenset()
    assert own("language: en\nwords: {courtesies: [it is broken]}").tone == frozenset()
    assert own("language: en\nwords: {negations: {add: [is]}}").matches[0].negated
    assert not own("language: en\nwords: {negations: {without: [never]}}").matches[0].negated


# --- the explanation


def explained(text: str) -> str:
    lines = render(RULES.explain("Re: Lamp", text, "en"))
    return "\n".join(
        "".join(f"[{part.style}:{part.text}]" if part.style else part.text for part in line) for line in lines
    )


def test_an_explanation_shows_what_counted_what_turned_and_what_did_not() -> None:
    told = explained("Not good, attached, and broken: I want my money back.\nThanks for the refund.\nThanks in advance")
    for line in (
        "Not [negated:good], [neutral:attached], and [complaint:broken]: I [complaint:want my money back].",
        "Thanks for the [held:refund].",
        "[masked:Thanks in advance]",
        "calls it good: ]“good” (negated)",
        "not counted  money back: “refund” (unless)",
        "[masked:  courtesy: “Thanks in advance”]",
        "(ordinary); doubtful 0.5, called 1, sure 3: sure]",
        "verdict: complaint, severity high, broken, money",
    ):
        assert line in told


def test_an_explanation_names_the_nearest_miss_and_what_held_it_back() -> None:
    assert "nearest miss: praise 0.50 of 1; ordinary business took 1.50" in explained("It is good, attached.")
    assert "“refund” did not count (unless)" in explained("Thanks for the refund.")


def test_what_rules_brought_adds_up_to_the_sum() -> None:
    explanation = RULES.explain("broken", "It is broken, broken and the refund problem. " * 5, "en")
    brought = sum(one.total for one in explanation.rules if one.side == "complaint")
    own_sum = next(total.own for total in explanation.sums if total.tone is Tone.COMPLAINT)
    assert brought == pytest.approx(own_sum)


def test_an_explanation_agrees_with_the_verdict() -> None:
    text = "It is lovely but broken, let me know if you see problems"
    assert RULES.explain("x", text, "en").verdict == RULES.classify("x", text, "en")


def test_the_small_pack_of_these_tests_has_no_warnings() -> None:
    assert read([documents(WORDS, COMPLAINT, PRAISE, NEUTRAL)])[1] == []
