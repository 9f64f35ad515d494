"""The gate: one ordered table of the reasons to send no automatic letter. The first that holds is the one recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from troth.message.nature import automatic
from troth.model import Address, Message, Nature, address, domain_of


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
        """Whether a mail refused for this reason may still be a client's own words, so that a complaint in it opens a case."""
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
    """What is asked of the Return-Path: there and agreeing, agreeing where it is there, or nothing given a DMARC pass."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class House:
    """Who is who, from the configuration.

    `own` are the addresses of all inboxes, their aliases, and what letters are sent from. `colleagues` are all addresses of
    colleagues. `not_clients` are patterns like `*@supplier.example`. `forms` are the From addresses of web forms.
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
        return who not in self.colleagues and (_base(who) in self.own or who in self.own or self._in_domains(who))

    def is_ours(self, who: Address) -> bool:
        return who in self.own or _base(who) in self.own or who in self.colleagues or self._in_domains(who)

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


@dataclass(frozen=True, slots=True)
class Asked:
    """One mail before the gate."""

    message: Message
    house: House
    history: History = field(default_factory=History)

    @property
    def form(self) -> bool:
        return self.message.author in self.house.forms


@dataclass(frozen=True, slots=True)
class Row:
    """One reason: its words for people, and its test. `forms`: whether it also holds for what a web form sent."""

    reason: Reason
    words: str
    test: Callable[[Asked], bool]
    forms: bool = True


def refuse(message: Message, house: House, history: History | None = None) -> Refusal | None:
    """The first row of TABLE that holds for a mail; None where it may get a letter."""
    asked = Asked(message, house, history or History())
    for row in TABLE:
        if (row.forms or not asked.form) and row.test(asked):
            return Refusal(row.reason, row.words.format(limit=asked.history.limit, sender=message.author))
    return None


def client_of(message: Message, house: House) -> Address | None:
    """Whose words a mail holds: the one address in From, or in Reply-To where a web form sent it."""
    if message.author not in house.forms:
        return message.author
    return message.reply_to[0].address if len(message.reply_to) == 1 else None


def authenticated(message: Message, house: House) -> bool | None:
    """Whether From is whom it says, by the trusted server's DMARC result or aligned DKIM; None where nothing trusted says.

    Only the topmost Authentication-Results with exactly our server's name counts, and only above the first Received
    that another site wrote (RFC 8601, 4.1 and 5): everything below may have come with the mail.
    """
    if not house.authserv_id or not message.author:
        return None
    results = _trusted_results(message, house.authserv_id.lower())
    dmarc = [result for method, result, _ in results if method == "dmarc"]
    if "fail" in dmarc:
        return False
    if "pass" in dmarc:
        return True
    aligned = any(
        method == "dkim" and result == "pass" and _same_site(signer, domain_of(message.author))
        for method, result, signer in results
    )
    return True if aligned else None


def return_path_agrees(message: Message) -> bool | None:
    """Whether Return-Path is the author's address or of the same registered domain; None where the field is absent."""
    if message.return_path is None:
        return None
    sender, author = address(message.return_path), message.author
    if sender is None or author is None:
        return False
    return sender == author or _same_site(domain_of(sender), domain_of(author))


_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_RESULT = re.compile(r"\s*([a-z-]{2,20})(?:\s*/\s*\d+)?\s*=\s*([a-z]{2,12})(?![\w-])", re.I)
_SIGNER = re.compile(r"\sheader\.(?:d|i)\s*=\s*@?(?:[^\s;@]*@)?([\w.-]{1,253})", re.I)
_BY = re.compile(r"(?:^|\s)by\s+([\w.-]{1,253})", re.I)


def _trusted_results(message: Message, server: str) -> list[tuple[str, str, str]]:
    """Method, result and signing domain of each result of the one field that is believed."""
    sites: set[str] = {_site(server)}
    for number, (name, value) in enumerate(message.fields):
        if name == "received":
            sites |= {_written_by(value)} if not any(one == "received" for one, _ in message.fields[:number]) else set()
            if _written_by(value) not in sites:
                return []
        elif name == "authentication-results":
            who, _, rest = _without_comments(value).partition(";")
            if (who.split() or [""])[0].lower() == server:
                return [_result(one) for one in rest.split(";")]
    return []


def _result(text: str) -> tuple[str, str, str]:
    found, signer = _RESULT.match(text), _SIGNER.search(text)
    return (found[1].lower(), found[2].lower(), signer[1].lower() if signer else "") if found else ("", "", "")


def _without_comments(value: str) -> str:
    """A field without what others may have put words into: its quoted strings and comments."""
    text = _QUOTED.sub("", value)
    for _ in range(10):
        text = _COMMENT.sub("", text)
    return text.partition("(")[0]


