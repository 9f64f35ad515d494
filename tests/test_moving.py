"""Mails in a folder that asks for something, as the desk meets them: on the store in memory."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes import FakeStore
from tests.matters import NOW
from tests.story import house_as_usual
from tests.test_answering import COMPLAINT, INBOX, JO, MINUTE, SENT, mail
from troth.commands import Answered, Command, Settled, SetTone
from troth.desk import Came, Folder, Receiving
from troth.maillog import Maillog
from troth.model import CaseState, LetterKind, LetterState, Tone
from troth.store import Watermark

ASKS: dict[str, Command] = {
    "complaint": SetTone(frozenset({Tone.COMPLAINT})),
    "praise": SetTone(frozenset({Tone.PRAISE})),
    "neither": SetTone(frozenset()),
    "answered": Answered(),
    "settled": Settled(),
}
ORDINARY = "Could you send me the price of it?"


class Desk:
    """One daemon on a store that it may share with another."""

    def __init__(self, store: FakeStore | None = None) -> None:
        self.store, self.now = store or FakeStore(), NOW
        self.receiving = Receiving(self.store, house_as_usual, lambda: self.now, Maillog())

    def comes(self, raw: bytes, folder: Folder = INBOX, uid: int = 1) -> None:
        self.receiving.receive(folder, Watermark("hello", folder.name, 1, uid), [Came(uid, raw, NOW)])

    def moved(self, word: str, *mails: bytes, uids: Sequence[int] = (), again: bool = False, validity: int = 1) -> None:
        folder = Folder("hello", word, validity, asks=ASKS[word])
        came = [Came(uid, raw, NOW) for uid, raw in zip(uids or range(1, 9), mails, strict=False)]
        mark = Watermark("hello", word, validity, came[-1].uid)
        self.receiving.receive(folder, mark, came, again=again)

    def states(self) -> list[CaseState]:
        return [case.state for case in self.store.open_cases()]

    def said(self, what: str = "moved to folder") -> list[str]:
        return [line.because for line in self.store.journal() if line.what == what]


def test_what_a_folder_asks_for_is_done_and_written_into_the_journal() -> None:
    desk = Desk()
    desk.comes(mail(ORDINARY, 1))
    desk.moved("complaint", mail(ORDINARY, 1))
    assert desk.states() == [CaseState.WAITING]
    assert desk.said() == ["complaint: complaint, letter follows"]
    (correction,) = desk.store.corrections()
    assert correction.tone == {Tone.COMPLAINT}


@pytest.mark.parametrize(("word", "states"), [("answered", [CaseState.ANSWERED]), ("settled", []), ("neither", [])])
def test_a_case_is_closed_as_a_reply_would_close_it(word: str, states: list[CaseState]) -> None:
    desk = Desk()
    desk.comes(mail(COMPLAINT, 1))
    desk.moved(word, mail(COMPLAINT, 1))
    assert desk.states() == states


def test_letters_that_wait_are_withdrawn_when_the_mail_is_neither() -> None:
    desk = Desk()
    desk.comes(mail("The brochures are beautiful.", 1))
    desk.moved("neither", mail("The brochures are beautiful.", 1))
    letters = [each for each in desk.store.letters() if each.kind is not LetterKind.TELLING]
    assert {letter.state for letter in letters} <= {LetterState.DROPPED, LetterState.WITHDRAWN}
    account = desk.store.accounting()["hello"]
    assert (account.seen, account.pending) == (1, 0)


def test_a_second_daemon_does_nothing_and_does_not_set_the_watermark_back() -> None:
    one = Desk()
    other = Desk(one.store)
    one.comes(mail(ORDINARY, 1))
    one.comes(mail(ORDINARY, 2), uid=2)
    one.moved("complaint", mail(ORDINARY, 1), mail(ORDINARY, 2))
    other.moved("complaint", mail(ORDINARY, 1))
    assert len(one.said()) == 2
    mark = one.receiving.watermark("hello", "complaint")
    assert mark is not None
    assert mark.uid == 2


def test_known_mails_ask_for_nothing_when_the_server_has_numbered_them_anew_but_new_ones_do() -> None:
    desk = Desk()
    desk.comes(mail(ORDINARY, 1))
    desk.moved("complaint", mail(ORDINARY, 1))
    fresh = mail(ORDINARY, 2, sender="Mo <mo@client.example>")
    desk.moved("complaint", mail(ORDINARY, 1), fresh, again=True, validity=2)
    assert len(desk.said()) == 2
    assert len(desk.states()) == 2


def test_a_mail_of_ours_and_one_of_nobody_ask_for_nothing() -> None:
    desk = Desk()
    ours = mail("I see to it.", 5, sender="Ada <ada@harbour.example>", to=JO)
    desk.comes(ours, SENT)
    desk.moved("answered", ours)
    desk.moved("complaint", b"Subject: no sender\r\n\r\nhello\r\n")
    assert desk.said() == []
    assert desk.states() == []


def test_moving_again_asks_again() -> None:
    desk = Desk()
    desk.comes(mail(COMPLAINT, 1))
    desk.moved("answered", mail(COMPLAINT, 1))
    desk.now += MINUTE
    desk.moved("settled", mail(COMPLAINT, 1))
    assert desk.states() == []
    assert len(desk.said()) == 2
