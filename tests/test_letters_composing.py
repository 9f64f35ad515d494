"""The bytes of a letter, read back by parsers that are not ours."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.letters import LetterError, Rendered, client_mail, compose, new_message_id
from troth.letters.wrapping import flowed
from troth.model import Address, Party

NOW = datetime(2026, 11, 26, 16, 45, 7, tzinfo=UTC)
HARBOUR = Party("Harbour Print", Address("hello@harbour.example"))
JO = Party("Jo Marsh", Address("jo@client.example"))
OWN = "<abcdefghijklmnop@harbour.example>"
PLAIN = Rendered("Re: Order 1182", "Dear Jo,\n\nthank you.\n")
ONCE = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "X-Troth-Letter"]


def bytes_of(
    rendered: Rendered = PLAIN,
    *,
    key: str = "m-1:acknowledgement:0",
    from_: Party = HARBOUR,
    to: Party = JO,
    message_id: str = OWN,
    date: datetime = NOW,
    in_reply_to: str | None = "<1@client.example>",
    references: Sequence[str] = (),
    auto_submitted: str | None = "auto-replied",
    list_unsubscribe: str | None = None,
    reply_to: Party | None = None,
    attached: bytes | None = None,
) -> bytes:
    return compose(
        rendered,
        key=key,
        from_=from_,
        to=to,
        message_id=message_id,
        date=date,
        in_reply_to=in_reply_to,
        references=references,
        auto_submitted=auto_submitted,
        list_unsubscribe=list_unsubscribe,
        reply_to=reply_to,
        attached=(attached,) if attached else (),
    )


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def said(part: object) -> str:
    """A part's text with the line ends of a template."""
    return str(cast(EmailMessage, part).get_content()).replace("\r\n", "\n")


def text_of(raw: bytes) -> str:
    body = read(raw).get_body(("plain",))
    assert body is not None
    return said(body)


def unflowed(text: str) -> str:
    """Text read as RFC 3676, 4 says, for lines that are not quoted."""
    rows = [row.removeprefix(" ") for row in text.split("\n")]
    return "".join(row if row.endswith(" ") and row != "-- " else row + "\n" for row in rows)[:-1]


def holds_to_the_line(raw: bytes) -> bool:
    rows = raw.split(b"\r\n")
    return all(len(row) <= 998 and b"\n" not in row and b"\r" not in row for row in rows) and b"\0" not in raw


def test_a_letter_carries_the_headers_of_an_automatic_answer() -> None:
    mail = read(bytes_of(references=["<0@client.example>"]))
    assert {name: str(mail[name]) for name in mail} == {
        "From": "Harbour Print <hello@harbour.example>",
        "To": "Jo Marsh <jo@client.example>",
        "Subject": "Re: Order 1182",
        "Date": "Thu, 26 Nov 2026 16:45:07 +0000",
        "Message-ID": OWN,
        "In-Reply-To": "<1@client.example>",
        "References": "<0@client.example> <1@client.example>",
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "X-Troth-Letter": "m-1:acknowledgement:0",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"; format="flowed"',
        "Content-Transfer-Encoding": "7bit",
    }


@pytest.mark.parametrize("subject", ["=?utf-8?q?evil?=", "a =?utf-8?b?ZXZpbA==?= b", "two  spaces", "x" * 300])
def test_a_subject_that_looks_encoded_stays_as_it_was_written(subject: str) -> None:
    assert read(bytes_of(Rendered(subject, "x\n")))["Subject"] == subject


def test_a_draft_carries_no_mark_of_a_machine_but_its_key() -> None:
    mail = read(bytes_of(auto_submitted=None))
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None
    assert mail["X-Troth-Letter"] == "m-1:acknowledgement:0"


def test_no_list_header_stands_on_a_letter_unless_asked_for() -> None:
    assert b"List-" not in bytes_of()
    raw = bytes_of(list_unsubscribe="mailto:hello@harbour.example?subject=stop-1")
    assert read(raw)["List-Unsubscribe"] == "<mailto:hello@harbour.example?subject=stop-1>"
    assert b"List-Unsubscribe-Post" not in raw


def test_replies_go_elsewhere_where_asked_for() -> None:
    assert read(bytes_of(reply_to=JO))["Reply-To"] == "Jo Marsh <jo@client.example>"
    assert read(bytes_of())["Reply-To"] is None


def test_text_stands_before_html() -> None:
    raw = bytes_of(Rendered("Grüße", "Grüße von uns\n", "<p>Grüße</p>\n"))
    mail = read(raw)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [said(part) for part in mail.iter_parts()] == ["Grüße von uns\n", "<p>Grüße</p>\n"]
    assert raw.isascii()


def test_the_date_stands_in_its_own_zone() -> None:
    mail = read(bytes_of(date=NOW.astimezone(timezone(timedelta(hours=-3, minutes=-30)))))
    assert mail["Date"] == "Thu, 26 Nov 2026 13:15:07 -0330"
    assert mail["Date"].datetime == NOW
    with pytest.raises(ValueError, match="zone"):
        bytes_of(date=NOW.replace(tzinfo=None))


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0", "\x1b", "\udc80"]


