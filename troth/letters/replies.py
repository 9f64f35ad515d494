"""The words a colleague may reply with: those that fit what he is told, in his language, each with what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from troth.letters.cleaning import one_line


class Situation(StrEnum):
    """What a mail to a colleague is about, as far as it decides what he may reply."""

    COMPLAINT = "complaint"
    UNSURE = "unsure"  # whether it is a complaint at all
    HELD = "held"  # a letter waits for a person's word
    PROMISE = "promise"
    UNKNOWN = "unknown"  # nobody knows whether a letter arrived
    CONFIRMED = "confirmed"
    NOTED = "noted"  # what he wrote was kept as a note
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Word:
    """`say` is what to write as the first line of a reply, `means` what that does, as the colleague would say it.

    It is no link: one that opens the reply would hold its token, and go to the client with whatever quotes the mail.
    """

    say: str
    means: str

    def __str__(self) -> str:
        return f"{self.say} - {self.means}"


_ENGLISH: Mapping[str, tuple[str, str]] = {
    "answered": ("answered", "I have answered, by phone say"),
    "settled": ("settled", "this is settled, nothing more is to come"),
    "promise": ("promise Friday 12:00 new proofs", "I have promised this for then; remind me"),
    "again": ("promise Friday 12:00", "I have promised it for then instead"),
    "kept": ("kept", "the promise is kept"),
    "snooze": ("snooze 2 business hours", "remind me then, not before"),
    "to": ("to {colleague}", "let somebody else see to it"),
    "complaint": ("complaint", "yes, it is a complaint"),
    "praise": ("praise", "it is praise"),
    "neither": ("neither", "this is no complaint"),
    "send": ("send", "send the letter that waits"),
    "again send": ("send", "send the letter once more"),
    "drop": ("drop", "do not send it"),
    "let rest": ("drop", "let it rest"),
    "withdraw": ("drop", "it no longer stands"),
    "quiet": ("quiet", "no automatic letters to this client"),
    "part": ("part", "we part with this client"),
    "note": ("note …", "keep this as a note"),
    "pending": ("pending", "tell me all that waits"),
    "help": ("help", "tell me all words"),
    "undo": ("undo", "take this back"),
}
_GERMAN: Mapping[str, tuple[str, str]] = {
    "answered": ("beantwortet", "ich habe geantwortet, etwa am Telefon"),
    "settled": ("erledigt", "das ist erledigt, es kommt nichts mehr"),
    "promise": ("zugesagt Freitag 12:00 neue Muster", "das habe ich bis dahin zugesagt; bitte erinnern"),
    "again": ("zugesagt Freitag 12:00", "das habe ich stattdessen bis dahin zugesagt"),
    "kept": ("gehalten", "die Zusage ist gehalten"),
    "snooze": ("später 2 Arbeitsstunden", "erst dann wieder erinnern"),
    "to": ("an {colleague}", "jemand anders soll sich kümmern"),
    "complaint": ("Beschwerde", "ja, das ist eine Beschwerde"),
    "praise": ("Lob", "das ist Lob"),
    "neither": ("keins", "das ist keine Beschwerde"),
    "send": ("senden", "den wartenden Brief senden"),
    "again send": ("senden", "den Brief noch einmal senden"),
    "drop": ("verwerfen", "nicht senden"),
    "let rest": ("verwerfen", "auf sich beruhen lassen"),
    "withdraw": ("verwerfen", "sie gilt nicht mehr"),
    "quiet": ("Ruhe", "keine automatischen Briefe an diesen Kunden"),
    "part": ("trennen", "wir trennen uns von diesem Kunden"),
    "note": ("Notiz …", "als Notiz aufheben"),
    "pending": ("offen", "alles nennen, was wartet"),
    "help": ("Hilfe", "alle Wörter nennen"),
    "undo": ("rückgängig", "das zurücknehmen"),
}
_CHOSEN: Mapping[Situation, tuple[str, ...]] = {
    Situation.COMPLAINT: ("answered", "promise", "to", "snooze", "settled", "neither"),
    Situation.UNSURE: ("complaint", "neither", "answered"),
    Situation.HELD: ("send", "drop", "answered", "neither"),
    Situation.PROMISE: ("kept", "again", "withdraw", "note"),
    Situation.UNKNOWN: ("again send", "let rest"),
    Situation.CONFIRMED: ("undo", "help"),
    Situation.NOTED: ("undo", "answered", "help"),
    Situation.HELP: (
        *("answered", "settled", "part", "promise", "kept", "snooze", "to", "complaint", "praise", "neither"),
        *("send", "drop", "note", "quiet", "pending", "undo", "help"),
    ),
}


def words(*situations: Situation, language: str = "en", colleague: str | None = None) -> tuple[Word, ...]:
    """What may be replied in these situations, each word once.

    `colleague` is the address of somebody else of ours, for `to`, which is left out without one.
    """
    said = _GERMAN if language.partition("-")[0].lower() == "de" else _ENGLISH
    verbs = dict.fromkeys(verb for situation in situations for verb in _CHOSEN[situation])
    return tuple(_word(*said[verb], colleague) for verb in verbs if verb != "to" or colleague)


def numbered(number: int, verbs: Sequence[str], language: str) -> tuple[str, ...]:
    """What may be replied to one numbered line of a mail: `3 complaint`."""
    said = _GERMAN if language.partition("-")[0].lower() == "de" else _ENGLISH
    return tuple(f"{number} {said[verb][0]}" for verb in verbs)


def _word(say: str, means: str, colleague: str | None) -> Word:
    return Word(say.format(colleague=one_line(colleague or "", 200)), means)
