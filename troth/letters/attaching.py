"""A client's mail attached to a telling: header and text, written anew so that no octet of his passes through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.letters.cleaning import lines, one_line
from troth.letters.composing import mailbox, quoted_printable, unstructured
from troth.model import Message, Party

LIMIT = 1_000_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = re.compile(r"content-.*|mime-version|from|sender|to|cc|bcc|reply-to|subject")
_FIELDS = 200
_PARTIES = 50


def client_mail(message: Message) -> bytes:
    """The mail as a message/rfc822 of at most about 1 MB, 7bit throughout: attachments are named, not carried."""
    head = "\r\n".join([*_people(message), *_others(message), "MIME-Version: 1.0"]).encode("ascii", "replace")
    head += b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    body = quoted_printable(_text(message).replace("\n", "\r\n").encode(errors="replace"))
    return (head + body)[:LIMIT].rstrip(b"=") + b"\r\n"


def _people(message: Message) -> Iterator[str]:
    named = {"From": message.from_, "Reply-To": message.reply_to, "To": message.to, "Cc": message.cc}
    for name, parties in named.items():
        rows = [mailbox(name, _clean(party)).partition(": ")[2] for party in parties[:_PARTIES]]
        if rows:
            yield f"{name}: " + ",\r\n ".join(rows)
    yield unstructured("Subject", one_line(message.subject, 500) or "(no subject)")


def _others(message: Message) -> Iterator[str]:
    for name, value in message.fields[:_FIELDS]:
        said = one_line(value, 2000)
        if said and _NAME.fullmatch(name) and not _OURS.fullmatch(name):
            yield unstructured("-".join(part.capitalize() for part in name.split("-")), said)


def _clean(party: Party) -> Party:
    return Party(one_line(party.name, 100), party.address)


def _text(message: Message) -> str:
    said = "\n\n".join(part for part in (message.text, message.signature, message.quoted) if part)
    named = "".join(f"\n[attached: {one_line(name, 100)}]" for name in message.attachments[:50])
    return lines(said, LIMIT // 4) + ("\n" + named if named else "") + "\n"
