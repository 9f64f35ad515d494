"""What a colleague's words have not done, and what is worth knowing beside, as his confirmation says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from troth.letters.cleaning import one_line
from troth.letters.wording import Voice


class NotDone(StrEnum):
    """Why a colleague's word did nothing."""

    WHICH = "which matter"  # several, and no number
    NO_SUCH = "no such matter"
    NO_CLIENT = "about no client"
    NO_CASE = "no case"
    CLOSED = "closed already"
    ANSWERED = "answered already"
    STANDS = "stands so already"
    PAST = "in the past"
    TOO_FAR = "too far ahead"
    NO_PROMISE = "no promise"
    WHICH_PROMISE = "which promise"
    NOBODY = "nobody of that name"
    SEVERAL_PEOPLE = "several of that name"
    NO_LETTER = "no letter waits"
    IN_DRAFTS = "in Drafts"
    SENT = "sent already"
    CORRECTED = "the verdict was corrected"
    OBSERVE = "observe mode"
    SILENCE = "silence asked"
    BOUNCES = "the address bounces"
    PARTED = "parted"
    CLIENT_WROTE = "the client wrote"
    TOO_OLD = "too old"
    NOTHING_TO_UNDO = "nothing to undo"
    CHANGED_SINCE = "changed since"


class Remark(StrEnum):
    """What is worth knowing beside what was done."""

    CLOSED_THAT_DAY = "closed that day"
    PROMISE_STANDS = "a promise stands"
    STILL_WAITING = "still waiting"
    SENT_BEFORE = "sent before"  # a letter that cannot be called back
    LETTER_HELD = "letter held"
    LETTER_FOLLOWS = "letter follows"
    TO_DRAFTS = "to Drafts"
    NO_LETTER_FOLLOWS = "no letter follows"
    AWAY = "away"
    GRAVE = "told before closing all the same"


def objection(
    word: NotDone | Remark,
    voice: Voice,
    *,
    client: str = "",
    what: str = "",
    who: str = "",
    when: datetime | None = None,
) -> str:
    """One line of a confirmation, as `said` words the others."""
    german = voice.language.partition("-")[0].lower() == "de"
    line = (_GERMAN if german else _ENGLISH)[word]
    what = voice.said(what) if word is Remark.NO_LETTER_FOLLOWS else what
    given = {"client": one_line(client, 80), "what": one_line(what, 200), "who": one_line(who, 80)}
    given["by"] = f", {'von' if german else 'by'} {given['who']}" if who else ""
    return " ".join(line.format(**given, when=voice.due(when) if when else "").split())


