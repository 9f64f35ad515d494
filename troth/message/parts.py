"""The tree of MIME parts, by offsets in one buffer: bounded in depth, number and size before anything is decoded."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from troth.message.charset import decode
from troth.message.header import Header, base64, decode_words, split

MESSAGE_BYTES = 16 * 1024 * 1024
DEPTH = 50
PARTS = 500
TEXT_BYTES = 1024 * 1024

_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,60})/([\w!#$&^.+-]{1,100})")
_PARAMETER = re.compile(r";\s*([\w-]{1,60}(?:\*\d{0,3})?\*?)\s*=\s*(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*+))", re.DOTALL)
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} [^\n]{1,200}\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: its place in the buffer, and what its header says of it."""

    header: Header
    kind: str
    parameters: dict[str, str]
    start: int
    end: int
    parts: tuple[Part, ...] = ()

    @property
    def attached(self) -> bool:
        return self.header.first("content-disposition")[:10].lower() == b"attachment"

    @property
    def file_name(self) -> str | None:
        return parameters(self.header.first("content-disposition")).get("filename") or self.parameters.get("name")

    def walk(self) -> Iterator[Part]:
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(slots=True)
class Reading:
    """What is left of the bounds while a tree is read, and what was wrong on the way."""

    data: bytes
    left: int = PARTS
    defects: tuple[str, ...] = ()


def parameters(value: bytes) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, RFC 2231 joined, their names in small letters."""
    found: dict[str, str] = {}
    pieces: dict[str, list[str]] = {}
    for written, quoted, bare in _PARAMETER.findall(decode(value[:16_384])):
        name, starred, _ = written.lower().partition("*")
        text = (quoted or bare).strip()
        if starred:
            pieces.setdefault(name, []).append(text)
        else:
            found.setdefault(name, decode_words(text.encode("utf-8", "replace")))
    for name, texts in pieces.items():
        found[name] = _extended("".join(texts[:100]))
    return found


def _extended(text: str) -> str:
    """RFC 2231, 4: charset'language'percent-encoded."""
    charset, first, rest = text.partition("'")
    _, second, quoted = rest.partition("'")
    data = unquote_to_bytes(quoted if second and first else text)
    return decode_words(decode(data, charset if second else None).encode("utf-8", "replace"))


def read(reading: Reading, start: int = 0, end: int | None = None, depth: int = 0, default: str = "text/plain") -> Part:
    """The part whose header begins at `start`."""
    end = len(reading.data) if end is None else end
    header, body = split(reading.data, start, end)
    return part(reading, header, min(body, end), end, depth, default)


def part(reading: Reading, header: Header, start: int, end: int, depth: int = 0, default: str = "text/plain") -> Part:
    """A part whose header is known already and whose body begins at `start`."""
    value = header.first("content-type")
    kind = _TYPE.match(decode(value[:200]))
    name = f"{kind[1]}/{kind[2]}".lower() if kind else default
    known = parameters(value) if value else {}
    children: tuple[Part, ...] = ()
    if name.startswith("multipart/"):
        children = tuple(_children(reading, known.get("boundary", ""), name, start, end, depth))
        name = name if children else "text/plain"
    return Part(header, name, known, start, end, children)


def _children(reading: Reading, boundary: str, kind: str, start: int, end: int, depth: int) -> Iterator[Part]:
    if depth >= DEPTH:
        reading.defects += ("parts nested too deep",)
        return
    default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    for first, last in _spans(reading.data, _delimiter(reading.data, boundary, start, end), start, end):
        if reading.left <= 0:
            reading.defects += ("too many parts",)
            return
        reading.left -= 1
        yield read(reading, first, last, depth + 1, default)


def _delimiter(data: bytes, boundary: str, start: int, end: int) -> bytes:
    """The line that parts the parts; where no boundary is named, the first line that looks like one."""
    if boundary:
        return b"--" + boundary.rstrip().encode("utf-8", "surrogateescape")[:200]
    at = 0 if data.startswith(b"--", start) else data.find(b"\n--", start, min(end, start + 10_000)) + 1
    at = start if data.startswith(b"--", start) else at
    return data[at : data.find(b"\n", at, end)].strip()[:200] if at else b""


def _spans(data: bytes, delimiter: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends. Lines that only begin like the delimiter are passed over, so many of them."""
    if len(delimiter) < 3:
        return
    opened: int | None = None
    at = start - 1 if data.startswith(delimiter, start) else data.find(b"\n" + delimiter, start, end)
    for _ in range(20 * PARTS):
        if at < 0:
            break
        line_end = data.find(b"\n", at + 1, end)
        line_end = end if line_end < 0 else line_end
        after = data[at + 1 + len(delimiter) : min(line_end, at + 300)].strip()
        if after in (b"", b"--"):
            if opened is not None:
                yield opened, max(at, opened)
            opened = min(line_end + 1, end) if not after else None
        at = data.find(b"\n" + delimiter, line_end - 1 if after else line_end, end)
    if opened is not None and opened < end:
        yield opened, end


def body(data: bytes, of: Part) -> bytes:
    """A part's bytes, its transfer encoding undone, at most TEXT_BYTES of them."""
    encoding = of.header.first("content-transfer-encoding").strip(b" \t\"';").lower()
    raw = data[of.start : min(of.end, of.start + TEXT_BYTES * 2)]
    if encoding == b"base64":
        raw = base64(raw)
    elif encoding == b"quoted-printable":
        raw = binascii.a2b_qp(raw)
    elif encoding in (b"x-uuencode", b"uuencode", b"x-uue"):
        raw = _uudecoded(raw)
    return raw[:TEXT_BYTES]


def _uudecoded(raw: bytes) -> bytes:
    begin = _UUENCODED.search(raw)
    if not begin:
        return raw
    out = []
    for line in raw[begin.end() :].split(b"\n"):
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
