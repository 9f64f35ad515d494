"""The language of phrases: what an owner writes between quotes, turned into a pattern over the folded text.

Words stand for themselves; `*` ends a word in any way, `(a|b)` is either, `?` makes the word or bracket before it
needless, `...` is up to four words, and `/.../` is a regular expression of RE2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from troth.place import Place
from troth.rulebook.fold import fold_word
from troth.rulebook.pattern import BadExpressionError, Matcher

BETWEEN = r"""[ "'*_/~-]+"""  # what may stand between two words of a phrase
BEFORE = r"[\x00-&(-/:-`{-\x7f]"  # no letter or digit; all that is not ASCII counts as a letter
AFTER = r"(?:'s)?[\x00-&(-/:-`{-\x7f]"
LETTERS = r"(?:[a-z0-9]|[^\x00-\x7f])"
GAP = r"""[ "'*_/~,()&-]+(?:[^ \n.!?;:]+ +){0,4}?["'*_(]*"""
_MARKS = "*?()|"
_PLAIN = re.compile("[A-Za-z0-9]+")  # stands for itself


class PhraseError(Exception):
    """A phrase that cannot be read. `at` counts characters from the start of the phrase."""

    def __init__(self, message: str, mend: str, at: int = 0) -> None:
        super().__init__(message)
        self.message, self.mend, self.at = message, mend, at


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as written, and as patterns: `source` for the whole, `pieces` for the parts a gap leaves.

    A text holds the phrase only if it holds every piece. `words` is the phrase folded, for comparing phrases.
    """

    written: str
    place: Place
    source: str
    pieces: tuple[str, ...]
    words: str

    @property
    def gapped(self) -> bool:
        return len(self.pieces) > 1

    @property
    def is_expression(self) -> bool:
        return len(self.written) > 1 and self.written.startswith("/") and self.written.endswith("/")


def phrase(written: str, place: Place) -> Phrase:
    """Reads a phrase. Raises PhraseError."""
    bare = written.strip()
    if len(bare) > 1 and bare.startswith("/") and bare.endswith("/"):
        return _expression(bare, place)
    parts = _Reader(written).parts()
    sources = [source for source, _ in parts]
    bounded = [_bounded(source, edges) for source, edges in parts]
    whole = _bounded(GAP.join(sources), (parts[0][1][0], parts[-1][1][1]))
    _proven(whole, "write a shorter phrase")
    return Phrase(bare, place, whole, tuple(bounded), " ".join(fold_word(bare).split()))


def _expression(written: str, place: Place) -> Phrase:
    mend = "see https://github.com/google/re2/wiki/Syntax for what RE2 knows"
    _proven(written[1:-1], mend)
    source = f"({written[1:-1]})"
    if _proven(source, mend).matches_nothing():
        raise PhraseError("this expression is content with no text at all", "make at least one letter necessary")
    return Phrase(written, place, source, (source,), written)


def _proven(source: str, mend: str) -> Matcher:
    try:
        return Matcher(source)
    except BadExpressionError as error:
        raise PhraseError(f"RE2 refuses this: {error}", mend) from None


def _bounded(source: str, edges: tuple[bool, bool]) -> str:
    """A pattern held to whole words, as far as it begins and ends with a letter or digit."""
    return f"{BEFORE if edges[0] else ''}({source}){AFTER if edges[1] else ''}"


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    depth: int = 0
    units: list[str] = field(default_factory=list)

    def parts(self) -> list[tuple[str, tuple[bool, bool]]]:
        """The patterns between the gaps, each with whether it begins and ends with a letter or digit."""
        if not self.text.strip():
            raise PhraseError("an empty phrase", "write the words a client would use, or take it out")
        found: list[tuple[str, tuple[bool, bool]]] = []
        while True:
            start = self.at
            source = self._sequence()
            if not source:
                raise PhraseError(*self._why_nothing(start), start)
            found.append((source, _edges(self.text[start : self.at])))
            if self.at >= len(self.text):
                return found
            if self.text[self.at] in ")|":
                raise PhraseError(f"`{self.text[self.at]}` without a bracket before it", "write (this|that)", self.at)
            self.at += 3

    def _why_nothing(self, start: int) -> tuple[str, str]:
        if self.at - start > 0 and self.text[start : self.at].strip():
            return "every word of this phrase may be missing, so it would match anything", "take away a `?`"
        return "`...` needs words before and after it", "write it between two words, as in `want ... back`"

    def _sequence(self) -> str:
        """Words up to a gap, a `|`, a `)` or the end; an empty string if none of them is necessary."""
        before: list[str] = []
        after: list[str] = []
        while (token := self._token()) is not None:
            source, needless = token
            if not needless:
                after.append((BETWEEN if after else "") + source)
            elif after:
                after.append(f"(?:{BETWEEN}{source})?")
            else:
                before.append(f"(?:{source}{BETWEEN})?")
        return "".join(before + after) if after else ""

    def _token(self) -> tuple[str, bool] | None:
        """The next run of letters and brackets, and whether it may be missing."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.at >= len(self.text) or self.text[self.at] in ")|" or self.text.startswith("...", self.at):
            return None
        atoms: list[tuple[str, bool]] = []
        while self.at < len(self.text) and not self._ends_here():
            atoms.append(self._atom())
        if len(atoms) == 1:
            return atoms[0]
        return "".join(f"{source}?" if needless else source for source, needless in atoms), False

    def _ends_here(self) -> bool:
        return self.text[self.at].isspace() or self.text[self.at] in ")|" or self.text.startswith("...", self.at)

    def _atom(self) -> tuple[str, bool]:
        source = self._group() if self.text[self.at] == "(" else self._word()
        needless = self.at < len(self.text) and self.text[self.at] == "?"
        self.at += needless
        return f"(?:{source})" if needless else source, needless

    def _group(self) -> str:
        opened = self.at
        self.at += 1
        self.depth += 1
        if self.depth > 5:
            raise PhraseError("brackets in brackets, six deep", "write several phrases instead", opened)
        choices = [self._choice(opened)]
        while self.at < len(self.text) and self.text[self.at] == "|":
            self.at += 1
            choices.append(self._choice(opened))
        if self.at >= len(self.text):
            raise PhraseError("a bracket that is never closed", "write (this|that)", opened)
        self.at += 1
        self.depth -= 1
        return f"(?:{'|'.join(choices)})"

    def _choice(self, opened: int) -> str:
        source = self._sequence()
        if self.text.startswith("...", self.at):
            raise PhraseError("`...` cannot stand in a bracket", "write a phrase for each choice", self.at)
        if not source:
            raise PhraseError(
                "a choice in this bracket is empty", "write (this|that)?, with the ? behind the bracket", opened
            )
        return source

    def _word(self) -> str:
        start = self.at
        plain = _PLAIN.match(self.text, start)
        self.at = rest = plain.end() if plain else start
        while self.at < len(self.text) and not self._ends_here() and self.text[self.at] not in _MARKS:
            self.at += 1
        source = self.text[start:rest].lower() + "".join(map(_letter, self.text[rest : self.at]))
        if self.at < len(self.text) and self.text[self.at] == "*":
            return source + self._ending(start)
        if source:
            return source
        if self.at > start:
            nothing = self.text[start : self.at]
            raise PhraseError(f"`{nothing!r}` is nothing once a text is folded", "write letters or digits", start)
        raise PhraseError(f"`{self.text[self.at]}` has no word before it", "put it right behind a word", self.at)

    def _ending(self, start: int) -> str:
        self.at += 1
        rest = self.text[self.at : self.at + 1]
        if start == self.at - 1:
            raise PhraseError("`*` has no word before it", "write `...` for words between", start)
        if rest and not rest.isspace() and rest not in ")|?" and not self.text.startswith("...", self.at):
            raise PhraseError("`*` stands at the end of a word only", "write the word's ending out", self.at - 1)
        return f"(?:{LETTERS}|')*"


def _edges(written: str) -> tuple[bool, bool]:
    """Whether what is written begins and ends with a letter or digit; brackets and marks do not count."""
    bare = written.strip().strip(_MARKS + " ")
    return (not bare or bare[0].isalnum(), not bare or bare[-1].isalnum() or written.strip().endswith("*"))


_UMLAUTS = {"ä": "ae?", "ö": "oe?", "ü": "ue?"}  # written so, or with an e where a keyboard has none


def _letter(character: str) -> str:
    small = character.lower()
    if small in _UMLAUTS:
        return _UMLAUTS[small]
    folded = fold_word(character)
    if folded == "'":
        return "[' ]?"  # some programs write "don t"
    return BETWEEN if folded == "-" else "".join(_escaped(part) for part in (folded.strip() or folded))


def _escaped(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\x{ord(character):02x}"
