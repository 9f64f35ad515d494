"""Drafts as the desk looks after them, with a folder in memory: laid once, taken back once, left if edited."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.fakes import FakeStore
from tests.matters import NOW
from tests.story import house_as_usual
from troth.desk import Came, Drafting, Folder, Receiving
from troth.mailbox import Drafts, Fetched, Kind, MailboxError
from troth.maillog import Maillog
from troth.model import Letter, LetterKind, LetterState, Mode
from troth.outbox import found_sending
from troth.store import Watermark

MINUTE = timedelta(minutes=1)
COMPLAINT = b"From: Jo <jo@client.example>\r\nReturn-Path: <jo@client.example>\r\nTo: hello@harbour.example\r\n"
COMPLAINT += b"Subject: Order 1182\r\nMessage-ID: <1@client.example>\r\n\r\nThank you, the brochures are beautiful.\r\n"


@dataclass
class Shelf:
    """Drafts in memory: header lines by UID."""

    lying: dict[int, bytes] = field(default_factory=dict)
    whole: bool = True
    can_delete: bool = True
    broken: bool = False
    looks: int = 0

    def drafts(self) -> Drafts:
        self.looks += 1
        if self.broken:
            raise MailboxError(Kind.LOST, "hello", "the server ended the connection")
        return Drafts(tuple(Fetched(uid, raw, len(raw), NOW) for uid, raw in self.lying.items()), self.whole)

    def take_back(self, message_id: str, uid: int) -> bool:
        if self.can_delete:
            assert message_id.encode() in self.lying.pop(uid)
        return self.can_delete


class Desk:
    """A mail was received, and its letter laid into Drafts under UID 4."""

    def __init__(self) -> None:
        self.store, self.now, self.shelf = FakeStore(), NOW, Shelf()
        receiving = Receiving(self.store, house_as_usual, lambda: self.now, Maillog())
        receiving.receive(Folder("hello", "INBOX", 1), Watermark("hello", "INBOX", 1, 1), [Came(1, COMPLAINT, NOW)])
        self.store.change_letter(self.letter.key, [LetterState.QUEUED], LetterState.DRAFTED, "waits in Drafts", NOW)
        self.store.filed([(self.letter.key, 4)])
        self.shelf.lying[4] = self.head()

    @property
    def letter(self) -> Letter:
        return next(each for each in self.store.letters() if each.kind is not LetterKind.TELLING)

    def head(self, message_id: str = "") -> bytes:
        letter = self.letter
        fields = f"Message-ID: {message_id or letter.message_id}\r\nX-Troth-Letter: {letter.key}\r\n"
        return f"{fields}In-Reply-To: <1@client.example>\r\n\r\n".encode()

    def state(self) -> LetterState:
        return self.letter.state

    def drafting(self) -> Drafting:
        return Drafting("hello", self.store, house_as_usual, self.shelf, lambda: self.now, Maillog())

    def tend(self, drafting: Drafting, after: timedelta = timedelta(0)) -> None:
        self.now += after
        drafting.tend()

    def drop(self) -> None:
        expected = [LetterState.DRAFTED]
        assert self.store.change_letter(self.letter.key, expected, LetterState.DROPPED, "dropped", self.now)

    def said(self) -> list[str]:
        return [f"{line.what}: {line.because}" for line in self.store.journal() if line.what.startswith("draft ")]


def test_drafts_is_looked_into_every_two_minutes_and_only_while_something_lies_there() -> None:
    desk = Desk()
    drafting = desk.drafting()
    for _ in range(8):
        desk.tend(drafting, MINUTE / 2)
    assert desk.shelf.looks == 2
    desk.drop()
    for _ in range(8):
        desk.tend(drafting, MINUTE)
    assert desk.shelf.looks == 3
    assert desk.shelf.lying == {}


def test_two_daemons_take_a_draft_back_once_and_say_so_once() -> None:
    desk = Desk()
    one, other = desk.drafting(), desk.drafting()
    desk.drop()
    desk.tend(one)
    desk.tend(other)
    assert desk.said() == ["draft withdrawn: dropped"]


def test_a_draft_that_somebody_saved_anew_is_left_and_looked_after_no_more() -> None:
    desk = Desk()
    desk.shelf.lying = {5: desk.head()}
    desk.drop()
    drafting = desk.drafting()
    desk.tend(drafting)
    desk.tend(drafting, 5 * MINUTE)
    assert list(desk.shelf.lying) == [5]
    assert desk.said() == ["draft left in Drafts: somebody has edited it; dropped"]
    assert desk.shelf.looks == 1


def test_a_server_that_cannot_delete_a_single_mail_leaves_the_draft_and_says_so() -> None:
    desk = Desk()
    desk.shelf.can_delete = False
    desk.drop()
    desk.tend(desk.drafting())
    assert desk.said() == ["draft left in Drafts: the server cannot delete a single mail"]


def test_a_folder_that_cannot_be_read_is_left_alone_for_a_minute_and_says_nothing_about_drafts() -> None:
    desk = Desk()
    desk.shelf.broken = True
    drafting = desk.drafting()
    for _ in range(60):
        desk.tend(drafting, MINUTE / 4)
    assert desk.shelf.looks == 15
    assert desk.state() is LetterState.DRAFTED


def test_a_draft_is_not_gone_while_not_all_of_the_folder_was_read() -> None:
    desk = Desk()
    desk.shelf.lying, desk.shelf.whole = {}, False
    drafting = desk.drafting()
    for _ in range(8):
        desk.tend(drafting, 3 * MINUTE)
    assert desk.state() is LetterState.DRAFTED


def test_a_draft_saved_again_between_two_looks_counts_anew() -> None:
    desk = Desk()
    drafting, edited = desk.drafting(), desk.head("<another@harbour.example>")
    for lying in ({}, {}, {7: edited}, {}, {}):
        desk.shelf.lying = dict(lying)
        desk.tend(drafting, 6 * MINUTE)
    assert desk.state() is LetterState.DRAFTED
    desk.tend(drafting, 6 * MINUTE)
    assert desk.state() is LetterState.WITHDRAWN


def test_a_mark_that_stands_twice_or_not_at_all_names_no_letter() -> None:
    desk = Desk()
    desk.shelf.lying = {9: b"X-Troth-Letter: a\r\nX-Troth-Letter: b\r\n\r\n", 10: b"\r\n"}
    drafting = desk.drafting()
    for _ in range(5):
        desk.tend(drafting, 6 * MINUTE)
    assert desk.state() is LetterState.WITHDRAWN


def test_a_letter_that_was_being_laid_down_when_the_program_stopped_is_laid_down_and_not_of_unknown_fate() -> None:
    draft = replace(Desk().letter, mode=Mode.DRAFT)
    found = found_sending(draft, NOW, 0.5)
    assert (found.state, found.next_try) == (LetterState.DEFERRED, NOW)


def test_a_forgotten_mail_s_draft_is_withdrawn() -> None:
    desk = Desk()
    desk.store._ledger.mails.clear()  # noqa: SLF001 - the fake has no forgetting
    desk.tend(desk.drafting())
    assert (desk.letter.state, desk.letter.because) == (LetterState.WITHDRAWN, "its mail is forgotten")
    assert desk.shelf.lying == {}
