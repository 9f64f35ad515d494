"""What a mail is by its own form, and what a bounce or a notice of absence says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth import message
from troth.model import Address, Message, Nature

MAIL = Path(__file__).parent / "mail"
JO = Address("jo@client.example")


def read(name: str) -> Message:
    return message.parse((MAIL / f"{name}.eml").read_bytes())


def written(text: str, **fields: str) -> Message:
    top = {"From": "jo@client.example", "Date": "Mon, 16 Nov 2026 09:12:00 +0100", **fields}
    lines = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in top.items())
    return message.parse(f"{lines}\n{text}\n".encode())


@pytest.mark.parametrize(
    ("name", "nature"),
    [
        ("plain", Nature.PERSON),
        ("person-about-a-bounce", Nature.PERSON),
        ("bounce", Nature.BOUNCE),
        ("delayed", Nature.BOUNCE),
        ("bounce-in-prose", Nature.BOUNCE),
        ("bounce-of-exim", Nature.BOUNCE),
        ("read-receipt", Nature.RECEIPT),
        ("abuse-report", Nature.REPORT),
        ("dmarc-report", Nature.REPORT),
        ("calendar-reply", Nature.CALENDAR),
        ("out-of-office", Nature.OUT_OF_OFFICE),
    ],
)
def test_what_programs_write_is_told_from_what_people_write(name: str, nature: Nature) -> None:
    assert read(name).nature is nature


@pytest.mark.parametrize(
    ("name", "permanent", "status", "returned"),
    [
        ("bounce", True, "5.1.1", "<letter-1@harbour.example>"),
        ("delayed", False, "4.4.1", "<letter-1@harbour.example>"),
        ("bounce-in-prose", True, "5.1.1", "<letter-1@harbour.example>"),
        ("bounce-of-exim", None, None, None),
    ],
)
def test_a_bounce_tells_whose_address_and_which_letter(
    name: str, permanent: bool | None, status: str | None, returned: str | None
) -> None:
    bounce = read(name).bounce
    assert bounce is not None
    assert bounce.recipients == (JO,)
    assert (bounce.permanent, bounce.status, bounce.message_id) == (permanent, status, returned)
    assert bounce.delayed is (name == "delayed")


@pytest.mark.parametrize(
    ("text", "delayed"),
    [
        ("A message that you sent could not be delivered to jo@client.example: mailbox full (4.2.2).", False),
        ("Warning: message delayed 24 hours. It has not yet been delivered to jo@client.example. Still trying.", True),
    ],
)
def test_a_bounce_in_prose_says_whether_the_server_is_still_trying(text: str, delayed: bool) -> None:
    found = written(text, From="mailer-daemon@mx.example", Subject="Mail delivery failed: returning message")
    assert found.bounce is not None
    assert found.bounce.delayed is delayed


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: Order",
        "failure notice",
        "Delivery Status Notification (Failure)",
        "Returned mail: see transcript for details",
        "Unzustellbar: Auftrag",
        "Non remis : Commande",
        "No se puede entregar: Pedido",
        "Mancato recapito: Ordine",
        "Недоставленное сообщение",
    ],
)
def test_a_mail_systems_subject_is_enough(subject: str) -> None:
    assert written("x", From="postmaster@else.example", Subject=subject).nature is Nature.BOUNCE


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("My parcel could not be delivered, says the courier. 550 pieces!", {"Subject": "Undelivered parcel"}),
        ("Your message was returned to me? I never got it.", {"Subject": "Returned order"}),
        ("The order was not delivered.", {"Subject": "Delivery failed again"}),
    ],
)
def test_a_person_who_complains_of_a_delivery_is_no_bounce(text: str, fields: dict[str, str]) -> None:
    assert written(text, **fields).nature is Nature.PERSON


def test_a_person_who_forwards_a_bounce_is_a_person() -> None:
    text = "See what I got:\n\nThis is the mail system at host mx.\n<a@b.example>: 550 5.1.1 user unknown"
    assert written(text, Subject="Fwd: Undelivered Mail Returned to Sender").nature is Nature.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "I am on holiday until Friday. Where is my order? It should have been here.",
        "We were out of the office when you came.",
        "My order still has not come. I am away from 27 November, so it must come before.",
        "I am out of the office until Friday, so please call my colleague about the broken flyers.",
        "No reply from you. I am on holiday next week.",
    ],
)
def test_a_person_may_write_of_his_holidays(text: str) -> None:
    assert written(text, Subject="Order").nature is Nature.PERSON


def test_who_answers_a_notice_of_absence_is_a_person() -> None:
    said = "This is urgent! They are still unusable."
    assert written(said, Subject="RE: Automatic reply: Order 1182").nature is Nature.PERSON
    assert written(said, Subject="AW: Abwesenheitsnotiz: Auftrag").nature is Nature.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "I am on holiday until Friday.",
        "Hello,\n\nThank you for your email. I am out of the office until 27 November.\n\nJo",
        "Dear sender. Thanks for contacting me. I am currently on annual leave.",
        "Vielen Dank für Ihre Nachricht. Ich bin bis zum 27.11. im Urlaub.",
    ],
)
def test_a_short_mail_that_begins_with_absence_is_a_notice_of_it(text: str) -> None:
    assert written(text, Subject="Re: Order 1182").nature is Nature.OUT_OF_OFFICE


@pytest.mark.parametrize(
    "subject", ["Urlaub im Mai", "On holiday with your bags", "Semester fees", "Absent handles", "Autos"]
)
def test_a_subject_about_holidays_is_no_notice_of_absence(subject: str) -> None:
    assert written("Where is my order?", Subject=subject).nature is Nature.PERSON


@pytest.mark.parametrize(
    "subject", ["Urlaub", "On holiday until 3 May", "Absent", "In ferie fino al 3", "Semester t.o.m. 3 maj"]
)
def test_a_subject_of_holidays_alone_is_a_notice_of_absence(subject: str) -> None:
    assert written("x", Subject=subject).nature is Nature.OUT_OF_OFFICE


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until 27 November 2026.", (2026, 11, 27)),
        ("I am away until 27 Nov.", (2026, 11, 27)),
        ("I will be back on November 27.", (2026, 11, 27)),
        ("Ich bin bis zum 27.11.2026 nicht im Büro.", (2026, 11, 27)),
        ("Je suis absent jusqu'au 27 novembre 2026.", (2026, 11, 27)),
        ("I am away until 2026-11-27.", (2026, 11, 27)),
        ("Back on 7 January.", (2027, 1, 7)),
        ("I am out of the office until Friday 27 November.", (2026, 11, 27)),
        ("I'm out of the office until Friday, November 27th.", (2026, 11, 27)),
        ("I will be out of the office from 16/11/2026 to 27/11/2026.", (2026, 11, 27)),
        ("I am out of the office from 16 November to 27 November 2026.", (2026, 11, 27)),
        ("I am on leave from Monday 16th November until Friday 27th November inclusive.", (2026, 11, 27)),
        ("I am out of the office from 16 - 27 November.", (2026, 11, 27)),
        ("I am away 16.11. - 27.11.2026", (2026, 11, 27)),
        ("Out of office till 27-11-2026.", (2026, 11, 27)),
        ("I'm out of office up to and including 27 November.", (2026, 11, 27)),
        ("I am away, back 11/30/2026.", (2026, 11, 30)),
        ("I'm on annual leave, back on Mon 30 Nov.", (2026, 11, 30)),
        ("I am on leave, returning Monday 30th November.", (2026, 11, 30)),
        ("I'll be back at work on November 30.", (2026, 11, 30)),
        ("My last day was 13 November 2026. I am back on 7 December 2026.", (2026, 12, 7)),
        ("I am out of the office until Monday.", (2026, 11, 23)),
        ("I'm out today and will be back tomorrow.", (2026, 11, 17)),
        ("I will reply when I return on the 30th.", (2026, 11, 30)),
        ("I will be away until the 9th.", (2026, 12, 9)),
        ("Ich bin vom 16.11. bis 27.11.2026 im Urlaub.", (2026, 11, 27)),
        ("Ich bin vom 16. bis 27. November nicht erreichbar.", (2026, 11, 27)),
        ("Ich befinde mich bis Freitag, den 27.11.2026 im Urlaub.", (2026, 11, 27)),
        ("Ich bin ab Montag, den 30. November, wieder für Sie da.", (2026, 11, 30)),
        ("Ich bin am 30.11. wieder im Büro.", (2026, 11, 30)),
        ("Ich kehre am 30. November 2026 zurück.", (2026, 11, 30)),
        ("Ich bin bis Montag abwesend.", (2026, 11, 23)),
    ],
)
def test_a_notice_of_absence_says_until_when(text: str, day: tuple[int, int, int]) -> None:
    found = written(text, Auto_Submitted="auto-replied", Subject="Out of office")
    assert found.absent_until == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "I am away until 31 February.",
        "I am away until further notice.",
        "until 99.99.9999",
        "I am on maternity leave until March 2027.",
        "Our office is open 24/7, call 020 7946 0000 - 12.",
    ],
)
def test_a_day_that_cannot_be_is_none(text: str) -> None:
    assert written(text, Auto_Submitted="auto-replied", Subject="Out of office").absent_until is None
