"""From readings to a verdict: the sums, the thresholds, severity, tags and the sentence that mattered."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.model import Match, Severity, Tone, Verdict
from troth.rulebook.judge import Hit, Reading, is_answer
from troth.rulebook.parts import BODY, SUBJECT, Effects, Marks, Pack, Side

LONGEST_SENTENCE = 240

_FACTS = 2.0
"""To give back what happened shows more listening than to give back how angry the client is."""
_GRAVITY = [Severity.LOW, Severity.NORMAL, Severity.HIGH]
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?]+(?![.!?\s]))+[.!?]*|[.!?]+")
_WRAPPED = re.compile(r"(?<=[^\n]{50})\n(?=[^\s>*-])")  # the end of a line that only wraps
NEVER = Marks(float("inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Sum:
    """How a tone's score came about, after length: what spoke for it, and what the other tone and business took."""

    tone: Tone
    own: float = 0.0
    other: float = 0.0
    ordinary: float = 0.0
    score: float = 0.0


def side_of(hit: Hit) -> Side:
    """The side a hit speaks for once negation has turned it."""
    if not hit.turned or hit.rule.side is Side.NEUTRAL:
        return hit.rule.side
    return Side.COMPLAINT if hit.rule.side is Side.PRAISE else Side.PRAISE


def share(reading: Reading, effects: Effects) -> float:
    """What length leaves of a reading's weights."""
    length: float = max(reading.words / effects.length_from, 1.0) ** -effects.length_power
    if reading.where == BODY:
        return length
    return length * (effects.subject_of_answer if is_answer(reading.text) else effects.subject)


def sums(readings: Sequence[Reading], effects: Effects) -> dict[Tone, Sum]:
    total = dict.fromkeys(Side, 0.0)
    for reading in readings:
        left = share(reading, effects)
        for hit in reading.hits:
            total[side_of(hit)] += hit.weight * left
    return scored(total, effects)


def scored(total: Mapping[Side, float], effects: Effects) -> dict[Tone, Sum]:
    """The scores of both tones, from what spoke for each side."""
    most, ordinary = effects.other_tone_at_most, min(total[Side.NEUTRAL], effects.ordinary_at_most)
    complaint, praise = total[Side.COMPLAINT], total[Side.PRAISE]
    against_complaint = min(praise, most) * effects.other_tone_against_complaint
    against_praise = min(complaint, most) * effects.other_tone_against_praise
    return {
        Tone.COMPLAINT: _sum(
            Tone.COMPLAINT,
            complaint,
            against_complaint,
            min(ordinary * effects.ordinary_against_complaint, complaint * effects.ordinary_share_at_most),
        ),
        Tone.PRAISE: _sum(
            Tone.PRAISE,
            praise,
            against_praise,
            min(ordinary * effects.ordinary_against_praise, praise * effects.ordinary_share_at_most),
        ),
    }


def _sum(tone: Tone, own: float, other: float, ordinary: float) -> Sum:
    return Sum(tone, own, other, ordinary, max(own - other - ordinary, 0.0) if own else 0.0)


def verdict(pack: Pack, readings: Sequence[Reading], language: str | None, notes: Sequence[str]) -> Verdict:
    """The verdict on a subject and body."""
    scores = {tone: total.score for tone, total in sums(readings, pack.effects).items()}
    marks = {tone: pack.marks.get(tone, NEVER) for tone in Tone}
    tone = frozenset(t for t in Tone if scores[t] >= marks[t].tone)
    doubtful = frozenset(t for t in Tone if scores[t] >= marks[t].doubtful) | tone
    counting = [hit for reading in readings for hit in reading.hits if hit.factor and hit.rule.weight]
    cut = [f"only the first {len(r.text)} characters of the {r.where} were read" for r in readings if r.cut]
    return Verdict(
        tone=tone,
        sure=_sure(tone, doubtful, scores, marks),
        doubtful=doubtful,
        scores={t: round(score, 3) for t, score in scores.items()},
        severity=_severity(counting) if Tone.COMPLAINT in tone else None,
        tags=_tags(counting, tone),
        matches=tuple(_match(reading, hit) for reading in readings for hit in reading.hits if hit.factor),
        language=language,
        sentence=_sentence(readings, tone),
        notes=(*notes, *cut),
    )


def _sure(
    tone: frozenset[Tone], doubtful: frozenset[Tone], scores: dict[Tone, float], marks: dict[Tone, Marks]
) -> frozenset[Tone]:
    """The tones beyond their mark. Praise is never sure beside a complaint that is only suspected."""
    sure = {t for t in tone if (mark := marks[t].sure) is not None and scores[t] >= mark}
    if Tone.COMPLAINT in doubtful and Tone.COMPLAINT not in sure:
        sure.discard(Tone.PRAISE)
    return frozenset(sure)


def _severity(hits: Sequence[Hit]) -> Severity:
    """The gravest of the complaint rules that hit; a rule that says nothing is normal."""
    found = [
        hit.rule.severity or Severity.NORMAL
        for hit in hits
        if hit.rule.side is Side.COMPLAINT and not hit.turned and "condition" not in hit.why
    ]
    return max(found, key=_GRAVITY.index, default=Severity.NORMAL)


def _tags(hits: Sequence[Hit], tone: frozenset[Tone]) -> tuple[str, ...]:
    """The tags of the called tones, those with most weight first."""
    weights: dict[str, float] = {}
    for hit in hits:
        if not hit.turned and hit.rule.side.value in tone:
            for tag in hit.rule.tags:
                weights[tag] = weights.get(tag, 0.0) + hit.weight
    return tuple(sorted(weights, key=lambda tag: (-weights[tag], tag)))


def _match(reading: Reading, hit: Hit) -> Match:
    start, end = reading.folded.place(hit.start), reading.folded.place(hit.end)
    return Match(
        hit.rule.name, hit.phrase.written, reading.where, round(hit.weight, 3), hit.turned, start, max(start, end)
    )


def _sentence(readings: Sequence[Reading], tone: frozenset[Tone]) -> str | None:
    """The body's sentence with most weight for the graver tone called; None where it is too long to give back."""
    wanted = Side.COMPLAINT if Tone.COMPLAINT in tone else Side.PRAISE
    body = next((r for r in readings if r.where == BODY), None)
    if body is None or not tone:
        return None
    weights: dict[tuple[int, int], float] = {}
    bounds = [found.span() for found in _SENTENCE.finditer(_WRAPPED.sub(" ", body.text)) if found[0].strip()]
    starts = [first for first, _ in bounds]
    for hit in body.hits:
        if hit.factor and side_of(hit) is wanted:
            at = bisect_right(starts, body.folded.place(hit.start)) - 1
            if at >= 0:
                facts = _FACTS if hit.rule.tags else 1.0
                weights[bounds[at]] = weights.get(bounds[at], 0.0) + facts * hit.weight
    if not weights:
        return None
    first, last = max(weights, key=lambda span: (weights[span], -span[0]))
    sentence = " ".join(body.text[first:last].split())
    return sentence if len(sentence) <= LONGEST_SENTENCE else None


__all__ = ["SUBJECT", "Sum", "scored", "share", "side_of", "sums", "verdict"]
