"""What a rulebook is made of: rules, word lists, thresholds and effects, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from troth.model import Severity, Tone
from troth.place import Place
from troth.rulebook.phrase import Phrase

SUBJECT, BODY = "subject", "body"


class Side(StrEnum):
    """What a rule speaks for. Neutral speaks against both tones: ordinary business."""

    COMPLAINT = "complaint"
    PRAISE = "praise"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the owner wrote it; `language` None is every language, `severity` None says nothing about it."""

    name: str
    side: Side
    language: str | None
    phrases: tuple[Phrase, ...]
    place: Place
    unless: tuple[Phrase, ...] = ()
    weight: float = 1.0
    where: frozenset[str] = frozenset({SUBJECT, BODY})
    tags: tuple[str, ...] = ()
    severity: Severity | None = None


WORD_LISTS = {
    "negations": "turn the phrase after them",
    "negations behind": "turn the phrase before them",
    "wishes": "turn praise after them: it was wanted, not found",
    "no negations": "hold a negation that turns nothing",
    "contrasts": "what stands after them weighs more than what stands before",
    "conditions": "what depends on them has not happened",
    "courtesies": "politeness that says nothing about the matter",
    "closings": "what follows them to the end is a signature",
    "boilerplate": "their paragraph was not written for this mail",
    "common": "words by which the language is known",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """The scores from which a tone is doubtful, called, and sure. `sure` None: never."""

    doubtful: float
    tone: float
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """How much the mechanisms weigh. Factors multiply a rule's weight; `length_from` counts words."""

    negation_reaches: int = 4
    negation_reaches_back: int = 0
    praise_turned: float = 0.5
    complaint_turned: float = 0.1
    condition: float = 0.15
    praise_in_question: float = 0.2
    complaint_in_question: float = 1.0
    before_contrast: float = 0.7
    after_contrast: float = 1.2
    subject: float = 1.0
    subject_of_answer: float = 0.1
    repeated: float = 0.5
    length_from: float = 20.0
    length_power: float = 0.3
    other_tone_against_complaint: float = 1.0
    other_tone_against_praise: float = 1.0
    other_tone_at_most: float = 1.5
    ordinary_against_complaint: float = 1.6
    ordinary_against_praise: float = 2.0
    ordinary_at_most: float = 3.0
    ordinary_share_at_most: float = 0.85


@dataclass(frozen=True, slots=True)
class Pack:
    """All that holds for one language. `words` are lists by the names of WORD_LISTS."""

    language: str | None
    rules: tuple[Rule, ...] = ()
    words: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)
    marks: dict[Tone, Marks] = field(default_factory=dict)
    effects: Effects = Effects()
