"""Letters on their way out, with a courier and a filer that do as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.example import shop
from tests.fakes import FakeStore
from tests.shop import setting as written
from troth.courier import Account, Courier
from troth.desk import RELEASED, RESENT, Breaker, Noticing, Posting, Setting
from troth.mailbox import Kind, MailboxError
from troth.maillog import Maillog
from troth.model import Address, Letter, LetterKind, LetterState, Mode
from troth.outbox import At, Delivery, Filing, Halt, Outcome
from troth.store import StoreError

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SENT = Delivery(Outcome.SENT, At.END, 250, "queued")
UNKNOWN = Delivery(Outcome.UNKNOWN, At.END, None, "the line broke")
BUSY = Delivery(Outcome.DEFERRED, At.GREETING, 421, "too busy", pause=Halt.BUSY)


class ScriptedCourier(Courier):
    """Gives the deliveries it was told to, then SENT for ever; keeps the keys of what it was given."""

    def __init__(self, *deliveries: Delivery) -> None:
        super().__init__(Account("hello", Address("hello@harbour.example"), "127.0.0.1"))
        self.script = list(deliveries)
        self.given: list[bytes] = []

    def deliver(self, envelope_from: str, to: Address, raw: bytes) -> Delivery:  # noqa: ARG002 - the courier's
        self.given.append(raw)
        return self.script.pop(0) if self.script else SENT


@dataclass
class Shelf:
    """A filer in memory."""

    sent: list[bytes] = field(default_factory=list)
    drafts: list[bytes] = field(default_factory=list)
    known: tuple[str, ...] = ()
    broken: bool = False
    breaks_afterwards: bool = False

    def file(self, raw: bytes, at: datetime) -> int | None:  # noqa: ARG002 - the filer's
        self._check()
        self.sent.append(raw)
        self.known += (f"<{raw.decode()}@harbour.example>",)
        self.broken = self.breaks_afterwards
        self._check()
        return len(self.sent)

    def draft(self, raw: bytes, message_id: str, at: datetime) -> int | None:  # noqa: ARG002 - as above
        self._check()
        self.drafts.append(raw)
        return len(self.drafts)

    def in_sent(self, message_id: str) -> bool:
        self._check()
        return message_id in self.known

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if self.broken:
            raise MailboxError(Kind.LOST, "hello", "the server ended the connection")


def letter(number: int = 1, **changes: object) -> Letter:
    key = f"letter-{number}"
    usual = Letter(
        key=key,
        inbox="hello",
        kind=LetterKind.ACKNOWLEDGEMENT,
        purpose="complaint/acknowledgement",
        to=Address(f"c{number}@client.example"),
        subject="Re: Order 1182",
        message_id=f"<{key}@harbour.example>",
        envelope_from="",
        raw=key.encode(),
        state=LetterState.QUEUED,
        created=NOW + timedelta(microseconds=number),
        mode=Mode.SEND,
        because="complaint",
        next_try=NOW,
        expires=NOW + timedelta(hours=12),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # names and values are the test's own


class FailingStore(FakeStore):
    """A store that can be made to refuse what became of letters."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        if self.full:
            raise StoreError("the disk is full", full=True)
        super().settle(letters, at)


@dataclass
class Office:
    """A Posting and all it works with."""

    store: FailingStore
    posting: Posting
    courier: ScriptedCourier
    shelf: Shelf
    clock: list[datetime]

    def state(self, number: int = 1) -> LetterState:
        found = self.store.letter(f"letter-{number}")
        assert found is not None
        return found.state

    def tellings(self) -> list[str]:
        return [each.purpose for each in self.store.letters() if each.kind is LetterKind.TELLING]


def office(
    letters: Sequence[Letter],
    *deliveries: Delivery,
    mode: Mode = Mode.SEND,
    at_most: int = 60,
    filing: Filing = Filing.OURSELVES,
    setting: Setting | None = None,
) -> Office:
    store, clock, shelf, courier = FailingStore(), [NOW], Shelf(), ScriptedCourier(*deliveries)
    with store.writing() as book:
        book.carry_out(None, (), tuple(letters), NOW, "hello")
    setting = setting or shop(mode, at_most=at_most)
    posting = Posting(
        inbox="hello",
        store=store,
        setting=lambda: setting,
        courier=courier,
        filer=shelf,
        filing=filing,
        breaker=Breaker(),
        noticing=Noticing(store, lambda: setting, lambda: clock[0]),
        now=lambda: clock[0],
        random=lambda: 0.5,
        log=Maillog(),
        worker="test",
    )
    return Office(store, posting, courier, shelf, clock)


