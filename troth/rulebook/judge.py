"""Reading one text with one pack: which phrases stand in it, which of them count, and for how much."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from troth.model import Severity
from troth.rulebook.fold import Folded, fold
from troth.rulebook.parts import BODY, SUBJECT, Effects, Pack, Rule, Side
from troth.rulebook.pattern import SMALL_MATCHER, BadExpressionError, Matcher, Sieve
from troth.rulebook.phrase import Phrase

LONGEST = 20_000  # characters of a text that are read; a letter of complaint has 500 to 5,000
MOST_HITS = 600  # phrases in one text
MATCHERS = 512  # kept compiled, about 30 KB each; half as many cost a third of the speed

_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?\r?\n[\s\S]*", re.MULTILINE)
_SENTENCE_END = re.compile(rb"[.!?]+(?=[\s\"')])|[;\n]")
_WORD = re.compile(rb"[a-z0-9'\x80-\xff]+")
_CLAUSE_END = re.compile(rb"[,:()]")
_ANSWER = re.compile(r"\s*(?:re|aw|antw|sv|fwd?|wg|tr|rv|rif|r)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule's phrase where it stands, in bytes of the folded text.

    `factor` is what the mechanisms leave of the weight: 0 where it does not count. `why` names what changed it.
    """

    rule: Rule
    phrase: Phrase
    start: int
    end: int
    factor: float = 1.0
    turned: bool = False
    why: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        return self.rule.weight * self.factor


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the folded text, and what it is."""

    start: int
    end: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A subject or body, read. `cut` is true where only its beginning was."""

    where: str
    text: str
    folded: Folded
    hits: tuple[Hit, ...]
    masked: tuple[Span, ...]
    words: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase in the sieve: a rule's own, one that excuses a rule, or one of a word list."""

    phrase: Phrase
    rule: Rule | None
    role: str


class Judge:
    """A pack, compiled."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._entries = tuple(_entries(pack))
        self._common = frozenset(phrase.words.encode() for phrase in pack.words.get("common", ()))
        pieces: dict[str, int] = {}
        self._needs = [
            tuple(pieces.setdefault(piece, len(pieces)) for piece in sorted(set(entry.phrase.pieces), key=len))
            for entry in self._entries
        ]
        self._served: list[list[int]] = [[] for _ in pieces]
        for number, needs in enumerate(self._needs):
            self._served[needs[-1]].append(number)  # the longest piece is the rarest
        self._pieces = list(pieces)
        self._sieve = Sieve(self._pieces)
        self._matcher = lru_cache(MATCHERS)(_matcher)

    def hasten(self) -> None:
        """Take more memory, to be quicker over many texts."""
        self._sieve = Sieve(self._pieces, ample=True)

    def read(self, where: str, text: str) -> Reading:
        """Reads a subject or body; linear in its length, and never more than LONGEST of it."""
        cut = len(text) > LONGEST
        text = text[:LONGEST]
        folded = fold(_without_structure(text) if where == BODY else text)
        found = self._find(folded.text)
        masked = _masks(folded.text, found)
        hits = _Weighing(self.pack.effects, folded.text, found, masked).hits(where)
        return Reading(where, text, folded, hits, masked, _words(folded.text, masked), cut)

    def common_words(self, text: str) -> int:
        """How many words of the list `common` stand in a text's beginning."""
        return sum(word in self._common for word in _WORD.findall(fold(text[:2000]).text))

    def _find(self, text: bytes) -> list[tuple[_Entry, list[tuple[int, int]]]]:
        pieces = self._sieve.hits(text)
        there = set(pieces)
        numbers = {number for piece in pieces for number in self._served[piece]}
        found = []
        for number in sorted(numbers):
            if len(self._needs[number]) == 1 or there.issuperset(self._needs[number]):
                entry = self._entries[number]
                found.append((entry, self._matcher(entry.phrase.source).spans(text)))
        return found


def _matcher(source: str) -> Matcher:
    """It keeps what it learns of texts: with much room it keeps much, and is hardly quicker for it."""
    try:
        return Matcher(source, SMALL_MATCHER)
    except BadExpressionError:
        return Matcher(source)


def _entries(pack: Pack) -> list[_Entry]:
    entries = [_Entry(phrase, None, name) for name, list_ in pack.words.items() if name != "common" for phrase in list_]
    for rule in pack.rules:
        entries += [_Entry(phrase, rule, "") for phrase in rule.phrases]
        entries += [_Entry(phrase, rule, "unless") for phrase in rule.unless]
    return entries


