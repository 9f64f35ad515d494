"""A header of bytes to fields: split, unfolded, RFC 2047 decoded, and bounded before anything else looks at it."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from troth.message.charset import codec_of, decode

HEADER_BYTES = 256 * 1024
FIELD_BYTES = 64 * 1024
FIELDS = 1000

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_TELLING = re.compile(
    rb"(?:from|to|subject|date|message-id|mime-version|content-type|received|return-path|x-[a-z-]+):", re.IGNORECASE
)
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,3})\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # would show a sender's name backwards


@dataclass(frozen=True)
class Header:
    """The fields of one header in order: names in small letters, values raw and unfolded."""

    raw: tuple[tuple[str, bytes], ...] = ()
    charset: str | None = None
    defects: tuple[str, ...] = field(default=())

    @cached_property
    def _by_name(self) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for name, value in self.raw:
            found.setdefault(name, []).append(value)
        return found

    def all(self, name: str) -> list[bytes]:
        return self._by_name.get(name, [])

    def first(self, name: str) -> bytes:
        return self._by_name.get(name, [b""])[0]

    def text(self, name: str) -> str:
        """The topmost value of a field, decoded; "" without one (RFC 7103, 7.5.1: the first of several)."""
        return decode_words(self.first(name), self.charset)

    def has(self, name: str) -> bool:
        return name in self._by_name

    def decoded(self, charset: str | None) -> tuple[tuple[str, str], ...]:
        return tuple((name, decode_words(value, charset)) for name, value in self.raw)


def split(data: bytes, start: int = 0, end: int | None = None) -> tuple[Header, int]:
    """The header that begins at `start`, and where its body begins. Line ends must be LF."""
    end = len(data) if end is None else end
    while start < end and data[start] == 10:
        start += 1
    blank = data.find(b"\n\n", start, min(end, start + HEADER_BYTES))
    stop = blank + 1 if blank >= 0 else min(end, start + HEADER_BYTES)
    fields, defects, taken = _fields(data[start:stop].split(b"\n"))
    body = start + taken if taken is not None else min(stop + 1, end)
    return Header(tuple(fields), defects=tuple(defects)), body


def _fields(lines: list[bytes]) -> tuple[list[tuple[str, bytes]], list[str], int | None]:
    """Fields, defects, and how many bytes were header where the text begins without a blank line."""
    fields: list[tuple[str, bytearray]] = []
    defects: list[str] = []
    taken = 0
    for number, line in enumerate(lines):
        found = None if line[:1] in (b" ", b"\t") else _FIELD.match(line)
        if found and len(fields) < FIELDS:
            value = bytearray(line[found.end() :].strip()[:FIELD_BYTES])
            fields.append((found[1].decode("ascii").lower(), value))
        elif found:
            defects.append("too many header fields")
            break
        elif line[:1] in (b" ", b"\t") and fields:
            _continue(fields[-1][1], line, defects)
        elif line and not _mbox_line(line, number):
            if not _field_follows(lines, number):
                return (
                    [(name, bytes(value)) for name, value in fields],
                    [*defects, "no blank line after the header"],
                    taken,
                )
            defects.append("a header line without a name")
        taken += len(line) + 1
    return [(name, bytes(value)) for name, value in fields], defects, None


def _continue(value: bytearray, line: bytes, defects: list[str]) -> None:
    if len(value) + len(line) > FIELD_BYTES:
        if not defects or defects[-1] != "a header field too long":
            defects.append("a header field too long")
    else:
        value += b" " + line.strip() if line.strip() else b""


def _mbox_line(line: bytes, number: int) -> bool:
    return number == 0 and line.startswith((b"From ", b">From "))


def _field_follows(lines: list[bytes], number: int) -> bool:
    return any(_TELLING.match(line) for line in lines[number + 1 : number + 40])


def decode_words(value: bytes, charset: str | None = None) -> str:
    """A field's value with its encoded words decoded (RFC 2047) and every control character out of it.

    Encoded words that follow each other are joined before they are decoded: mailers cut letters in two.
    """
    if b"=?" not in value and b"\x1b" not in value:
        return printable(decode(value, charset))
    return printable("".join(_pieces(value, charset)))


def _pieces(value: bytes, charset: str | None) -> Iterator[str]:
    at, label, held = 0, "", b""
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        at = found.end()
        word, data = found[1].decode("latin-1").lower(), _word(found)
        if held and (between.strip() or word != label or codec_of(word) is None):
            yield decode(held, label)
            held = b""
            yield decode(between, charset) if between.strip() else ""
        elif not held and (between.strip() or not label):
            yield decode(between, charset)
        held, label = held + data, word
    yield decode(held, label) if held else ""
    yield decode(value[at:], charset)


def _word(found: re.Match[bytes]) -> bytes:
    if found[2] in b"qQ":
        return binascii.a2b_qp(found[3].replace(b" ", b"_"), header=True)
    return base64(found[3])


def base64(data: bytes) -> bytes:
    """Bytes out of Base64 however broken: what is no letter of it is passed over, a cut end is kept."""
    data = _NOT_BASE64.sub(b"", data)
    data = data[: len(data) - 1] if len(data) % 4 == 1 else data
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def printable(text: str) -> str:
    """Text without control characters, line and paragraph separators, lone surrogates and turns of direction."""
    if text.isprintable():
        return text.strip()
    return _DIRECTIONS.sub("", _CONTROLS.sub(" ", text)).strip()