def test_a_letter_is_sent_once_and_filed_once() -> None:
    here = office([letter()])
    here.posting.post()
    here.posting.post()
    assert here.state() is LetterState.SENT
    assert here.courier.given == here.shelf.sent == [b"letter-1"]


def test_what_the_provider_files_is_not_filed_again() -> None:
    here = office([letter()], filing=Filing.PROVIDER)
    here.posting.post()
    assert here.state() is LetterState.SENT
    assert here.shelf.sent == []


def test_a_sent_folder_that_fails_never_sends_again() -> None:
    here = office([letter()])
    here.shelf.broken = True
    here.posting.post()
    here.shelf.broken = False
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    assert here.courier.given == here.shelf.sent == [b"letter-1"]


def test_what_a_failing_store_did_not_take_is_written_down_before_anything_more_is_sent() -> None:
    here = office([letter(1), letter(2), letter(3)], SENT, BUSY)
    here.store.full = True
    for _ in range(3):
        with pytest.raises(StoreError):
            here.posting.post()
    assert len(here.courier.given) == 2
    here.store.full = False
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    assert [here.state(number) for number in (1, 2, 3)] == [LetterState.SENT] * 3
    assert here.courier.given == [b"letter-1", b"letter-2", b"letter-2", b"letter-3"]


def test_a_letter_that_lay_in_sent_before_the_line_broke_is_not_laid_there_again() -> None:
    here = office([letter(1), letter(2)])
    here.shelf.breaks_afterwards = True
    here.posting.post()
    here.shelf.broken = here.shelf.breaks_afterwards = False
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    here.posting.post()
    assert here.shelf.sent == [b"letter-1", b"letter-2"]


def test_why_letters_wait_is_shown_until_they_leave_again() -> None:
    here = office([letter(1)], BUSY)
    here.posting.post()
    assert [(each.state, "come back later" in (each.error or "")) for each in here.store.states()] == [
        ("retrying", True)
    ]
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    assert [(each.state, each.error) for each in here.store.states()] == [("watching", None)]


def test_past_the_limit_of_an_hour_letters_are_held_and_the_owner_is_told_once() -> None:
    here = office([letter(number) for number in range(1, 9)], at_most=5)
    here.posting.post()
    assert [here.state(number) for number in range(1, 9)] == [LetterState.SENT] * 5 + [LetterState.HELD] * 3
    assert here.tellings() == ["colleague/breaker"]
    here.posting.post()
    assert len(here.courier.given) == 6  # the five, and the telling, which leaves all the same


@pytest.mark.parametrize("word", [RELEASED, RESENT])
def test_a_letter_that_a_person_let_go_is_not_held_again(word: str) -> None:
    here = office([letter(number) for number in range(1, 4)], at_most=2)
    here.posting.post()
    assert here.store.change_letter("letter-3", [LetterState.HELD], LetterState.QUEUED, word, NOW)
    here.posting.post()
    assert here.state(3) is LetterState.SENT


def test_a_long_outage_does_not_wear_out_the_limit() -> None:
    here = office([letter(number) for number in range(1, 4)], *[BUSY] * 6, at_most=4)
    for _ in range(60):
        here.posting.post()
        here.clock[0] += timedelta(minutes=4)
    assert [here.state(number) for number in range(1, 4)] == [LetterState.SENT] * 3


def test_a_resting_channel_keeps_the_rest_of_the_group_waiting_as_it_was() -> None:
    here = office([letter(1), letter(2)], BUSY)
    here.posting.post()
    assert here.state(1) is LetterState.DEFERRED
    assert here.state(2) is LetterState.QUEUED
    assert len(here.courier.given) == 1


def test_nobody_sends_again_what_may_have_arrived_and_the_owner_is_told() -> None:
    here = office([letter()], UNKNOWN)
    here.posting.post()
    here.clock[0] += timedelta(days=1)
    here.posting.post()
    assert here.state() is LetterState.UNKNOWN
    assert here.tellings() == ["colleague/delivery-unknown"]
    assert here.courier.given.count(b"letter-1") == 1


def test_a_letter_in_doubt_is_looked_for_where_the_provider_files() -> None:
    here = office([letter()], UNKNOWN, filing=Filing.PROVIDER)
    here.shelf.known = ("<letter-1@harbour.example>",)
    here.posting.post()
    assert here.state() is LetterState.SENT
    assert here.tellings() == []


def test_a_telling_in_doubt_is_sent_again_with_the_same_bytes() -> None:
    here = office([letter(kind=LetterKind.TELLING, expires=None)], UNKNOWN)
    here.posting.post()
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    assert here.courier.given == [b"letter-1", b"letter-1"]


