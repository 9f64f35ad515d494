"""Text without what does not matter to a phrase: case, width, accents, kinds of quotes and line ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category, normalize

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "ß": "ss",
        "ẞ": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "ı": "i",
        "…": "...",
        "€": "€",
        "£": "£",
    }
)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‚‛′´`ʼ＇", "'"))
_PLAIN = str.maketrans({chr(code): " " for code in (*range(9), 11, 12, 13, *range(14, 32), 9, 127)} | {"`": "'"})
_LINE_END = re.compile(r"\n(?![ \t\r]*\n)(?<!\n\n)(?![ \t]*(?:[-*>•·]|\d{1,2}[.)])[ \t])")
_QUOTE = re.compile("(?<![^\\W_])'|'(?!\u200b*[^\\W_])")  # an apostrophe that is none stands beside no letter
_ENTITY = re.compile(r"&(#0?39|#x27|apos|#34|quot|amp|nbsp);", re.IGNORECASE)  # left by programs that escape twice
_ENTITIES = {"#39": "'", "#039": "'", "#x27": "'", "apos": "'", "amp": "&", "nbsp": " "}
_BLANK_LINES = re.compile(r"\n[ \t\r\n]*\n")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text as UTF-8 between two line ends, and the way back to the text it was made of.

    `origin` has, for every byte, the index of its character; None where all is ASCII and byte and character agree.
    """

    text: bytes
    origin: tuple[int, ...] | None

    def place(self, at: int) -> int:
        """The character of the first text at which a byte of the folded one stands."""
        if self.origin is None:
            return min(max(at - 1, 0), len(self.text) - 2)
        return self.origin[min(max(at - 1, 0), len(self.origin) - 1)] if self.origin else 0


def fold(text: str) -> Folded:
    """Folds a text. A single line end is a space, as mail is wrapped; paragraphs and points of a list stay apart."""
    if "&" in text:
        text = _ENTITY.sub(_written_out, text)
    if text.isascii():
        plain = _one_line(text.lower().translate(_PLAIN))
        return Folded(b"\n" + _quoted(plain).encode() + b"\n", None)
    letters = [_letter(character) for character in _quoted(_one_line(text.translate(_APOSTROPHES)))]
    sizes = [len(letter.encode()) for letter in letters]
    origin = tuple(index for index, size in enumerate(sizes) for _ in range(size))
    return Folded(b"\n" + "".join(letters).encode() + b"\n", (*origin, len(text)))


def fold_word(text: str) -> str:
    """The folded form of a few words, for phrases."""
    return "".join(_letter(character) for character in text.translate(_APOSTROPHES))


def _written_out(entity: re.Match[str]) -> str:
    """What an entity stands for, made as long as before by letters that fold to nothing."""
    return _ENTITIES.get(entity[1].lower(), '"').ljust(len(entity[0]), "\u200b")


def _quoted(text: str) -> str:
    return _QUOTE.sub('"', text) if "'" in text else text


def _one_line(text: str) -> str:
    """The same text, as long, with the line ends that only wrap it turned into spaces."""
    if "\n" not in text:
        return text
    text = _BLANK_LINES.sub(lambda found: "\n" * len(found[0]), text)
    return _LINE_END.sub(" ", text)


@lru_cache(8192)
def _letter(character: str) -> str:
    alike = character.translate(_ALIKE)
    if alike.isascii():
        return alike.lower().translate(_PLAIN)
    plain = "".join(part for part in normalize("NFKD", alike).casefold() if category(part)[0] != "M")
    return "".join(_part(part) for part in normalize("NFKD", plain))


def _part(character: str) -> str:
    kind = category(character)
    if character.isascii() or kind[0] in "LN" or kind == "Sc":
        return character
    if kind == "So":
        return f" {character} "  # a pictograph is a word of its own
    return "" if kind[0] in "MC" or kind == "Sk" else " "
