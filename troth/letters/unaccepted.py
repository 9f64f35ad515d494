"""Why a colleague's reply did nothing, and what waits, as his confirmation says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from troth.letters.cleaning import one_line
from troth.letters.wording import Voice


class Unaccepted(StrEnum):
    """Why a reply, or one line of it, was not taken."""

    SHARED = "shared"  # with somebody outside
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGED = "forged"
    UNSURE = "unsure"  # whether he wrote it, for a word that needs that
    UNREAD = "unread"
    UNPLACED = "unplaced"  # words that nobody can tell the client of


class Waits(StrEnum):
    """How something waits for people."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    PROMISED = "promised"
    NOTHING = "nothing"


_Words = Mapping[Unaccepted | Waits, str]
_ENGLISH: _Words = {
    Unaccepted.SHARED: "Your mail went to somebody outside as well, so nothing in it was taken as said to Troth. "
    "Whoever has it could answer in your place: replies to the mail you answered do nothing any more.",
    Unaccepted.EXPIRED: "The mail you answered is too old. Reply to the latest one about this matter.",
    Unaccepted.REVOKED: "Replies to the mail you answered do nothing any more, for it was in other hands. Reply to the "
    "latest one about this matter.",
    Unaccepted.FORGED: "The signature of your mail server did not verify, so somebody else may have written in your "
    "name. If it was you, send it from your usual mail program.",
    Unaccepted.UNSURE: "{line}: your mail server did not show that it was you, and this word needs that.",
    Unaccepted.UNREAD: "{line}: not understood.",
    Unaccepted.UNPLACED: "{line}: nobody has received this, and it is not kept, for the mail you answered is not about "
    "one client. To keep it, put the number in front: `2 note …`.",
    Waits.UNANSWERED: "{client}, {about}: has waited {span}{who}",
    Waits.ANSWERED: "{client}, {about}: answered{who}",
    Waits.PROMISED: "{client}: {about}, promised by {when}",
    Waits.NOTHING: "nothing",
}
_GERMAN: _Words = {
    Unaccepted.SHARED: "Ihre Mail ging auch an jemanden außerhalb, deshalb galt nichts darin Troth. Wer sie hat, "
    "könnte an Ihrer Stelle antworten: Antworten auf die beantwortete Mail bewirken nichts mehr.",
    Unaccepted.EXPIRED: "Die Mail, auf die Sie geantwortet haben, ist zu alt. Bitte auf die letzte zu dieser Sache "
    "antworten.",
    Unaccepted.REVOKED: "Antworten auf diese Mail bewirken nichts mehr, denn sie war in fremden Händen. Bitte auf die "
    "letzte zu dieser Sache antworten.",
    Unaccepted.FORGED: "Die Signatur Ihres Mailservers stimmt nicht; jemand anders kann in Ihrem Namen geschrieben "
    "haben. Wenn Sie es waren, senden Sie die Mail aus Ihrem üblichen Mailprogramm.",
    Unaccepted.UNSURE: "{line}: Ihr Mailserver hat nicht gezeigt, dass Sie es waren, und dieses Wort braucht das.",
    Unaccepted.UNREAD: "{line}: nicht verstanden.",
    Unaccepted.UNPLACED: "{line}: das hat niemand bekommen, und es ist nicht aufgehoben, denn die beantwortete Mail "
    "handelt nicht von einem einzigen Kunden. Zum Aufheben die Nummer davorsetzen: `2 Notiz …`.",
    Waits.UNANSWERED: "{client}, {about}: wartet seit {span}{who}",
    Waits.ANSWERED: "{client}, {about}: beantwortet{who}",
    Waits.PROMISED: "{client}: {about}, zugesagt bis {when}",
    Waits.NOTHING: "nichts",
}


def unaccepted(why: Unaccepted, voice: Voice, line: str = "") -> str:
    """Why a reply was not taken, or a line of it."""
    return _words(why, voice).format(line=one_line(line, 120))


def waits(
    how: Waits,
    voice: Voice,
    *,
    client: str = "",
    about: str = "",
    who: str | None = None,
    since: datetime | None = None,
    due: datetime | None = None,
) -> str:
    """One thing that waits. `about` is a subject or a promise, `who` the name of who sees to it."""
    return _words(how, voice).format(
        client=one_line(client, 80),
        about=one_line(about, 150) or voice.no_subject,
        who=f" ({one_line(who, 80)})" if who else "",
        span=voice.span(voice.now - since if since else timedelta()),
        when=voice.due(due) if due else "",
    )


def _words(of: Unaccepted | Waits, voice: Voice) -> str:
    return (_GERMAN if voice.language.partition("-")[0].lower() == "de" else _ENGLISH)[of]
