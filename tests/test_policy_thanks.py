from __future__ import annotations

import pytest

from tests.matters import COMPLAINT, PLAIN, PRAISE, UNSURE
from troth.model import Verdict
from troth.policy.thanks import thanks_alone


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
        "Thank you so much for dealing with this so promptly. The replacement arrived today and is perfect.",
        "That's great, thank you. Have a lovely weekend!",
        "Thank you, refund received.",
        "Thank you for resolving this matter. I have no further complaints.",
        "Thanks - that did the trick!",
        "Thanks, all sorted.\n\nJo Marsh | Marsh & Co | 0113 496 0000",
        "Thank you for your time, it is all sorted.",
        "Das Problem ist gelöst, danke.",
        "Vielen Dank für die schnelle Hilfe!",
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
        "Thanks in advance.",
        "Thank you for your prompt attention to this matter.",
        "I look forward to hearing from you. Many thanks",
        "If you could sort this today that would be great, thanks.",
        "Thanks for nothing.",
        "Thanks. One more thing: the box was open.",
        "Thanks, the door code is 4471.",
        "Thanks. My address has changed to 5 High Street.",
        "Thanks, the photos are attached.",
        "Thank you, we will look at them tomorrow.",
        "Thanks for the update, I hope they come this time.",
        "Thanks. Wrong size again.",
        "Thanks, one box arrived.",
        "Get it sorted. Thanks",
        "All sorted? Thanks",
        "Was it resolved?",
        "Danke für nichts.",
        "Vielen Dank im Voraus.",
        "Thanks in advance for having it sorted.",
        "Thanks in advance\n\nMany thanks\nJo",
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
        "Oh brilliant. Thanks very much. Now I've got nothing for my wedding.",
        "Thanks. My address has changed to 5 High Street.",
        "Thanks. I'd like 500 more of the same.",
        "Thank you in advance, the brochures are lovely.",
    ],
)
def test_what_a_rule_takes_for_praise_is_thanks_only_where_every_clause_is(text: str) -> None:
    assert not thanks_alone(text, PRAISE)


@pytest.mark.parametrize(("name", "alone"), [("image001.png", True), ("jo.vcf", True), ("box.jpg", False)])
def test_thanks_with_a_picture_of_the_matter_want_to_be_looked_at(name: str, alone: bool) -> None:
    assert thanks_alone("Thanks!", PLAIN, (name,)) is alone


def test_long_texts_are_not_searched() -> None:
    assert not thanks_alone("thanks " * 50_000, PLAIN)
