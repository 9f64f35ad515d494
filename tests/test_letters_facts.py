"""How facts are worded and cleaned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_letters import HARBOUR, NOW, SHIPPED, VOICE
from tests.test_letters_composing import ONCE, bytes_of, holds_to_the_line, read
from troth.letters import (
    Colleague,
    Course,
    Matter,
    TellingFacts,
    Voice,
    facts_for_known,
    notice,
    the_case,
    the_client,
    their_mail,
)
from troth.letters.cleaning import UNFIT_FOR_A_HEADER, lines, one_line
from troth.model import Address

JO = Address("jo@client.example")
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("language", "moment", "day", "soon"),
    [
        ("en", "Thursday 26 November, 16:45", "Thursday 26 November", "today 16:45"),
        ("de", "Donnerstag, 26. November, 16:45 Uhr", "Donnerstag, 26. November", "heute 16:45 Uhr"),
        ("de-AT", "Donnerstag, 26. November, 16:45 Uhr", "Donnerstag, 26. November", "heute 16:45 Uhr"),
        ("fr", "2026-11-26 16:45", "2026-11-26", "2026-11-26 16:45"),
    ],
)
def test_times_are_said_in_the_language_of_the_letter(language: str, moment: str, day: str, soon: str) -> None:
    voice = Voice(language, UTC, NOW)
    assert (voice.moment(NOW), voice.day(NOW), voice.soon(NOW)) == (moment, day, soon)


def test_times_are_said_as_the_clock_of_the_business_shows_them() -> None:
    voice = Voice("en", LONDON, datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert voice.moment(voice.now) == "Wednesday 1 July, 00:30"
    assert voice.soon(voice.now + timedelta(hours=23)) == "today 23:30"
    assert voice.soon(voice.now + timedelta(hours=24)) == "tomorrow 00:30"
    assert voice.soon(voice.now + timedelta(hours=48)) == "Friday 3 July, 00:30"
    assert voice.soon(voice.now - timedelta(hours=1)) == "Tuesday 30 June, 23:30"


def test_a_day_of_another_year_has_its_year() -> None:
    assert VOICE.day(NOW + timedelta(days=40)) == "Tuesday 5 January 2027"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "1 minute"),
        (timedelta(seconds=-5), "1 minute"),
        (timedelta(minutes=61), "1 hour 1 minute"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=1, hours=3, minutes=59), "1 day 3 hours"),
        (timedelta(days=2, minutes=5), "2 days 5 minutes"),
    ],
)
def test_a_span_has_at_most_two_units(length: timedelta, said: str) -> None:
    assert VOICE.span(length) == said


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(5, 60))
def test_a_cleaned_line_fits_a_header_and_its_length(text: str, limit: int) -> None:
    made = one_line(text, limit)
    assert len(made) <= limit
    assert not UNFIT_FOR_A_HEADER.search(made)
    assert made == one_line(made, limit)


UNSEEN = [
    *(chr(code) for code in range(0x20) if chr(code) != "\n"),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, range(0x200B, 0x2010)),
    *map(chr, range(0x2028, 0x202F)),
    *map(chr, range(0x2060, 0x2070)),
    *"\xad\u034f\u061c\u115f\u1160\u17b4\u180e\u3164\ufeff\uffa0\ufff9\U0001d173\U000e0001\U000e0041\U000e007f\U000e0100",
]


@pytest.mark.parametrize("hidden", UNSEEN, ids=lambda hidden: f"U+{ord(hidden):04X}")
def test_what_hides_or_turns_text_is_taken_out(hidden: str) -> None:
    assert one_line(f"pay{hidden}ment") in {"payment", "pay ment"}
    assert hidden not in lines(f"pay{hidden}ment\nx")
    mail = their_mail(JO, VOICE, subject=hidden, received=NOW, text=hidden, sentence=hidden, attachments=(hidden,))
    assert (mail.subject, mail.text, mail.sentence, mail.attachments) == ("(no subject)", "", None, ("",))
    assert the_client(JO, hidden, company=hidden, notes=hidden) == the_client(JO)


def test_marks_heaped_upon_a_letter_do_not_cover_the_lines_around_it() -> None:
    assert one_line("e" + "\u0301" * 50) == lines("e" + "\u0301" * 50) == "e" + "\u0301" * 4


@pytest.mark.parametrize("kept", ["👩\u200d👧", "می\u200cخواهم", "क\u094d\u200dष", "e\u0301", "❤\ufe0f"])
def test_joiners_stay_where_a_script_needs_them(kept: str) -> None:
    assert one_line(kept) == lines(kept) == kept


def test_lines_of_a_clients_text_stay_lines() -> None:
    assert lines("\n\na\r\nb\rc\u2028d  \n\n\n\n\te\x00\x0b\n") == "a\nb\nc\nd\n\n    e"
    assert len(lines("x\n" * 10_000)) <= 6000


def test_the_answer_link_opens_an_answer_to_the_client_and_nothing_else() -> None:
    mail = their_mail(
        Address("a&cc=evil@client.example"),
        VOICE,
        subject="Re: 100% & more?body=x\r\nBcc: y",
        received=NOW,
        text="x",
        message_id="<1&bcc=z@client.example>",
    )
    assert mail.reply == (
        "mailto:a%26cc%3Devil@client.example?subject=Re%3A%20100%25%20%26%20more%3Fbody%3Dx%20Bcc%3A%20y"
        "&In-Reply-To=%3C1%26bcc%3Dz%40client.example%3E"
    )


def test_a_notice_of_very_many_lines_is_cut() -> None:
    told = notice("what", "because", lines=tuple(f"mistake {n}" for n in range(100)))
    assert told.lines[-2:] == ("mistake 39", "and 60 more")


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100), st.text(max_size=100))
def test_whatever_a_known_client_writes_his_letter_can_be_sent(
    subject: str, sentence: str, name: str, greeting: str
) -> None:
    facts = facts_for_known(
        HARBOUR,
        VOICE,
        subject=subject,
        received=NOW,
        name=name,
        greeting=greeting,
        sentence=sentence,
        course=Course(NOW),
    )
    raw = bytes_of(SHIPPED.render("complaint/acknowledgement", facts))
    mail = read(raw)
    assert all(len(mail.get_all(each, [])) == 1 for each in ONCE)
    assert holds_to_the_line(raw)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=300), st.text(max_size=900), st.text(max_size=100))
def test_whatever_a_client_writes_his_colleagues_can_be_told(subject: str, text: str, name: str) -> None:
    case = the_case(
        VOICE, severity="high", opened=NOW, waiting_since=NOW, because=text, done="nothing yet", doubt=subject
    )
    mail = their_mail(JO, VOICE, subject=subject, received=NOW, text=text, sentence=text, attachments=(name, subject))
    matter = Matter(the_client(JO, name, company=subject, notes=text), mail, case)
    rendered = SHIPPED.render("colleague/severe", TellingFacts(HARBOUR, Colleague("Ada Byron"), (matter,)))
    raw = bytes_of(rendered)
    assert all(len(read(raw).get_all(each, [])) == 1 for each in ONCE)
    assert holds_to_the_line(raw)
    assert (rendered.html or "").count("<a ") == 1