@pytest.mark.parametrize("decided", [Mode.SEND, Mode.DRAFT])
def test_in_draft_mode_letters_are_laid_into_drafts(decided: Mode) -> None:
    here = office([letter(mode=decided)], mode=Mode.DRAFT)
    here.posting.post()
    assert here.state() is LetterState.DRAFTED
    assert here.shelf.drafts == [b"letter-1"]
    assert here.courier.given == []


def test_a_letter_decided_in_draft_mode_never_leaves_by_itself_later() -> None:
    here = office([letter(mode=Mode.DRAFT)], mode=Mode.SEND)
    here.posting.post()
    assert here.state() is LetterState.DRAFTED
    assert here.courier.given == []


def test_drafts_that_cannot_be_laid_down_are_tried_again() -> None:
    here = office([letter(mode=Mode.DRAFT)], mode=Mode.DRAFT)
    here.shelf.broken = True
    here.posting.post()
    assert here.state() is LetterState.DEFERRED
    here.shelf.broken = False
    here.clock[0] += timedelta(hours=1)
    here.posting.post()
    assert here.state() is LetterState.DRAFTED


def test_switching_back_to_observe_keeps_in_what_still_waits() -> None:
    here = office([letter(1), letter(2, kind=LetterKind.TELLING, expires=None)], mode=Mode.OBSERVE)
    here.posting.post()
    assert here.state(1) is LetterState.WITHDRAWN
    assert here.state(2) is LetterState.SENT


def test_a_letter_whose_time_has_passed_does_not_leave() -> None:
    here = office([letter(expires=NOW - timedelta(seconds=1))])
    here.posting.post()
    assert here.state() is LetterState.WITHDRAWN
    assert here.courier.given == []


def test_where_a_sign_in_has_ended_the_owner_is_told_what_to_run(tmp_path: Path) -> None:
    words = "the sign-in at microsoft has ended (invalid_grant); run `troth login hello`"
    ended = Delivery(Outcome.DEFERRED, At.AUTH, None, words, pause=Halt.SIGNED_OUT)
    here = office([letter(1)], ended, setting=written(tmp_path, change=("mode: observe", "mode: send")))
    here.posting.post()
    (told,) = [each for each in here.store.letters() if each.kind is LetterKind.TELLING]
    whole = here.store.letter(told.key)
    assert whole is not None
    text = " ".join(whole.raw.decode().split())
    assert told.purpose == "colleague/cannot-send"
    assert "run `troth login hello` where Troth runs" in text
    assert "smtp:" not in text


def test_a_refused_password_rests_the_channel_for_hours_and_is_told_once() -> None:
    refused = Delivery(Outcome.DEFERRED, At.AUTH, 535, "no", pause=Halt.CREDENTIALS)
    here = office([letter(1), letter(2)], refused, refused)
    for _ in range(4):
        here.posting.post()
        here.clock[0] += timedelta(minutes=40)
    assert [raw == b"letter-1" for raw in here.courier.given] == [True, False]  # then the telling, which goes first
    assert here.tellings() == ["colleague/cannot-send"]
    here.posting.resume()
    here.posting.post()
    assert here.state(2) is LetterState.SENT


TELLING = b"From: Harbour Print <sales@harbour.example>\r\nTo: ada@harbour.example\r\n\r\nFrom: <x@y.example>\r\n"


def test_a_telling_leaves_through_another_inbox_whose_channel_works() -> None:
    stuck = letter(1, inbox="sales", kind=LetterKind.TELLING, expires=None, raw=TELLING)
    here = office([stuck, letter(2, inbox="sales")])
    here.posting.carries = lambda: ["sales"]
    here.posting.post()
    assert here.courier.given == [TELLING.replace(b"<sales@harbour.example>", b"<hello@harbour.example>")]
    assert here.state(1) is LetterState.SENT
    assert here.state(2) is LetterState.QUEUED  # a letter to a client is nobody else's to send


def test_what_another_inboxs_server_refuses_waits_for_its_own() -> None:
    refused = Delivery(Outcome.FAILED, At.MAIL, 550, "5.7.60 not yours")
    here = office([letter(1, inbox="sales", kind=LetterKind.TELLING, expires=None, raw=TELLING)], refused)
    here.posting.carries = lambda: ["sales"]
    here.posting.post()
    assert here.state(1) is LetterState.DEFERRED


def test_a_channel_is_stuck_once_it_has_rested_for_ten_minutes() -> None:
    here = office([letter(1)], BUSY)
    here.posting.post()
    assert not here.posting.stuck
    here.clock[0] += timedelta(minutes=10)
    assert here.posting.stuck
