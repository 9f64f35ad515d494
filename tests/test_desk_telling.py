"""Tellings as the ways through the house write them, on the store in memory."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.matters import NOW
from tests.test_answering import COMPLAINT, INBOX, MINUTE, Desk, mail
from troth.model import Letter, LetterKind, LetterState
from troth.policy.telling import MOST_MATTERS

LATER = NOW + 150 * MINUTE


def tellings(desk: Desk) -> list[Letter]:
    found = [desk.store.letter(each.key) for each in desk.store.letters() if each.kind is LetterKind.TELLING]
    return [each for each in found if each is not None]


def read(letter: Letter) -> EmailMessage:
    message = message_from_bytes(letter.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(letter: Letter) -> str:
    body = read(letter).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").replace(" \n", " ")


def test_the_clients_mail_is_attached_with_the_fields_that_tell_where_it_came_from() -> None:
    desk = Desk()
    more = (
        "X-Priority: 1\r\nUser-Agent: Harbour Mail 3\r\nReceived: from mx.client.example by mx.harbour.example\r\n"
        'X-Secret: no\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    )
    parts = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{COMPLAINT}\r\n--b\r\nContent-Type: image/jpeg\r\n"
        'Content-Disposition: attachment; filename="smudged\u202egpj.exe"\r\n\r\nx\r\n--b--'
    )
    desk.receive(INBOX, 1, mail(parts, 1, more=more), NOW)
    desk.review(LATER)
    (telling,) = tellings(desk)
    (attached,) = [part for part in read(telling).iter_attachments() if part.get_content_type() == "message/rfc822"]
    theirs = attached.get_content()
    assert (theirs["From"], theirs["To"], theirs["Subject"], theirs["Message-ID"]) == (
        "Jo Marsh <jo@client.example>",
        "hello@harbour.example",
        "Order 1182",
        "<1@x.example>",
    )
    assert (theirs["X-Priority"], theirs["User-Agent"], theirs["X-Secret"]) == ("1", "Harbour Mail 3", None)
    assert theirs["Received"] == "from mx.client.example by mx.harbour.example"
    assert theirs["Return-Path"] == "<jo@client.example>"
    assert theirs.get_content().startswith(COMPLAINT)
    assert "[attached: smudgedgpj.exe]" in theirs.get_content()
    assert "Attached to it: smudgedgpj.exe" in text_of(telling)


def test_a_telling_names_a_colleague_who_is_not_the_one_told() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.review(LATER)
    (telling,) = tellings(desk)
    (other,) = [line.split()[1] for line in text_of(telling).splitlines() if line.strip().startswith("to ")]
    assert other.endswith("@harbour.example")
    assert other != telling.to


def test_of_many_matters_each_stands_under_the_number_by_which_a_reply_means_it() -> None:
    desk = Desk()
    for number in range(1, MOST_MATTERS + 2):
        desk.receive(INBOX, number, mail(COMPLAINT, number, sender=f"<client{number}@bell.example>"), NOW)
    desk.review(LATER)
    first, second = sorted(tellings(desk), key=lambda each: -len(each.raw))
    assert "1 " not in second.subject
    text = text_of(first)
    with desk.store.reading() as book:
        token = book.token(first.message_id.split(".")[1])
        assert token is not None
        assert len(token.about) == MOST_MATTERS
        for number, concern in enumerate(token.about, 1):
            seen = book.seen(str(concern.mail))
            assert seen is not None
            assert f"\n{number}. {seen.author}, Order 1182\n" in text


def test_where_nobody_knows_whether_it_is_a_complaint_that_is_what_is_asked() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail("The colours are a bit pale.", 1), NOW)
    desk.review(LATER)
    (asked,) = tellings(desk)
    assert asked.subject == "A complaint? Jo Marsh, Order 1182 (answer by today 17:30)"
    assert "reply `complaint` or `neither`" in text_of(asked).replace("\n", " ")


def test_beside_a_complaint_that_is_sure_the_other_is_asked_about_with_its_number() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.receive(INBOX, 2, mail("The colours are a bit pale.", 2, sender="Mo <mo@bell.example>"), NOW)
    desk.review(LATER)
    (told,) = tellings(desk)
    number = 2 if text_of(told).index("a bit pale") > text_of(told).index("smudged") else 1
    assert told.subject == "2 complaints are waiting for an answer"
    assert f"`{number} complaint`" in text_of(told)


def test_where_an_acknowledgement_is_held_the_word_that_lets_it_go_is_offered() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.review(NOW + 3 * MINUTE)
    (letter,) = desk.store.letters()
    desk.store.change_letter(letter.key, [LetterState.QUEUED], LetterState.HELD, "too many", NOW)
    desk.review(LATER)
    (told,) = tellings(desk)
    assert "waits for a word of yours" in text_of(told)
    assert "send - send the letter that waits" in text_of(told)
    assert "drop - do not send it" in text_of(told)


def test_what_is_quoted_or_forwarded_of_a_telling_holds_no_token() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.review(LATER)
    (told,) = tellings(desk)
    key, token, mac = told.message_id.strip("<>").partition("@")[0].split(".")
    bodies = [read(told).get_body((kind,)) for kind in ("plain", "html")]
    for body in bodies:
        assert body is not None
        assert all(part not in body.get_content() for part in (token, mac, f"+{key}"))
