from __future__ import annotations

import pytest

from tests.matters import NOW
from tests.test_answering import COMPLAINT, INBOX, MINUTE, Desk, mail
from troth import policy
from troth.model import LetterKind


def tellings(desk: Desk) -> int:
    return sum(letter.kind is LetterKind.TELLING for letter in desk.store.letters())


def test_a_follow_up_that_cannot_be_reconsidered_keeps_no_other_from_people(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.receive(INBOX, 2, mail(COMPLAINT, 2, sender="Mo <mo@bell.example>"), NOW)
    on_due = policy.on_due

    def stumbling(follow_up: object, *rest: object) -> object:
        if getattr(follow_up, "address", "") == "jo@client.example":
            raise RuntimeError("nobody foresaw this")
        return on_due(follow_up, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(policy, "on_due", stumbling)
    desk.review(NOW + 150 * MINUTE)
    assert tellings(desk) == 1
    monkeypatch.undo()
    desk.review(NOW + 250 * MINUTE)
    assert tellings(desk) == 2


def test_tellings_of_one_moment_are_one_mail_with_each_clients_mail_attached() -> None:
    desk = Desk()
    desk.receive(INBOX, 1, mail(COMPLAINT, 1), NOW)
    desk.receive(INBOX, 2, mail(COMPLAINT, 2, sender="Mo <mo@bell.example>"), NOW)
    desk.review(NOW + 150 * MINUTE)
    (telling,) = [each for each in desk.store.letters() if each.kind is LetterKind.TELLING]
    letter = desk.store.letter(telling.key)
    assert letter is not None
    assert letter.raw.count(b"Content-Type: message/rfc822") == 2
    desk.review(NOW + 151 * MINUTE)
    assert tellings(desk) == 1
