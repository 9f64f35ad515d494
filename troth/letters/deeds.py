"""What a colleague's words have done, as his confirmation says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from troth.letters.cleaning import one_line
from troth.letters.wording import Voice


class Deed(StrEnum):
    """Something that a colleague's word has done."""

    ANSWERED = "answered"
    SETTLED = "settled"
    PARTED = "parted"
    PROMISED = "promised"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    SNOOZED = "snoozed"
    ASSIGNED = "assigned"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    NEITHER = "neither"
    SENT = "sent"
    DROPPED = "dropped"
    NOTED = "noted"
    QUIET = "quiet"
    UNDONE = "undone"


_ENGLISH: Mapping[Deed, str] = {
    Deed.ANSWERED: "{client} counts as answered. Nobody is reminded any more, unless {client} writes again.",
    Deed.SETTLED: "The complaint of {client} is settled.",
    Deed.PARTED: "We part with {client}: no more letters go there.",
    Deed.PROMISED: "Promised to {client}: {what}, by {when}. You are reminded before that.",
    Deed.KEPT: "The promise to {client} is kept: {what}.",
    Deed.WITHDRAWN: "The promise to {client} no longer stands: {what}.",
    Deed.SNOOZED: "Nobody is reminded of {client} before {when}.",
    Deed.ASSIGNED: "{who} sees to {client} from now on.",
    Deed.COMPLAINT: "What {client} wrote counts as a complaint.",
    Deed.PRAISE: "What {client} wrote counts as praise.",
    Deed.NEITHER: "What {client} wrote counts neither as a complaint nor as praise.",
    Deed.SENT: "The letter to {client} leaves now: {what}.",
    Deed.DROPPED: "The letter to {client} is dropped and will not be sent: {what}.",
    Deed.NOTED: "Your words are kept as a note on {client}.",
    Deed.QUIET: "{client} gets no more automatic letters.",
    Deed.UNDONE: "Taken back: {client}, {what}. All stands as it did before.",
}
_GERMAN: Mapping[Deed, str] = {
    Deed.ANSWERED: "{client} gilt als beantwortet. Erinnert wird erst wieder, wenn {client} noch einmal schreibt.",
    Deed.SETTLED: "Die Beschwerde von {client} ist erledigt.",
    Deed.PARTED: "Wir trennen uns von {client}: dorthin geht kein Brief mehr.",
    Deed.PROMISED: "{client} zugesagt: {what}, bis {when}. Sie werden vorher erinnert.",
    Deed.KEPT: "Die Zusage an {client} ist gehalten: {what}.",
    Deed.WITHDRAWN: "Die Zusage an {client} gilt nicht mehr: {what}.",
    Deed.SNOOZED: "An {client} wird nicht vor {when} erinnert.",
    Deed.ASSIGNED: "Um {client} kümmert sich ab jetzt {who}.",
    Deed.COMPLAINT: "Was {client} schrieb, gilt als Beschwerde.",
    Deed.PRAISE: "Was {client} schrieb, gilt als Lob.",
    Deed.NEITHER: "Was {client} schrieb, gilt weder als Beschwerde noch als Lob.",
    Deed.SENT: "Der Brief an {client} geht jetzt hinaus: {what}.",
    Deed.DROPPED: "Der Brief an {client} ist verworfen und wird nicht gesendet: {what}.",
    Deed.NOTED: "Ihre Worte sind als Notiz zu {client} aufgehoben.",
    Deed.QUIET: "{client} bekommt keine automatischen Briefe mehr.",
    Deed.UNDONE: "Zurückgenommen: {client}, {what}. Alles steht wieder wie zuvor.",
}


def said(deed: Deed, voice: Voice, *, client: str, what: str = "", who: str = "", when: datetime | None = None) -> str:
    """One line of a confirmation. `client` is his name, or his address; `what` a promise or a letter's subject."""
    line = (_GERMAN if voice.language.partition("-")[0].lower() == "de" else _ENGLISH)[deed]
    given = {"client": one_line(client, 80), "what": one_line(what, 200) or voice.no_subject, "who": one_line(who, 80)}
    return line.format(**given, when=voice.due(when) if when else "")
