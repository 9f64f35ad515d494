"""The ordered table of rows. The first that holds is the one recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from troth.gate.reasons import History, House, Reason, Refusal, ReturnPath
from troth.gate.trust import authenticated, return_path_agrees
from troth.message.nature import automatic
from troth.model import Address, Message, Nature, address


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


_SYSTEM = re.compile(
    r"(?:mailer[-_.]?daemon|mail-daemon|daemon|postmaster|listserv|listproc|majordomo|mailman|sympa"
    r"|owner-.+|.+-(?:request|owner|owners|bounces?)|bounces?|bounces?[-+=._].*|.+[-_.+]bounces?"
    r"|(?:.*[-_.+])?(?:no|not|non|ne|nao|sin|keine?|ikke|inte|bez)[-_.]?(?:reply|replies|responder?|respond|response"
    r"|respuesta|responda|repondre|rispondere|antwort(?:en)?|svara?|beantwoorden|odpowiadac)(?:[-_.+\d].*)?"
    r"|(?:.*[-_.+])?(?:do|please)[-_.]?(?:no|not)[-_.]?(?:reply|respond|answer)(?:[-_.+].*)?|unattended"
    r"|auto(?:mated|mailer|reply|responder|-reply|-?confirm)|notifications?(?:[-+=].*)?|notify|alerts?|robot"
    r"|root|nobody|system|cron|www-data|uucp|nagios|virus-?alert|anti-?virus|spam-?filter)@",
    re.IGNORECASE,
)
_LIST_NAMES = """
list-id list-help list-subscribe list-unsubscribe list-post list-owner list-archive list-software mailing-list
x-mailing-list x-beenthere x-mailman-version x-list x-listname x-list-id x-listserver x-ml-name x-mlserver
x-sympa-to x-thread-list
"""
_LIST_FIELDS = frozenset(_LIST_NAMES.split())
_BULK = re.compile(r"\s*(?:bulk|junk|list|auto[-_ ]?reply)\b", re.IGNORECASE)
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


def _system_address(asked: Asked) -> bool:
    return bool(_SYSTEM.match(asked.message.author or ""))


def _not_verified(asked: Asked) -> bool:
    """What a web form sent is never verified: anybody may write any address into a form.

    Where bounces go to a machine while a person stands in From, his words count and no letter goes out.
    """
    passed = authenticated(asked.message, asked.house)
    if asked.form or passed is False:
        return True
    agrees, wanted = return_path_agrees(asked.message), asked.house.return_path
    if wanted is ReturnPath.IGNORE and passed:
        return False
    if _SYSTEM.match(asked.message.return_path or ""):
        return True
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
        _system_address,
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


def refuse(message: Message, house: House, history: History | None = None) -> Refusal | None:
    """The first row of TABLE that holds for a mail; None where it may get a letter."""
    asked = Asked(message, house, history or History())
    for row in TABLE:
        if (row.forms or not asked.form) and row.test(asked):
            return Refusal(row.reason, row.words.format(limit=asked.history.limit, sender=message.author))
    return None


_BY_A_MACHINE = frozenset({Reason.NULL_SENDER, Reason.AUTOMATIC, Reason.OUT_OF_OFFICE, Reason.LIST, Reason.BULK})


def by_a_machine(message: Message) -> bool:
    """Whether no person's own mail to us this is: a program wrote it, or a list had it first."""
    asked = Asked(message, House())
    return message.nature is not Nature.PERSON or any(row.test(asked) for row in TABLE if row.reason in _BY_A_MACHINE)


def client_of(message: Message, house: House) -> Address | None:
    """Whose words a mail holds: the one address in From, or in Reply-To where a web form sent it."""
    if message.author not in house.forms:
        return message.author
    return message.reply_to[0].address if len(message.reply_to) == 1 else None
