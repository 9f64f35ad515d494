"""Tokens for mails to colleagues: made, written down with the mail that bears them, and known again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from troth import token
from troth.model import Address, Concern, Party, Purpose, Token, domain_of
from troth.policy import Inbox
from troth.store import Book

_CURRENT = "token key"
"""Under which the id of the key that signs is remembered; each key stands under its own id."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What the mail that bears a token is written with. `reply_to` only where its inbox takes sub-addresses."""

    token: Token
    message_id: str
    reply_to: Address | None = None

    def answers_to(self, name: str) -> Party | None:
        """The Reply-To of the mail."""
        return Party(name, self.reply_to) if self.reply_to else None


@dataclass(frozen=True, slots=True)
class Issuing:
    """Issues and verifies tokens within the transaction of `book`."""

    book: Book
    now: datetime

    def issue(self, person: Address, purpose: Purpose, about: Sequence[Concern], inbox: Inbox) -> Issued:
        """A token for one person and one mail, which leaves from this inbox. `about` is in the mail's order."""
        new = Token(
            id=token.new_id(secrets.token_bytes(token.ID_BITS // 8)),
            person=person,
            purpose=purpose,
            about=tuple(about),
            issued_at=self.now,
            expires_at=self.now + token.LIFE,
        )
        self.book.issue(new)
        mark = token.mark(new, self._signing())
        reply_to = token.sub_address(mark, inbox.address) if inbox.sub_addresses else None
        return Issued(new, token.message_id(mark, domain_of(inbox.address)), reply_to)

    def verified(self, mark: token.Mark) -> Token | None:
        """The token that a mail bears, expired and revoked ones included; None where it is none of ours."""
        found, key = self.book.token(mark.id), self._key(mark.key)
        if found is None or key is None or not token.verifies(mark, found, key):
            return None
        return found

    def _signing(self) -> token.Key:
        current = self.book.recall(_CURRENT)
        key = self._key(current) if current else None
        return self._new_key() if key is None or token.worn(key, self.now) else key

    def _key(self, id_: str) -> token.Key | None:
        written = self.book.recall(f"{_CURRENT} {id_}")
        return token.key_of(id_, written) if written else None

    def _new_key(self) -> token.Key:
        """A key under a free id: another daemon may make its own at this moment, and both will verify."""
        while True:
            number, secret = secrets.randbelow(token.KEY_IDS), secrets.token_bytes(token.KEY_BITS // 8)
            key = token.new_key(number, secret, self.now)
            if self._key(key.id) is None:
                self.book.remember(f"{_CURRENT} {key.id}", key.written())
                self.book.remember(_CURRENT, key.id)
                return key