def _written_by(received: str) -> str:
    found = _BY.search(_without_comments(received))
    return _site(found[1]) if found else ""


def _same_site(one: str, other: str) -> bool:
    return bool(one) and _site(one) == _site(other)


@lru_cache(maxsize=4096)
def _site(domain: str) -> str:
    """The registered domain, by the Public Suffix List; a name that is a public suffix itself stands for nothing but itself."""
    domain = domain.lower().strip(".")
    return _suffixes().privatesuffix(domain) or domain


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _base(who: Address) -> str:
    """An address without its sub-address (RFC 5233)."""
    local, _, domain = who.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


_SYSTEM = re.compile(
    r"(?:mailer[-_.]?daemon|mail-daemon|daemon|postmaster|listserv|listproc|majordomo|mailman|sympa|owner-.+|.+-(?:request|owner|owners|bounces?|relay|outgoing|admin-bounces)|bounces?|bounces?[-+=._].*|.+[-_.+]bounces?"
    r"|(?:.*[-_.+])?(?:no|not|non|ne|nao|sin|keine?|ikke|inte|bez)[-_.]?(?:reply|replies|responder?|respond|response|respuesta|responda|repondre|rispondere|antwort(?:en)?|svara?|beantwoorden|odpowiadac)(?:[-_.+\d].*)?|(?:.*[-_.+])?(?:do|please)[-_.]?(?:no|not)[-_.]?(?:reply|respond|answer)(?:[-_.+].*)?|unattended|auto(?:mated|mailer|reply|responder|-reply|confirm|-confirm)?|notifications?(?:[-+=].*)?|notify|alerts?|robot|root|nobody|system|cron|www-data|apache|uucp|news|nagios|virus-?alert|anti-?virus|spam-?filter)@",
    re.I,
)
_LIST_FIELDS = frozenset(
    """list-id list-help list-subscribe list-unsubscribe list-post list-owner list-archive list-software mailing-list
    x-mailing-list x-beenthere x-mailman-version x-list x-listname x-list-id x-listserver x-ml-name x-mlserver x-sympa-to x-thread-list""".split()
)
_BULK = re.compile(r"\s*(?:bulk|junk|list|auto[-_ ]?reply)\b", re.I)
_SUPPRESSING = frozenset({"all", "oof", "autoreply"})
_RECIPIENTS = ("bcc", "resent-to", "resent-cc", "resent-bcc")
_FOUND = re.compile(r"[^\s<>\"(),:;]{1,64}@[^\s<>\"(),:;]{1,255}")


def _has(asked: Asked, names: frozenset[str]) -> bool:
    return any(name in names for name, _ in asked.message.fields)


def _senders(asked: Asked) -> list[Address]:
    """The author, and the address bounces go to."""
    found = [asked.message.author, address(asked.message.return_path or "")]
    return [one for one in found if one]


def _several_senders(asked: Asked) -> bool:
    message = asked.message
    return message.nature is not Nature.BOUNCE and message.author is None


def _no_sender(asked: Asked) -> bool:
    return asked.message.nature is not Nature.BOUNCE and not asked.message.from_


def _own_address(asked: Asked) -> bool:
    return any(asked.house.is_own(one) for one in _senders(asked))


def _colleague(asked: Asked) -> bool:
    return any(one in asked.house.colleagues for one in _senders(asked))


def _not_a_client(asked: Asked) -> bool:
    author = asked.message.author or ""
    return any(_pattern(text).fullmatch(author) for text in asked.house.not_clients)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in re.split(r"\*+", text.strip().lower())))


def _automatic(asked: Asked) -> bool:
    return asked.message.nature is Nature.AUTOMATIC or automatic(asked.message.fields)


def _bulk(asked: Asked) -> bool:
    message = asked.message
    values = message.field_values("precedence") + message.field_values("x-precedence")
    return any(_BULK.match(value) for value in values) or bool(message.field_values("feedback-id"))


def _suppressed(asked: Asked) -> bool:
    values = asked.message.field_values("x-auto-response-suppress")
    return any(word.strip().lower() in _SUPPRESSING for value in values for word in value.split(","))


def _spam(asked: Asked) -> bool:
    first_words = {
        value.strip().lower()[:4].strip(" ,;")
        for name in ("x-spam-flag", "x-spam-status", "x-spam", "x-bogosity")
        for value in asked.message.field_values(name)
    }
    return bool(first_words & {"yes", "spam", "true"})


def _not_verified(asked: Asked) -> bool:
    """What a web form sent is never verified: anybody may write any address into a form."""
    passed = authenticated(asked.message, asked.house)
    if asked.form or passed is False:
        return True
    agrees, wanted = return_path_agrees(asked.message), asked.house.return_path
    if wanted is ReturnPath.IGNORE and passed:
        return False
    return agrees is False or (agrees is None and wanted is not ReturnPath.OPTIONAL)


