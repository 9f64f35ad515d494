"""The frozen bytes of a letter (RFC 5322, RFC 2045–2047), written by hand: email.policy costs milliseconds a letter."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from troth.letters.cleaning import UNFIT_FOR_A_HEADER
from troth.letters.rendered import LetterError, Rendered
from troth.letters.wrapping import flowed
from troth.model import Address, Party

_LINE = 76
_HARD_LINE = 998  # RFC 5322, 2.1.1
_REFERENCES = 12
_MSG_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_OWN_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_TOKEN = re.compile(r"[A-Za-z0-9._=+-]{16,120}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047, 5 (3)
_KEPT = "!#$&'()*+,/:;=?@[]{}|~^`"  # what a key may hold as it is; unquoting gives the key back
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def new_message_id(domain: str, token: str) -> str:
    """A Message-ID of ours. `token` is of the caller's randomness, 16 characters or more."""
    made = f"<{token}@{domain}>"
    if not _TOKEN.fullmatch(token) or not _OWN_ID.fullmatch(made):
        raise ValueError(f"no Message-ID can be made of {token!r} and {domain!r}")
    return made


def compose(
    rendered: Rendered,
    *,
    key: str,
    from_: Party,
    to: Party,
    message_id: str,
    date: datetime,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    auto_submitted: str | None = None,
    list_unsubscribe: str | None = None,
    reply_to: Party | None = None,
    attached: Sequence[bytes] = (),
) -> bytes:
    """The letter as it goes on the wire: CRLF, no line over 998 octets.

    `to` is to be made by `addressee`. `date` is aware and written in its own zone. `references` are those of the mail
    answered (or its single In-Reply-To); the mail itself is added. `auto_submitted` is "auto-replied",
    "auto-generated", or None for a draft, which then carries no mark of a machine but its key. `attached` are
    what `client_mail` made. Octets over 127 stand in address headers only where an address has them (RFC 6532).
    Raises LetterError where a value would end its header line or is not what it should be.
    """
    fields = _Fields(key)
    fields.address("From", from_)
    fields.address("To", to)
    if reply_to:
        fields.address("Reply-To", reply_to)
    fields.text("Subject", rendered.subject)
    fields.raw("Date", rfc_date(date))
    fields.raw("Message-ID", _own_id(message_id, key))
    fields.thread(in_reply_to, references)
    fields.automatic(auto_submitted)
    if list_unsubscribe:
        fields.raw("List-Unsubscribe", f"<{fields.plain('List-Unsubscribe', list_unsubscribe)}>")
    fields.raw("X-Troth-Letter", fields.plain("X-Troth-Letter", quote(fields.fit("X-Troth-Letter", key), _KEPT)))
    fields.raw("MIME-Version", "1.0")
    return fields.head() + _body(rendered, attached, sha256(message_id.encode()).hexdigest()[:24])


