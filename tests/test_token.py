"""Tokens: what is written into a mail, what is found again, and what verifies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth import token as tokens
from troth.message import parse
from troth.model import Address, Concern, Message, Party, Purpose, Token, address

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ADA = Address("ada@harbour.example")
HELLO = Address("hello@harbour.example")
KEY = tokens.new_key(7, b"k" * 32, NOW)
TOKEN = Token(
    id=tokens.new_id(b"0123456789abcdef"),
    person=ADA,
    purpose=Purpose.TELLING,
    about=(Concern("mail-1", "case-1"), Concern(letter="letter-1")),
    issued_at=NOW,
    expires_at=NOW + tokens.LIFE,
)
MARK = tokens.mark(TOKEN, KEY)


def test_a_token_verifies_as_it_was_issued() -> None:
    assert tokens.verifies(MARK, TOKEN, KEY)


@pytest.mark.parametrize(
    "other",
    [
        replace(TOKEN, id=tokens.new_id(b"0123456789abcdeg")),
        replace(TOKEN, person=Address("sam@harbour.example")),
        replace(TOKEN, purpose=Purpose.DIGEST),
        replace(TOKEN, about=TOKEN.about[:1]),
        replace(TOKEN, about=TOKEN.about[::-1]),
        replace(TOKEN, about=(Concern("mail-1", None, "case-1"), TOKEN.about[1])),
        replace(TOKEN, expires_at=TOKEN.expires_at + timedelta(seconds=1)),
    ],
    ids=["id", "person", "purpose", "fewer matters", "their order", "another kind of matter", "expiry"],
)
def test_a_token_verifies_for_nothing_else(other: Token) -> None:
    assert not tokens.verifies(MARK, other, KEY)
    assert not tokens.verifies(replace(MARK, id=other.id), other, KEY)


def test_a_token_does_not_verify_under_another_key_or_another_keys_id() -> None:
    assert not tokens.verifies(MARK, TOKEN, tokens.new_key(7, b"K" * 32, NOW))
    assert not tokens.verifies(MARK, TOKEN, tokens.new_key(8, b"k" * 32, NOW))
    assert not tokens.verifies(replace(MARK, key="08"), TOKEN, KEY)


@given(st.integers(0, 2**128 - 1))
def test_no_other_mac_verifies(mac: int) -> None:
    other = tokens.new_id(mac.to_bytes(16, "big"))
    assert other == MARK.mac or not tokens.verifies(replace(MARK, mac=other), TOKEN, KEY)


def test_the_same_moment_in_another_zone_is_the_same_token() -> None:
    there = datetime.fromisoformat("2026-12-20T10:30:00+01:00")
    assert there == TOKEN.expires_at
    assert tokens.verifies(MARK, replace(TOKEN, expires_at=there), KEY)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_every_id_is_written_in_25_digits_and_no_two_are_alike(one: bytes, other: bytes) -> None:
    ids = tokens.new_id(one), tokens.new_id(other)
    assert all(len(each) == 25 and each.isalnum() and each == each.lower() for each in ids)
    assert (ids[0] == ids[1]) == (one == other)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_an_id_is_made_of_128_bits_and_a_key_of_256(size: int) -> None:
    with pytest.raises(ValueError, match="an id has 128 bits"):
        tokens.new_id(b"x" * size)
    with pytest.raises(ValueError, match="a key has 256 bits"):
        tokens.new_key(1, b"x" * size, NOW)


def test_a_key_comes_back_as_it_was_kept() -> None:
    assert tokens.key_of(KEY.id, KEY.written()) == KEY
    assert b"k" * 32 not in repr(KEY).encode()


def test_a_key_signs_for_180_days() -> None:
    assert not tokens.worn(KEY, NOW + timedelta(days=180) - timedelta(seconds=1))
    assert tokens.worn(KEY, NOW + timedelta(days=180))


def test_a_token_lives_until_it_expires_or_is_revoked() -> None:
    assert tokens.alive(TOKEN, NOW + timedelta(days=30) - timedelta(seconds=1))
    assert not tokens.alive(TOKEN, NOW + timedelta(days=30))
    assert not tokens.alive(replace(TOKEN, revoked_at=NOW), NOW)


def test_a_token_is_found_again_in_a_message_id_and_in_a_sub_address() -> None:
    message_id, reply_to = tokens.message_id(MARK, "harbour.example"), tokens.sub_address(MARK, HELLO)
    assert reply_to is not None
    assert address(reply_to) == reply_to
    assert len(reply_to.partition("@")[0]) <= 64
    for text in (message_id, message_id.strip("<>"), message_id.upper(), f" {message_id} ", reply_to, reply_to.upper()):
        assert tokens.read(text) == MARK


def test_an_inbox_with_a_long_name_has_no_room_for_a_sub_address() -> None:
    longest = Address("k" * tokens.LONGEST_INBOX + "@harbour.example")
    assert tokens.sub_address(MARK, longest) is not None
    assert tokens.sub_address(MARK, Address(f"k{longest}")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a@b.example>",
        "<case.matter@harbour.example>",
        tokens.message_id(MARK, "harbour.example")[:-30],
        tokens.message_id(MARK, "harbour.example").replace("@", "@@"),
        "x" + tokens.message_id(MARK, "harbour.example"),
        tokens.message_id(MARK, "h" * 500 + ".example"),
        f"hello+{MARK.id}{MARK.mac}@harbour.example",
        f"hello+{MARK.key}.{MARK.id}.{MARK.mac}@harbour.example",
        f"{MARK.key}{MARK.id}{MARK.mac}@harbour.example",
    ],
)
def test_what_is_no_token_is_not_read_as_one(text: str) -> None:
    assert tokens.read(text) is None


@given(st.text(max_size=120))
def test_reading_never_raises(text: str) -> None:
    tokens.read(text)


def _other(number: int) -> tuple[tokens.Mark, str]:
    made = tokens.mark(replace(TOKEN, id=tokens.new_id(bytes([number]) * 16)), KEY)
    return made, tokens.message_id(made, "harbour.example")


def test_the_tokens_of_a_mail_are_told_nearest_first_and_once() -> None:
    (near, near_id), (far, far_id), (old, old_id) = _other(1), _other(2), _other(3)
    reply_to = tokens.sub_address(far, HELLO)
    assert reply_to is not None
    mail = Message(
        "m",
        in_reply_to=("<their@own.example>", near_id),
        references=("<root@x.example>", old_id, far_id, near_id),
        to=(Party("", HELLO), Party("", reply_to)),
        text=f"In the body it is nothing: {_other(4)[1]}",
        quoted=_other(5)[1],
    )
    assert tokens.borne(mail) == (near, far, old)


def test_only_the_fields_that_mail_programs_fill_bear_a_token() -> None:
    ids = [_other(each)[1] for each in range(1, 6)]
    raw = (
        f"From: Ada <ada@harbour.example>\r\nTo: hello@harbour.example\r\nSubject: {ids[0]}\r\nMessage-ID: {ids[1]}\r\n"
        f"X-Reply: {ids[2]}\r\nComments: {ids[3]}\r\n\r\n{ids[4]}\r\n"
    )
    assert tokens.borne(parse(raw.encode())) == ()


def test_tokens_are_taken_out_of_ids_that_would_reach_a_client() -> None:
    ids = ("<a@b.example>", tokens.message_id(MARK, "harbour.example"), "<c@d.example>")
    assert tokens.without(ids) == ("<a@b.example>", "<c@d.example>")
