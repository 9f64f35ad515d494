"""The lines of a digest, made of what the store knows; every text of a client's is cleaned here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth.digest import Answering, Day, Theme, Trend
from troth.letters.cleaning import maybe, one_line
from troth.letters.daily import (
    AnsweredLine,
    DayLine,
    Digest,
    DueLine,
    EndingLine,
    InboxLine,
    LetterLine,
    OldLine,
    PraiseLine,
    PromiseLine,
    QuietLine,
    StuckLine,
    ThemeLine,
    UnsureLine,
    WaitingLine,
)
from troth.letters.replies import numbered
from troth.letters.tellings import answer_link
from troth.letters.theclient import TheClient
from troth.letters.wording import Voice
from troth.model import Address, Case, Letter, LetterKind, LetterState, Promise, Seen, Severity, Tone

TALLEST = 48
"""Height in pixels of the tallest bar of the chart."""

_WIDEST = 20
_SENTENCE = 240
_ARROWS = {Trend.UP: "↑", Trend.DOWN: "↓", Trend.SAME: "→", Trend.NEW: "•"}
_REASONS = 4


@dataclass(frozen=True, slots=True)
class Lines:
    """Makes the lines. Where nothing may be replied (`answerable`), they carry no words to reply with."""

    voice: Voice
    answerable: bool = True

    def waiting(
        self,
        number: int,
        case: Case,
        seen: Seen | None,
        client: TheClient,
        *,
        deadline: datetime | None,
        assignee: str | None,
    ) -> WaitingLine:
        """`deadline` is the closing time by which he should have his answer, also where it has passed.

        What is severe is never called unsure: it is looked at in any case.
        """
        severe = case.severity is Severity.HIGH
        unsure = not case.sure and not severe
        verbs = ("complaint", "neither", "answered") if unsure else ("answered", "promise", "settled", "neither")
        late = deadline is not None and deadline <= self.voice.now
        return WaitingLine(
            number=number,
            client=client,
            subject=self._subject(seen),
            waited=self.voice.span(self.voice.now - case.received_at),
            deadline=self.voice.soon(deadline) if deadline else None,
            late=late,
            assignee=maybe(assignee),
            severe=severe,
            unsure=unsure,
            tags=maybe(", ".join(case.tags)),
            sentence=_sentence(seen),
            answer=self._answer(seen, client),
            replies=self._replies(number, *verbs),
        )

    def old(self, number: int, seen: Seen, client: TheClient) -> OldLine:
        return OldLine(
            number,
            client,
            self._subject(seen),
            self.voice.moment(seen.arrived),
            _sentence(seen),
            self._answer(seen, client),
            self._replies(number, "complaint", "neither"),
        )

    def promise(self, number: int, promise: Promise, client: TheClient, by: str) -> PromiseLine:
        return PromiseLine(
            number,
            client,
            one_line(promise.what, 200),
            one_line(by, 80),
            self.voice.due(promise.due_at),
            promise.due_at <= self.voice.now,
            self._replies(number, "kept", "again"),
        )

    def due(self, at: datetime, letter: str, client: TheClient, subject: str) -> DueLine:
        when = self.voice.soon(max(at, self.voice.now))
        return DueLine(when, letter, client, one_line(subject, 150) or self.voice.no_subject)

    def letter(self, letter: Letter, client: TheClient) -> LetterLine:
        """A letter that would have gone, or that lies in Drafts."""
        subject = one_line(letter.subject, 150) or self.voice.no_subject
        return LetterLine(letter.purpose, client, subject, self.voice.span(self.voice.now - letter.created))

    def praise(self, seen: Seen, client: TheClient) -> PraiseLine:
        mixed = seen.verdict is not None and Tone.COMPLAINT in seen.verdict.doubtful
        said = None if mixed else _sentence(seen)  # of a mail of both kinds it may be the angry one
        return PraiseLine(client, said or self._subject(seen), self.voice.day(seen.arrived))

    def unsure(self, number: int, seen: Seen, client: TheClient) -> UnsureLine:
        verdict = seen.verdict
        tone = verdict.tone if verdict else frozenset[Tone]()
        return UnsureLine(
            number,
            client,
            self._subject(seen),
            "both" if len(tone) > 1 else next(iter(tone)).value if tone else "complaint",
            _sentence(seen),
            one_line(", ".join(_rules(seen)), 200),
            self._replies(number, "complaint", "praise", "neither"),
        )

    def stuck(self, number: int, letter: Letter, client: TheClient) -> StuckLine:
        again = "again send" if letter.state is not LetterState.HELD else "send"
        telling = letter.kind is LetterKind.TELLING
        return StuckLine(
            number,
            letter.state.value,
            letter.purpose,
            client.name,
            one_line(letter.subject, 150) or self.voice.no_subject,
            one_line(self.voice.said(letter.because), 200),
            telling,
            () if telling else self._replies(number, again, "drop"),
        )

    def quiet(self, client: TheClient, last: datetime, usual: timedelta) -> QuietLine:
        return QuietLine(client, self.voice.day(last), self.voice.span(usual))

    def ending(self, what: str, at: datetime) -> EndingLine:
        return EndingLine(one_line(self.voice.said(what), 200), self.voice.day(at), at <= self.voice.now)

    def answered(self, found: Answering | None) -> AnsweredLine | None:
        if found is None:
            return None
        before = self.voice.span(found.before) if found.before is not None else None
        return AnsweredLine(found.answers, self.voice.span(found.week), before, found.trend, _ARROWS[found.trend])

    def _replies(self, number: int, *verbs: str) -> tuple[str, ...]:
        return numbered(number, verbs, self.voice.language) if self.answerable else ()

    def _subject(self, seen: Seen | None) -> str:
        return (one_line(seen.subject, 150) if seen else "") or self.voice.no_subject

    def _answer(self, seen: Seen | None, client: TheClient) -> str:
        return answer_link(
            Address(client.address), seen.subject if seen else "", message_id=seen.message_id if seen else None
        )


def theme_lines(found: Sequence[Theme]) -> tuple[ThemeLine, ...]:
    most = max((max(theme.week, theme.before) for theme in found), default=0) or 1
    return tuple(
        ThemeLine(
            tag=one_line(theme.tag, 40),
            week=theme.week,
            before=f"{theme.before:.1f}".removesuffix(".0"),
            trend=theme.trend.value,
            arrow=_ARROWS[theme.trend],
            width=round(100 * theme.week / most),
            bar="#" * max(theme.week > 0, round(_WIDEST * theme.week / most)),
        )
        for theme in found
    )


def day_lines(found: Sequence[Day]) -> tuple[DayLine, ...]:
    """The days of the chart; none where nothing came on any of them."""
    most = max((max(day.complaints, day.praise) for day in found), default=0)
    if not most:
        return ()
    return tuple(
        DayLine(f"{day.day.day}", day.complaints, day.praise, _height(day.complaints, most), _height(day.praise, most))
        for day in found
    )


def _height(many: int, most: int) -> int:
    return max(3, round(TALLEST * many / most)) if many else 0


def inbox_line(
    name: str,
    *,
    counts: tuple[int, int, int],
    no_letter: Mapping[str, int],
    total: int,
    error: str | None = None,
    silent: str | None = None,
) -> InboxLine:
    """`counts` are acknowledged, pending and set aside; `no_letter` counts the reasons of the rest."""
    acknowledged, pending, set_aside = counts
    without = sum(no_letter.values())
    frequent = sorted(no_letter.items(), key=lambda each: (-each[1], each[0]))
    reasons = [f"{one_line(reason, 80)} ({many})" for reason, many in frequent[:_REASONS]]
    rest = sum(many for _, many in frequent[_REASONS:])
    return InboxLine(
        name=one_line(name, 80),
        seen=acknowledged + pending + without + set_aside,
        acknowledged=acknowledged,
        pending=pending,
        no_letter=without,
        set_aside=set_aside,
        total=total,
        reasons=(*reasons, *([f"… ({rest})"] if rest else [])),
        error=maybe(error, 200),
        silent=silent,
    )


def counted(made: Digest, *, left_out: int = 0) -> Digest:
    """The digest with what is told of it as a whole."""
    told = (made.waiting, made.old, made.promises, made.due, made.sent, made.observed, made.drafts, made.praise)
    more = (made.unsure, made.stuck, made.quiet, made.endings)
    troubled = any(each.error or each.silent or each.set_aside for each in made.inboxes)
    empty = not any((*told, *more)) and not troubled
    seen = sum(each.seen for each in made.inboxes)
    return replace(made, empty=empty, seen=seen, left_out=left_out)


def _sentence(seen: Seen | None) -> str | None:
    return maybe(seen.verdict.sentence, _SENTENCE) if seen and seen.verdict else None


def _rules(seen: Seen) -> list[str]:
    matches = seen.verdict.matches if seen.verdict else ()
    return list(dict.fromkeys(match.rule for match in matches if not match.negated and match.weight > 0))