_FROM = re.compile(rb"^(from:)((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_OWN = re.compile(rb"<?[^\s<>@]+@[^\s<>]+>?")
_MARKS = re.compile(rb"(?:auto-submitted|x-auto-response-suppress|list-unsubscribe):[^\r\n]*\r\n", re.IGNORECASE)


def as_draft(raw: bytes) -> bytes:
    """A letter of ours that was composed to leave by itself, without the marks of a machine: a person will send it."""
    head, end, body = raw.partition(b"\r\n\r\n")
    lines = (head + b"\r\n").splitlines(keepends=True)
    return b"".join(line for line in lines if not _MARKS.fullmatch(line)).removesuffix(b"\r\n") + end + body


def sent_from(raw: bytes, who: Address) -> bytes:
    """A mail of ours to a colleague, as from another address of ours: of an inbox whose mail server works."""
    head, end, body = raw.partition(b"\r\n\r\n")
    return _FROM.sub(lambda found: found[1] + _OWN.sub(f"<{who}>".encode(), found[2]), head) + end + body


class _Fields:
    """Header lines in the making; `letter` names the letter in errors."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self._lines: list[str] = []

    def head(self) -> bytes:
        return ("\r\n".join(self._lines) + "\r\n").encode()

    def raw(self, name: str, value: str) -> None:
        self._lines.append(f"{name}: {value}")

    def fit(self, name: str, value: str) -> str:
        if found := UNFIT_FOR_A_HEADER.search(value):
            raise LetterError(self._letter, f"its {name} holds the character U+{ord(found[0]):04X}")
        return value

    def plain(self, name: str, value: str) -> str:
        if not re.fullmatch(r"[!-~]{1,900}", self.fit(name, value)) or "<" in value or ">" in value:
            raise LetterError(self._letter, f"its {name} is no plain word")
        return value

    def text(self, name: str, value: str) -> None:
        self._lines.append(unstructured(name, self.fit(name, value)))

    def address(self, name: str, party: Party) -> None:
        self.fit(name, party.name)
        where = self.fit(name, party.address)
        if where.count("@") != 1 or re.search(r"[\s<>(),;:\"\[\]\\]", where):
            raise LetterError(self._letter, f"its {name} is no address")
        self._lines.append(mailbox(name, party))

    def thread(self, parent: str | None, references: Sequence[str]) -> None:
        known = identifiers([parent] if parent else [])
        if not known:
            return
        self.raw("In-Reply-To", known[0])
        self.raw("References", "\r\n ".join(_trimmed(identifiers(references), known[0])))

    def automatic(self, kind: str | None) -> None:
        if kind is None:
            return
        if kind not in {"auto-replied", "auto-generated"}:
            raise LetterError(self._letter, f"there is no Auto-Submitted: {kind}")
        self.raw("Auto-Submitted", kind)
        self.raw("X-Auto-Response-Suppress", "All")


def mailbox(name: str, party: Party) -> str:
    """An address header line of one mailbox; the display name is encoded where it could be read as anything else."""
    if not party.name:
        return f"{name}: {party.address}"
    plain = _PLAIN.fullmatch(party.name) and "=?" not in party.name and len(party.name) < 60
    if plain and _ATOMS.fullmatch(party.name):
        shown = party.name
    elif plain:
        shown = '"' + party.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = "\r\n ".join(_words(party.name, len(name) + 2))
    last = len(shown.rpartition("\n")[2]) + len(name) + len(party.address) + 5
    return f"{name}: {shown}{' ' if last <= _LINE else chr(13) + chr(10) + ' '}<{party.address}>"


def unstructured(name: str, value: str) -> str:
    """A header line of free text (RFC 5322, 2.2.1), folded at 76; in encoded words where it is not plain ASCII."""
    if not _PLAIN.fullmatch(value) or "=?" in value or max(map(len, value.split(" "))) > 200:
        return f"{name}: " + "\r\n ".join(_words(value, len(name) + 2))
    rows = [f"{name}:"]
    for word in value.split(" "):
        if len(rows[-1]) + len(word) >= _LINE and rows[-1] != f"{name}:":
            rows.append("")
        rows[-1] += f" {word}"
    return "\r\n".join(rows)


def _words(value: str, indent: int) -> Iterator[str]:
    """Encoded words (RFC 2047) of whole characters, the first with room for `indent` before it."""
    if not value:
        return
    quoted = [_quoted(char) for char in value]
    base64 = sum(map(len, quoted)) > 1.6 * len(value.encode())
    sizes = [len(char.encode()) for char in value] if base64 else [len(part) for part in quoted]
    start, room = 0, _room(indent, base64=base64)
    for at, size in enumerate(sizes):
        if size > room:
            yield _word(value, quoted, start, at, base64=base64)
            start, room = at, _room(1, base64=base64)
        room -= size
    yield _word(value, quoted, start, len(value), base64=base64)


def _room(indent: int, *, base64: bool) -> int:
    """How many octets, or quoted octets, an encoded word holds on a line with `indent` before it."""
    left = _LINE - indent - len("=?utf-8?q??=")
    return left // 4 * 3 if base64 else left


def _word(value: str, quoted: list[str], start: int, end: int, *, base64: bool) -> str:
    if base64:
        return f"=?utf-8?b?{b64encode(value[start:end].encode()).decode()}?="
    return f"=?utf-8?q?{''.join(quoted[start:end])}?="


def _quoted(char: str) -> str:
    if char == " ":
        return "_"
    return "".join(chr(octet) if octet in _SAFE else f"={octet:02X}" for octet in char.encode())


def rfc_date(at: datetime) -> str:
    """A moment as RFC 5322, 3.3 writes it, in its own zone. Raises ValueError where it has none."""
    if at.utcoffset() is None:
        raise ValueError("the date of a letter has a zone")
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year:04} {at.hour:02}:{at.minute:02}:{at.second:02} {at:%z}"[:31]


def _own_id(message_id: str, letter: str) -> str:
    if not _OWN_ID.fullmatch(message_id) or len(message_id) > 250:
        raise LetterError(letter, "its Message-ID is none")
    return message_id


def identifiers(given: Iterable[str]) -> list[str]:
    """The message identifiers in what other people's mail calls so; what is none is left out (RFC 5322, 3.6.4)."""
    return list(dict.fromkeys(found for value in given for found in _MSG_ID.findall(value)))


def _trimmed(references: list[str], parent: str) -> list[str]:
    whole = [known for known in references if known != parent] + [parent]
    return whole if len(whole) <= _REFERENCES else [whole[0], *whole[1 - _REFERENCES :]]


def _body(rendered: Rendered, attached: Sequence[bytes], mark: str) -> bytes:
    text = _part("plain", flowed(rendered.text))
    body = text if rendered.html is None else _several("alternative", [text, _part("html", rendered.html)], f"a{mark}")
    if not attached:
        return body
    return _several("mixed", [body, *(_attachment(mail) for mail in attached)], f"m{mark}")


def _several(kind: str, parts: list[bytes], mark: str) -> bytes:
    boundary = f"=_{mark}"  # "=_" cannot stand in quoted-printable, and the rest is not for a client to know
    cut = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(cut + b"\r\n" + part + b"\r\n" for part in parts) + cut + b"--\r\n"


def _part(kind: str, text: str) -> bytes:
    """A text part; `plain` is format=flowed (RFC 3676)."""
    rows = _CONTROL.sub("", text.replace("\r\n", "\n")).encode(errors="replace").replace(b"\n", b"\r\n")
    form = "; format=flowed" if kind == "plain" else ""
    short = rows.isascii() and max(map(len, rows.split(b"\r\n"))) <= _HARD_LINE
    head = f"Content-Type: text/{kind}; charset=utf-8{form}\r\nContent-Transfer-Encoding: "
    if short:
        return f"{head}7bit\r\n\r\n".encode() + rows
    return f"{head}quoted-printable\r\n\r\n".encode() + quoted_printable(rows)


def quoted_printable(rows: bytes) -> bytes:
    """Text with CRLF line ends, encoded (RFC 2045, 6.7)."""
    return b2a_qp(rows, istext=True)


def _attachment(mail: bytes) -> bytes:
    head = b'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="mail.eml"\r\n\r\n'
    return head + mail
