"""The closed list of reasons, who is who in the house, and what the store knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from troth.model import Address, domain_of


class Reason(StrEnum):
    """Why a mail gets no automatic letter, in the order they are asked."""

    OWN_MESSAGE = "own message"
    NO_SENDER = "no sender"
    SEVERAL_SENDERS = "several senders"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    REPORT = "report"
    CALENDAR = "calendar"
    OWN_ADDRESS = "own address"
    COLLEAGUE = "colleague"
    NOT_A_CLIENT = "not a client"
    SYSTEM_ADDRESS = "system address"
    NULL_SENDER = "null sender"
    AUTOMATIC = "automatic"
    OUT_OF_OFFICE = "out of office"
    LIST = "list"
    BULK = "bulk"
    SUPPRESSED = "suppressed"
    SPAM = "spam"
    SENDER_NOT_VERIFIED = "sender not verified"
    NOT_ADDRESSED_TO_US = "not addressed to us"
    COPIED_ONLY = "copied only"
    SEVERAL_RECIPIENTS = "several recipients"
    EMPTY = "empty"
    BEFORE_FIRST_START = "before first start"
    TOO_OLD = "too old"
    ALREADY_SEEN = "already seen"
    LIMIT = "limit"
    SILENCE_ASKED = "silence asked"
    PARTED = "parted"

    @property
    def is_client_mail(self) -> bool:
        """Whether a mail so refused may still be a client's own words: a complaint in it opens a case."""
        return self not in _NO_CLIENTS_MAIL


_NO_CLIENTS_MAIL = frozenset(
    {
        Reason.OWN_MESSAGE,
        Reason.NO_SENDER,
        Reason.BOUNCE,
        Reason.RECEIPT,
        Reason.REPORT,
        Reason.CALENDAR,
        Reason.OWN_ADDRESS,
        Reason.COLLEAGUE,
        Reason.NOT_A_CLIENT,
        Reason.SYSTEM_ADDRESS,
        Reason.NULL_SENDER,
        Reason.AUTOMATIC,
        Reason.LIST,
        Reason.BULK,
        Reason.SPAM,
    }
)


class ReturnPath(StrEnum):
    """What is asked of Return-Path: to be there and agree, to agree if there, or nothing given a DMARC pass."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class House:
    """Who is who, from the configuration.

    `own` are the addresses of all inboxes, their aliases, and what letters are sent from. `colleagues` are all
    addresses of colleagues. `not_clients` are patterns like `*@supplier.example`. `forms` are the From addresses of
    web forms.
    """

    own: frozenset[Address] = frozenset()
    domains: frozenset[str] = frozenset()
    colleagues: frozenset[Address] = frozenset()
    not_clients: tuple[str, ...] = ()
    forms: tuple[Address, ...] = ()
    return_path: ReturnPath = ReturnPath.REQUIRED
    authserv_id: str | None = None

    def is_own(self, who: Address) -> bool:
        """Whether an address is an inbox's, a sub-address of one, or of one of our domains and no colleague's."""
        return who not in self.colleagues and self.is_ours(who)

    def is_ours(self, who: Address) -> bool:
        return who in self.own or _base(who) in self.own or who in self.colleagues or self._in_domains(who)

    def is_inbox(self, who: Address) -> bool:
        """Whether an address is an inbox's own, one of its aliases, or a sub-address of either."""
        return who in self.own or _base(who) in self.own

    def _in_domains(self, who: Address) -> bool:
        return domain_of(who) in self.domains


@dataclass(frozen=True, slots=True)
class History:
    """Facts from the store and the clock; by default none speaks against a letter.

    `limit` says in words which limit is reached. `own_letter`: the Message-ID is that of a letter of ours.
    """

    before_first_start: bool = False
    arrived: datetime | None = None
    now: datetime | None = None
    oldest: timedelta | None = None
    already_seen: bool = False
    limit: str | None = None
    silence_asked: bool = False
    parted: bool = False
    own_letter: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The row that held, and what to tell people."""

    reason: Reason
    words: str


def _base(who: Address) -> str:
    """An address without its sub-address (RFC 5233)."""
    local, _, domain = who.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
