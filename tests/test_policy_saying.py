from __future__ import annotations

import pytest

from tests.matters import COMPLAINT, PLAIN, PRAISE, UNSURE
from troth.model import Verdict
from troth.policy.saying import asks_for_silence, thanks_alone


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you, all sorted.",
        "Many thanks for sorting this out so quickly.",
        "Hi Sam,\n\nGreat, thanks.\n\nBest, Jo",
        "They arrived this morning, thank you.",
        "All sorted now, cheers",
        "No problem, thanks for letting us know.",
        "Danke, passt.",
        "Vielen Dank, das hat sich erledigt.",
        "Can't thank you enough.",
    ],
)
def test_thanks_and_nothing_else_are_thanks_alone(text: str) -> None:
    assert thanks_alone(text, PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Any news?",
        "OK",
        "Thanks, but when will the rest arrive?",
        "Thank you. It still does not print.",
        "Thanks. We have two machines and the second makes the same noise as before",
        "Thanks, call me tomorrow.",
        "Thank you, I look forward to your call. Please ring after ten.",
        "Danke, aber es fehlt noch die Rechnung.",
        "Thank you. " * 100,
    ],
)
def test_thanks_with_anything_that_wants_an_answer_are_not_alone(text: str) -> None:
    assert not thanks_alone(text, PLAIN)


@pytest.mark.parametrize(("verdict", "alone"), [(PRAISE, True), (COMPLAINT, False), (UNSURE, False)])
def test_praise_counts_as_thanks_and_no_breath_of_a_complaint_does(verdict: Verdict, alone: bool) -> None:
    assert thanks_alone("The new brochures are lovely, thank you.", verdict) is alone


def test_praise_that_asks_for_something_is_not_thanks_alone() -> None:
    assert not thanks_alone("The new brochures are lovely. Could you send me the files?", PRAISE)


@pytest.mark.parametrize(
    "text",
    [
        "Stop",
        "STOP.",
        "please stop",
        "Unsubscribe me please",
        "Please stop writing to me.",
        "Hello,\nplease stop sending me these mails.\nJo",
        "Don't email me again.",
        "Do not contact us any more",
        "Take me off your list, thank you",
        "Bitte keine weiteren Mails mehr.",
        "Abmelden",
    ],
)
def test_a_request_to_write_no_more_is_heard_in_answer_to_a_letter(text: str) -> None:
    assert asks_for_silence("Re: Order 1182", text, answers_letter=True)
    assert not asks_for_silence("Re: Order 1182", text, answers_letter=False)


@pytest.mark.parametrize(
    "text",
    [
        "Please stop the print run, there is a mistake on page 2.",
        "Do not print them again.",
        "The machine does not stop.",
        "I cannot stop looking at them, they are beautiful.",
        "Your colleague told me to unsubscribe the old domain from the shop, which one is it?",
        "Please stop. " + "We have to talk about the whole order first. " * 10,
    ],
)
def test_other_things_are_stopped_without_silence(text: str) -> None:
    assert not asks_for_silence("Re: Order 1182", text, answers_letter=True)


def test_the_mail_of_an_unsubscribe_link_needs_no_words() -> None:
    assert asks_for_silence("unsubscribe", "", answers_letter=False)
    assert not asks_for_silence("How to unsubscribe from the newsletter", "", answers_letter=False)
    assert not asks_for_silence("unsubscribe", "I want to know who sold you my address first", answers_letter=False)


def test_long_texts_are_not_searched() -> None:
    assert not thanks_alone("thanks " * 50_000, PLAIN)
    assert not asks_for_silence("unsubscribe", "stop " * 50_000, answers_letter=True)
