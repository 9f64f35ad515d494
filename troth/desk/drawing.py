"""From what a store gathered for a digest to its facts, each line that may be answered with its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from troth import digest as reckoning
from troth.desk.setting import Card, Setting
from troth.gate import Reason
from troth.hours import NeverOpens
from troth.letters import TheClient, Voice, the_client
from troth.letters.daily import (
    Digest,
    DueLine,
    InboxLine,
    LetterLine,
    OldLine,
    PraiseLine,
    PromiseLine,
    QuietLine,
    SentLine,
    StuckLine,
    UnsureLine,
    WaitingLine,
)
from troth.letters.digest import Lines, counted, day_lines, inbox_line, theme_lines
from troth.model import (
    Address,
    Case,
    Concern,
    FollowUp,
    Letter,
    LetterKind,
    Nature,
    Promise,
    Seen,
    Severity,
    Tone,
)
from troth.store import Accounting, Gathered, Span
from troth.store.gathered import Planned, Regular, Tally, Waiting

DIGEST = "colleague/digest"
"""The template it is written with."""

_MOST = 30
"""Lines of one kind; those beyond it are counted."""

_FEW = 10
_NO_CARD = Card(frozenset())
_NOBODY = Address("nobody@invalid")

Of = TypeVar("Of")
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends at a moment, such as a certificate."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """A digest's facts, and what its numbers mean, in their order."""

    facts: Digest
    about: tuple[Concern, ...]


def draw(
    gathered: Gathered, span: Span, setting: Setting, endings: Sequence[Ending] = (), *, answerable: bool = True
) -> Drawn:
    """The facts of the digest of that span. Where it may not be answered, its lines carry no words to reply with."""
    language = setting.letters.language_of(DIGEST, setting.languages[0])
    voice = Voice(language, setting.business.hours.zone, span.now)
    drawing = _Drawing(gathered, span, setting, voice, Lines(voice, answerable))
    return Drawn(drawing.facts(endings), tuple(drawing.about))


