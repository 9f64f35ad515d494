"""Mails of ours, copies and flags, as the way of a mail meets them: on the store in memory, with a desk of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.fakes import FakeStore
from tests.matters import NOW
from tests.story import house_as_usual
from troth.desk import Came, Folder, Receiving, Reviewing
from troth.maillog import Maillog
from troth.model import CaseState, LetterKind, LetterState
from troth.store import Watermark

INBOX, SENT = Folder("hello", "INBOX", 1), Folder("hello", "Sent", 1, sent=True)
MINUTE = timedelta(minutes=1)
JO = "Jo Marsh <jo@client.example>"
COMPLAINT = "My order is smudged."


class Desk:
    """Receiving and reviewing with a clock of one's own."""

    def __init__(self) -> None:
        self.store, self.now = FakeStore(), NOW
        self.receiving = Receiving(self.store, house_as_usual, lambda: self.now, Maillog())
        self.reviewing = Reviewing(self.store, house_as_usual, lambda: self.now, Maillog())

    def receive(self, folder: Folder, uid: int, raw: bytes, at: datetime, flags: Sequence[str] = ()) -> None:
        self.now = max(self.now, at)
        came = Came(uid, raw, at, frozenset(flags))
        self.receiving.receive(folder, Watermark(folder.inbox, folder.name, 1, uid), [came])

    def review(self, at: datetime) -> None:
        self.now = at
        self.reviewing.review()


def mail(text: str, number: int, *, sender: str = JO, to: str = "hello@harbour.example", more: str = "") -> bytes:
    bare = sender.partition("<")[2].rstrip(">")
    return (
        f"Return-Path: <{bare}>\r\nFrom: {sender}\r\nTo: {to}\r\nSubject: Order 1182\r\n"
        f"Message-ID: <{number}@x.example>\r\n{more}\r\n{text}\r\n"
    ).encode()


def test_a_mail_marked_as_answered_gets_no_acknowledgement_and_is_told_with_the_doubt() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW, ["\\Seen", "\\Answered"])
    desk.review(NOW + 150 * MINUTE)
    (telling,) = desk.store.letters()
    assert telling.kind is LetterKind.TELLING
    letter = desk.store.letter(telling.key)
    assert letter is not None
    assert b"marked as answered" in letter.raw.replace(b"\r\n", b" ")


def test_a_reference_to_a_mail_of_ours_that_was_never_seen_is_a_doubt_once_a_case_is_open() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    unseen = (
        "In-Reply-To: <from-a-phone@harbour.example>\r\nReferences: <1@x.example> <from-a-phone@harbour.example>\r\n"
    )
    desk.receive(INBOX, 2, mail("Any news?", 2, more=unseen), NOW + MINUTE)
    desk.review(NOW + 10 * MINUTE)
    assert [letter.kind for letter in desk.store.letters()] == []
    because = [line.because for line in desk.store.journal() if line.what == "withheld"]
    assert any(reason.startswith("perhaps answered") for reason in because)


def test_a_copy_in_the_inbox_and_the_mail_in_sent_are_one_answer() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    answer = mail("I see to it.", 2, sender="Ada <ada@harbour.example>", to=JO, more="References: <1@x.example>\r\n")
    desk.receive(INBOX, 2, answer, NOW + MINUTE)
    assert [case.state for case in desk.store.open_cases()] == [CaseState.WAITING]
    for uid in (1, 2):  # a second time under another UID, as after a change of UIDVALIDITY
        desk.receive(SENT, uid, answer, NOW + MINUTE)
    assert [case.state for case in desk.store.open_cases()] == [CaseState.ANSWERED]
    assert [line.what for line in desk.store.journal()].count("case answered") == 1


def test_a_draft_that_a_person_sent_acknowledges_the_mail() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail("The brochures are beautiful.", 1), NOW)
    (letter,) = desk.store.letters()
    desk.store.change_letter(letter.key, [LetterState.QUEUED], LetterState.DRAFTED, "waits in Drafts", NOW)
    raw = mail("Thank you!", 9, sender="Ada <ada@harbour.example>", to=JO).replace(
        b"<9@x.example>", letter.message_id.encode()
    )
    desk.receive(SENT, 1, raw, NOW + MINUTE)
    account = desk.store.accounting()["hello"]
    assert (account.acknowledged, account.pending) == (1, 0)


def test_a_mail_that_is_marked_as_answered_later_is_told_with_the_doubt() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.receive(INBOX, 2, mail(COMPLAINT, 2, sender="Mo <mo@bell.example>"), NOW)
    assert desk.receiving.unanswered(INBOX) == [1, 2]
    assert desk.receiving.unanswered(SENT) == []
    desk.receiving.marked(INBOX, [1, 77])
    assert desk.receiving.unanswered(INBOX) == [2]
    desk.review(NOW + 3 * MINUTE)
    letters = [each for each in desk.store.letters() if each.kind is not LetterKind.TELLING]
    assert [each.to for each in letters] == ["mo@bell.example"]
    assert [line.client for line in desk.store.journal() if line.what == "perhaps answered"] == ["jo@client.example"]