def _without_structure(text: str) -> str:
    """The text, as long as before, without quoted lines and what stands below a signature's dashes (RFC 3676, 4.3)."""
    if ">" in text:
        text = _QUOTED.sub(lambda found: "\n" * len(found[0]), text)
    if "--" in text:
        text = _SIGNATURE.sub(lambda found: "\n" * len(found[0]), text)
    return text


def is_answer(subject: str) -> bool:
    """Whether a subject is carried over from an earlier mail: Re:, Fwd: and their like."""
    return _ANSWER.match(subject) is not None


def _words(text: bytes, masked: Sequence[Span]) -> int:
    return max(text.count(b" ") + 1 - sum(text.count(b" ", span.start, span.end) for span in masked), 1)


def _masks(text: bytes, found: list[tuple[_Entry, list[tuple[int, int]]]]) -> tuple[Span, ...]:
    """What does not count: courtesies, a signature after a closing, a paragraph with boilerplate."""
    masks = []
    for entry, spans in found:
        if entry.role == "courtesies":
            masks += [Span(start, end, "courtesy") for start, end in spans]
        elif entry.role == "boilerplate":
            masks += [
                Span(_sentence_start(text, start), _paragraph_end(text, end), "boilerplate") for start, end in spans
            ]
        elif entry.role == "closings":
            masks += [Span(start, len(text), "signature") for start, end in spans if _closes(text, start, end)]
    return tuple(sorted(masks, key=lambda span: (span.start, -span.end)))


def _sentence_start(text: bytes, at: int) -> int:
    return max(text.rfind(b". ", 0, at), text.rfind(b"\n", 0, at), 0) + 1


def _paragraph_end(text: bytes, at: int) -> int:
    end = text.find(b"\n", at - 1 if at else 0)
    return len(text) if end < 0 else end


def _closes(text: bytes, start: int, end: int) -> bool:
    """Whether a closing closes: a new sentence or line begins with it, and little follows."""
    before = text[:start].rstrip()[-1:]
    return len(text) - end < 300 and text.count(b" ", end) < 40 and before in (b"", b".", b"!", b"?", b",", b"\n", b")")


