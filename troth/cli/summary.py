"""The sums of a rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from troth.cli.diary import shorten
from troth.cli.oldmail import Old
from troth.cli.terminal import Terminal, visible
from troth.desk.playing import Entry, What
from troth.gate import Reason
from troth.hours import Hours, NeverOpens
from troth.model import Address, CaseState

_NAMED = 10
"""So many complaints that stood overnight are named; of the others only the number is told."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What was played: how many mails and answers, between which moments, and until when the clock ran on.

    `bare` had no Return-Path any more; `aside` were drafts or spam, and not played.
    """

    mails: int
    answers: int
    first: datetime
    last: datetime
    until: datetime
    undated: int
    bare: int = 0
    aside: int = 0

    @classmethod
    def of(cls, played: Sequence[Old], until: datetime, undated: int, bare: int = 0, aside: int = 0) -> Bounds:
        answers = sum(old.sent for old in played)
        first, last = (played[0].at, played[-1].at) if played else (until, until)
        return cls(len(played) - answers, answers, first, last, until, undated, bare, aside)


@dataclass(frozen=True, slots=True)
class Stood:
    """A complaint that stood unanswered when its business day ended, at `deadline`; `over` says how its waiting ended.

    That is None where nobody ever answered.
    """

    received: datetime
    client: Address | None
    subject: str
    deadline: datetime
    over: tuple[CaseState, datetime] | None


@dataclass
class Summary:
    hours: Hours
    letters: Counter[str] = field(default_factory=Counter)
    tellings: Counter[str] = field(default_factory=Counter)
    clients: Counter[Address] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)
    held: int = 0
    cases: int = 0
    _waiting: dict[str, tuple[Entry, datetime | None]] = field(default_factory=dict)
    _stood: dict[str, Stood] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        if entry.what is What.LETTER and entry.because.startswith("held: "):
            self.held += 1
        elif entry.what is What.LETTER:
            self.letters[entry.letter or ""] += 1
            self.clients.update([entry.client] if entry.client else [])
        elif entry.what is What.TELLING:
            self.tellings[entry.letter or ""] += 1
        elif entry.what is What.NO_LETTER:
            self.without[entry.because] += 1
        elif entry.what is What.CASE:
            self._follow(entry)

    def _follow(self, entry: Entry) -> None:
        """A case that changes: had it stood beyond the end of its day?"""
        case = entry.matter
        if case is None:
            return
        self.cases += entry.because.startswith("opened")
        opened, deadline = self._waiting.pop(case.key, (entry, None))
        if deadline is not None and entry.at > deadline:
            self._overnight(opened, deadline, (case.state, entry.at) if case.state is not CaseState.WAITING else None)
        if case.state is CaseState.WAITING:
            self._waiting[case.key] = (opened, self._deadline(case.received_at))

    def _deadline(self, received: datetime) -> datetime | None:
        try:
            return self.hours.closing(received)
        except NeverOpens:
            return None

    def _overnight(self, opened: Entry, deadline: datetime, over: tuple[CaseState, datetime] | None) -> None:
        case = opened.matter
        if case is not None:
            known = self._stood.get(case.key)
            received = known.received if known else case.received_at
            self._stood[case.key] = Stood(received, opened.client, opened.subject or "", deadline, over)

    def overnight(self, until: datetime) -> list[Stood]:
        """Complaints that stood unanswered at the end of their day, the clock having run until then; earliest first."""
        for opened, deadline in self._waiting.values():
            if deadline is not None and deadline < until:
                self._overnight(opened, deadline, None)
        return sorted(self._stood.values(), key=lambda stood: stood.received)

    def lines(self, bounds: Bounds, terminal: Terminal) -> Iterator[str]:
        zone = self.hours.zone
        moments = (bounds.first, bounds.last, bounds.until - timedelta(microseconds=1))
        first, last, until = (f"{at.astimezone(zone):%-d %B %Y}" for at in moments)
        played = f"{_many(bounds.mails, 'mail')} and {_many(bounds.answers, 'answer')} from {first} to {last}"
        yield terminal.style(f"\n{played}", "bold") + f"; the clock ran on until {until}" * (until != last)
        yield from _counted("letters to clients", self.letters, terminal)
        if self.held:
            yield f"  {self.held:>7,}  held besides, over letters.at_most an hour, for a person to release"
        yield from self._busiest(terminal)
        yield from _counted("tellings to colleagues", self.tellings, terminal)
        yield from self._complaints(bounds, terminal)
        yield from _counted("mails without a letter", self.without, terminal)
        if 2 * self.without[Reason.NOT_ADDRESSED_TO_US] > bounds.mails:
            yield "most mails are not addressed to us: are `address`, `aliases` and `domains` in config.yaml right?"
        if bounds.bare:
            had = "has" if bounds.bare == 1 else "have"
            yield f"{_many(bounds.bare, 'mail')} {had} lost the Return-Path; it is taken to be the sender"
        if bounds.undated:
            have = "has" if bounds.undated == 1 else "have"
            yield f"{_many(bounds.undated, 'mail')} {have} no date that can be right; played with the one before"
        if bounds.aside:
            was = "was" if bounds.aside == 1 else "were"
            yield f"{_many(bounds.aside, 'mail')} {was} a draft or spam, and left out"

    def _busiest(self, terminal: Terminal) -> Iterator[str]:
        if self.clients:
            who, count = self.clients.most_common(1)[0]
            yield f"{terminal.style('busiest client', 'bold')}: {visible(who)}, {_many(count, 'letter')}"

    def _complaints(self, bounds: Bounds, terminal: Terminal) -> Iterator[str]:
        stood = self.overnight(bounds.until)
        head = (
            f"{terminal.style('complaints', 'bold')}: {self.cases:,}, of which {len(stood):,} went overnight unanswered"
        )
        yield head + ("; no --sent was given, so none counts as answered" if not bounds.answers and self.cases else "")
        for each in stood[:_NAMED]:
            received = each.received.astimezone(self.hours.zone)
            words = visible(f"{each.client or 'nobody'}: {shorten(each.subject)}", lines=False)
            yield f"  {received:%a %-d %b %Y %H:%M}  {words}  ({self._end(each, bounds)})"
        if len(stood) > _NAMED:
            yield f"  and {len(stood) - _NAMED:,} more"

    def _end(self, stood: Stood, bounds: Bounds) -> str:
        if stood.over is not None:
            state, at = stood.over
            return f"{state} {at.astimezone(self.hours.zone):%-d %b %H:%M}"
        return "never" if stood.deadline <= bounds.last else "the mail ends before that day does"


def _counted(name: str, counter: Counter[str], terminal: Terminal) -> Iterator[str]:
    yield f"{terminal.style(name, 'bold')}: {counter.total():,}"
    for word, count in counter.most_common():
        yield f"  {count:>7,}  {visible(word, lines=False)}"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
