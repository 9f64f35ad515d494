"""Answers of servers, and large mails made small: pure values in and out."""

from __future__ import annotations

import email
import email.policy
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.mailbox import Kind, Role, backoff
from troth.mailbox.answers import Record, UnreadableError, Value, answers, internal_date, parse
from troth.mailbox.folders import Listed, choose
from troth.mailbox.parts import Part, read_structure, rebuild, wanted

HEADER = b"From: jo@client.example\r\nContent-Type: multipart/mixed;\r\n boundary=theirs\r\nSubject: Scans\r\n\r\n"


def test_an_answer_in_pieces_is_put_together() -> None:
    records: list[Record] = [(b"1 (UID 7 BODY[]<0> {2}", b"hi"), (b" BODY[HEADER] {3}", b"a:b"), b" FLAGS (\\Seen))"]
    (answer,) = answers(records)
    assert answer.uid == 7
    assert answer.text(b"BODY[]") == b"hi"
    assert answer.text(b"BODY[HEADER]") == b"a:b"
    assert answer.words(b"FLAGS") == {"\\Seen"}


def test_one_unreadable_answer_does_not_spoil_the_next() -> None:
    records: list[Record] = [
        b"1 (UID 7 FLAGS ((",
        b"2 (UID 8 FLAGS ())",
        (b'3 (UID 9 X "open {1}', b"x"),
        b")",
        b"4 (UID 10)",
    ]
    assert [answer.uid for answer in answers(records)] == [8, 10]


def test_an_answer_without_a_uid_is_no_answer() -> None:
    assert list(answers([b"5 (FLAGS (\\Seen))", None])) == []


def test_a_section_with_spaces_is_one_name() -> None:
    (answer,) = answers([(b"1 (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] {1}", b"x"), b")"])
    assert answer.text(b"BODY[HEADER.FIELDS (MESSAGE-ID)]") == b"x"


def test_quoted_text_keeps_its_brackets_and_loses_its_escapes() -> None:
    assert parse([rb'("a) (b \"c\" \\" NIL "NIL" nil)']) == [[rb'a) (b "c" \ '.strip(), None, b"NIL", None]]


@given(st.lists(st.one_of(st.binary(max_size=40), st.tuples(st.binary(max_size=40), st.binary(max_size=10)))))
def test_no_answer_makes_the_reader_fall_over(records: list[bytes | tuple[bytes, bytes]]) -> None:
    list(answers(records))


def test_deep_brackets_are_unreadable_and_nothing_worse() -> None:
    with pytest.raises(UnreadableError):
        parse([b"(" * 1000 + b")" * 1000])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (b" 1-jan-2026 00:30:00 +0100", datetime(2025, 12, 31, 23, 30, tzinfo=UTC)),
        (b"31-Feb-2026 00:30:00 +0100", None),
        (b"01-Jan-0001 00:30:00 +0100", None),
        (b"01-Jan-2026 00:30:00 +9900", None),
        (b"yesterday", None),
        (None, None),
    ],
)
def test_internal_dates_are_utc_or_nothing(text: bytes | None, moment: datetime | None) -> None:
    assert internal_date(text) == moment


def leaf(kind: str, *, disposition: str = "NIL", encoding: str = "7BIT", params: str = "NIL") -> str:
    family, subtype = kind.split("/")
    lines = " 1" if family == "text" else ""
    return f'("{family}" "{subtype}" {params} NIL NIL "{encoding}" 99{lines} NIL {disposition} NIL NIL)'


def structure(text: str) -> Part:
    return read_structure(parse([text.encode()])[0])


def multipart(subtype: str, *parts: str, params: str = "NIL") -> str:
    return f'({"".join(parts)} "{subtype}" {params} NIL NIL NIL)'


ATTACHED = '("ATTACHMENT" ("FILENAME" "scan \\"1\\".pdf"))'


def test_texts_are_wanted_and_attachments_are_not() -> None:
    alternative = multipart("alternative", leaf("text/plain"), leaf("text/html"))
    pdf, notes = leaf("application/pdf", disposition=ATTACHED), leaf("text/plain", disposition=ATTACHED)
    assert wanted(structure(multipart("mixed", alternative, pdf, notes))) == ["1.1", "1.2"]
    assert wanted(structure(leaf("text/plain"))) == ["1"]
    assert wanted(structure(leaf("application/pdf"))) == []


def test_of_a_large_bounce_the_report_and_the_returned_header_are_wanted() -> None:
    returned = f'("message" "rfc822" NIL NIL NIL "7BIT" 9999 (NIL NIL) {leaf("text/plain")} 40 NIL NIL NIL NIL)'
    bounce = multipart("report", leaf("text/plain"), leaf("message/delivery-status"), returned)
    assert wanted(structure(bounce)) == ["1", "2", "3.HEADER"]