class _Weighing:
    """One text's marks of negation, contrast and condition, and what they make of its hits."""

    def __init__(
        self,
        effects: Effects,
        text: bytes,
        found: list[tuple[_Entry, list[tuple[int, int]]]],
        masked: Sequence[Span],
    ) -> None:
        self._effects, self._text, self._masked = effects, text, masked
        self._marks: dict[str, list[tuple[int, int]]] = {}
        self._excused: dict[int, list[tuple[int, int]]] = {}
        self._raw: list[Hit] = []
        for entry, spans in found:
            if entry.rule is None:
                self._marks.setdefault(entry.role, []).extend(spans)
            elif entry.role:
                self._excused.setdefault(id(entry.rule), []).extend(spans)
            elif entry.rule.weight:
                self._raw += [Hit(entry.rule, entry.phrase, start, end) for start, end in spans]
        self._turning: dict[Side, list[tuple[int, int]]] = {}
        self._ends: list[int] | None = None

    def hits(self, where: str) -> tuple[Hit, ...]:
        raw = [hit for hit in self._raw if where in hit.rule.where][:MOST_HITS]
        raw.sort(key=lambda hit: (hit.start, -hit.end, -hit.rule.weight))
        hits = [self._standing(hit) for hit in _uncovered(raw)]
        if (
            self._marks.keys() & {"negations", "negations behind", "wishes", "contrasts", "conditions"}
            or b"?" in self._text
        ):
            self._spare_negations(hits)
            hits = [self._weighed(hit) if hit.factor else hit for hit in hits]
        return tuple(self._repeated(hits))

    def _standing(self, hit: Hit) -> Hit:
        """The hit, at nothing where a mask or the rule's own `unless` takes it."""
        for mask in self._masked:
            if mask.start < hit.end and hit.start < mask.end:
                return Hit(hit.rule, hit.phrase, hit.start, hit.end, 0.0, False, (mask.what,))
        excuses = self._excused.get(id(hit.rule))
        if excuses:
            start, end = self._sentence(hit)
            if any(start < last and first < end for first, last in excuses):
                return Hit(hit.rule, hit.phrase, hit.start, hit.end, 0.0, False, ("unless",))
        return hit

    def _spare_negations(self, hits: Sequence[Hit]) -> None:
        """Sorts out the negations that turn nothing: in `no negations`, or used up as a part of a longer phrase.

        One within a phrase of complaint ("nobody was") still turns praise that follows it ("helpful").
        """
        found = sorted(self._marks.get("negations", []))
        spared = self._marks.get("no negations", [])
        praise = spared + [(hit.start, hit.end) for hit in hits if hit.factor and hit.rule.side is Side.PRAISE]
        others = [(hit.start, hit.end) for hit in hits if hit.factor and hit.rule.side is not Side.PRAISE]
        turning = [mark for mark in found if not _within(mark, praise)]
        wishes = [mark for mark in self._marks.get("wishes", []) if not _within(mark, praise)]
        self._turning[Side.PRAISE] = turning + wishes
        self._turning[Side.COMPLAINT] = [mark for mark in turning if not _within(mark, others)]

    def _sentence(self, hit: Hit) -> tuple[int, int]:
        if self._ends is None:
            self._ends = [0, *(found.end() for found in _SENTENCE_END.finditer(self._text)), len(self._text)]
        after = bisect_left(self._ends, hit.end)
        return self._ends[max(bisect_right(self._ends, hit.start) - 1, 0)], self._ends[min(after, len(self._ends) - 1)]

    def _weighed(self, hit: Hit) -> Hit:
        if hit.rule.side is Side.NEUTRAL:
            return hit
        start, end = self._sentence(hit)
        praise = hit.rule.side is Side.PRAISE
        factor, why, turned = 1.0, [], False
        if self._negated(hit, start, end):
            turned = True
            factor *= self._effects.praise_turned if praise else self._effects.complaint_turned
            why.append("negated")
        if self._conditional(hit, start):
            factor *= self._effects.condition
            why.append("condition")
        elif self._text[start:end].rstrip(b" \"')").endswith(b"?"):
            factor *= self._effects.praise_in_question if praise else self._effects.complaint_in_question
            why.append("question")
        for first, _ in self._marks.get("contrasts", ()):
            if start <= first < end:
                before = hit.end <= first
                factor *= self._effects.before_contrast if before else self._effects.after_contrast
                why.append("before a contrast" if before else "after a contrast")
                break
        return Hit(hit.rule, hit.phrase, hit.start, hit.end, factor, turned, tuple(why)) if why else hit

    def _negated(self, hit: Hit, start: int, end: int) -> bool:
        for first, last in self._turning.get(hit.rule.side, ()):
            if start <= first and last <= hit.start and self._near(last, hit.start, self._effects.negation_reaches):
                return True
        reach = self._effects.negation_reaches_back
        behind = self._marks.get("negations behind", ()) if reach else ()
        return any(first >= hit.end and last <= end and self._near(hit.end, first, reach) for first, last in behind)

    def _near(self, first: int, last: int, reach: int) -> bool:
        """Whether at most `reach` words, and no end of a clause, lie between two places."""
        if last - first > 20 * (reach + 1):
            return False
        between = self._text[first:last]
        if len(between.split()) > reach or _CLAUSE_END.search(between):
            return False
        return not any(first <= at < last for at, _ in self._marks.get("contrasts", ()))

    def _conditional(self, hit: Hit, start: int) -> bool:
        if hit.rule.severity is Severity.HIGH:  # a threat is conditional by nature
            return False
        return any(
            start <= first and last <= hit.start and b"," not in self._text[last : hit.start]
            for first, last in self._marks.get("conditions", ())
        )

    def _repeated(self, hits: Sequence[Hit]) -> list[Hit]:
        """Each further hit of a phrase in the same words counts a share of the one before."""
        seen: Counter[tuple[int, bytes]] = Counter()
        result = []
        for hit in hits:
            said = (id(hit.phrase), self._text[hit.start : hit.end])
            times = seen[said] if hit.factor else 0
            seen[said] += bool(hit.factor)
            result.append(_again(hit, self._effects.repeated**times) if times else hit)
        return result


def _again(hit: Hit, share: float) -> Hit:
    return Hit(hit.rule, hit.phrase, hit.start, hit.end, hit.factor * share, hit.turned, (*hit.why, "repeated"))


def _within(mark: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= mark[0] and mark[1] <= end for start, end in spans)


def _uncovered(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, sorted by start, without those that share words with an earlier or longer one: words count once.

    A phrase with a gap covers nothing, and gives way to another of its own side within it.
    """
    kept: list[Hit] = []
    end = -1
    for hit in hits:
        if not hit.phrase.gapped and hit.start >= end:
            kept.append(hit)
            end = hit.end
    sides: dict[Side, list[tuple[int, int]]] = {side: [] for side in Side}
    for hit in kept:
        sides[hit.rule.side].append((hit.start, hit.end))
    for hit in hits:
        taken = sides[hit.rule.side]
        if hit.phrase.gapped and not any(start < hit.end and hit.start < last for start, last in taken):
            kept.append(hit)
            taken.append((hit.start, hit.end))
    return sorted(kept, key=lambda hit: hit.start)


__all__ = ["BODY", "LONGEST", "SUBJECT", "Hit", "Judge", "Reading", "Span", "is_answer"]
