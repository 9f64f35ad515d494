"""Mails into the record: one transaction, known ones passed over, poison set aside, old ones learnt from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.example import shop
from tests.fakes import FakeStore
from troth.desk import Came, Folder, Receiving
from troth.maillog import Maillog
from troth.model import Address, LetterState, Mode
from troth.rulebook import Rulebook
from troth.store import StoreError, Watermark

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
INBOX = Folder("hello", "INBOX", 7)
SENT = Folder("hello", "Sent", 8, sent=True)
COMPLAINT = "I was charged twice for order 1182 and I want my money back. This is unacceptable."


def came(
    uid: int,
    text: str = COMPLAINT,
    *,
    sender: str = "Jo <jo@client.example>",
    to: str = "hello@harbour.example",
    at: datetime = NOW,
    headers: dict[str, str] | None = None,
) -> Came:
    message = EmailMessage()
    message["Return-Path"] = f"<{sender.partition('<')[2].rstrip('>') or sender}>"
    message["From"], message["To"], message["Subject"] = sender, to, "Order 1182"
    message["Message-ID"] = f"<{uid}.{to}@client.example>"
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    return Came(uid, message.as_bytes(), at)


def mark(uid: int, folder: Folder = INBOX, learn_until: int = 0) -> Watermark:
    return Watermark(folder.inbox, folder.name, folder.uidvalidity, uid, learn_until)


def receiving(store: FakeStore, mode: Mode = Mode.SEND) -> Receiving:
    setting = shop(mode)
    return Receiving(store, lambda: setting, lambda: NOW, Maillog())


def uid_of(store: FakeStore, folder: Folder = INBOX) -> int:
    with store.reading() as book:
        found = book.watermark(folder.inbox, folder.name)
    return found.uid if found else 0


def test_a_batch_is_recorded_with_its_watermark() -> None:
    store = FakeStore()
    keywords = receiving(store).receive(
        INBOX, mark(2), [came(1), came(2, "See you on Monday.", sender="mo@client.example")]
    )
    assert keywords == {1: ("$Complaint",)}
    assert uid_of(store) == 2
    account = store.accounting()["hello"]
    assert (account.seen, account.pending, account.no_letter) == (2, 1, {"no tone": 1})
    assert len(store.open_cases()) == 1


def test_a_mail_that_is_known_is_passed_over_under_any_uid() -> None:
    store = FakeStore()
    desk = receiving(store)
    first = came(1)
    desk.receive(INBOX, mark(1), [first])
    desk.receive(Folder("hello", "INBOX", 99), Watermark("hello", "INBOX", 99, 5), [Came(5, first.raw, NOW)])
    assert store.accounting()["hello"].seen == 1
    assert len(store.open_cases()) == 1


def test_the_same_mail_twice_in_a_batch_is_one() -> None:
    store = FakeStore()
    first = came(1)
    receiving(store).receive(INBOX, mark(2), [first, Came(2, first.raw, NOW)])
    assert store.accounting()["hello"].seen == 1
    assert uid_of(store) == 2


def test_a_mail_that_fails_leaves_nothing_half_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore()
    _break_on(monkeypatch, "poison")
    with pytest.raises(RuntimeError):
        receiving(store).receive(INBOX, mark(2), [came(1), came(2, "poison")])
    assert store.accounting().get("hello") is None or store.accounting()["hello"].seen == 0
    assert uid_of(store) == 0


def test_a_mail_that_fails_three_times_alone_is_set_aside_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore()
    _break_on(monkeypatch, "poison")
    desk = receiving(store)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            desk.receive(INBOX, mark(1), [came(1, "poison")])
    assert desk.receive(INBOX, mark(1), [came(1, "poison")]) == {}
    account = store.accounting()["hello"]
    assert (account.seen, account.set_aside) == (1, 1)
    assert uid_of(store) == 1


def test_a_store_that_fails_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore()
    desk = receiving(store)

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "writing", full)
    for _ in range(4):
        with pytest.raises(StoreError):
            desk.receive(INBOX, mark(1), [came(1)])
    monkeypatch.undo()
    desk.receive(INBOX, mark(1), [came(1)])
    assert store.accounting()["hello"].set_aside == 0


def _break_on(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Make the rulebook stumble over one word, as code may over a mail nobody foresaw."""
    classify = Rulebook.classify

    def stumbling(self: Rulebook, subject: str, text: str, language: str | None) -> object:
        if word in text:
            raise RuntimeError(word)
        return classify(self, subject, text, language)

    monkeypatch.setattr(Rulebook, "classify", stumbling)


