"""Tokens: what lets a colleague's reply act. Ids, keys and MACs as they are written into a mail and found again.

A token is written in small letters, digits and dots alone: `01.id.mac` stands left of the @ in a Message-ID, and
`inbox+01idmac@…` is an address of an inbox that takes sub-addresses (RFC 5233). No secret and no randomness is made
here; both are handed in.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from troth.model import Address, Message, Token, address

LIFE = timedelta(days=30)
"""A token's, from its issue. Each telling and confirmation brings a new one, so no case outlives what may act on it;
counted from a case's end, a telling of a case that nobody ends would act for ever."""

ROTATED = timedelta(days=180)
"""After so long a new key signs; an old one verifies for as long as a token of its own lives."""

KEY_BITS = 256
ID_BITS = 128

_WIDTH = 25  # so many digits to the base of 36 hold 128 bits
_KEY_WIDTH = 2
KEY_IDS = 36**_KEY_WIDTH
LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
LONGEST_INBOX = LONGEST_LOCAL - len("+") - _KEY_WIDTH - 2 * _WIDTH
"""How long the local part of an inbox may be for a token to stand behind it in a sub-address."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_IN_ID = re.compile(rf"<?([0-9a-z]{{{_KEY_WIDTH}}})\.([0-9a-z]{{{_WIDTH}}})\.([0-9a-z]{{{_WIDTH}}})@[^@<>\s]+>?")
_IN_LOCAL = re.compile(rf"[^@]+\+([0-9a-z]{{{_KEY_WIDTH}}})([0-9a-z]{{{_WIDTH}}})([0-9a-z]{{{_WIDTH}}})@[^@]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that signs tokens, known by its id. `since` is when it was made, in UTC."""

    id: str
    secret: bytes = field(repr=False)
    since: datetime

    def written(self) -> str:
        """As it is kept; `key_of` reads it."""
        return f"{self.since.isoformat()} {self.secret.hex()}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A token as a mail bears it: nothing is known of it before `verifies` has said so."""

    key: str
    id: str
    mac: str = field(repr=False)


def new_key(number: int, secret: bytes, now: datetime) -> Key:
    """A key under a number below KEY_IDS. Raises ValueError where the secret is too short."""
    if len(secret) * 8 < KEY_BITS:
        raise ValueError(f"a key has {KEY_BITS} bits, not {len(secret) * 8}")
    return Key(_based(number, _KEY_WIDTH), secret, now)


def key_of(id_: str, written: str) -> Key:
    """A key as it was kept under its id."""
    since, _, secret = written.partition(" ")
    return Key(id_, bytes.fromhex(secret), datetime.fromisoformat(since))


def worn(key: Key, now: datetime) -> bool:
    """Whether a new key should sign from now on."""
    return now - key.since >= ROTATED


def new_id(random: bytes) -> str:
    """The id that 128 random bits make. Raises ValueError where they are not as many."""
    if len(random) * 8 != ID_BITS:
        raise ValueError(f"an id has {ID_BITS} bits, not {len(random) * 8}")
    return _based(int.from_bytes(random, "big"), _WIDTH)


def mark(token: Token, key: Key) -> Mark:
    """A token as a mail to its person will bear it."""
    return Mark(key.id, token.id, _mac(token, key))


def verifies(mark_: Mark, token: Token, key: Key) -> bool:
    """Whether this mark was made of this very token with this key; in the same time whatever is wrong."""
    same = hmac.compare_digest(mark_.mac.encode(), _mac(token, key).encode())
    return same and (mark_.key, mark_.id) == (key.id, token.id)


def alive(token: Token, now: datetime) -> bool:
    """Whether a token has neither expired nor been revoked at `now`."""
    return token.revoked_at is None and now < token.expires_at


def message_id(mark_: Mark, domain: str) -> str:
    return f"<{mark_.key}.{mark_.id}.{mark_.mac}@{domain}>"


def sub_address(mark_: Mark, inbox: Address) -> Address | None:
    """The inbox's address with the token in it; None where it would be longer than an address may be."""
    local, _, domain = inbox.rpartition("@")
    return address(f"{local}+{mark_.key}{mark_.id}{mark_.mac}@{domain}") if len(local) <= LONGEST_INBOX else None


def read(text: str) -> Mark | None:
    """The token in a Message-ID or an address of ours; None where there is none."""
    text = text.strip().lower()
    found = (_IN_ID.fullmatch(text) or _IN_LOCAL.fullmatch(text)) if len(text) <= 400 else None
    return Mark(*found.groups()) if found else None


def borne(message: Message) -> tuple[Mark, ...]:
    """The tokens that a mail bears in In-Reply-To, To, Cc and References, the nearest first."""
    return tuple(dict.fromkeys(found for text in _places(message) if (found := read(text)) is not None))


def without(message_ids: Iterable[str]) -> tuple[str, ...]:
    """Message-IDs but for those that are tokens: none may reach a client, not even one that he has sent us."""
    return tuple(each for each in message_ids if read(each) is None)


def _places(message: Message) -> Iterator[str]:
    yield from message.in_reply_to
    yield from (party.address for party in (*message.to, *message.cc))
    yield from reversed(message.references)


def _mac(token: Token, key: Key) -> str:
    signed = {
        "key": key.id,
        "id": token.id,
        "person": token.person,
        "purpose": token.purpose.value,
        "about": [(each.mail, each.case, each.letter, each.promise) for each in token.about],
        "expires": token.expires_at.astimezone(UTC).isoformat(),
    }
    digest = hmac.new(key.secret, json.dumps(signed, sort_keys=True).encode(), sha256).digest()
    return _based(int.from_bytes(digest[: ID_BITS // 8], "big"), _WIDTH)


def _based(number: int, width: int) -> str:
    """A number to the base of 36 in so many digits. Raises ValueError where it needs more."""
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    if number:
        raise ValueError(f"the number needs more than {width} digits")
    return digits