@dataclass
class _Drawing:
    """`about` grows with every numbered line, so parts are drawn in the order in which they are read."""

    gathered: Gathered
    span: Span
    setting: Setting
    voice: Voice
    lines: Lines
    about: list[Concern] = field(default_factory=list)
    left_out: int = 0

    def facts(self, endings: Sequence[Ending]) -> Digest:
        gathered, lines = self.gathered, self.lines
        hours, cases = self.setting.business.hours, list(self._complaints())
        made = Digest(
            day=self.voice.day(self.span.now),
            since=self.voice.moment(self.span.since),
            answerable=lines.answerable,
            waiting=self._some(sorted(gathered.waiting, key=_need), self._waiting),
            old=self._some(gathered.learnt, self._old),
            promises=self._some(gathered.promises, self._promise),
            due=self._some([each for each in gathered.planned if self._letter_of(each.follow_up)], self._due),
            reminders=sum(self._reminds(each.follow_up) for each in gathered.planned),
            sent=tuple(_sent(each) for each in sorted(gathered.sent, key=_kind) if each.purpose != DIGEST),
            observed=self._some(gathered.observed, self._letter),
            drafts=self._some(gathered.drafts, self._letter),
            praise=self._some([each for each in gathered.toned if self._praises(each)], self._praise, _FEW),
            unsure=self._some([each for each in gathered.toned if self._is_unsure(each)], self._unsure),
            stuck=self._some(sorted(gathered.stuck, key=_to_client), self._stuck),
            quiet=self._some([each for each in gathered.regulars if self._fell_quiet(each)], self._quiet, _FEW),
            themes=theme_lines(reckoning.themes(cases, self.span.now)),
            answered=lines.answered(reckoning.answering(cases, hours, self.span.now)),
            days=day_lines(
                reckoning.days((case.opened_at for case in cases), self._praised(), self.span.now, hours.zone)
            ),
            inboxes=tuple(self._inbox(name) for name in self.setting.business.inboxes),
            endings=tuple(lines.ending(each.what, each.at) for each in endings),
        )
        return counted(made, left_out=self.left_out)

    def _some(self, all_: Sequence[Of], line: Callable[[Of], Line], most: int = _MOST) -> tuple[Line, ...]:
        self.left_out += max(0, len(all_) - most)
        return tuple(line(each) for each in all_[:most])

    def _number(self, concern: Concern) -> int:
        self.about.append(concern)
        return len(self.about)

    def _waiting(self, waiting: Waiting) -> WaitingLine:
        case, seen = waiting.case, waiting.mail
        assignee = self.setting.business.colleague(case.assignee)
        return self.lines.waiting(
            self._number(Concern(mail=case.mail, case=case.key)),
            case,
            seen,
            self._whose(waiting),
            deadline=self._deadline(case),
            assignee=assignee.name if assignee else None,
        )

    def _deadline(self, case: Case) -> datetime | None:
        try:
            return self.setting.business.hours.closing(case.received_at)
        except NeverOpens:
            return None

    def _old(self, seen: Seen) -> OldLine:
        return self.lines.old(self._number(Concern(mail=seen.identity)), seen, self._author(seen))

    def _promise(self, promise: Promise) -> PromiseLine:
        number = self._number(Concern(mail=promise.mail, case=promise.case, promise=promise.key))
        by = self.setting.business.colleague(promise.by)
        return self.lines.promise(number, promise, self._client(promise.address), by.name if by else promise.by)

    def _due(self, planned: Planned) -> DueLine:
        row = planned.follow_up
        client = self._client(row.address, planned.name)
        return self.lines.due(row.due_at, self._letter_of(row) or row.step, client, planned.subject)

    def _letter_of(self, row: FollowUp) -> str | None:
        """The letter to the client that a follow-up is for, if it is for one and the plan still has it."""
        step = self.setting.business.plans.of(row.occasion).step(row.step)
        return step.letter if step else None

    def _reminds(self, row: FollowUp) -> bool:
        step = self.setting.business.plans.of(row.occasion).step(row.step)
        return bool(step and step.tell)

    def _letter(self, letter: Letter) -> LetterLine:
        return self.lines.letter(letter, self._client(letter.to))

    def _praises(self, seen: Seen) -> bool:
        said = self.gathered.corrected.get(seen.identity)
        tone, sure = (said, said) if said is not None else _tones(seen)
        return Tone.PRAISE in sure and Tone.COMPLAINT not in tone and _is_clients(seen)

    def _praise(self, seen: Seen) -> PraiseLine:
        return self.lines.praise(seen, self._author(seen))

    def _is_unsure(self, seen: Seen) -> bool:
        """Whether a person's word would help: nothing is sure, and it is no part of a case that people know of."""
        tone, sure = _tones(seen)
        return bool(tone) and not sure and not seen.case and _is_clients(seen) and not self._is_corrected(seen)

    def _is_corrected(self, seen: Seen) -> bool:
        return seen.identity in self.gathered.corrected

    def _unsure(self, seen: Seen) -> UnsureLine:
        return self.lines.unsure(self._number(Concern(mail=seen.identity)), seen, self._author(seen))

    def _stuck(self, letter: Letter) -> StuckLine:
        to = self.setting.business.colleague(letter.to)
        client = the_client(letter.to, to.name) if to else self._client(letter.to)
        number = self._number(Concern(mail=letter.mail, case=letter.case, letter=letter.key))
        return self.lines.stuck(number, letter, client)

    def _fell_quiet(self, regular: Regular) -> bool:
        """Whether it was in this very span, so that it is told once, and again only after he wrote."""
        moment = reckoning.quiet_from(regular.wrote, self.setting.business.hours.zone)
        return moment is not None and self.span.since < moment <= self.span.now

    def _quiet(self, regular: Regular) -> QuietLine:
        usual = reckoning.usual_gap(regular.wrote, self.setting.business.hours.zone)
        client = self._client(regular.address, regular.name)
        return self.lines.quiet(client, regular.wrote[-1], usual or reckoning.WEEK)

    def _complaints(self) -> Iterable[Case]:
        """The cases, but for those of mails of which a colleague said that they are no complaint."""
        corrected = self.gathered.corrected
        return (case for case in self.gathered.cases if Tone.COMPLAINT in corrected.get(case.mail, {Tone.COMPLAINT}))

    def _praised(self) -> Iterable[datetime]:
        corrected = self.gathered.corrected
        return (at for mail, at in self.gathered.praise if Tone.PRAISE in corrected.get(mail, {Tone.PRAISE}))

    def _inbox(self, name: str) -> InboxLine:
        fresh = self.gathered.fresh.get(name, Accounting())
        silence = reckoning.unusual_silence(self.gathered.arrivals.get(name, ()), self.span.now)
        return inbox_line(
            name,
            counts=(fresh.acknowledged, fresh.pending, fresh.set_aside),
            no_letter=self._reasons(fresh.no_letter or {}),
            total=self.gathered.accounts.get(name, Accounting()).seen,
            error=self._trouble(name),
            silent=self.voice.span(silence) if silence else None,
        )

    def _trouble(self, inbox: str) -> str | None:
        folders, said = self.setting.folders.get(inbox, frozenset()), self.voice.said
        own = (state for state in self.gathered.states if state.inbox == inbox and state.folder in folders)
        worst = next((state for state in own if state.state != "watching"), None)
        return ": ".join(said(each) for each in (worst.state, worst.error) if each) if worst else None

    def _reasons(self, counted: Mapping[str, int]) -> Mapping[str, int]:
        """As they are said: some that are told apart in the store are one there."""
        found: Counter[str] = Counter()
        for reason, many in counted.items():
            found[self.voice.said(reason)] += many
        return found

    def _whose(self, waiting: Waiting) -> TheClient:
        who, seen = waiting.address, waiting.mail
        own = seen.author_name if seen and seen.author == who else ""
        return self._client(who or _NOBODY, waiting.name or own)

    def _author(self, seen: Seen) -> TheClient:
        return self._client(seen.author or _NOBODY, seen.author_name)

    def _client(self, who: Address, name: str = "") -> TheClient:
        card = self.setting.cards.get(who, _NO_CARD)
        return the_client(who, card.name or name, known=card is not _NO_CARD, company=card.company)


def _need(waiting: Waiting) -> tuple[bool, bool, datetime, str]:
    """The severe ones first, then those that are surely complaints, of each those that wait longest."""
    case = waiting.case
    return (case.severity is not Severity.HIGH, not case.sure, case.received_at, case.key)


def _to_client(letter: Letter) -> bool:
    """Letters to clients first: of a telling that could not be delivered no reply can say anything."""
    return letter.kind is LetterKind.TELLING


def _kind(tally: Tally) -> tuple[bool, str]:
    return (tally.kind is LetterKind.TELLING, tally.purpose)


def _sent(tally: Tally) -> SentLine:
    return SentLine(tally.purpose, tally.many, tally.kind is LetterKind.TELLING)


def _tones(seen: Seen) -> tuple[frozenset[Tone], frozenset[Tone]]:
    return (seen.verdict.tone, seen.verdict.sure) if seen.verdict else (frozenset(), frozenset())


def _is_clients(seen: Seen) -> bool:
    """Whether a person wrote it who may be a client: nobody is asked about newsletters."""
    refusal = seen.refusal
    theirs = refusal is None or refusal not in set(Reason) or Reason(refusal).is_client_mail
    return seen.nature is Nature.PERSON and seen.author is not None and theirs
