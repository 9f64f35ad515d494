"""Which of the business's own languages a text is in: by script, common words, endings and rare letters.

No library: those that are small enough (CLD2, whatlang) have no wheels for every machine, the others take more memory
than the rest of the daemon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from troth.message import words

LOOKED_AT = 1500  # characters

_NO_WORD = re.compile(r"[@/_%{}]|\w\.\w")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_PERSIAN, _URDU = re.compile("[پچژگیک]"), re.compile("[ٹڈڑںےہ]")
_FAMILIES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "hr": "sr", "bs": "sr", "ms": "id"}
_OF_CYRILLIC = frozenset({"ru", "uk", "bg", "sr"})


def _index(table: dict[str, str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Each word's languages and what it speaks for each: the fewer have it, the more."""
    found: dict[str, set[str]] = {}
    for language, text in table.items():
        for word in text.split():
            found.setdefault(word, set()).add(language)
    return {word: _spoken(tuple(sorted(ones))) for word, ones in found.items()}


@cache
def _spoken(ones: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    return tuple((one, 1 / len(ones) ** 0.7) for one in ones)


_WORDS = _index(words.COMMON)
_ENDINGS = _index(words.ENDINGS)
_LETTERS = {letter: tuple(names.split()) for letter, names in words.LETTERS.items()}


def detect_language(text: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` (ISO 639-1) that a text is in; None for any other, and where too little tells.

    The text is judged among all languages known here: a foreign one is not taken for the nearest own.
    """
    found = _known(text[:LOOKED_AT])
    return next((code for code in languages if _family(code) == found), None) if found else None


def _family(code: str) -> str:
    code = code.lower().replace("_", "-").partition("-")[0]
    return _FAMILIES.get(code, code)


def _known(text: str) -> str | None:
    if not text.isascii():
        letters = sum(map(str.isalpha, text))
        if script := _script(text, letters):
            return script
    return _by_words(text)


def _script(text: str, letters: int) -> str | None:
    for language, pattern in _SCRIPTS:
        count = len(pattern.findall(text))
        if count * (8 if language in ("ja", "ko") else 4) > letters:
            return _arabic(text) if language == "ar" else language
    return None


def _arabic(text: str) -> str:
    if _URDU.search(text):
        return "ur"
    return "fa" if len(_PERSIAN.findall(text)) * 25 > len(text) else "ar"


def _by_words(text: str) -> str | None:
    scores = _scores(text.lower())
    if not text.isascii() and _CYRILLIC.search(text):
        scores = {code: score for code, score in scores.items() if code in _OF_CYRILLIC}
    if not scores:
        return None
    first = max(scores, key=scores.__getitem__)
    best = scores.pop(first)
    second = max(scores.values(), default=0.0)
    return first if best >= 0.45 and best - second >= max(0.12, 0.04 * best) else None


def _scores(text: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for word, times in Counter(_words(text)).items():
        for language, weight in _of_word(word):
            scores[language] = scores.get(language, 0.0) + weight * min(times, 3)
    return scores


def _words(text: str) -> Iterator[str]:
    """The words of a text; addresses, links and the names of variables are none."""
    for piece in text.split():
        if piece.isalpha():
            yield piece
        elif not _NO_WORD.search(piece):
            yield from _WORD.findall(piece)


@lru_cache(maxsize=8192)
def _of_word(word: str) -> tuple[tuple[str, float], ...]:
    """What a word speaks for, and how strongly: itself, else its ending, and its rare letters."""
    found = _WORDS.get(word) or _by_ending(word)
    if word.isascii():
        return found
    rare = sorted(set(word) & _LETTERS.keys())
    return (*found, *((one, 0.5 / len(_LETTERS[letter])) for letter in rare for one in _LETTERS[letter]))


def _by_ending(word: str) -> tuple[tuple[str, float], ...]:
    for length in (5, 4, 3, 2):
        if len(word) > length + 2 and (found := _ENDINGS.get(word[-length:])):
            return tuple((language, weight * 0.4) for language, weight in found)
    return ()
