"""Letters that could not leave for hours: when they could, it is asked once more whether they should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.matters import NOW
from tests.story import house_as_usual
from tests.test_answering import COMPLAINT, INBOX, JO, MINUTE, SENT, Desk, mail
from tests.test_posting import BUSY, ScriptedCourier, Shelf
from troth.desk import RELEASED, Breaker, Noticing, Posting, Setting
from troth.maillog import Maillog
from troth.model import CaseState, ChangeCase, ChangeClient, Letter, LetterKind, LetterState
from troth.outbox import Filing

HOUR = timedelta(hours=1)
PRAISE = "The brochures are beautiful."


@dataclass
class Office:
    """A desk, and the outgoing side of its inbox, whose server is too busy at first."""

    desk: Desk
    posting: Posting
    courier: ScriptedCourier
    setting: Setting

    def letter(self) -> Letter:
        (found,) = [each for each in self.desk.store.letters() if each.kind is not LetterKind.TELLING]
        return found

    def post(self, later: timedelta) -> LetterState:
        self.desk.now += later
        self.posting.post()
        return self.letter().state

    def answer(self, number: int = 9) -> None:
        raw = mail(
            "I see to it.", number, sender="Ada <ada@harbour.example>", to=JO, more="References: <1@x.example>\r\n"
        )
        self.desk.receive(SENT, 1, raw, self.desk.now + MINUTE)

    def write(self, text: str, more: str = "") -> None:
        self.desk.receive(INBOX, 2, mail(text, 2, more=more), self.desk.now + MINUTE)


def office(text: str = COMPLAINT, busy: int = 1) -> Office:
    """A mail of Jo's has come and been decided on, and the letter that answers it could not leave."""
    desk = Desk()
    desk.receive(INBOX, 1, mail(text, 1), NOW)
    desk.review(NOW + 3 * MINUTE)
    courier = ScriptedCourier(*[BUSY] * busy)
    found = Office(desk, None, courier, house_as_usual())  # type: ignore[arg-type]  # made below, of what it stands among
    found.posting = Posting(
        inbox="hello",
        store=desk.store,
        setting=lambda: found.setting,
        courier=courier,
        filer=Shelf(),
        filing=Filing.PROVIDER,
        breaker=Breaker(),
        noticing=Noticing(desk.store, house_as_usual, lambda: desk.now),
        now=lambda: desk.now,
        random=lambda: 0.5,
        log=Maillog(),
        worker="test",
    )
    assert found.post(timedelta(0)) is (LetterState.DEFERRED if busy else LetterState.SENT)
    return found


def test_what_nothing_speaks_against_leaves_after_all() -> None:
    here = office()
    assert here.post(3 * HOUR) is LetterState.SENT


def _silence(here: Office) -> None:
    here.write("Please stop.", f"In-Reply-To: {here.letter().message_id}\r\n")


def _bounce(here: Office) -> None:
    with here.desk.store.writing() as book:
        client = book.relationship(frozenset({here.letter().to}), (), "", NOW).client
        dead = replace(client, bounced=frozenset({here.letter().to}))
        book.carry_out(client, (ChangeClient(dead, "address bounces", "5.1.1"),), (), NOW)


def _parting(here: Office) -> None:
    with here.desk.store.writing() as book:
        case = book.case(here.letter().case or "")
        assert case is not None
        over = replace(case, state=CaseState.PARTED, closed_at=here.desk.now)
        book.carry_out(None, (ChangeCase(over, "case parted", "a colleague said so"),), (), here.desk.now)


def _quiet(here: Office) -> None:
    with here.desk.store.writing() as book:
        client = book.relationship(frozenset({here.letter().to}), (), "", NOW).client
        hushed = replace(client, hushed_at=here.desk.now)
        book.carry_out(client, (ChangeClient(hushed, "no letters", "a colleague said so"),), (), here.desk.now)


def _new_plan(here: Office) -> None:
    business = here.setting.business
    here.setting = replace(here.setting, business=replace(business, plans=replace(business.plans, all=())))


@pytest.mark.parametrize(
    ("meanwhile", "because"),
    [
        (Office.answer, "a colleague answered"),
        (_silence, "silence asked"),
        (_bounce, "the address bounces"),
        (_parting, "parted"),
        (_quiet, "a colleague asked for silence"),
        (_new_plan, "no longer in the plan"),
    ],
)
def test_what_happened_meanwhile_withdraws_an_acknowledgement(
    meanwhile: Callable[[Office], None], because: str
) -> None:
    here = office()
    meanwhile(here)
    assert here.post(3 * HOUR) is LetterState.WITHDRAWN
    assert here.letter().because == because
    assert len(here.courier.given) == 1
    account = here.desk.store.accounting()["hello"]
    assert (account.acknowledged, account.pending) == (0, 0)
    assert (account.no_letter or {})[because] >= 1
    assert ("letter withdrawn", because) in [(line.what, line.because) for line in here.desk.store.journal()]


def test_praise_is_not_thanked_for_after_a_complaint() -> None:
    here = office(PRAISE)
    here.write(COMPLAINT)
    assert here.post(HOUR) is LetterState.WITHDRAWN
    assert here.letter().because == "praise, but a case is open or younger than 30 days"


def test_a_letter_is_asked_about_before_each_attempt() -> None:
    here = office(busy=2)
    assert here.post(HOUR) is LetterState.DEFERRED
    here.answer()
    assert here.post(HOUR) is LetterState.WITHDRAWN


def test_a_first_attempt_more_than_a_minute_late_is_asked_about_too() -> None:
    here = office(busy=0)
    here.desk.receive(INBOX, 3, mail(COMPLAINT, 3, sender="Mo <mo@bell.example>"), here.desk.now)
    here.desk.review(here.desk.now + 3 * MINUTE)
    raw = mail(
        "I see to it.",
        9,
        sender="Ada <ada@harbour.example>",
        to="mo@bell.example",
        more="References: <3@x.example>\r\n",
    )
    here.desk.receive(SENT, 1, raw, here.desk.now + MINUTE)
    here.desk.now += MINUTE
    here.posting.post()
    assert [each.because for each in here.desk.store.letters([LetterState.WITHDRAWN])] == ["a colleague answered"]


def test_a_letter_decided_on_while_sent_could_not_be_read_is_asked_about_at_once() -> None:
    here = office()
    here.answer()
    here.posting.clear = lambda _: here.desk.now
    letter = here.letter()
    here.desk.store.settle([replace(letter, created=here.desk.now, next_try=here.desk.now)], here.desk.now)
    assert here.post(HOUR) is LetterState.WITHDRAWN


def test_nothing_leaves_while_sent_cannot_be_read() -> None:
    here = office()
    here.posting.clear = lambda kind: NOW if kind is LetterKind.TELLING else None
    assert here.post(HOUR) is LetterState.DEFERRED
    assert here.posting.waits
    here.posting.clear = lambda _: NOW
    assert here.post(timedelta(0)) is LetterState.SENT


def test_what_a_person_released_is_his_own_affair() -> None:
    here = office()
    here.answer()
    here.desk.store.change_letter(here.letter().key, [LetterState.DEFERRED], LetterState.QUEUED, RELEASED, NOW)
    assert here.post(HOUR) is LetterState.SENT
