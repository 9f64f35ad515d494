"""The store that a play passes through comes to the same as the one that stays, whatever fails on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.story import house_as_usual
from tests.test_posting import ScriptedCourier, Shelf
from tests.test_store_contract import JO, JO_AT_MARSH, NOW, case, follow_up, letter, mail
from troth.desk import Came, Folder, Receiving, Reviewing, Setting
from troth.desk.noticing import Noticing
from troth.desk.playing import Play
from troth.desk.playing.noting import NotingStore
from troth.desk.posting import Breaker, Posting
from troth.desk.receiving import TRIES
from troth.desk.setting import Card
from troth.letters import Letters, Rendered
from troth.letters.tellings import Facts
from troth.maillog import Maillog
from troth.message import parse
from troth.model import (
    Address,
    CaseState,
    ChangeCase,
    Client,
    Enter,
    LetterState,
    OpenCase,
    Postpone,
    Relationship,
    Schedule,
    Seen,
    Standing,
)
from troth.outbox import At, Delivery, Filing, Outcome
from troth.store import SqlStore, Watermark, open_store
from troth.store.passing import PassingBase, memory

START = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG_AGO, FAR = START - timedelta(days=400), START + timedelta(days=4000)
PEOPLE = [Address("jo@client.example"), Address("jo@marsh.example"), Address("mo@bell.example")]
WORDS = ["answered", "settled", "promise in 2 hours", "snooze 1 hour", "to Sam", "praise", "send", "undo", "drop"]
TEXTS = [
    *("My order is smudged.", "My order is smudged.", "The colours are a bit pale.", "Your machine caught fire."),
    *("The brochures are beautiful.", "Two hundred more of the same.", "Thank you, all sorted.", "Any news?"),
]


class Played(ScriptedCourier):
    """Takes every letter with the words of a play."""

    def deliver(self, envelope_from: str, to: Address, raw: bytes) -> Delivery:  # noqa: ARG002 - the courier's
        return Delivery(Outcome.SENT, At.DATA, 250, "played")


class Stumbling(Letters):
    """Letters that cannot be rendered now and then, for no reason that the house knows."""

    failures = 0

    def render(self, name: str, facts: Facts, *, language: str | None = None) -> Rendered:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a mistake of ours")
        return super().render(name, facts, language=language)


def stumbling() -> Setting:
    usual = house_as_usual()
    return replace(usual, letters=Stumbling(usual.letters.sources.values(), language=usual.letters.language))


@dataclass
class Stay:
    """As a play, over a store that stays; what happened is read in its tables."""

    setting: Setting
    store: SqlStore
    now: datetime = START
    _uid: int = 0
    _postings: list[Posting] = field(default_factory=list)

    def __post_init__(self) -> None:
        log, breaker = Maillog(), Breaker()
        self._receiving = Receiving(self.store, lambda: self.setting, lambda: self.now, log)
        self._reviewing = Reviewing(self.store, lambda: self.setting, lambda: self.now, log)
        self._postings = [
            Posting(
                inbox=name,
                store=self.store,
                setting=lambda: self.setting,
                courier=Played(),
                filer=Shelf(),
                filing=Filing.PROVIDER,
                breaker=breaker,
                noticing=Noticing(self.store, lambda: self.setting, lambda: self.now),
                now=lambda: self.now,
                random=lambda: 0.5,
                log=log,
                worker="stay",
            )
            for name in self.setting.business.inboxes
        ]

    def feed(self, raw: bytes, *, sent: bool) -> None:
        self.advance(self.now)
        name = next(iter(self.setting.business.inboxes))
        folder = Folder(name, "Sent" if sent else "INBOX", 1, sent=sent)
        self._uid += 1
        mark = Watermark(name, folder.name, 1, self._uid)
        for left in reversed(range(TRIES)):
            try:
                self._receiving.receive(folder, mark, [Came(self._uid, raw, self.now)])
            except RuntimeError:
                assert left
                continue
            break
        self._post()

    def advance(self, to: datetime) -> None:
        while (due := self._next_due()) is not None and due <= to:
            self.now = max(self.now, due)
            self._reviewing.review()
            self._post()
        self.now = max(self.now, to)

    def _next_due(self) -> datetime | None:
        with self.store.reading() as book:
            return book.next_due()

    def _post(self) -> None:
        while self.store.letters((LetterState.QUEUED, LetterState.DEFERRED)):
            for posting in self._postings:
                posting.post()


def test_a_block_that_fails_takes_back_what_it_wrote_and_nothing_else() -> None:
    store = NotingStore(PassingBase())
    jo = Client("jo", frozenset({JO}))
    with store.writing() as book:
        book.record(mail(1), jo, (Schedule(follow_up(jo), "later"),), (letter(next_try=NOW),), NOW)
    with pytest.raises(ValueError, match="no"):
        _fail(store)
    with store.reading() as book:
        assert (book.recall("told"), book.seen("mail-2"), book.next_due()) == (None, None, NOW)
        assert [each.key for each in book.due(FAR, 9)] == ["case-1:s1:0"]
        assert (book.seen("mail-1"), book.follow_up("other")) == (book.seen_by_message_id("<1@client.example>"), None)
        seen = book.seen("mail-1")
        assert seen is not None
        assert seen.standing is Standing.PENDING
    assert [each.key for each in store.waiting_letters(NOW, "hello", 9)] == ["letter-1"]
    assert [each.key for each in store.letters()] == ["letter-1"]
    with store.writing() as book:
        known = book.relationship(frozenset({JO}), [], "<none@x.example>", LONG_AGO).client
        assert book.record(mail(2), known, (), (), NOW)
    assert store.accounting()["hello"].seen == 2
    store.close()


def _fail(store: NotingStore) -> None:
    with store.writing() as book:
        known = book.relationship(frozenset({JO}), [], "<none@x.example>", LONG_AGO).client
        assert book.take("case-1:s1:0", NOW)
        steps = (Postpone(follow_up(known), FAR, "again"), Schedule(follow_up(known, "other"), "later"))
        book.record(mail(2), known, steps, (letter("letter-2", next_try=NOW),), NOW)
        book.carry_out(known, (Enter("mail-1", Standing.NO_LETTER, "limit"),), (), NOW)
        assert book.seen_by_message_id("<2@client.example>")
        assert book.letter("letter-2")  # all that waits is written, and will be taken back
        book.remember("told", "once")
        raise ValueError("no")


def test_a_case_of_one_who_is_found_to_be_another_becomes_that_ones(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:///{tmp_path}/troth.db", create=True), NotingStore(PassingBase())]
    for store in stores:
        with store.writing() as book:
            book.record(mail(1), Client("jo", frozenset({JO})), (), (), NOW)
        with store.writing() as book:
            marsh = Client("marsh", frozenset({JO_AT_MARSH}))
            opened = OpenCase(case(marsh), "complaint, sure (3.2)")
            book.record(mail(2, JO_AT_MARSH, NOW + HOUR), marsh, (opened,), (), NOW + HOUR)
        with store.writing() as book:
            known = book.relationship(frozenset({JO, JO_AT_MARSH}), [], "<none@x.example>", LONG_AGO)
            answered = ChangeCase(replace(known.cases[0], state=CaseState.ANSWERED), "case answered", "she wrote")
            book.record(mail(3, JO, NOW + HOUR), known.client, (answered,), (), NOW + HOUR)
        assert [(each.client, each.state) for each in store.open_cases()] == [("jo", CaseState.ANSWERED)]
        with store.reading() as book:
            assert [
                each.client for each in book.relationship(frozenset({JO}), [], "<none@x.example>", LONG_AGO).cases
            ] == ["jo"]
        store.close()


class Alike(RuleBasedStateMachine):
    """Each rule does one thing to both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.play = Play(stumbling(), START)
        self.stay = Stay(stumbling(), open_store(f"sqlite:///{self.folder.name}/troth.db", create=True))
        self.stores: tuple[SqlStore, SqlStore] = (self.play.store, self.stay.store)
        self.mails: list[bytes] = []
        self.ids: dict[Address, list[str]] = {who: [] for who in PEOPLE}
        self.kept = memory.KEPT
        memory.KEPT = 4

    def teardown(self) -> None:
        memory.KEPT = self.kept
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def feed(self, *raws: bytes, sent: bool = False) -> None:
        """A mail; where it answers one of ours, that of each store."""
        assert self.play.now == self.stay.now
        self.mails += raws
        self.play.feed(self.play.now, raws[0], sent=sent)
        self.stay.feed(raws[-1], sent=sent)

    def written(self, sender: str, to: str, text: str, parent: str | None, number: int = 0) -> bytes:
        message = EmailMessage()
        message["Return-Path"], message["From"], message["To"] = f"<{sender}>", sender, to
        message["Subject"], message["Date"] = "Order 1182", format_datetime(self.play.now)
        message["Message-ID"] = f"<{number or len(self.mails)}@{sender.partition('@')[2]}>"
        if parent:
            message["In-Reply-To"] = message["References"] = parent
        message.set_content(text)
        return message.as_bytes()

    @rule(who=st.sampled_from(PEOPLE), text=st.sampled_from(TEXTS), again=st.booleans(), failures=st.integers(0, 4))
    def a_client_writes(self, who: Address, text: str, again: bool, failures: int) -> None:
        self.stumble(failures if failures != 4 else 0)
        raw = self.written(who, "hello@harbour.example", text, self.ids[who][-1] if again and self.ids[who] else None)
        self.feed(raw)
        self.ids[who].append(f"<{len(self.mails) - 1}@{who.partition('@')[2]}>")
        self.stumble(0)

    @rule(who=st.sampled_from(PEOPLE), referring=st.booleans())
    def a_colleague_answers(self, who: Address, referring: bool) -> None:
        parent = self.ids[who][-1] if referring and self.ids[who] else None
        self.feed(self.written("ada@harbour.example", who, "I see to it.", parent), sent=True)

    @rule(words=st.sampled_from(WORDS), back=st.integers(1, 3))
    def a_colleague_replies(self, words: str, back: int) -> None:
        told = [[each for each in store.letters() if each.to.startswith("ada@")][-back:] for store in self.stores]
        if told[0]:
            number = len(self.mails) + 1
            self.feed(
                *(
                    self.written("ada@harbour.example", "hello@harbour.example", words, each[0].message_id, number)
                    for each in told
                )
            )

    @rule(who=st.sampled_from(PEOPLE))
    def a_letter_bounces_or_is_answered(self, who: Address) -> None:
        sent = [[each for each in store.letters() if each.to == who][-1:] for store in self.stores]
        if sent[0]:
            self.feed(*(self.written(who, "hello@harbour.example", "Any news?", each[0].message_id) for each in sent))

    @rule(quarters=st.sampled_from([1, 4, 30, 100, 700]), failures=st.integers(0, 3))
    def time_passes(self, quarters: int, failures: int) -> None:
        self.stumble(failures)
        to = self.play.now + quarters * HOUR / 4
        self.play.advance(to)
        self.stay.advance(to)
        self.stumble(0)

    @rule()
    def the_owner_learns_that_two_addresses_are_one_clients(self) -> None:
        card = Card(frozenset(PEOPLE[:2]), name="Jo Marsh")
        for each in (self.play, self.stay):
            each.setting = replace(each.setting, cards=dict.fromkeys(PEOPLE[:2], card))

    def stumble(self, failures: int) -> None:
        for each in (self.play, self.stay):
            assert isinstance(each.setting.letters, Stumbling)
            each.setting.letters.failures = failures

    @invariant()
    def both_hold_the_same(self) -> None:
        for look in (_seen(self.mails), _histories, _follow_ups, _letters, SqlStore.accounting, _others):
            found, stays = (look(store) for store in self.stores)
            assert found == stays, look


