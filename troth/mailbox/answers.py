"""Reading FETCH answers (RFC 3501, 7.4.2) as imaplib hands them on.

Not imapclient's parser: it takes one unreadable answer for the failure of the whole batch, files answers without a
UID under sequence numbers, and reads byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

Value = bytes | None | list["Value"]
Record = bytes | tuple[bytes, bytes] | None

_MAX_DEPTH = 200
_TOKEN = re.compile(
    rb'\s*(?:(?P<punctuation>[()])|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<literal>\{\d+\+?\})\Z'
    rb"|(?P<atom>[A-Za-z0-9.]+\[[^\]]*\](?:<\d+>)?|[^\s()\"]+))",
    re.DOTALL,
)
_ORIGIN = re.compile(rb"<\d+>\Z")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_INTERNAL_DATE = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_NAMES = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


class UnreadableError(ValueError):
    """An answer that keeps to no grammar."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said of one mail; names of items in capitals, without the `<0>` that some leave out too."""

    uid: int
    items: dict[bytes, Value]

    def text(self, name: bytes) -> bytes | None:
        value = self.items.get(name)
        return value if isinstance(value, bytes) else None

    def number(self, name: bytes) -> int | None:
        text = self.text(name)
        return int(text) if text and text.isdigit() else None

    def words(self, name: bytes) -> frozenset[str]:
        value = self.items.get(name)
        parts = value if isinstance(value, list) else []
        return frozenset(part.decode("ascii", "replace") for part in parts if isinstance(part, bytes))


def answers(records: Sequence[Record]) -> Iterator[Answer]:
    """The answers that can be read and bear a UID; others are left out, and what they were about is asked again."""
    for record in _by_answer(records):
        try:
            found = _answer(record)
        except UnreadableError:
            continue
        if found:
            yield found


def internal_date(text: bytes | None) -> datetime | None:
    """An aware UTC datetime, or None where the text is no date."""
    found = _INTERNAL_DATE.match(text or b"")
    if not found:
        return None
    day, month, year, hour, minute, second, sign, ahead_hours, ahead_minutes = found.groups()
    ahead = timedelta(hours=int(ahead_hours), minutes=int(ahead_minutes)) * (-1 if sign == b"-" else 1)
    try:
        local = datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second),
                         tzinfo=timezone(ahead))  # fmt: skip
        return local.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def parse(record: Sequence[bytes | tuple[bytes, bytes]]) -> list[Value]:
    """The values of one answer. Raises UnreadableError."""
    top: list[Value] = []
    stack = [top]
    for piece in record:
        line, literal = piece if isinstance(piece, tuple) else (piece, b"")
        _parse_line(line, literal, stack)
    if len(stack) != 1:
        raise UnreadableError
    return top


def _by_answer(records: Sequence[Record]) -> Iterator[list[bytes | tuple[bytes, bytes]]]:
    """imaplib gives a tuple for each literal of an answer and, at its end, the rest of its last line."""
    gathered: list[bytes | tuple[bytes, bytes]] = []
    for record in records:
        if record is None:
            continue
        gathered.append(record)
        if isinstance(record, bytes):
            yield gathered
            gathered = []


def _answer(record: Sequence[bytes | tuple[bytes, bytes]]) -> Answer | None:
    values = parse(record)
    if len(values) < 2 or not isinstance(values[1], list):
        raise UnreadableError
    pairs = values[1]
    named = zip(pairs[::2], pairs[1::2], strict=False)
    items = {_ORIGIN.sub(b"", name.upper()): value for name, value in named if isinstance(name, bytes)}
    uid = items.get(b"UID")
    return Answer(int(uid), items) if isinstance(uid, bytes) and uid.isdigit() else None


def _parse_line(line: bytes, literal: bytes, stack: list[list[Value]]) -> None:
    at = 0
    end = len(line.rstrip())
    while at < end:
        token = _TOKEN.match(line, at)
        if not token:
            raise UnreadableError
        at = token.end()
        if token["punctuation"]:
            _nest(token["punctuation"], stack)
        else:
            stack[-1].append(literal if token["literal"] else _value(token))


def _nest(bracket: bytes, stack: list[list[Value]]) -> None:
    if bracket == b"(":
        inner: list[Value] = []
        stack[-1].append(inner)
        stack.append(inner)
    else:
        stack.pop()
    if not 1 <= len(stack) <= _MAX_DEPTH:
        raise UnreadableError


def _value(token: re.Match[bytes]) -> bytes | None:
    quoted: bytes | None = token["quoted"]
    if quoted is not None:
        return _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted
    atom: bytes = token["atom"]
    return None if atom.upper() == b"NIL" else atom
