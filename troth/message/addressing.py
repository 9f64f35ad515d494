"""Address, Message-ID and date fields, read in one pass over the text so that nothing in them can run away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from troth.message.charset import decode
from troth.message.header import decode_words, printable
from troth.model import Address, Party, address

ADDRESSES = 1000
REFERENCES = 60

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|\((?:[^()\\]|\\.)*+\)?|<[^<>]*+>?|[,;:]|[^",;:()<]+|.', re.DOTALL)
_ANGLE = re.compile(r"<\s*([^<>\s]+@[^<>\s]+?)\s*>")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,400}@[^\s<>,;\"]{1,400}")
_UNESCAPE = re.compile(r"\\(.)")
_LINE_SEPARATORS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")


@dataclass(slots=True)
class _Box:
    """One mailbox of a list while it is being read."""

    words: list[str] = field(default_factory=list)
    comment: str = ""
    angles: list[str] = field(default_factory=list)


def parties(values: Sequence[bytes], charset: str | None = None) -> tuple[Party, ...]:
    """The mailboxes of all values of an address field; groups are opened, what is no address is left out."""
    found: list[Party] = []
    for value in values:
        text = decode(value, charset)
        here = _read(text, charset)
        if not here and "=?" in text:  # the whole field in encoded words, its address too
            here = _read(decode_words(value, charset), charset)
        found += here or _salvaged(text, charset)
        if len(found) >= ADDRESSES:
            break
    return tuple(dict.fromkeys(found))[:ADDRESSES]


def _read(text: str, charset: str | None) -> list[Party]:
    boxes, before = [_Box()], ""
    for piece in _TOKEN.findall(text):
        box = boxes[-1]
        if piece in (",", ";"):
            before = "" if box.angles or _bare(box) else before + "".join(box.words) + piece
            boxes.append(_Box(words=[before] if before and piece == "," else []))
        elif piece == ":" and not box.angles and not _bare(box):
            boxes[-1] = _Box()  # the name of a group (RFC 5322, 3.4)
        elif piece[0] == "<":
            box.angles.append(piece.strip("<> \t"))
        elif piece[0] == "(":
            box.comment = piece.strip("()")
        else:
            box.words.append(piece)
    return [party for box in boxes for party in _parties_of(box, charset)]


def _bare(box: _Box) -> bool:
    return any("@" in word and word[0] != '"' for word in box.words)


def _parties_of(box: _Box, charset: str | None) -> list[Party]:
    """A box holds one address, or several in angles, which are then several mailboxes whatever was meant."""
    if box.angles:
        name = _name("".join(box.words) or box.comment, charset)
        return [Party(name, known) for angle in box.angles if (known := _address(angle))]
    text = "".join(word for word in box.words if word[0] != '"').strip()
    known = _address(text) or next((one for word in text.split() if (one := _address(word))), None)
    return [Party(_name(box.comment, charset), known)] if known else []


def _address(text: str) -> Address | None:
    text = text.strip().rpartition(":")[2] if text.lstrip().startswith("@") else text.strip()
    text = text[7:] if text[:7].lower() == "mailto:" else text
    return address(text.rstrip(".")) if "@" in text and len(text) < 400 else None


def _salvaged(text: str, charset: str | None) -> list[Party]:
    """The address of a field whose quotes do not close."""
    found = _ANGLE.findall(text[:10_000])
    known = _address(found[-1]) if found else None
    return [Party(_name(text.partition("<")[0], charset), known)] if known else []


def _name(text: str, charset: str | None) -> str:
    text = text.strip().strip("\"'").strip()
    if "\\" in text:
        text = _UNESCAPE.sub(r"\1", text)
    if "=?" in text:
        text = decode_words(text.encode("utf-8", "replace"), charset)
    return printable(text).replace('"', "")[:200].strip()


def one_party(value: bytes, charset: str | None = None) -> Party | None:
    found = parties([value], charset)
    return found[0] if found else None


def return_path(values: Sequence[bytes]) -> str | None:
    """None without the field, "" for the null sender; only the topmost of several counts (RFC 7103, 7.5.3)."""
    if not values:
        return None
    text = decode(values[0]).strip()
    inner = text.strip("<> \t")
    return (_address(inner) or printable(inner)[:254]) if inner else ""


def message_id(value: bytes) -> str | None:
    """A Message-ID with its angle brackets; None where there is none, or an empty one."""
    found = message_ids(value)
    return found[0] if found else None


def message_ids(value: bytes) -> tuple[str, ...]:
    """The Message-IDs of a field, each in angle brackets; of a very long list the first and the latest ones."""
    text = decode(value)
    found = _ID.findall(text) if "<" in text else _BARE_ID.findall(text[:20_000])
    known = tuple(dict.fromkeys(f"<{one}>" for one in found if printable(one) == one))
    return known if len(known) <= REFERENCES else known[:1] + known[1 - REFERENCES :]


def date(value: bytes) -> datetime | None:
    """A Date field as an aware UTC datetime; None where it cannot be read."""
    text = printable(decode(value[:200]))
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
