"""Letters: templates and facts in, the frozen bytes of a mail out. Pure; templates' sources are handed in."""

from troth.letters.attaching import client_mail
from troth.letters.composing import as_draft, compose, new_message_id, sent_from
from troth.letters.deeds import Deed, said
from troth.letters.facts import (
    Business,
    Case,
    Colleague,
    Course,
    LetterFacts,
    Promised,
    addressee,
    business,
    facts_for_known,
    facts_for_stranger,
)
from troth.letters.library import Letters
from troth.letters.rendered import LetterError, Rendered, is_telling
from troth.letters.replies import Situation, Word, words
from troth.letters.sample import preview, sample_facts
from troth.letters.source import Source, beside, source_at
from troth.letters.tellings import (
    Confirmation,
    Facts,
    Matter,
    Pledge,
    TellingFacts,
    TheCase,
    Unsent,
    answer_link,
    confirmation,
    notice,
    pledge,
    the_case,
    their_mail,
    unsent,
)
from troth.letters.theclient import TheClient, the_client
from troth.letters.wording import Voice
from troth.letters.wrapping import wrapped

__all__ = [
    "Business",
    "Case",
    "Colleague",
    "Confirmation",
    "Course",
    "Deed",
    "Facts",
    "LetterError",
    "LetterFacts",
    "Letters",
    "Matter",
    "Pledge",
    "Promised",
    "Rendered",
    "Situation",
    "Source",
    "TellingFacts",
    "TheCase",
    "TheClient",
    "Unsent",
    "Voice",
    "Word",
    "addressee",
    "answer_link",
    "as_draft",
    "beside",
    "business",
    "client_mail",
    "compose",
    "confirmation",
    "facts_for_known",
    "facts_for_stranger",
    "is_telling",
    "new_message_id",
    "notice",
    "pledge",
    "preview",
    "said",
    "sample_facts",
    "sent_from",
    "source_at",
    "the_case",
    "the_client",
    "their_mail",
    "unsent",
    "words",
    "wrapped",
]