WHERE: dict[str, Callable[[str], bytes]] = {
    "subject": lambda broken: bytes_of(Rendered(broken, "x\n")),
    "key": lambda broken: bytes_of(key=broken),
    "sender": lambda broken: bytes_of(from_=Party(broken, HARBOUR.address)),
    "recipient": lambda broken: bytes_of(to=Party(broken, JO.address)),
    "address": lambda broken: bytes_of(to=Party("", Address(broken.replace(" ", "") + "@x.example"))),
    "reply to": lambda broken: bytes_of(reply_to=Party(broken, JO.address)),
    "message id": lambda broken: bytes_of(message_id=f"<{broken}@harbour.example>"),
    "unsubscribe": lambda broken: bytes_of(list_unsubscribe=broken),
}


@pytest.mark.parametrize("broken", [f"a{mark}Bcc: all@evil.example" for mark in BREAKS], ids=ascii)
@pytest.mark.parametrize("where", WHERE)
def test_nothing_that_ends_a_line_gets_into_a_header(where: str, broken: str) -> None:
    with pytest.raises(LetterError):
        WHERE[where](broken)


@pytest.mark.parametrize("broken", [*BREAKS, "", "no id", "<>", "< >", "<a b>", "<é@x>", "a@b", "<a@b"])
def test_what_is_no_message_id_is_left_out_of_a_thread(broken: str) -> None:
    mail = read(bytes_of(references=[broken, "<0@client.example>", f"{broken}<2@x>Bcc: y"], in_reply_to="<1@x>"))
    assert str(mail["References"]).split()[-2:] == ["<2@x>", "<1@x>"]
    assert str(mail["References"]).split()[0] == "<0@client.example>"
    assert mail["Bcc"] is None
    assert holds_to_the_line(bytes_of(references=[broken]))


@pytest.mark.parametrize("parent", [None, "", "<>", "gone\r\nBcc: x@evil.example"])
def test_a_mail_without_a_message_id_gives_no_thread(parent: str | None) -> None:
    mail = read(bytes_of(in_reply_to=parent, references=["<0@client.example>"]))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_of_many_references_the_first_and_the_last_stay() -> None:
    many = [f"<{number}@client.example>" for number in range(500)]
    kept = str(read(bytes_of(references=many, in_reply_to=many[-1]))["References"]).split()
    assert kept == ["<0@client.example>", *many[-11:]]


@pytest.mark.parametrize("kind", ["no", "auto-notified", "auto-replied\r\nBcc: x"])
def test_auto_submitted_is_one_of_two_words(kind: str) -> None:
    with pytest.raises(LetterError):
        bytes_of(auto_submitted=kind)


@pytest.mark.parametrize(
    "address", ["jo@a@b.example", "jo", "jo@client.example>", "jo @client.example", "a,b@c.example"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(LetterError):
        bytes_of(to=Party("", Address(address)))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Jo",
        "Marsh, Jo",
        'Jo "the Print" Marsh',
        "back\\slash",
        "jo@elsewhere.example",
        "Jo <evil@x.example>",
        "Jö Märsh",
        "株式会社" * 30,
        "=?utf-8?q?x?=",
        "a  b",
        "x" * 300,
        "Jo (Marsh)",
        "Jo.",
    ],
)
def test_a_name_reads_back_as_it_was(name: str) -> None:
    raw = bytes_of(to=Party(name, JO.address))
    shown, where = parseaddr(str(email.message_from_bytes(raw)["To"]))
    # the older reader: in 3.11 the newer one puts spaces between the encoded words of a name
    assert str(make_header(decode_header(shown))) == name
    assert where == JO.address
    assert [one.addr_spec for one in read(raw)["To"].addresses] == [JO.address]
    assert holds_to_the_line(raw)
    assert raw.isascii()


def test_a_domain_with_an_accent_is_sent_as_its_a_labels_and_a_local_part_as_it_is() -> None:
    assert "jö@client.example".encode() in bytes_of(to=Party("", Address("jö@client.example")))


HEADER_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200).filter(
    lambda text: text == text.strip()
)


@settings(deadline=None)
@given(HEADER_TEXT)
def test_any_subject_parses_back_to_one_subject(subject: str) -> None:
    raw = bytes_of(Rendered(subject, "x\n"))
    head = raw.partition(b"\r\n\r\n")[0]
    mail = read(raw)
    assert str(mail["Subject"]) == subject
    assert all(len(mail.get_all(name, [])) == 1 for name in ONCE)
    assert max(map(len, head.split(b"\r\n"))) <= 250
    assert all(len(row) <= 76 for row in head.split(b"\r\n") if b"=?utf-8?" in row)
    assert holds_to_the_line(raw)