def test_old_mail_is_learnt_from_and_decides_nothing() -> None:
    store = FakeStore()
    desk = receiving(store)
    desk.learn(INBOX, mark(1, learn_until=1), [came(1, at=NOW - timedelta(days=30))])
    account = store.accounting()["hello"]
    assert account.no_letter == {"before first start": 1}
    assert store.letters() == []
    assert store.open_cases() == []


def test_whom_a_colleague_wrote_to_is_known_and_gets_his_subject_back() -> None:
    store = FakeStore()
    desk = receiving(store)
    old = came(1, "Your proofs.", sender="Ada <ada@harbour.example>", to="jo@new.example")
    desk.learn(SENT, mark(1, SENT, 1), [old])
    desk.receive(INBOX, mark(1), [came(1, sender="Jo <jo@new.example>"), came(2, sender="Al <al@other.example>")])
    _review(store)
    subjects = {letter.to: letter.subject for letter in store.letters()}
    assert subjects[Address("jo@new.example")] == "Re: Order 1182"
    assert subjects[Address("al@other.example")] == "Re: Your message to Harbour Print"


def _review(store: FakeStore) -> None:
    """Reconsider what is planned for two minutes later."""
    from troth.desk import Reviewing  # noqa: PLC0415 - used here alone

    setting = shop()
    Reviewing(store, lambda: setting, lambda: NOW + timedelta(minutes=3), Maillog()).review()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"List-Id": "<news.client.example>"}, "list"),
        ({"Auto-Submitted": "auto-generated"}, "automatic"),
        ({"Precedence": "bulk"}, "bulk"),
    ],
)
def test_a_strangers_robot_opens_no_case_whatever_its_words(fields: dict[str, str], reason: str) -> None:
    store = FakeStore()
    receiving(store).receive(INBOX, mark(1), [came(1, sender="Al <al@other.example>", headers=fields)])
    assert store.accounting()["hello"].no_letter == {reason: 1}
    assert store.open_cases() == []


def test_a_known_clients_complaint_opens_a_case_even_with_a_list_header() -> None:
    store = FakeStore()
    receiving(store).receive(INBOX, mark(1), [came(1, headers={"List-Unsubscribe": "<mailto:off@client.example>"})])
    assert len(store.open_cases()) == 1


def test_a_complaint_that_only_copied_us_in_opens_a_case_and_gets_no_letter() -> None:
    store = FakeStore()
    receiving(store).receive(
        INBOX, mark(1), [came(1, to="somebody@else.example", headers={"Cc": "hello@harbour.example"})]
    )
    _review(store)
    assert len(store.open_cases()) == 1
    assert [letter for letter in store.letters() if letter.state is not LetterState.WITHDRAWN and letter.client] == []


def test_what_another_inboxs_server_says_of_a_mail_is_not_believed() -> None:
    claimed = {"Authentication-Results": "mx.other.example; dmarc=pass header.from=client.example"}
    believed = replace(shop(), servers={"hello": "mx.other.example"})
    doubted = replace(shop(), servers={"billing": "mx.other.example"})
    found = []
    for setting in (believed, doubted):
        store = FakeStore()
        mail = came(1, headers=claimed)
        raw = mail.raw.replace(b"Return-Path: <jo@client.example>", b"Return-Path: <jo@elsewhere.example>")
        Receiving(store, lambda setting=setting: setting, lambda: NOW, Maillog()).receive(  # type: ignore[misc]  # bound now
            INBOX, mark(1), [Came(1, raw, NOW)]
        )
        with store.reading() as book:
            seen = book.seen(store.open_cases()[0].mail)
        found.append(seen is not None and seen.authenticated)
    assert found == [True, False]
