"""Which of the business's own languages a text is in: by script, common words, endings and rare letters.

No library: those that are small enough (CLD2, whatlang) have no wheels for every machine, the others take more memory
than the rest of the daemon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from troth.message import words

LOOKED_AT = 4000  # characters

_NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+|%\{[^}]*\}|\{\{[^}]*\}\}|<[^>]{1,80}>|\b\w+_\w+\b|[\w-]+\.(?:com|net|org|io|html?|png|jpe?g|pdf)\b"
)
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
    return {word: tuple((one, 1 / len(ones) ** 0.7) for one in sorted(ones)) for word, ones in found.items()}


_WORDS = _index(words.COMMON)
_ENDINGS = _index(words.ENDINGS)
_LETTERS = {letter: tuple(names.split()) for letter, names in words.LETTERS.items()}


def detect_language(text: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` (ISO 639-1) that a text is in; None for any other, and where too little tells.

    The text is judged among all languages known here, so that one in a foreign language is not taken for the nearest own.
    """
    own = {_family(code): code for code in reversed(languages)}
    found = _known(_NOISE.sub(" ", text[:LOOKED_AT]), frozenset(own))
    return own.get(found) if found else None


def _family(code: str) -> str:
    code = code.lower().replace("_", "-").partition("-")[0]
    return _FAMILIES.get(code, code)


@lru_cache(maxsize=512)
def _known(text: str, own: frozenset[str]) -> str | None:
    letters = sum(map(str.isalpha, text))
    if letters < 2:
        return None
    if not text.isascii() and (script := _script(text, letters)):
        return script
    return _by_words(text, own)


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


def _by_words(text: str, own: frozenset[str]) -> str | None:
    scores = _scores(text.lower())
    if _CYRILLIC.search(text):
        scores = Counter({code: score for code, score in scores.items() if code in _OF_CYRILLIC})
    if not scores:
        return None
    (first, best), *others = scores.most_common(2)
    second = others[0][1] if others else 0.0
    if best < 0.75 or best - second < max(0.12, 0.04 * best):
        return None
    return first


def _scores(text: str) -> Counter[str]:
    scores: Counter[str] = Counter()
    for word, times in Counter(_WORD.findall(text)).items():
        share = min(times, 3)
        known = _WORDS.get(word)
        for language, weight in known or _by_ending(word):
            scores[language] += weight * share
        if not word.isascii():
            for letter in set(word) & _LETTERS.keys():
                for language in _LETTERS[letter]:
                    scores[language] += 0.5 * share / len(_LETTERS[letter])
    return scores


def _by_ending(word: str) -> tuple[tuple[str, float], ...]:
    for length in (5, 4, 3, 2):
        if len(word) > length + 2 and (found := _ENDINGS.get(word[-length:])):
            return tuple((language, weight * 0.4) for language, weight in found)
    return ()