def test_what_is_rebuilt_is_a_valid_mail_with_the_names_of_its_attachments() -> None:
    mail = structure(
        multipart(
            "mixed",
            multipart("alternative", leaf("text/plain", params='("charset" "utf-8")'), leaf("text/html")),
            leaf("application/pdf", disposition=ATTACHED, encoding="BASE64"),
            params='("boundary" "theirs" "x" "y")',
        )
    )
    raw = rebuild(HEADER, mail, {"1.1": "Grüße".encode(), "1.2": b"<p>Hello</p>"})
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert parsed["Subject"] == "Scans"
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert not [defect for part in parsed.walk() for defect in part.defects]
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Grüße"
    assert [part.get_filename() for part in parsed.iter_attachments()] == ['scan "1".pdf']


def test_a_returned_mail_is_rebuilt_as_the_header_it_is() -> None:
    returned = f'("message" "rfc822" NIL NIL NIL "7BIT" 9999 (NIL NIL) {leaf("text/plain")} 40 NIL NIL NIL NIL)'
    bounce = structure(multipart("report", leaf("text/plain"), returned, params='("report-type" "delivery-status")'))
    raw = rebuild(
        HEADER, bounce, {"1": b"It did not arrive.", "2.HEADER": b"Message-ID: <letter@harbour.example>\r\n\r\n"}
    )
    parsed = email.message_from_bytes(raw)
    assert parsed.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in parsed.walk()][1:] == ["text/plain", "text/rfc822-headers"]
    assert b"<letter@harbour.example>" in raw


def test_a_plain_large_mail_keeps_its_header_as_it_was() -> None:
    header = b"Subject: Long\r\nContent-Type: text/plain; charset=latin1\r\n\r\n"
    assert rebuild(header, structure(leaf("text/plain")), {"1": b"a" * 65536}) == header + b"a" * 65536


def test_a_cut_base64_text_ends_at_a_line() -> None:
    text = structure(multipart("mixed", leaf("text/plain", encoding="BASE64")))
    assert b"SGVsbG8=\r\n--" in rebuild(HEADER, text, {"1": b"SGVsbG8=\r\nV29"}).replace(b"\r\r", b"\r")


def test_the_boundary_is_none_that_the_sender_could_have_written() -> None:
    hostile = b"--=_part\r\nContent-Type: text/plain\r\n\r\nslipped in\r\n--=_part--"
    raw = rebuild(HEADER, structure(multipart("mixed", leaf("text/plain"))), {"1": hostile})
    parsed = email.message_from_bytes(raw)
    assert len(parsed.get_payload()) == 1


def test_line_ends_in_a_name_make_no_header() -> None:
    record = (
        (b'(("application" "pdf" ("name" {15}', b"a\r\nEvil: header"),
        b') NIL NIL "BASE64" 9 NIL NIL NIL NIL) "mixed" NIL NIL NIL)',
    )
    (root,) = parse(record)
    assert b"\r\nEvil" not in rebuild(HEADER, read_structure(root), {})


value = st.recursive(st.none() | st.binary(max_size=12), lambda inner: st.lists(inner, max_size=6), max_leaves=30)


@given(value)
def test_no_structure_makes_the_reader_fall_over(hostile: Value) -> None:
    with suppress(UnreadableError):
        root = read_structure(hostile)
        rebuild(HEADER, root, dict.fromkeys(wanted(root), b"text"))


def listed(*names: str, flags: str = "") -> list[Listed]:
    return [Listed(frozenset(flags.split()), "/", name) for name in names]


@pytest.mark.parametrize(
    ("folders", "configured", "chosen"),
    [
        (listed("INBOX", "Sent"), "auto", "Sent"),
        (listed("Archive/Sent", "Sent Items"), "auto", "Sent Items"),
        (listed("[Gmail]/Gesendet"), "auto", "[Gmail]/Gesendet"),
        (listed("SENT"), "auto", "SENT"),
        (listed("Sentiments"), "auto", None),
        (listed("Sent", "Out"), "Out", "Out"),
        (listed("INBOX/Out"), "Out", "INBOX/Out"),
        (listed("Sent"), "Out", None),
        (listed("Sent", flags="\\noselect"), "auto", None),
        ([], "auto", None),
    ],
)
def test_the_sent_folder_is_chosen(folders: list[Listed], configured: str, chosen: str | None) -> None:
    assert choose(folders, Role.SENT, configured) == chosen


@given(st.sampled_from(Kind), st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_grows_up_to_its_cap_and_is_never_nothing(kind: Kind, attempt: int, random: float) -> None:
    pause = backoff(kind, attempt, random)
    assert 0.1 <= pause <= 3600
    assert backoff(kind, attempt + 1, random) >= pause


def test_a_refused_credential_waits_longest_and_a_lost_connection_hardly() -> None:
    first = {kind: backoff(kind, 1, 0.5) for kind in Kind}
    assert max(first, key=lambda kind: first[kind]) is Kind.REFUSED
    assert first[Kind.LOST] < 0.3
    assert first[Kind.THROTTLED] >= 30
