"""Client text made fit to be shown: no controls, no marks that turn or hide text, never cut inside a character."""

from __future__ import annotations

import re
import unicodedata

_BREAKS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
# Unicode's format characters, but for the joiners that Persian, Indic scripts and emoji are written with.
_HIDDEN = (
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters and marks by category, and yet nothing is seen of them
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HEAPED = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")  # heaped up, they cover the lines above and below
_LOOSE_JOINERS = r"(?<![^\x00-\x7f])[\u200c\u200d]"
_UNSEEN = re.compile(rf"[{_HIDDEN}]|{_LOOSE_JOINERS}")
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROL_BUT_LINE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACES = re.compile(rf"[\s{_BREAKS}]+")
_REPLIES = re.compile(r"(?:(?:re|aw|antw|antwort|sv|vs|odp|rif|ref)\s*(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE)
_TWICE = re.compile(r"Re:\s*(?=(?:re|aw|antw|antwort|sv)\s*(?:\[\d+\]|\(\d+\))?\s*:)", re.IGNORECASE)
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|net|org|info|biz|io|ru|cn|top|xyz|shop)\b", re.IGNORECASE)

UNFIT_FOR_A_HEADER = re.compile(f"[{_BREAKS}\ud800-\udfff]")
"""What ends a header line, or would for some reader of it (finding F2: also \\x0b, \\x85, U+2028)."""


def one_line(text: str, limit: int = 200) -> str:
    """Text on one line of at most `limit` characters, the last one "…" where it was cut."""
    seen = _seen(text[: limit * 8])
    return cut(_SPACES.sub(" ", seen).strip(), limit)


def lines(text: str, limit: int = 6000) -> str:
    """Text with its lines kept, at most two empty ones together, cut to `limit` characters."""
    seen = _seen(_LINE_ENDS.sub("\n", text[: limit * 2]))
    seen = _CONTROL_BUT_LINE.sub("", seen).replace("\t", "    ")
    kept = "\n".join(line.rstrip() for line in seen.split("\n"))
    return cut(re.sub(r"\n{3,}", "\n\n", kept).strip("\n"), limit)


def _seen(text: str) -> str:
    return _HEAPED.sub(r"\1", _UNSEEN.sub("", _BROKEN.sub("\ufffd", text)))


def maybe(text: str | None, limit: int = 200) -> str | None:
    """Text on one line, or None where nothing is left of it."""
    return (one_line(text, limit) or None) if text else None


def cut(text: str, limit: int) -> str:
    """The first `limit` characters, without half of a composed one, at a space where one is near."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end and _joined(text, end):
        end -= 1
    space = text.rfind(" ", max(0, end - 20), end)
    return text[: space if space > 0 else end].rstrip() + "…"


def without_re(subject: str) -> str:
    """A subject without the marks of a reply that stand before it, in the languages of common mail clients."""
    return _REPLIES.sub("", subject, count=1) if _REPLIES.match(subject) else subject


def one_re(subject: str) -> str:
    """A subject in which no `Re:` stands before another mark of a reply."""
    while (found := _TWICE.match(subject)) is not None:
        subject = subject[found.end() :]
    return subject


def quotable(sentence: str | None) -> str | None:
    """A client's sentence as it may be given back: on one line; None where it holds a link or nothing."""
    cleaned = one_line(sentence or "", 300)
    return cleaned if cleaned and not _LINK.search(cleaned) else None


def _joined(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    here = text[at]
    return bool(unicodedata.combining(here)) or here in "\u200d\ufe0e\ufe0f" or text[at - 1] == "\u200d"
