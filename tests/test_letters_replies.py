"""The words that tellings offer, and what confirmations say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.test_letters import SHIPPED
from troth import commands
from troth.gate import Reason
from troth.hours import Hours, week
from troth.letters import (
    Deed,
    Situation,
    TellingFacts,
    Voice,
    Word,
    confirmation,
    pledge,
    said,
    sample_facts,
    their_mail,
    unsent,
    words,
)
from troth.model import Address
from troth.policy import telling as policy_telling
from troth.relationship import ANOTHER_THREAD, IN_OUR_NAME, THEIR_OWN

NOW = datetime(2026, 11, 26, 16, 45, tzinfo=UTC)
HOURS = Hours(ZoneInfo("Europe/London"), week({"mon-fri": "09:00-17:30"}))
SAM = "sam@harbour.example"
EN, DE = Voice("en", UTC, NOW), Voice("de", UTC, NOW)


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("situation", list(Situation))
def test_every_word_that_is_offered_is_understood_when_it_is_replied(situation: Situation, language: str) -> None:
    for word in words(situation, language=language, colleague=SAM):
        reply = commands.read(word.say.replace("…", "he rang"), [language], NOW, HOURS)
        assert len(reply.commands) == 1, word
        assert (reply.rest, reply.unread) == ("", ()), word


@pytest.mark.parametrize("number", ["2 ", "all "])
def test_every_word_is_understood_with_a_number_in_front(number: str) -> None:
    for word in words(Situation.COMPLAINT, Situation.UNSURE, Situation.PROMISE, colleague=SAM):
        reply = commands.read(number + word.say.replace("…", "he rang"), ["en"], NOW, HOURS)
        assert [asked.number for asked in reply.commands] == [2 if number == "2 " else commands.ALL], word


def test_the_words_of_two_situations_stand_once_each() -> None:
    said_once = [word.say for word in words(Situation.UNSURE, Situation.COMPLAINT, colleague=SAM)]
    assert len(said_once) == len(set(said_once))
    assert {"complaint", "neither", "answered", f"to {SAM}"} <= set(said_once)


def test_nobody_is_named_where_there_is_nobody_else() -> None:
    assert not any(word.say.startswith("to ") for word in words(Situation.COMPLAINT))


def test_a_word_is_said_with_what_it_does() -> None:
    assert str(Word("kept", "it is kept")) == "kept - it is kept"


@pytest.mark.parametrize("voice", [EN, DE], ids=["en", "de"])
@pytest.mark.parametrize("deed", list(Deed))
def test_every_deed_is_said_with_the_client_and_what_it_was(deed: Deed, voice: Voice) -> None:
    line = said(deed, voice, client="Jo\u202e Marsh", what="new proofs", who="Sam Fox", when=NOW + timedelta(days=1))
    assert "Jo Marsh" in line
    assert "{" not in line
    assert ("new proofs" in line) is (deed in {Deed.PROMISED, Deed.KEPT, Deed.WITHDRAWN, *SAYING_WHAT})


SAYING_WHAT = {Deed.SENT, Deed.DROPPED, Deed.UNDONE}


@pytest.mark.parametrize(
    ("days", "english", "german"),
    [
        (0, "today 16:45", "heute 16:45 Uhr"),
        (1, "tomorrow 16:45", "morgen 16:45 Uhr"),
        (2, "Saturday 16:45", "Samstag 16:45 Uhr"),
        (6, "Wednesday 16:45", "Mittwoch 16:45 Uhr"),
        (7, "Thursday 3 December, 16:45", "Donnerstag, 3. Dezember, 16:45 Uhr"),
        (-1, "Wednesday 25 November, 16:45", "Mittwoch, 25. November, 16:45 Uhr"),
    ],
)
def test_a_promise_is_due_in_the_words_one_would_say(days: int, english: str, german: str) -> None:
    at = NOW + timedelta(days=days)
    assert (EN.due(at), DE.due(at)) == (english, german)


def test_a_promise_is_late_by_what_has_passed_since() -> None:
    made = pledge(EN, what="new\nproofs", by="Sam Fox", made=NOW - timedelta(days=2), due=NOW - timedelta(hours=2))
    assert (made.what, made.made, made.late) == ("new proofs", "Tuesday 24 November", "2 hours")
    assert pledge(EN, what="", by="Sam Fox", made=NOW, due=NOW + timedelta(hours=2)).late is None


def test_what_the_client_has_not_received_can_be_sent_from_the_confirmation() -> None:
    text = "Dear Jo,\n\nwe print it anew & sign it\u202e + post it.\n"
    kept = unsent(Address("jo@client.example"), text, name="Jo Marsh", subject="AW: Order 1182", message_id="<1@c>")
    opened = urlsplit(kept.reply)
    assert opened.path == "jo@client.example"
    assert parse_qs(opened.query) == {
        "subject": ["Re: Order 1182"],
        "In-Reply-To": ["<1@c>"],
        "body": ["Dear Jo,\r\n\r\nwe print it anew & sign it + post it."],
    }
    assert len(unsent(Address("jo@client.example"), "ä" * 9000).reply) < 10_000


def test_a_confirmation_says_only_so_much() -> None:
    made = confirmation(EN, about="x" * 500, done=["done"] * 100, refused=["\u202eno\n" * 200])
    assert len(made.about) == 150
    assert len(made.done) == 40
    assert len(made.refused[0]) <= 400
    assert "\u202e" not in made.refused[0]


def many(number: int) -> TellingFacts:
    one = sample_facts("colleague/overnight", many=True)
    assert isinstance(one, TellingFacts)
    return replace(one, matters=(one.matters * number)[:number])


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_telling_of_very_many_matters_is_short_about_each(language: str) -> None:
    few, all_of_them = (SHIPPED.render("colleague/overnight", many(n), language=language) for n in (5, 20))
    why = {"en": "\nWhy: ", "de": "\nWarum: "}[language]
    assert (few.text.count(why), all_of_them.text.count(why)) == (5, 0)
    assert "\n20. " in all_of_them.text
    assert len(all_of_them.html or "") < 100_000, "longer mails are cut off by some mail clients"
    for rendered in (few, all_of_them):
        assert rendered.text.count("mailto:jo@client.example") == (rendered.html or "").count("mailto:jo@client")


def test_the_subject_of_a_telling_keeps_its_deadline_however_long_that_of_the_client_is() -> None:
    made = sample_facts("colleague/waiting")
    assert isinstance(made, TellingFacts)
    mail = their_mail(Address("jo@client.example"), EN, subject="Re: AW: " + "very late " * 40, received=NOW, text="x")
    facts = replace(made, matters=(replace(made.matters[0], message=mail),))
    subject = SHIPPED.render("colleague/waiting", facts).subject
    assert subject.startswith("Waiting 2 hours 10 minutes: Jo Marsh, very late very late")
    assert subject.endswith("… (answer by today 17:30)")
    assert len(subject) < 140


def test_of_a_long_text_so_much_is_shown_as_a_person_reads() -> None:
    mail = their_mail(Address("jo@client.example"), EN, subject="x", received=NOW, text="It came late. " * 400)
    assert (len(mail.text) <= 1000, mail.cut) == (True, True)
    made = sample_facts("colleague/waiting")
    assert isinstance(made, TellingFacts)
    for language, said_so in (("en", "The rest is in the mail attached."), ("de", "Der Rest steht in der")):
        rendered = SHIPPED.render(
            "colleague/waiting", replace(made, matters=(replace(made.matters[0], message=mail),)), language=language
        )
        assert said_so in rendered.text
        assert said_so in (rendered.html or "")
    assert not their_mail(Address("jo@client.example"), EN, subject="x", received=NOW, text="Late.").cut


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_not_sure_is_asked_with_its_number(language: str) -> None:
    made = sample_facts("colleague/unsure", language)
    assert isinstance(made, TellingFacts)
    alone = SHIPPED.render("colleague/unsure", made, language=language)
    both = SHIPPED.render("colleague/unsure", replace(made, matters=made.matters * 2), language=language)
    yes, no = {"en": ("complaint", "neither"), "de": ("Beschwerde", "keins")}[language]
    assert f"`{yes}`" in alone.text
    assert f"`2 {yes}`" in both.text
    assert f"2 {no}</strong>" in (both.html or "")
    for said_first in (f"{yes}", f"2 {no}"):
        assert len(commands.read(said_first, [language], NOW, HOURS).commands) == 1


def test_what_the_deciding_parts_say_of_a_case_is_said_in_german_too() -> None:
    spoken = [
        *policy_telling.DONE.values(),
        "an acknowledgement is on its way",
        "nothing was sent to the client",
        "nothing was sent to the client (observe mode)",
        "the client wrote",
        "Sam Fox wrote to the client",
        "one of us wrote to the client",
        "Sam Fox wrote to the client in another thread",
        "an acknowledgement was sent",
        "a letter was sent (complaint/put-right)",
        "an earlier complaint was settled",
        "we parted with the client",
        THEIR_OWN,
        IN_OUR_NAME,
        ANOTHER_THREAD,
        *(f"nothing was sent to the client ({reason.value})" for reason in Reason if reason.is_client_mail),
        "nothing was sent to the client (complaint about legal: for people only)",
        f"nothing was sent to the client (perhaps answered: {THEIR_OWN})",
    ]
    english = re.compile(r"\b(?:the|was|and|wrote|sent|answered|client|not|asked|away|only)\b")
    assert [DE.said(words) for words in spoken if english.search(DE.said(words))] == []
    assert [EN.said(words) for words in spoken] == spoken


REASONS_OF_THE_POLICY = (
    "no tone",
    "web form",
    "praise, not sure",
    "complaint, not sure",
    "praise, but a doubtful complaint beside it",
    "praise, but a case is open or younger than 30 days",
    "answers a letter of ours",
    "thanks alone",
    "written before our answer",
    "no longer in the plan",
    "only for others",
    "the client wrote",
    "a colleague asked for silence",
    "a colleague says that it is no complaint",
    "a colleague says that it is no praise",
    "a complaint waits for an answer",
    "complaint about legal and safety: for people only",
    "complaint: acknowledgement, not sent: observe mode",
    "its time had passed before it could leave",
    "its time had passed before anybody sent it",
    "the verdict was corrected",
    "gone from Drafts, and not in Sent",
    "delivery failed",
    "delivery unknown",
    "awaits its copy in Sent",
)


@pytest.mark.parametrize("reason", [*(each.value for each in Reason), *REASONS_OF_THE_POLICY])
def test_each_reason_for_no_letter_is_said_in_german(reason: str) -> None:
    assert DE.said(reason) != reason


def test_a_phrase_nobody_foresaw_stays_as_it_is() -> None:
    assert DE.said("something quite new") == "something quite new"


@pytest.mark.parametrize("name", ["delivery-unknown", "cannot-send", "mailbox-unreachable", "breaker", "token-seen"])
def test_what_the_daemon_says_of_itself_is_said_in_german_too(name: str) -> None:
    told = sample_facts(f"colleague/{name}")
    assert isinstance(told, TellingFacts)
    assert told.notice is not None
    for phrase in (told.notice.what, told.notice.mend or ""):
        assert DE.said(phrase) != phrase


@pytest.mark.parametrize(
    ("done", "refused", "waiting", "kept", "begins"),
    [
        (True, False, False, False, "Done: "),
        (True, True, False, True, "Done, but not sent: "),
        (False, True, False, True, "Not sent: "),
        (False, True, True, False, "Not done: "),
        (False, False, True, False, "What waits: "),
        (False, False, False, False, "Your reply: "),
    ],
)
def test_the_subject_of_a_confirmation_says_the_worst_of_it(
    done: bool, refused: bool, waiting: bool, kept: bool, begins: str
) -> None:
    made = sample_facts("colleague/confirmation")
    assert isinstance(made, TellingFacts)
    told = confirmation(
        EN,
        about="Jo Marsh, Order 1182",
        done=["done"] * done,
        refused=["no"] * refused,
        waiting=["Jo"] * waiting,
        unsent=unsent(Address("jo@client.example"), "Dear Jo", name="Jo Marsh") if kept else None,
    )
    rendered = SHIPPED.render("colleague/confirmation", replace(made, confirmation=told))
    assert rendered.subject == f"{begins}Jo Marsh, Order 1182"
    assert rendered.text.startswith("Jo Marsh has not received this.") is kept
