"""Who may ask for something by a reply: the one person a token was issued to, writing to us alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from troth import token as tokens
from troth.gate import authenticated, by_a_machine
from troth.model import Address, Message, Nature, Token
from troth.policy.answer import outsiders
from troth.policy.business import Business, Colleague

_RETURNED = frozenset({Nature.BOUNCE, Nature.RECEIPT, Nature.REPORT})


class Denied(StrEnum):
    """Why a mail that bears a token of ours does nothing."""

    RETURNED = "a mail system's report"
    STRANGER = "it was issued to somebody else"
    MACHINE = "not a person's own mail"
    SHARED = "sent to somebody outside too"
    ELSEWHERE = "not addressed to us"
    REVOKED = "revoked"
    EXPIRED = "expired"
    OWN_ADDRESS = "our own address, read from Sent"
    FORGED = "failed authentication"

    @property
    def seen_outside(self) -> bool:
        """Whether the token is in other hands than those it was made for."""
        return self in (Denied.STRANGER, Denied.SHARED)


def denied(message: Message, token: Token, business: Business, now: datetime, *, sent: bool) -> Denied | None:
    """Why a mail may not act by this token, which verifies; None where it may.

    `sent`: it was found in Sent, where nobody but us puts mail. In an inbox anybody can write our own address, so
    where a colleague has no other his mail is read from Sent alone. Display names, Sender and Reply-To never count.
    """
    if message.nature in _RETURNED:
        return Denied.RETURNED
    if not _writes(message.author, token, business):
        return Denied.STRANGER
    if by_a_machine(message):
        return Denied.MACHINE
    if outsiders(message, business):
        return Denied.SHARED
    if not any(business.house.is_inbox(party.address) for party in (*message.to, *message.cc)):
        return Denied.ELSEWHERE
    if not tokens.alive(token, now):
        return Denied.REVOKED if token.revoked_at else Denied.EXPIRED
    if sent:
        return None
    if message.author is not None and business.house.is_inbox(message.author):
        return Denied.OWN_ADDRESS
    return Denied.FORGED if authenticated(message, business.house) is False else None


def surely(message: Message, business: Business, *, sent: bool) -> bool:
    """Whether words that write to a client, or end what would be said of him, may act: the author is who he says."""
    return sent or business.house.authserv_id is None or authenticated(message, business.house) is True


def holder(token: Token, business: Business) -> Colleague | None:
    """The colleague that a token was issued to; None where he is of the business no more."""
    return business.colleague(token.person)


def _writes(author: Address | None, token: Token, business: Business) -> bool:
    person = holder(token, business)
    return author is not None and person is not None and business.colleague(author) == person
