"""A client's mail attached to a telling: header and text, written anew so that no octet of his passes through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from troth.letters.cleaning import lines, one_line
from troth.letters.composing import identifiers, mailbox, quoted_printable, rfc_date, unstructured
from troth.model import Address, Party

_TEXT = 290_000  # octets; quoted-printable makes at most 3.2 of one
_HEADER = 50_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_WRITTEN_HERE = re.compile(
    r"content-.*|mime-version|from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references"
)
_PARTIES = 50
_SEPARATOR = ",\r\n "


def client_mail(
    *,
    author: Party,
    to: Sequence[Address],
    subject: str,
    text: str,
    date: datetime,
    message_id: str | None = None,
    references: Sequence[str] = (),
    fields: Iterable[tuple[str, str]] = (),
    attachments: Sequence[str] = (),
) -> bytes:
    """The mail as a message/rfc822 of at most 1 MB, 7 bit throughout. Attachments are named, not carried.

    `fields` are further header fields, names in any case, values decoded; those written here are passed over.
    """
    head = "\r\n".join(
        [
            mailbox("From", _clean(author)),
            *([f"To: {_SEPARATOR.join(to[:_PARTIES])}"] if to else []),
            unstructured("Subject", one_line(subject, 500) or "(no subject)"),
            f"Date: {rfc_date(date)}",
            *_identity(message_id, references),
            *_others(fields),
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
    )
    said = _text(text, attachments).encode(errors="replace")[:_TEXT].decode(errors="ignore").rstrip("\n")
    body = quoted_printable(f"{said}\n".replace("\n", "\r\n").encode())
    return head.encode(errors="replace") + b"\r\n\r\n" + body


def _identity(message_id: str | None, references: Sequence[str]) -> Iterator[str]:
    own, known = identifiers([message_id or ""]), identifiers(references)
    if own:
        yield f"Message-ID: {own[0]}"
    if known:
        yield "References: " + "\r\n ".join(known[:50])


def _others(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    left = _HEADER
    for name, value in fields:
        said = one_line(value, 2000)
        if not said or not _NAME.fullmatch(name) or _WRITTEN_HERE.fullmatch(name.lower()):
            continue
        row = unstructured("-".join(map(str.capitalize, name.split("-"))), said)
        left -= len(row)
        if left < 0:
            return
        yield row


def _clean(party: Party) -> Party:
    return Party(one_line(party.name, 100), party.address)


def _text(text: str, attachments: Sequence[str]) -> str:
    named = "".join(f"\n[attached: {one_line(name, 100)}]" for name in attachments[:50])
    return lines(text, _TEXT) + (f"\n{named}" if named else "") + "\n"
