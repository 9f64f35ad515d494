"""Letters: templates and facts in, the frozen bytes of a mail out. Pure; templates' sources are handed in."""

from troth.letters.attaching import client_mail
from troth.letters.composing import compose, new_message_id
from troth.letters.facts import (
    Business,
    Case,
    Colleague,
    Course,
    Facts,
    LetterFacts,
    Matter,
    Promised,
    TellingFacts,
    addressee,
    business,
    facts_for_known,
    facts_for_stranger,
    notice,
    the_case,
    the_client,
    their_mail,
)
from troth.letters.library import Letters
from troth.letters.rendered import LetterError, Rendered, is_telling
from troth.letters.sample import preview, sample_facts
from troth.letters.source import Source, beside, source_at
from troth.letters.wording import Voice
from troth.letters.wrapping import wrapped

__all__ = [
    "Business",
    "Case",
    "Colleague",
    "Course",
    "Facts",
    "LetterError",
    "LetterFacts",
    "Letters",
    "Matter",
    "Promised",
    "Rendered",
    "Source",
    "TellingFacts",
    "Voice",
    "addressee",
    "beside",
    "business",
    "client_mail",
    "compose",
    "facts_for_known",
    "facts_for_stranger",
    "is_telling",
    "new_message_id",
    "notice",
    "preview",
    "sample_facts",
    "source_at",
    "the_case",
    "the_client",
    "their_mail",
    "wrapped",
]