def _histories(store: SqlStore) -> object:
    with store.reading() as book:
        return [_history(book.relationship(frozenset({who}), [], "<none@x.example>", LONG_AGO)) for who in PEOPLE]


def _history(found: Relationship) -> object:
    written = [replace(each, message_id="") for each in found.written]
    promises = [replace(each, client="") for each in found.promises]
    cases = [replace(each, client="", thread="") for each in found.cases]
    exchanges = [replace(each, thread="", because=each.because if each.ours else "") for each in found.exchanges]
    return (
        replace(found.client, key="", revision=0),
        found.thread,
        cases,
        exchanges,
        written,
        promises,
    )


def _seen(mails: Sequence[bytes]) -> Callable[[SqlStore], object]:
    def look(store: SqlStore) -> object:
        with store.reading() as book:
            known = [parse(raw) for raw in mails]
            found = [book.seen(each.identity) for each in known]
            found += [book.seen_by_message_id(each.message_id) for each in known if each.message_id]
        return [each and _alike(each) for each in found]

    return look


def _alike(seen: Seen) -> Seen:
    """But for what each store makes at random: the keys of clients, and our Message-IDs."""
    thread = "" if seen.thread.endswith("@harbour.example>") else seen.thread
    return replace(seen, client="" if seen.client else None, references=(), thread=thread)


def _follow_ups(store: SqlStore) -> object:
    with store.reading() as book:
        return book.next_due(), [replace(each, client="") for each in book.due(FAR, 1000)]


def _letters(store: SqlStore) -> object:
    return [replace(each, client="", message_id="", raw=b"") for each in store.letters()]


def _others(store: SqlStore) -> object:
    cases = [replace(each, client="", thread="") for each in store.open_cases()]
    promises = [replace(each, client="") for each in store.promises()]
    return cases, promises, store.counts(START).letters, [(each.mail, each.tone) for each in store.corrections()]


TestAlike = Alike.TestCase
TestAlike.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
