"""What corrections teach: phrases that mislead, and changes that mend without spoiling."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebooks import COMPLAINT, NEUTRAL, PRAISE, WORDS, documents, rulebook, shipped_rulebook
from troth.model import Tone
from troth.rulebook import read
from troth.rulebook.mending import Kind
from troth.rulebook.parts import Side
from troth.rulebook.suggesting import FEW, Advice, Judged, as_yaml, suggest

BOOK = rulebook()
ANGRY, HAPPY, NEITHER = frozenset({Tone.COMPLAINT}), frozenset({Tone.PRAISE}), frozenset[Tone]()
BLEEDS = [
    "the colours bleed into the margin",
    "it was dry and yet the colours bleed",
    "every one of them shows how the colours bleed",
]
DRAWN = [
    "the broken line on the drawing is where it is folded",
    "please print the broken line in grey",
    "a broken line it is, on every page",
]
ORDINARY = ["could you send me the price of it", "the parcel is for the office", "it is the same as before"]
LATE = ["the press is broken", "it was broken when it was opened", "the hinge is broken again"]


def corrected(tone: frozenset[Tone], *texts: str) -> list[Judged]:
    return [Judged("", text, "en", tone) for text in texts]


def untouched(*texts: str) -> list[Judged]:
    return [Judged("", text, "en", BOOK.classify("", text, "en").tone, corrected=False) for text in texts]


def phrases(advice: Advice) -> set[str]:
    return {each.said for each in advice.suggestions if each.said}


def test_a_phrase_of_missed_complaints_is_suggested_for_a_rule_of_its_own() -> None:
    advice = suggest(BOOK, [*corrected(ANGRY, *BLEEDS), *untouched(*ORDINARY, *LATE)])
    (only,) = advice.suggestions
    assert (only.kind, only.rule.side, only.before) == (Kind.PHRASE, Side.COMPLAINT, None)
    assert "bleed" in only.said
    assert (only.mends, only.wrong, only.spoils) == (3, 3, 0)
    assert (advice.before, advice.after, advice.spoilt) == (3, 0, 0)


def test_an_exception_is_suggested_where_a_rule_misleads_beside_certain_words() -> None:
    advice = suggest(BOOK, [*corrected(NEITHER, *DRAWN), *untouched(*ORDINARY, *LATE)])
    assert advice.after == 0
    excused = [each for each in advice.suggestions if each.kind is Kind.UNLESS]
    assert [each.rule.name for each in excused] == ["broken"]
    assert "line" in excused[0].said
    assert BOOK.classify("", LATE[0], "en").tone == ANGRY


def test_what_misleads_is_listed_with_how_often_it_was_wrong_and_right() -> None:
    advice = suggest(BOOK, [*corrected(NEITHER, *DRAWN), *untouched(*LATE[:2])])
    first = advice.misleading[0]
    assert (first.rule, first.phrase, first.side, first.wrong, first.right) == (
        "broken",
        "broken",
        Side.COMPLAINT,
        3,
        2,
    )


def test_what_stands_in_mails_that_nobody_corrected_is_not_suggested() -> None:
    ordinary = ["the colours bleed off the page as we want it", "let the colours bleed, as it was agreed"]
    advice = suggest(BOOK, [*corrected(ANGRY, *BLEEDS), *untouched(*ordinary, *ORDINARY)])
    assert not any(phrase in text for phrase in phrases(advice) for text in ordinary)


def test_a_change_that_breaks_a_rule_test_is_not_suggested() -> None:
    tests = documents('- {mail: "the colours bleed, which is fine", tone: []}')
    advice = suggest(BOOK, [*corrected(ANGRY, *BLEEDS), *untouched(*ORDINARY)], tests)
    assert advice.refused
    assert not any(phrase in "the colours bleed, which is fine" for phrase in phrases(advice))


def test_a_rule_test_that_failed_before_forbids_nothing() -> None:
    tests = documents('- {mail: "good", tone: [complaint]}')
    advice = suggest(BOOK, [*corrected(ANGRY, *BLEEDS), *untouched(*ORDINARY)], tests)
    assert advice.after == 0


@pytest.mark.parametrize(
    "mails",
    [
        ["we wrote to Kowalski twice", "it went to Kowalski again", "the Kowalski job is stuck"],
        ["order 4471x is stuck", "where is 4471x now", "the 4471x is not here"],
        ["kim@client.example was it", "it was kim@client.example", "the kim@client.example"],
    ],
    ids=["a name by its capital", "a number", "an address"],
)
def test_no_name_number_or_address_is_suggested(mails: list[str]) -> None:
    advice = suggest(BOOK, [*corrected(ANGRY, *mails), *untouched(*ORDINARY)], private=frozenset({"kim", "client"}))
    assert not any(word in phrase for phrase in phrases(advice) for word in ("kowalski", "4471x", "kim", "client"))


def test_a_name_written_small_is_kept_out_by_whoever_knows_it() -> None:
    mails = corrected(ANGRY, "kowalski again", "again it was kowalski", "the kowalski again")
    assert any("kowalski" in phrase for phrase in phrases(suggest(BOOK, mails)))
    assert not any("kowalski" in phrase for phrase in phrases(suggest(BOOK, mails, private=frozenset({"kowalski"}))))


def test_few_corrections_are_said_to_be_few() -> None:
    assert suggest(BOOK, corrected(ANGRY, *BLEEDS)).few
    assert not suggest(BOOK, corrected(ANGRY, *BLEEDS * FEW)).few


def test_with_many_corrections_one_mail_suggests_nothing() -> None:
    many = corrected(ANGRY, *(f"{text}, {word}" for text in LATE for word in ("once", "twice", "often", "daily") * 2))
    alone = corrected(ANGRY, "the colours bleed into the margin")
    assert suggest(BOOK, [*many, *alone]).suggestions == ()


def test_the_search_ends_when_it_has_had_enough() -> None:
    asked = count()
    advice = suggest(BOOK, corrected(ANGRY, *BLEEDS), enough=lambda: next(asked) >= 3)
    assert advice.cut
    assert next(asked) < 10


def test_nothing_corrected_is_nothing_to_say() -> None:
    advice = suggest(BOOK, untouched(*ORDINARY))
    assert (advice.corrected, advice.misleading, advice.suggestions) == (0, (), ())


def test_a_mail_in_a_language_without_rules_is_left_out() -> None:
    assert suggest(BOOK, [Judged("", "jakosc jest zla", "pl", ANGRY)]).corrected == 0


def test_what_is_to_be_copied_is_read_back_as_the_rules_that_were_tried() -> None:
    mails = [*corrected(ANGRY, *BLEEDS), *corrected(NEITHER, *DRAWN), *untouched(*ORDINARY, *LATE)]
    advice = suggest(BOOK, mails)
    assert advice.after == 0
    files = [f"tone: {rule.side}\nlanguage: {rule.language}\nrules:\n{as_yaml(rule)}\n" for rule in advice.rules]
    made, mistakes = read([documents(WORDS, COMPLAINT, PRAISE, NEUTRAL), documents(*files)])
    assert made is not None, mistakes
    assert [made.classify("", mail.text, "en").tone for mail in mails] == [mail.tone for mail in mails]


@given(st.text(alphabet='abc "\\*?().é\n', min_size=1, max_size=30))
def test_any_text_can_be_learnt_from(text: str) -> None:
    advice = suggest(BOOK, [*corrected(ANGRY, text, text + " x"), *untouched(*ORDINARY)])
    for rule in advice.rules:
        node = documents(f"rules:\n{as_yaml(rule)}\n")[0]
        assert node.get("rules") is not None


def test_the_shipped_rules_can_be_mended_too() -> None:
    book = shipped_rulebook("en")
    texts = [f"The foil on the {thing} lifts." for thing in ("cover", "folder", "menu", "label")]
    mails = [Judged("", text, "en", ANGRY) for text in texts if not book.classify("", text, "en").tone]
    advice = suggest(book, mails)
    assert (advice.before, advice.after) == (4, 0)
