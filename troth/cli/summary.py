"""The sums of a rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from troth.cli.diary import shorten
from troth.cli.oldmail import Old
from troth.cli.terminal import Terminal, visible
from troth.desk.playing import Entry, What
from troth.hours import Hours, NeverOpens
from troth.model import Address, CaseState

_NAMED = 10
"""So many complaints that stood overnight are named; of the others only the number is told."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What was played: how many mails and answers, between which moments. `bare` had no Return-Path any more."""

    mails: int
    answers: int
    first: datetime
    last: datetime
    until: datetime
    undated: int
    bare: int = 0

    @classmethod
    def of(cls, played: Sequence[Old], until: datetime, undated: int, bare: int = 0) -> Bounds:
        answers = sum(old.sent for old in played)
        first, last = (played[0].at, played[-1].at) if played else (until, until)
        return cls(len(played) - answers, answers, first, last, until, undated, bare)


@dataclass(frozen=True, slots=True)
class Stood:
    """A complaint that stood unanswered when its business day ended. `answered` is None where nobody ever did."""

    received: datetime
    client: Address | None
    subject: str
    answered: datetime | None


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
            answered = entry.at if case.state is not CaseState.WAITING else None
            self._overnight(opened, answered)
        if case.state is CaseState.WAITING:
            self._waiting[case.key] = (opened, self._deadline(case.received_at))

    def _deadline(self, received: datetime) -> datetime | None:
        try:
            return self.hours.closing(received)
        except NeverOpens:
            return None

    def _overnight(self, opened: Entry, answered: datetime | None) -> None:
        case = opened.matter
        if case is not None:
            known = self._stood.get(case.key)
            received = known.received if known else case.received_at
            self._stood[case.key] = Stood(received, opened.client, opened.subject or "", answered)

    def overnight(self, last: datetime) -> list[Stood]:
        """Complaints that stood unanswered at the end of their day, the last mail being of `last`; earliest first."""
        for opened, deadline in self._waiting.values():
            if deadline is not None and deadline < last:
                self._overnight(opened, None)
        return sorted(self._stood.values(), key=lambda stood: stood.received)

    def lines(self, bounds: Bounds, terminal: Terminal) -> Iterator[str]:
        zone = self.hours.zone
        days = [f"{at.astimezone(zone).day} {at.astimezone(zone):%B %Y}" for at in (bounds.first, bounds.last)]
        yield terminal.style(
            f"\n{_many(bounds.mails, 'mail')} and {_many(bounds.answers, 'answer')} from {days[0]} to {days[1]}", "bold"
        )
        yield from _counted("letters to clients", self.letters, terminal)
        if self.held:
            yield f"  {self.held:>7,}  held besides, over letters.at_most an hour, for a person to release"
        yield from self._busiest(terminal)
        yield from _counted("tellings to colleagues", self.tellings, terminal)
        yield from self._complaints(bounds, terminal)
        yield from _counted("mails without a letter", self.without, terminal)
        if bounds.bare:
            had = "has" if bounds.bare == 1 else "have"
            yield f"{_many(bounds.bare, 'mail')} {had} lost the Return-Path; it is taken to be the sender"
        if bounds.undated:
            have = "has" if bounds.undated == 1 else "have"
            yield f"{_many(bounds.undated, 'mail')} {have} no date that can be; played beside what stood before"

    def _busiest(self, terminal: Terminal) -> Iterator[str]:
        if self.clients:
            who, count = self.clients.most_common(1)[0]
            yield f"{terminal.style('busiest client', 'bold')}: {visible(who)}, {_many(count, 'letter')}"

    def _complaints(self, bounds: Bounds, terminal: Terminal) -> Iterator[str]:
        stood = self.overnight(bounds.last)
        head = (
            f"{terminal.style('complaints', 'bold')}: {self.cases:,}, of which {len(stood):,} went overnight unanswered"
        )
        yield head + ("; no --sent was given, so none counts as answered" if not bounds.answers and self.cases else "")
        for each in stood[:_NAMED]:
            received = each.received.astimezone(self.hours.zone)
            said = f"answered {each.answered.astimezone(self.hours.zone):%-d %b %H:%M}" if each.answered else "never"
            words = visible(f"{each.client or 'nobody'}: {shorten(each.subject)}", lines=False)
            yield f"  {received:%a %-d %b %Y %H:%M}  {words}  ({said})"
        if len(stood) > _NAMED:
            yield f"  and {len(stood) - _NAMED:,} more"


def _counted(name: str, counter: Counter[str], terminal: Terminal) -> Iterator[str]:
    yield f"{terminal.style(name, 'bold')}: {counter.total():,}"
    for word, count in counter.most_common():
        yield f"  {count:>7,}  {visible(word, lines=False)}"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
