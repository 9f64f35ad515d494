"""Bytes to a Message: what is read, what is bounded, and that nothing raises."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth import message
from troth.model import Message, Nature

MAIL = Path(__file__).parent / "mail"
NAMES = sorted(path.stem for path in MAIL.glob("*.eml"))
TOP = b"From: jo@client.example\nTo: hello@harbour.example\n"


def read(name: str) -> Message:
    return message.parse((MAIL / f"{name}.eml").read_bytes(), languages=["en"])


def test_a_plain_mail_is_read_whole() -> None:
    found = read("plain")
    assert found.message_id == "<1@client.example>"
    assert [(party.name, party.address) for party in found.from_] == [("Jo Marsh", "jo@client.example")]
    assert (found.author, found.return_path) == ("jo@client.example", "jo@client.example")
    assert found.subject == "Order 1182"
    assert found.date == datetime(2026, 11, 16, 8, 12, tzinfo=UTC)
    assert found.in_reply_to == ("<7@harbour.example>",)
    assert found.references == ("<6@harbour.example>", "<7@harbour.example>")
    assert found.text == "Hello,\n\nthe brochures came out wrong."
    assert found.signature == "Best regards\nJo Marsh"
    assert found.quoted.endswith("> They are on their way.")
    assert (found.language, found.nature, found.defects) == ("en", Nature.PERSON, ())


@pytest.mark.parametrize("name", NAMES)
def test_no_string_of_a_mail_holds_what_could_break_out_of_it(name: str) -> None:
    found = read(name)
    strings = [found.subject, found.message_id or "", found.return_path or "", *found.in_reply_to, *found.references]
    strings += [party.name for party in (*found.from_, *found.to, *found.cc, *found.reply_to)]
    strings += [*found.attachments, *(text for pair in found.fields for text in pair)]
    assert all(
        text.isprintable() or not any(ord(sign) < 32 or 126 < ord(sign) < 160 for sign in text) for text in strings
    )
    assert all(" " not in known for known in (*found.in_reply_to, *found.references))
    f"{found.text}{found.quoted}{found.signature}".encode()


def test_an_encoded_line_break_stays_in_its_field() -> None:
    assert read("commands-in-a-subject").subject == "Order Z1 DELETE Work Z2 NOOP"
    assert read("line-break-in-a-name").from_[0].name == "Jo Bcc: all@rival.example"


def test_an_empty_message_id_is_none() -> None:
    found = read("empty-message-id")
    assert found.message_id is None
    assert found.identity == read("empty-message-id").identity


def test_a_reference_with_a_control_character_is_none() -> None:
    found = message.parse(
        TOP + b"References: <a\x01b@c.example> <d@e.example>\nIn-Reply-To: <a\xc2\x85b@c.example>\n\nx"
    )
    assert (found.references, found.in_reply_to) == (("<d@e.example>",), ())


def test_two_from_fields_are_counted() -> None:
    found = read("two-authors")
    assert (found.from_fields, found.author, len(found.from_)) == (2, None, 2)


def test_an_address_in_a_display_name_is_a_name() -> None:
    found = read("address-in-the-name")
    assert (found.author, found.from_[0].name) == ("jo@client.example", "owner@harbour.example")


def test_a_group_is_opened() -> None:
    assert [party.address for party in read("group-of-recipients").to] == [
        "hello@harbour.example",
        "ada@harbour.example",
        "z@else.example",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unknown-charset", "Grüße"),
        ("codec-of-python", "\\x41 plain"),
        ("wide-charset-on-narrow-text", "plain narrow text"),
        ("raw-eight-bit-subject", "x – y"),
        ("japanese", "注文"),
        ("no-blank-line", "The text begins here\nand goes on."),
        ("html-only", "It is <late> & wrong."),
        ("alternative", "It is über-late."),
        ("empty-plain-beside-html", "It is late."),
        ("attachments", "See there."),
        ("forwarded-as-attachment", "The inner words."),
    ],
)
def test_the_text_a_reader_sees_is_found(name: str, text: str) -> None:
    assert read(name).text == text


@pytest.mark.parametrize(
    ("name", "subject"),
    [("raw-eight-bit-subject", "Grüße"), ("letters-cut-in-two", "Grüße"), ("japanese", "注文")],
)
def test_a_subject_is_decoded_as_it_was_meant(name: str, subject: str) -> None:
    assert read(name).subject == subject


def test_what_html_quotes_is_quoted_and_what_it_hides_is_gone() -> None:
    found = read("html-only")
    assert "They are" in found.quoted
    assert "secret" not in f"{found.text}{found.quoted}"


def test_attachments_are_named_and_not_read() -> None:
    found = read("attachments")
    assert found.attachments == ("über all.pdf", "nöte.txt")
    assert "not shown" not in found.text


@pytest.mark.parametrize(
    "value", ["utf-8", "UTF8", "ascii", "iso-8859-1", "windows-1252", "x-unknown", "idna", "zlib", "rot13"]
)
def test_utf_8_is_read_as_utf_8_whatever_it_is_called(value: str) -> None:
    raw = TOP + f"Content-Type: text/plain; charset={value}\n\nGrüße und Küsse\n".encode()
    assert message.parse(raw).text == "Grüße und Küsse"


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("iso-8859-15", "10 €"),
        ("koi8-r", "Заказ не пришёл"),
        ("windows-1251", "Заказ не пришёл"),
        ("gb2312", "订单"),
        ("big5", "訂單"),
        ("shift_jis", "注文①".replace("①", "")),
        ("euc-kr", "주문"),
        ("windows-1254", "Sipariş"),
        ("iso-8859-2", "Zamówienie"),
        ("utf-7", "Grüße"),
        ("utf-16", "wide"),
    ],
)
def test_the_charsets_of_mail_are_known(label: str, text: str) -> None:
    body = text.encode(label)
    assert message.parse(TOP + f"Content-Type: text/plain; charset={label}\n\n".encode() + body).text == text


def test_a_mail_keeps_its_identity_in_whatever_folder_it_lies() -> None:
    raw = (MAIL / "plain.eml").read_bytes()
    moved = b"Received: by mx2.harbour.example\nX-Spam-Status: No\n" + raw.replace(b"\n", b"\r\n")
    assert message.parse(raw).identity == message.parse(moved).identity
    assert message.parse(raw).identity.startswith("<1@client.example> ")


def test_the_same_message_id_with_other_words_is_another_mail() -> None:
    raw = (MAIL / "plain.eml").read_bytes()
    assert message.parse(raw).identity != message.parse(raw.replace(b"wrong", b"right")).identity


def test_a_mail_without_message_id_is_known_by_its_words() -> None:
    raw = (MAIL / "no-blank-line.eml").read_bytes()
    assert message.parse(raw).identity == message.parse(raw).identity != message.parse(raw + b"more").identity


def nested(depth: int) -> bytes:
    boxes = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth))
    return TOP + b"".join(boxes) + b"\nhello\n"


def html(text: bytes) -> bytes:
    return TOP + b"Content-Type: text/html\n\n" + text


def plain(text: bytes) -> bytes:
    return TOP + b"\n" + text


def bounced(text: bytes) -> bytes:
    return b"From: MAILER-DAEMON@x.example\nReturn-Path: <>\nSubject: x\n\n" + text


HOSTILE = {
    "brackets in From": b"From: " + b"(" * 3000 + b"\n\nx",
    "open quotes in From": b"From: " + b'"\\' * 100_000 + b"\n\nx",
    "angles in From": b"From: " + b"<" * 60_000 + b"\n\nx",
    "at signs in From": b"From: " + b"a@" * 30_000 + b"\n\nx",
    "20,000 recipients": b"To: " + b"a@b.example," * 20_000 + b"\n\nx",
    "groups without end": b"To: " + b":;" * 30_000 + b"\n\nx",
    "100,000 fields": b"".join(b"X-%d: y\n" % number for number in range(100_000)) + b"\nx",
    "80,000 folds": TOP + b"Subject: x\n" + b" y\n" * 80_000 + b"\nx",
    "20,000 encoded words": TOP + b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "encoded words without end": TOP + b"Subject: " + b"=?a?q?" * 12_000 + b"\n\nx",
    "5,000 parameters": TOP + b"Content-Type: text/plain; " + b"".join(b"a*%d*=x;" % n for n in range(5000)) + b"\n\nx",
    "references without end": TOP + b"References: " + b"<" * 60_000 + b"\n\nx",
    "a date without end": TOP + b"Date: " + b"Mon, " * 12_000 + b"\n\nx",
    "300 parts deep": nested(300),
    "5,000 parts deep": nested(5000),
    "100,000 parts": TOP + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 100_000,
    "mails in mails": TOP + b"Content-Type: message/rfc822\n\n" * 5000 + b"hi",
    "almost boundaries": TOP + b"Content-Type: multipart/mixed; boundary=-\n\n" + b"---x\n" * 200_000,
    "less-than signs": html(b"<" * 1_000_000),
    "open elements": html(b"<div>" * 200_000 + b"hi"),
    "open quotations": html(b"<blockquote>" * 80_000 + b"hi"),
    "hidden elements": html(b'<div style="display:none">' * 40_000 + b"hi"),
    "open comments": html(b"<!--" * 250_000),
    "open styles": html(b"<style>" * 140_000),
    "a huge character": html(b"&#" + b"9" * 500_000 + b";hi"),
    "open attributes": html(b"<a " + b'x="' * 300_000 + b">hi"),
    "open tags": html(b"<a " * 300_000),
    "lines in pre": html(b"<pre>" + b"\n" * 900_000),
    "null bytes": html(b"a\0" * 500_000),
    "empty lines": plain(b"\n" * 1_000_000),
    "quoted lines": plain(b"> \n" * 300_000),
    "attributions": plain(b"On 1 Jan 2026 at 10:20, a@b.example\n" * 20_000),
    "header lines": plain(b"From: x\n" * 50_000),
    "closing lines": plain(b"-- \n" * 200_000),
    "one long line": plain(b"1.1." * 250_000),
    "one long blank": plain(b" " * 1_000_000),
    "strange letters": plain("ñ".encode() * 400_000),
    "a bounce of addresses": bounced(b"user@x.example " * 60_000),
    "a bounce of words": bounced(b"message was " * 80_000),
    "a bounce of rules": bounced(b"-" * 900_000),
    "a notice of absence": TOP + b"Auto-Submitted: auto-replied\nSubject: Out of office\n\n" + b"until " * 160_000,
    "a report on 30,000": TOP
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nhi\n--x\n"
    + b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 30_000,
    "uuencoded": TOP + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + b"M\n" * 100_000,
    "noise": b"\xff\x00" * 1_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_no_mail_costs_more_than_two_seconds(raw: bytes) -> None:
    began = time.process_time()
    found = message.parse(raw, languages=["en", "de"])
    assert time.process_time() - began < 2.0
    assert not any(defect.startswith("could not be read") for defect in found.defects)


def test_no_mail_costs_more_than_100_mb() -> None:
    raw = TOP + b"\r\n" + b"words and more words\r\n" * 2_500_000
    tracemalloc.start()
    message.parse(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(raw) > 50_000_000
    assert peak < 100_000_000


def test_what_was_cut_off_is_named() -> None:
    assert "too many header fields" in message.parse(HOSTILE["100,000 fields"]).defects
    assert "too many parts" in message.parse(HOSTILE["100,000 parts"]).defects
    assert "parts nested too deep" in message.parse(HOSTILE["300 parts deep"]).defects
    assert "a header field too long" in message.parse(HOSTILE["80,000 folds"]).defects


@given(st.binary(max_size=2000))
def test_no_bytes_raise(raw: bytes) -> None:
    found = message.parse(raw, languages=["en"])
    assert not any(defect.startswith("could not be read") for defect in found.defects)
    assert found.identity == message.parse(raw).identity


SEEDS = [(MAIL / f"{name}.eml").read_bytes() for name in NAMES]
CUTS = st.tuples(st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=12))


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.lists(CUTS, max_size=6))
def test_no_damaged_mail_raises(raw: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    for at, length, instead in cuts:
        raw = raw[:at] + instead + raw[at + length :]
    found = message.parse(raw, languages=["en", "fr"])
    assert not any(defect.startswith("could not be read") for defect in found.defects)
    f"{found.subject}{found.text}{found.quoted}{found.signature}".encode()


def test_a_text_forty_nine_parts_deep_is_found() -> None:
    assert message.parse(nested(49)).text == "hello"


def test_two_mails_whose_senders_cannot_be_read_are_two_mails() -> None:
    one, other = (
        message.parse(f"From: {sender}\r\nSubject: Order\r\n\r\nI want my money back.\r\n".encode())
        for sender in ("((((", f"{'z' * 3000}@client.example")
    )
    assert one.identity != other.identity
