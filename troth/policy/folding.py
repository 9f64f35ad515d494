"""A client's few words, made comparable: without accents and capitals, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse

NAME = re.compile(r"[-–—\s]*[A-ZÀ-Þ][\w'’.-]*(?:[ ,]+(?:[A-ZÀ-Þ][\w'’.-]*|x+|and|&)){0,3}[ ,]*")
"""What may be a name below a mail: capitals at the beginning of each word."""

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen)|liebe[rs]?"
    r"|sehr geehrte[rs]?|moin)\b[^,.!?\n]{0,40}[,.!:]?\s*$",
    re.IGNORECASE,
)
_CARD = re.compile(r"[^|?]{2,60}(?:\|[^|?]{2,60}){2,6}")
"""Name, office and number in one line, as signatures have them."""

_END = re.compile(r"[.!;]+(?=\s|$)|\n+")
_ASK = re.compile(r"\?+")
_WRAPPED = re.compile(r"(?<=[^\n]{50})\n(?=[^\s>*-])")
"""The end of a line that only wraps."""


def folded(text: str) -> str:
    """In small letters and without accents, apostrophes straight and blanks made one."""
    bare = text if text.isascii() else "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
    return re.sub(r"\s+", " ", bare.casefold().replace("’", "'")).strip()


def pieces(text: str) -> list[str]:
    """The sentences and lines of a text as they stand, without the greetings and blanks between them."""
    unwrapped = _WRAPPED.sub(" ", text)
    found = (piece.strip(" \t,.!-–—\"'") for piece in _END.split(_ASK.sub("?\n", unwrapped)))
    return [piece for piece in found if piece and not (_GREETING.match(piece) or _CARD.fullmatch(piece))]