_ENGLISH: Mapping[NotDone | Remark, str] = {
    NotDone.WHICH: "This mail was about {what} matters: put the number of the one you mean in front.",
    NotDone.NO_SUCH: "This mail was about {what} matters: none has that number.",
    NotDone.NO_CLIENT: "This mail was about no client.",
    NotDone.NO_CASE: "No complaint of {client} is known here; write `complaint` first if it is one.",
    NotDone.CLOSED: "The complaint of {client} is closed already, since {when}.",
    NotDone.ANSWERED: "{client} was answered already, {when}{by}.",
    NotDone.STANDS: "That is so already. {what}",
    NotDone.PAST: "That moment has passed: {when}. By when do you mean?",
    NotDone.TOO_FAR: "That is too far ahead: {when}. By when do you mean?",
    NotDone.NO_PROMISE: "No promise to {client} is open.",
    NotDone.WHICH_PROMISE: "Several promises to {client} are open: {what}. Answer the reminder of the one you mean, or "
    "write `all kept`.",
    NotDone.NOBODY: "Nobody here goes by the name of {what}.",
    NotDone.SEVERAL_PEOPLE: "{what} may be {who}: write the address.",
    NotDone.NO_LETTER: "No letter to {client} waits.",
    NotDone.IN_DRAFTS: "The letter lies in Drafts: send it from there, or write `drop`. {what}",
    NotDone.SENT: "The letter has left already: {what}.",
    NotDone.CORRECTED: "Not sent: one of us said that this is not what {client} wrote about. {what}",
    NotDone.OBSERVE: "Not sent: the inbox is in observe mode, nothing leaves it. {what}",
    NotDone.SILENCE: "Not sent: {client} is to get no automatic letters. {what}",
    NotDone.BOUNCES: "Not sent: mail to {client} comes back. {what}",
    NotDone.PARTED: "We have parted with {client}. {what}",
    NotDone.CLIENT_WROTE: "Not sent: {client} has written since, {when}. {what}",
    NotDone.TOO_OLD: "Not sent: it is too late for this letter. {what}",
    NotDone.NOTHING_TO_UNDO: "There is nothing here to take back: answer the confirmation of what you mean.",
    NotDone.CHANGED_SINCE: "Nothing was taken back: things have changed since. {what}",
    Remark.CLOSED_THAT_DAY: "We are closed on that day: {when}.",
    Remark.PROMISE_STANDS: "What was promised still stands: {what}, by {when}.",
    Remark.STILL_WAITING: "{client} still counts as waiting for an answer; write `answered` if there was one.",
    Remark.SENT_BEFORE: "A letter has left already and cannot be called back: {what}.",
    Remark.LETTER_HELD: "A letter of parting waits; it leaves if you answer `send`.",
    Remark.LETTER_FOLLOWS: "The letter to {client} follows.",
    Remark.TO_DRAFTS: "It is laid into Drafts: send it from there.",
    Remark.NO_LETTER_FOLLOWS: "No letter goes to {client}: {what}.",
    Remark.AWAY: "{who} is away: until then the owner is told.",
    Remark.GRAVE: "This complaint is grave: before we close the owner is told of it all the same.",
}
_GERMAN: Mapping[NotDone | Remark, str] = {
    NotDone.WHICH: "In dieser Mail ging es um {what} Vorgänge: bitte die Nummer des gemeinten davorschreiben.",
    NotDone.NO_SUCH: "In dieser Mail ging es um {what} Vorgänge: keiner hat diese Nummer.",
    NotDone.NO_CLIENT: "In dieser Mail ging es um keinen Kunden.",
    NotDone.NO_CASE: "Von {client} ist keine Beschwerde bekannt; falls es eine ist, zuerst `Beschwerde` schreiben.",
    NotDone.CLOSED: "Die Beschwerde von {client} ist schon geschlossen, seit {when}.",
    NotDone.ANSWERED: "{client} hat schon eine Antwort, {when}{by}.",
    NotDone.STANDS: "Das ist schon so. {what}",
    NotDone.PAST: "Dieser Zeitpunkt ist vorbei: {when}. Bis wann ist gemeint?",
    NotDone.TOO_FAR: "Das liegt zu weit voraus: {when}. Bis wann ist gemeint?",
    NotDone.NO_PROMISE: "Es gibt keine offene Zusage an {client}.",
    NotDone.WHICH_PROMISE: "An {client} gibt es mehrere offene Zusagen: {what}. Bitte auf die Erinnerung an die "
    "gemeinte antworten, oder `alle gehalten` schreiben.",
    NotDone.NOBODY: "Hier heißt niemand {what}.",
    NotDone.SEVERAL_PEOPLE: "{what} kann {who} sein: bitte die Adresse schreiben.",
    NotDone.NO_LETTER: "Es wartet kein Brief an {client}.",
    NotDone.IN_DRAFTS: "Der Brief liegt in den Entwürfen: von dort senden, oder `verwerfen` schreiben. {what}",
    NotDone.SENT: "Der Brief ist schon hinausgegangen: {what}.",
    NotDone.CORRECTED: "Nicht gesendet: jemand von uns hat gesagt, dass es {client} darum nicht ging. {what}",
    NotDone.OBSERVE: "Nicht gesendet: der Posteingang wird nur beobachtet. {what}",
    NotDone.SILENCE: "Nicht gesendet: {client} soll keine automatischen Briefe bekommen. {what}",
    NotDone.BOUNCES: "Nicht gesendet: Mail an {client} kommt zurück. {what}",
    NotDone.PARTED: "Von {client} haben wir uns getrennt. {what}",
    NotDone.CLIENT_WROTE: "Nicht gesendet: {client} hat seither geschrieben, {when}. {what}",
    NotDone.TOO_OLD: "Nicht gesendet: für diesen Brief ist es zu spät. {what}",
    NotDone.NOTHING_TO_UNDO: "Hier gibt es nichts zurückzunehmen: bitte auf die Bestätigung des Gemeinten antworten.",
    NotDone.CHANGED_SINCE: "Nichts wurde zurückgenommen: seither hat sich etwas geändert. {what}",
    Remark.CLOSED_THAT_DAY: "An diesem Tag ist geschlossen: {when}.",
    Remark.PROMISE_STANDS: "Die Zusage gilt weiter: {what}, bis {when}.",
    Remark.STILL_WAITING: "{client} wartet noch auf Antwort; falls es eine gab, `beantwortet` schreiben.",
    Remark.SENT_BEFORE: "Ein Brief ist schon hinausgegangen und nicht zurückzuholen: {what}.",
    Remark.LETTER_HELD: "Ein Abschiedsbrief wartet; er geht hinaus, wenn Sie `senden` antworten.",
    Remark.LETTER_FOLLOWS: "Der Brief an {client} folgt.",
    Remark.TO_DRAFTS: "Er wird in die Entwürfe gelegt: von dort senden.",
    Remark.NO_LETTER_FOLLOWS: "An {client} geht kein Brief: {what}.",
    Remark.AWAY: "{who} ist abwesend: bis dahin wird die Leitung erinnert.",
    Remark.GRAVE: "Diese Beschwerde wiegt schwer: vor Ladenschluss wird dennoch an sie erinnert.",
}
