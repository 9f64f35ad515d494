"""A digest of a busy day in a business that does not exist, for previews and for checking templates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from troth.digest import Answering, Day, Theme, Trend
from troth.letters.daily import Digest, InboxLine, SentLine
from troth.letters.digest import Lines, counted, day_lines, inbox_line, theme_lines
from troth.letters.theclient import the_client
from troth.letters.wording import Voice
from troth.model import (
    Address,
    Case,
    CaseState,
    Letter,
    LetterKind,
    LetterState,
    Match,
    Mode,
    Promise,
    Seen,
    Severity,
    Tone,
    Verdict,
)

_JO = the_client(Address("jo@client.example"), "Jo Marsh", known=True, company="Marsh & Co")
_KIT = the_client(Address("kit@other.example"))
_MO = the_client(Address("mo@third.example"), "Mo Tan")
_SENTENCES = {
    "en": (
        "The brochures came two days late and half of them are smudged.",
        "Your people could not have been kinder, and the prints are beautiful.",
        "I am not quite happy with the blue.",
        "Nice work, as one has come to expect.",
    ),
    "de": (
        "Die Broschüren kamen zwei Tage zu spät, und die Hälfte ist verschmiert.",
        "Ihre Leute hätten nicht freundlicher sein können, und die Drucke sind wunderschön.",
        "Mit dem Blau bin ich nicht ganz glücklich.",
        "Schöne Arbeit, wie man es von Ihnen gewohnt ist.",
    ),
}


def sample_digest(voice: Voice, *, full: bool = True, many: bool = True) -> Digest:
    """A busy day, with all that a line may hold where it is `full`; a day of which there is nothing to say else."""
    lines = Lines(voice, answerable=full)
    made = Digest(day=voice.day(voice.now), since=voice.moment(voice.now - timedelta(days=1)), answerable=full)
    if full:
        return counted(_busy(made, lines), left_out=2)
    quiet = inbox_line("hello", counts=(0, 0, 0), no_letter={"no tone": 6, "list": 3}, total=1204)
    return counted(_bare(made, lines) if many else replace(made, inboxes=(quiet,)))


def _busy(made: Digest, lines: Lines) -> Digest:
    voice = lines.voice
    late, nice, doubtful, perhaps = _SENTENCES.get(voice.language, _SENTENCES["en"])
    closing = voice.now + timedelta(minutes=45)
    first, second = _case(voice, hours=26), _case(voice, hours=3, sure=False)
    return replace(
        made,
        waiting=(
            lines.waiting(1, first, _mail(voice, late), _JO, deadline=closing - timedelta(days=1), assignee="Sam Fox"),
            lines.waiting(2, second, _mail(voice, doubtful), _KIT, deadline=closing, assignee=None),
        ),
        old=(lines.old(3, _mail(voice, late), _MO),),
        promises=(lines.promise(4, _promise(voice), _JO, "Sam Fox"),),
        due=(lines.due(voice.now + timedelta(hours=17), "complaint/put-right", _MO, "Order 1170"),),
        reminders=1,
        sent=(SentLine("complaint/acknowledgement", 2, False), SentLine("colleague/waiting", 3, True)),
        observed=(lines.letter(_letter(voice), _KIT),),
        drafts=(lines.letter(_letter(voice), _MO),),
        praise=(lines.praise(_mail(voice, nice, Tone.PRAISE), _MO),),
        unsure=(lines.unsure(5, _mail(voice, perhaps, Tone.PRAISE), _KIT),),
        stuck=(lines.stuck(6, _letter(voice, LetterState.UNKNOWN), _JO),),
        quiet=(lines.quiet(_JO, voice.now - timedelta(days=75), timedelta(days=14)),),
        themes=theme_lines((Theme("late", 3, 1.5, Trend.UP), Theme("money", 1, 1.25, Trend.SAME))),
        answered=lines.answered(Answering(6, timedelta(minutes=70), timedelta(minutes=130), Trend.DOWN)),
        days=day_lines(_fortnight(voice.now.date())),
        inboxes=(_inbox(voice),),
        endings=(lines.ending("imap.harbour.example", voice.now + timedelta(days=12)),),
    )


def _bare(made: Digest, lines: Lines) -> Digest:
    """Lines that hold nothing but what each of them must."""
    voice, wordless = lines.voice, replace(_mail(lines.voice, ""), verdict=None, subject="")
    return replace(
        made,
        waiting=(lines.waiting(1, _case(voice, hours=3, sure=False), None, _KIT, deadline=None, assignee=None),),
        old=(lines.old(2, wordless, _KIT),),
        promises=(lines.promise(3, replace(_promise(voice), due_at=voice.now), _KIT, "Sam Fox"),),
        unsure=(lines.unsure(4, wordless, _KIT),),
        stuck=(lines.stuck(5, _letter(voice, LetterState.HELD), _KIT), lines.stuck(6, _failed(voice), _KIT)),
        themes=theme_lines((Theme("late", 0, 1.5, Trend.DOWN), Theme("money", 1, 0, Trend.NEW))),
        answered=lines.answered(Answering(1, timedelta(minutes=70), None, Trend.NEW)),
        inboxes=(inbox_line("hello", counts=(0, 0, 1), no_letter={}, total=1),),
    )


def _inbox(voice: Voice) -> InboxLine:
    return inbox_line(
        "hello",
        counts=(2, 1, 0),
        no_letter={"no tone": 21, "list": 9},
        total=1204,
        error="retrying: the server does not answer",
        silent=voice.span(timedelta(days=3)),
    )


def _case(voice: Voice, *, hours: int, sure: bool = True) -> Case:
    at = voice.now - timedelta(hours=hours)
    return Case(
        key="c-1182",
        client="jo",
        inbox="hello",
        thread="<1182@client.example>",
        mail="1182",
        state=CaseState.WAITING,
        severity=Severity.HIGH if sure else Severity.NORMAL,
        opened_at=at,
        received_at=at,
        tags=("late", "quality") if sure else (),
        sure=sure,
    )


def _mail(voice: Voice, sentence: str, tone: Tone = Tone.COMPLAINT) -> Seen:
    match = Match("says that it is nice", "nice", "body", 0.8)
    verdict = Verdict(tone=frozenset({tone}), matches=(match,), sentence=sentence)
    return Seen(
        "1182",
        "hello",
        "INBOX",
        1,
        1,
        arrived=voice.now - timedelta(hours=4),
        thread="<1182@client.example>",
        subject="Order 1182" if voice.language != "de" else "Auftrag 1182",
        verdict=verdict,
    )


def _promise(voice: Voice) -> Promise:
    who, by = Address("jo@client.example"), Address("sam@harbour.example")
    made, due = voice.now - timedelta(days=2), voice.now + timedelta(hours=19)
    return Promise("p-1", "jo", who, "hello", "1182", "new proofs", by, made, due)


def _letter(voice: Voice, state: LetterState = LetterState.DRAFTED) -> Letter:
    return Letter(
        key="c-1182:complaint/acknowledgement:0",
        inbox="hello",
        kind=LetterKind.ACKNOWLEDGEMENT,
        purpose="complaint/acknowledgement",
        to=Address("jo@client.example"),
        subject="Re: Order 1182",
        message_id="<x@harbour.example>",
        envelope_from="",
        raw=b"",
        state=state,
        created=voice.now - timedelta(hours=2),
        mode=Mode.SEND,
        because="the connection broke before the server said yes",
    )


def _failed(voice: Voice) -> Letter:
    return replace(_letter(voice, LetterState.FAILED), kind=LetterKind.TELLING, purpose="colleague/waiting")


def _fortnight(last: date) -> list[Day]:
    complaints, praise = (0, 1, 0, 2, 0, 0, 1, 0, 3, 1, 0, 0, 1, 2), (1, 0, 0, 1, 0, 0, 2, 1, 0, 1, 0, 0, 0, 1)
    counted_ = zip(complaints, praise, strict=True)
    return [Day(last - timedelta(days=13 - number), *each) for number, each in enumerate(counted_)]