@settings(deadline=None)
@given(HEADER_TEXT, st.lists(st.text(max_size=60), max_size=40), st.text(max_size=40))
def test_any_name_and_references_keep_each_header_single(name: str, references: list[str], parent: str) -> None:
    raw = bytes_of(to=Party(name, JO.address), references=[*references, f"<{parent}@x>"], in_reply_to=f"<{parent}>")
    mail = read(raw)
    assert all(len(mail.get_all(each, [])) == 1 for each in ONCE)
    assert len(mail.get_all("In-Reply-To", [])) == len(mail.get_all("References", [])) <= 1
    assert [one.addr_spec for one in mail["To"].addresses] == [JO.address]
    assert holds_to_the_line(raw)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n \n>-\t"), max_size=600))
def test_any_text_reads_back_whole(text: str) -> None:
    raw = bytes_of(Rendered("x", text + "\n", text + "\n"))
    html = read(raw).get_body(("html",))
    assert said(html) == text + "\n"
    assert text_of(raw) == flowed(text + "\n")
    assert holds_to_the_line(raw)


@settings(deadline=None)
@given(st.lists(st.text("abc .,é", min_size=0, max_size=400).map(str.rstrip), max_size=5))
def test_a_reader_of_flowed_text_gets_the_paragraphs_of_the_template(paragraphs: list[str]) -> None:
    text = "\n".join(paragraphs)
    assert unflowed(flowed(text)) == text


def test_flowed_text_is_72_wide_and_keeps_its_quotes() -> None:
    rows = flowed("> " + "word " * 40 + "\n" + "long " * 40 + "\nFrom here\n a\n>>x\n").split("\n")
    assert all(len(row) <= 73 for row in rows)
    assert all(row.startswith("> word") for row in rows[:3])
    assert rows[-4:] == [" From here", "  a", ">> x", ""]


def test_control_characters_do_not_leave_in_a_body() -> None:
    assert text_of(bytes_of(Rendered("x", "a\0b\x1b[31mc\x0bd\rf\n"))) == "ab[31mcdf\n"


def test_a_key_in_any_script_comes_back_by_unquoting() -> None:
    assert read(bytes_of(key="m-1:gruß/erste antwort:0"))["X-Troth-Letter"] == "m-1:gru%C3%9F/erste%20antwort:0"


def test_a_message_id_is_made_of_a_domain_and_given_randomness() -> None:
    assert new_message_id("harbour.example", "abcdefghijklmnop") == OWN
    for domain, token in [("harbour.example", "short"), ("har bour", "a" * 20), ("x\r\n", "a" * 20), ("x", "a>" * 20)]:
        with pytest.raises(ValueError, match="no Message-ID"):
            new_message_id(domain, token)


def attached(text: str = "It came late.\n", subject: str = "Order 1182", **more: object) -> bytes:
    fields = cast("Sequence[tuple[str, str]]", more.get("fields", ()))
    return client_mail(
        author=Party("Jo\u202e Märsh", JO.address),
        to=[HARBOUR.address],
        subject=subject,
        text=text,
        date=NOW,
        message_id="<1@client.example>",
        references=["<0@client.example>"],
        fields=fields,
        attachments=["smudged.jpg\r\nX: y"],
    )


def test_the_clients_mail_is_attached_whole_but_harmless() -> None:
    fields = [("received", "from a by b"), ("content-type", "text/html"), ("x-bad name", "x"), ("subject", "other")]
    raw = bytes_of(Rendered("x", "x\n", "<p>x\n"), attached=attached("Ünd\x1b so\u202e\n", fields=fields))
    mail = read(raw)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["multipart/alternative", "message/rfc822"]
    inner = cast(EmailMessage, next(iter(mail.iter_attachments())).get_content())
    assert list(inner) == [
        *("From", "To", "Subject", "Date", "Message-ID", "References", "Received", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding"),
    ]
    assert str(inner["From"]) == "Jo Märsh <jo@client.example>"
    assert said(inner) == "Ünd so\n\n[attached: smudged.jpg X: y]\n"
    assert holds_to_the_line(raw)


@settings(deadline=None)
@given(
    st.text(max_size=500),
    st.text(max_size=100),
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=80)), max_size=8),
)
def test_no_clients_mail_breaks_out_of_its_attachment(text: str, subject: str, fields: list[tuple[str, str]]) -> None:
    raw = bytes_of(attached=attached(text, subject, fields=fields))
    mail = read(raw)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "message/rfc822"]
    assert holds_to_the_line(raw)
    assert raw.isascii()


def test_an_attached_mail_is_never_over_a_megabyte() -> None:
    fields = [("X-Long", "é" * 5000)] * 500
    for text in ("é" * 3_000_000, "x" * 3_000_000, "a\n" * 3_000_000, "𐀀 " * 1_000_000):
        made = attached(text, fields=fields)
        assert len(made) <= 1_000_000
        assert holds_to_the_line(made)
        assert said(read(made)).startswith(text[:1000])
        assert not read(made).defects
