"""Whatever comes in whatever order: clients, colleagues and clocks, and what must hold after each step."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.story import house_as_usual
from troth.desk.playing import Entry, Play, What
from troth.model import Address, Case, CaseState, PromiseState, Relationship

CLIENTS = ["jo@client.example", "mo@bell.example"]
TEXTS = {
    "complaint": "My order is smudged.",
    "unsure": "The colours are a bit pale.",
    "severe": "Your machine caught fire.",
    "legal": "You will hear from my lawyer.",
    "praise": "The brochures are beautiful.",
    "plain": "Two hundred more of the same.",
    "thanks": "Thank you, all sorted.",
    "asks": "Any news?",
}
WORDS = [
    *("answered", "answered", "settled", "promise in 2 hours", "promise in 3 business days", "promise 10:00", "kept"),
    *("snooze 1 hour", "snooze 2 business days", "to Sam", "to me", "complaint", "praise", "neither", "send", "drop"),
    *("undo", "undo", "undo", "note she rang", "all answered", "1 neither", "all kept", "Dear Jo, we are sorry."),
    *("answered\npromise in 2 business days", "quiet", "part"),
]
OFTEN = [*TEXTS, "complaint", "complaint", "thanks"]
HOUR = timedelta(hours=1)


class Business(RuleBasedStateMachine):
    """Harbour Print over some weeks, its daemon running, stopped and started again."""

    def __init__(self) -> None:
        super().__init__()
        self.house = house_as_usual()
        self.play: Play | None = None
        self.entries: list[Entry] = []
        self.mails: dict[str, list[str]] = {who: [] for who in CLIENTS}
        self.answers: list[tuple[str, datetime]] = []
        self.wrote: list[tuple[str, datetime]] = []
        self.count = 0

    @initialize(hour=st.integers(0, 24 * 7))
    def opens(self, hour: int) -> None:
        start = datetime.fromisoformat("2026-11-16T00:00:00+00:00") + hour * HOUR
        self.play = Play(self.house, start)

    def teardown(self) -> None:
        if self.play is not None:
            self.play.close()

    @property
    def now(self) -> datetime:
        assert self.play is not None
        return self.play.now

    def feed(self, raw: bytes, *, sent: bool = False) -> None:
        assert self.play is not None
        self.entries += self.play.feed(self.now, raw, sent=sent, inbox="hello")

    def mail(self, sender: str, to: str, text: str, parent: str | None = None, **fields: str) -> bytes:
        self.count += 1
        own = f"<{self.count}@{sender.partition('@')[2]}>"
        message = EmailMessage()
        message["Return-Path"], message["From"], message["To"] = f"<{sender}>", sender, to
        message["Subject"], message["Date"], message["Message-ID"] = "Order 1182", format_datetime(self.now), own
        if parent:
            message["In-Reply-To"] = message["References"] = parent
        for name, value in fields.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        self.last = own
        return message.as_bytes()

    @rule(
        who=st.sampled_from(CLIENTS),
        text=st.sampled_from([*TEXTS, "complaint", "complaint", "thanks"]),
        again=st.booleans(),
    )
    def a_client_writes(self, who: str, text: str, again: bool) -> None:
        parent = self.mails[who][-1] if again and self.mails[who] else None
        self.feed(self.mail(who, "hello@harbour.example", TEXTS[text], parent))
        self.mails[who].append(self.last)
        self.wrote.append((who, self.now))

    @rule(who=st.sampled_from(CLIENTS))
    def a_client_is_away(self, who: str) -> None:
        self.feed(self.mail(who, "hello@harbour.example", "I am out of the office.", Auto_Submitted="auto-replied"))

    @precondition(lambda self: any(self.mails.values()))
    @rule(who=st.sampled_from(CLIENTS))
    def a_colleague_answers(self, who: str) -> None:
        if self.mails[who]:
            self.feed(self.mail("ada@harbour.example", who, "I see to it.", self.mails[who][-1]), sent=True)
            self.answers.append((who, self.now))

    @precondition(lambda self: any(entry.what is What.TELLING for entry in self.entries))
    @rule(words=st.sampled_from(WORDS), back=st.integers(1, 4))
    def a_colleague_replies(self, words: str, back: int) -> None:
        self.reply(words, back)

    @rule(who=st.sampled_from(CLIENTS), text=st.sampled_from(["complaint", "unsure"]), words=st.sampled_from(WORDS))
    def a_complaint_is_told_and_replied_to(self, who: str, text: str, words: str) -> None:
        self.a_client_writes(who, text, again=False)
        self.time_passes(30)
        if any(entry.what is What.TELLING for entry in self.entries):
            self.reply(words, 1)

    @precondition(lambda self: any(entry.letter == "colleague/confirmation" for entry in self.entries))
    @rule(back=st.integers(1, 2))
    def a_colleague_takes_it_back(self, back: int) -> None:
        self.reply("undo", back, "colleague/confirmation")

    def reply(self, words: str, back: int, to: str = "") -> None:
        told = [entry for entry in self.entries if entry.what is What.TELLING and to in (entry.letter or "")]
        of = told[-min(back, len(told))]
        assert of.to is not None
        assert of.written is not None
        before = len(self.entries)
        self.feed(self.mail(of.to, "hello@harbour.example", words, of.written.message_id))
        assert self.play is not None
        self.entries += self.play.advance(self.now)
        answered = [entry for entry in self.entries[before:] if entry.because.startswith(("answered:", "as before:"))]
        self.answers += [
            (entry.client, entry.matter.answered_at)
            for entry in answered
            if entry.client and entry.matter and entry.matter.answered_at
        ]

    @rule(who=st.sampled_from(CLIENTS))
    def a_colleague_writes_of_something_else(self, who: str) -> None:
        raw = self.mail("sam@harbour.example", who, "Here is the invoice.").replace(b"Order 1182", b"Invoice 77")
        self.feed(raw, sent=True)

    @rule(hours=st.sampled_from([1, 4, 30, 100, 300]))
    def time_passes(self, hours: int) -> None:
        assert self.play is not None
        self.entries += self.play.advance(self.now + hours * HOUR / 4)

    @rule(hours=st.integers(1, 60))
    def the_daemon_is_down(self, hours: int) -> None:
        assert self.play is not None
        self.entries += self.play.wake_up(self.now + hours * HOUR)

    @rule()
    def the_clock_is_looked_at_again(self) -> None:
        """Nothing happens twice at one moment."""
        assert self.play is not None
        before = len(self.entries)
        self.entries += self.play.advance(self.now)
        self.entries += self.play.wake_up(self.now)
        assert [entry for entry in self.entries[before:] if entry.what is What.LETTER] == []

    def left(self, *purposes: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.what is What.LETTER and entry.letter in purposes]

    def cases(self) -> list[tuple[str, Case]]:
        """Each case as it stands, with the address of its client."""
        whose = {entry.case: entry.client for entry in self.entries if entry.because.startswith("opened")}
        found = {entry.matter.key: entry.matter for entry in self.entries if entry.matter is not None}
        return [(whose[key] or "", case) for key, case in found.items()]

    @invariant()
    def a_case_is_acknowledged_at_most_once(self) -> None:
        acknowledged = Counter(entry.case for entry in self.left("complaint/acknowledgement", "mixed/acknowledgement"))
        assert all(count == 1 for count in acknowledged.values())

    @invariant()
    def nobody_gets_more_letters_than_his_budget(self) -> None:
        for who in CLIENTS:
            first = [entry.at for entry in self.entries if entry.to == who and entry.written and _acknowledges(entry)]
            assert all(later - before >= 24 * HOUR for before, later in pairwise(first))
            follow = [entry.at for entry in self.entries if entry.to == who and entry.written and _follows_up(entry)]
            assert all(later - before >= 7 * 23 * HOUR for before, later in pairwise(follow))

    @invariant()
    def nobody_is_asked_after_he_wrote_again(self) -> None:
        for letter in self.left("complaint/put-right"):
            answered = max(at for who, at in self.answers if who == letter.to and at <= letter.at)
            assert not [at for who, at in self.wrote if who == letter.to and answered < at < letter.at]

    @invariant()
    def a_complaint_that_waits_was_told_by_its_deadline(self) -> None:
        hours = self.house.business.hours
        for who, case in self.cases():
            snoozed = case.snoozed_until is not None and case.snoozed_until >= self.now
            if case.state is CaseState.WAITING and hours.closing(case.received_at) < self.now and not snoozed:
                told = [entry for entry in self.entries if entry.what is What.TELLING and entry.at >= case.received_at]
                assert any(_names(entry, who) for entry in told), f"nobody was told of {who} by {self.now}"

    def known(self) -> list[tuple[str, Relationship]]:
        """What the store knows of each client."""
        assert self.play is not None
        with self.play.store.reading() as book:
            year = self.now - 9_000 * HOUR
            return [
                (who, book.relationship(frozenset({Address(who)}), [], "<none@x.example>", year)) for who in CLIENTS
            ]

    @invariant()
    def silence_and_parting_are_honoured(self) -> None:
        for who, relationship in self.known() if self.play is not None else ():
            letters = [entry for entry in self.entries if entry.what is What.LETTER and entry.to == who]
            hushed = relationship.client.hushed_at
            assert not [entry for entry in letters if hushed and entry.at > hushed]
            closed = [
                case.closed_at for case in relationship.cases if case.state is CaseState.PARTED and case.closed_at
            ]
            later = [entry.letter for entry in letters if closed and entry.at > min(closed)]
            assert set(later) <= {"complaint/parting"}

    @invariant()
    def a_promise_is_told_of_once_for_each_step_and_never_forgotten(self) -> None:
        told = [
            entry.written.key
            for entry in self.entries
            if entry.written and (entry.letter or "").startswith("colleague/promise")
        ]
        assert len(set(told)) == len(told)
        for _, relationship in self.known() if self.play is not None else ():
            overdue = [each for each in relationship.promises if each.due_at < self.now]
            assert not [each for each in overdue if each.state is PromiseState.OPEN]

    @invariant()
    def no_case_settles_by_silence_while_a_promise_is_open(self) -> None:
        bound: Counter[str | None] = Counter()
        for entry in self.entries:
            if entry.what is What.PROMISE:
                change = entry.because.partition(":")[0]
                bound[entry.case] += {"made": 1, "as before": 1, "kept": -1, "withdrawn": -1}.get(change, 0)
            assert not (entry.because == "settled: silence since the answer" and bound[entry.case] > 0)

    @invariant()
    def each_mail_stands_somewhere(self) -> None:
        if self.play is not None:
            for account in self.play.store.accounting().values():
                elsewhere = account.acknowledged + account.pending + account.set_aside
                assert account.seen == elsewhere + sum((account.no_letter or {}).values())


def _names(telling: Entry, who: str) -> bool:
    return telling.written is not None and who.encode() in telling.written.raw


def _follows_up(entry: Entry) -> bool:
    """Whether it is a letter of a plan's: the letter of parting is a person's."""
    return entry.what is What.LETTER and entry.letter != "complaint/parting" and not _acknowledges(entry)


def _acknowledges(entry: Entry) -> bool:
    return entry.letter in ("complaint/acknowledgement", "mixed/acknowledgement", "praise/thank-you")


TestBusiness = Business.TestCase
TestBusiness.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