def _recipients(asked: Asked) -> list[Address]:
    message = asked.message
    others = [value for name in _RECIPIENTS for value in message.field_values(name)]
    found = [known for value in others for one in _FOUND.findall(value[:20_000]) if (known := address(one))]
    return [party.address for party in (*message.to, *message.cc)] + found


def _not_addressed(asked: Asked) -> bool:
    return not any(asked.house.is_ours(one) for one in _recipients(asked))


def _copied_only(asked: Asked) -> bool:
    return not any(asked.house.is_ours(party.address) for party in asked.message.to)


def _several_recipients(asked: Asked) -> bool:
    everybody = (*asked.message.to, *asked.message.cc)
    return any(not asked.house.is_ours(party.address) and party.address != asked.message.author for party in everybody)


def _empty(asked: Asked) -> bool:
    return not any(map(str.isalnum, asked.message.text))


def _too_old(asked: Asked) -> bool:
    past = asked.history
    return bool(past.arrived and past.now and past.oldest is not None and past.now - past.arrived > past.oldest)


def _nature(nature: Nature) -> Callable[[Asked], bool]:
    return lambda asked: asked.message.nature is nature


TABLE: tuple[Row, ...] = (
    Row(
        Reason.OWN_MESSAGE,
        "it is a letter of our own",
        lambda asked: asked.history.own_letter or _has(asked, frozenset({"x-troth-letter"})),
    ),
    Row(Reason.NO_SENDER, "it names no sender", _no_sender),
    Row(Reason.SEVERAL_SENDERS, "it names more than one sender", _several_senders),
    Row(Reason.BOUNCE, "it is a mail system's report on a mail it could not deliver", _nature(Nature.BOUNCE)),
    Row(Reason.RECEIPT, "it is a receipt", _nature(Nature.RECEIPT)),
    Row(Reason.REPORT, "it is a report of a mail system", _nature(Nature.REPORT)),
    Row(Reason.CALENDAR, "it was written by a calendar", _nature(Nature.CALENDAR)),
    Row(Reason.OWN_ADDRESS, "it comes from an address of our own", _own_address, forms=False),
    Row(Reason.COLLEAGUE, "it comes from a colleague", _colleague, forms=False),
    Row(Reason.NOT_A_CLIENT, "{sender} is listed under not_clients", _not_a_client, forms=False),
    Row(
        Reason.SYSTEM_ADDRESS,
        "nobody reads what is sent to that address",
        lambda asked: any(_SYSTEM.match(one) for one in _senders(asked)),
        forms=False,
    ),
    Row(
        Reason.NULL_SENDER,
        "its Return-Path is empty: no answer is wanted",
        lambda asked: asked.message.return_path == "",
        forms=False,
    ),
    Row(Reason.AUTOMATIC, "a program wrote it", _automatic, forms=False),
    Row(Reason.OUT_OF_OFFICE, "it is a notice of absence", _nature(Nature.OUT_OF_OFFICE)),
    Row(Reason.LIST, "it came over a mailing list", lambda asked: _has(asked, _LIST_FIELDS), forms=False),
    Row(Reason.BULK, "it is bulk mail", _bulk, forms=False),
    Row(Reason.SUPPRESSED, "it asks for no automatic answer", _suppressed, forms=False),
    Row(Reason.SPAM, "a filter marked it as spam", _spam),
    Row(Reason.SENDER_NOT_VERIFIED, "whether it comes from its sender is not certain", _not_verified),
    Row(Reason.NOT_ADDRESSED_TO_US, "none of our addresses is among its recipients", _not_addressed),
    Row(Reason.COPIED_ONLY, "we have only a copy of it", _copied_only),
    Row(Reason.SEVERAL_RECIPIENTS, "it went to others outside as well", _several_recipients),
    Row(Reason.EMPTY, "there is no text in it", _empty),
    Row(
        Reason.BEFORE_FIRST_START,
        "it was there before Troth first started",
        lambda asked: asked.history.before_first_start,
    ),
    Row(Reason.TOO_OLD, "it came too long ago for an acknowledgement", _too_old),
    Row(Reason.ALREADY_SEEN, "it was seen before", lambda asked: asked.history.already_seen),
    Row(Reason.LIMIT, "{limit}", lambda asked: asked.history.limit is not None),
    Row(Reason.SILENCE_ASKED, "{sender} asked for silence", lambda asked: asked.history.silence_asked),
    Row(Reason.PARTED, "we have parted with {sender}", lambda asked: asked.history.parted),
)
