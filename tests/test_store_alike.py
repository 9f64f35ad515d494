"""Whatever is done to them, the store in memory and the one in SQLite come to the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes import FakeStore
from tests.test_store_colleagues import promise
from tests.test_store_contract import (
    ADA,
    JO,
    JO_AT_MARSH,
    LONG_AGO,
    MINUTE,
    NOW,
    PAT,
    answer,
    case,
    follow_up,
    letter,
    mail,
)
from troth.model import (
    Address,
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Client,
    Correct,
    Enter,
    KeepPromise,
    LetterState,
    Note,
    OpenCase,
    Postpone,
    PromiseState,
    Schedule,
    Seen,
    Standing,
    Step,
    Tone,
    Withhold,
)
from troth.store import open_store
from troth.store.face import Book, Moved, Store

NUMBERS = st.integers(1, 6)
PEOPLE = st.sampled_from([(JO,), (JO_AT_MARSH,), (PAT,), (JO, JO_AT_MARSH), (PAT, JO)])
STATES = st.sampled_from([state for state in LetterState if state is not LetterState.SENDING])
STALE = st.sampled_from([0, 0, 0, 0, 1])


class Alike(RuleBasedStateMachine):
    """Each rule does one thing to both stores and compares what they answer."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores: list[Store] = [FakeStore(), open_store(f"sqlite:///{self.folder.name}/troth.db", create=True)]
        self.now = NOW

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def both(self, answers: Sequence[object]) -> None:
        assert answers[0] == answers[1]

    @rule(number=NUMBERS, people=PEOPLE, state=STATES, stale=STALE)
    def record(self, number: int, people: tuple[Address, ...], state: LetterState, stale: int) -> None:
        self.now += MINUTE
        seen = mail(number, people[0], self.now, refusal="list" if number == 5 else None)
        seen = seen if number != 6 else answer(6, people, self.now)
        self.both([self._record(store, seen, people, state, stale) for store in self.stores])

    def _record(self, store: Store, seen: Seen, people: tuple[Address, ...], state: LetterState, stale: int) -> object:
        with store.writing() as book:
            found = book.relationship(
                frozenset(people), (f"<{seen.uid - 1}@client.example>",), "<x@y.example>", LONG_AGO
            )
            client = replace(found.client, revision=max(0, found.client.revision - stale))
            steps: list[Step] = [Note("n", found.thread), Enter(seen.identity, Standing.SET_ASIDE, "s")]
            if seen.uid == 1:
                opened = case(client, 1, mail=seen.identity)
                steps += [OpenCase(opened, "c"), Schedule(follow_up(client, f"f{seen.uid}", self.now), "p")]
            if seen.uid == 2:
                steps.append(ChangeClient(replace(client, known=True, last_colleague=ADA), "k", "k"))
            letters = [letter(f"l{seen.uid}", state, mail=seen.identity, client=client.key, created=self.now)]
            try:
                return book.record(replace(seen, thread=found.thread), client, steps, letters, self.now)
            except Moved:
                return "moved"

    @rule(number=NUMBERS, until=st.integers(1, 3), postponed=st.booleans())
    def reconsider(self, number: int, until: int, postponed: bool) -> None:
        self.both([self._reconsider(store, f"f{number}", until, postponed) for store in self.stores])

    def _reconsider(self, store: Store, key: str, until: int, postponed: bool) -> object:
        with store.writing() as book:
            due = {each.key: each for each in book.due(self.now, 9)}
            if not book.take(key, self.now):
                return key in due
            later = Postpone(due[key], self.now + until * MINUTE, "later")
            step: Step = later if postponed else Withhold(due[key], "no")
            book.carry_out(book.client(due[key].client), [step], [], self.now)
            return replace(due[key], client="")

    @rule(number=NUMBERS, state=st.sampled_from(list(CaseState)))
    def change_case(self, number: int, state: CaseState) -> None:
        for store in self.stores:
            with store.writing() as book:
                found = book.case(f"case-{number}")
                if found is not None:
                    closed = self.now if state in (CaseState.SETTLED, CaseState.PARTED) else None
                    changed = ChangeCase(replace(found, state=state, closed_at=closed), "changed", state.value)
                    book.carry_out(book.client(found.client), [changed], [], self.now)

    @rule(number=NUMBERS, who=st.sampled_from([JO, PAT]), state=st.sampled_from(list(PromiseState)))
    def promise(self, number: int, who: Address, state: PromiseState) -> None:
        self.now += MINUTE
        for store in self.stores:
            with store.writing() as book:
                client = book.relationship(frozenset({who}), (), "<x@y.example>", LONG_AGO).client
                closed = self.now if state in (PromiseState.KEPT, PromiseState.WITHDRAWN) else None
                made = promise(client, number, state=state, closed_at=closed, mail=f"mail-{number}")
                book.carry_out(client, [KeepPromise(made, "promise", state.value)], [], self.now)

    @rule(number=NUMBERS, expect=STATES, state=STATES, tone=st.sampled_from([None, frozenset[Tone](), frozenset(Tone)]))
    def command(self, number: int, expect: LetterState, state: LetterState, tone: frozenset[Tone] | None) -> None:
        steps: list[Step] = [
            ChangeLetter(f"l{number}", (expect,), state, "said so"),
            Correct(f"mail-{number}", tone, ADA, "said so"),
        ]
        for store in self.stores:
            with store.writing() as book:
                book.carry_out(None, steps, [], self.now)

    @rule(number=NUMBERS, state=STATES)
    def settle(self, number: int, state: LetterState) -> None:
        for store in self.stores:
            found = store.letter(f"l{number}")
            if found is not None:
                sent = self.now if state is LetterState.SENT else found.sent_at
                store.settle([replace(found, state=state, attempts=found.attempts + 1, sent_at=sent)], self.now)

    @rule(keys=st.lists(NUMBERS, unique=True))
    def claim(self, keys: list[int]) -> None:
        self.both([store.mark_sending([f"l{each}" for each in keys], self.now, "w") for store in self.stores])

    @rule(older=st.integers(0, 3))
    def interrupted(self, older: int) -> None:
        found = [store.interrupted(self.now, older * MINUTE) for store in self.stores]
        self.both([sorted(each.key for each in letters) for letters in found])

    @rule(number=NUMBERS, expect=STATES, state=STATES)
    def change_letter(self, number: int, expect: LetterState, state: LetterState) -> None:
        self.both([store.change_letter(f"l{number}", [expect], state, "w", self.now) for store in self.stores])

    @rule(numbers=st.lists(st.integers(7, 9)), known=st.lists(st.sampled_from([JO, PAT])))
    def learn(self, numbers: list[int], known: list[Address]) -> None:
        for store in self.stores:
            with store.writing() as book:
                book.learn([mail(each, PAT, references=(f"<{each - 1}@client.example>",)) for each in numbers], known)

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both([store.accounting() for store in self.stores])
        self.both([store.counts(self.now) for store in self.stores])
        self.both([[(each.key, each.state, each.attempts) for each in store.letters()] for store in self.stores])
        self.both([[each.key for each in store.waiting_letters(self.now, "hello", 9)] for store in self.stores])
        self.both([store.next_try() for store in self.stores])
        self.both([store.sent_since(NOW) for store in self.stores])
        self.both([sorted(store.journal(), key=str) for store in self.stores])
        self.both([[replace(each, client="") for each in store.promises()] for store in self.stores])
        self.both([store.corrections() for store in self.stores])
        self.both([[self._history(store, who) for who in (JO, JO_AT_MARSH, PAT)] for store in self.stores])

    def _history(self, store: Store, who: Address) -> object:
        with store.reading() as book:
            found = book.relationship(frozenset({who}), (), "<x@y.example>", NOW - timedelta(days=9))
            return (
                replace(
                    found,
                    client=_nameless(found.client),
                    cases=tuple(replace(each, client="") for each in found.cases),
                    promises=tuple(replace(each, client="") for each in found.promises),
                ),
                [book.seen(f"mail-{number}") and _standing(book, f"mail-{number}") for number in range(1, 10)],
            )

    @invariant()
    def every_mail_has_one_standing(self) -> None:
        for store in self.stores:
            for account in store.accounting().values():
                parts = account.acknowledged, account.pending, account.set_aside, *(account.no_letter or {}).values()
                assert account.seen == sum(parts)


def _nameless(client: Client) -> Client:
    return replace(client, key="")


def _standing(book: Book, identity: str) -> object:
    seen = book.seen(identity)
    return seen and replace(seen, client="" if seen.client else None)


TestAlike = Alike.TestCase
TestAlike.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
