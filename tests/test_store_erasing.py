"""Forgetting, on both databases: what has grown old, and who asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.test_store_colleagues import TOKEN, promise
from tests.test_store_contract import (
    ADA,
    JO,
    JO_AT_MARSH,
    MINUTE,
    NOW,
    PAT,
    answer,
    case,
    follow_up,
    known,
    letter,
    mail,
    record,
    said,
    stored,
)
from troth.model import (
    Address,
    CaseState,
    ChangeClient,
    Client,
    Concern,
    Correct,
    KeepPromise,
    LetterKind,
    LetterState,
    Match,
    Note,
    OpenCase,
    PromiseState,
    Schedule,
    Step,
    Tone,
    Undoing,
    Verdict,
)
from troth.store import SqlStore, open_store
from troth.store.face import JournalLine

KEY = b"a key of the house"
OLD = NOW - timedelta(days=100)
ANCIENT = NOW - timedelta(days=1200)
TEXT_BEFORE = NOW - timedelta(days=90)
JOURNAL_BEFORE = NOW - timedelta(days=1095)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path}/troth.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(url, create=True)
    yield opened
    opened.close()


def told(text: str) -> Verdict:
    return Verdict(
        tone=frozenset({Tone.COMPLAINT}), sentence=text, matches=(Match("late", text, "body", 1.0),), tags=("money",)
    )


def test_words_are_given_up_in_their_time_and_what_they_came_to_is_kept(store: SqlStore) -> None:
    sent, waiting = letter("sent", LetterState.SENT, created=OLD), letter("held", LetterState.HELD, created=OLD)
    came = mail(1, at=OLD, verdict=told("late"), attachments=("smudged.jpg",), fields=(("x-priority", "1"),))
    record(store, came, letters=(sent, waiting))
    record(store, mail(2, at=NOW, verdict=told("late")), letters=(letter("new", LetterState.SENT),))
    retained = store.retain(TEXT_BEFORE, JOURNAL_BEFORE)
    assert (retained.mail_texts, retained.letter_texts, retained.mails, retained.letters) == (1, 1, 0, 0)
    with store.reading() as book:
        old, new = book.seen("mail-1"), book.seen("mail-2")
    assert old is not None
    assert new is not None
    assert (old.text, old.subject, old.attachments, old.fields) == ("", "", (), ())
    assert old.verdict == replace(told("late"), sentence=None, matches=())
    assert (new.text, new.verdict) == (mail().text, told("late"))
    assert [stored(store, key).raw for key in ("sent", "held", "new")] == [b"", letter().raw, letter().raw]
    again = store.retain(TEXT_BEFORE, JOURNAL_BEFORE)
    assert (again.mail_texts, again.letter_texts) == (0, 0)


def test_whole_records_are_given_up_in_their_time(store: SqlStore) -> None:
    client = record(store, mail(1, at=ANCIENT), letters=(letter("old", LetterState.SENT, created=ANCIENT),))
    record(store, mail(2))
    settled = case(client, 3, CaseState.SETTLED, opened_at=ANCIENT, closed_at=ANCIENT)
    with store.writing() as book:
        book.note(JournalLine(ANCIENT, None, None, JO, "old", "line"))
        book.carry_out(known(book).client, [OpenCase(settled, "x")], [], NOW)
    retained = store.retain(TEXT_BEFORE, JOURNAL_BEFORE)
    assert (retained.mails, retained.letters, retained.journal) == (1, 1, 1)
    with store.reading() as book:
        assert book.recorded(["mail-1", "mail-2"]) == {"mail-2"}
        assert book.threads(["<1@client.example>", "<2@client.example>"]).keys() == {"<2@client.example>"}
        assert book.case("case-3") is None
        assert known(book).client.key == client.key
    assert "old" not in [what for what, _ in said(store)]
    assert store.accounting()["hello"].seen == 1


def test_what_is_still_open_or_parted_outlives_its_time(store: SqlStore) -> None:
    client = record(store, mail(1, at=ANCIENT))
    parted = case(client, 2, CaseState.PARTED, opened_at=ANCIENT, closed_at=ANCIENT)
    opened = case(client, 1, opened_at=ANCIENT)
    held = letter("held", LetterState.HELD, created=ANCIENT)
    with store.writing() as book:
        book.record(mail(5, at=ANCIENT, case="case-1"), known(book).client, [], [], NOW)
        steps: list[Step] = [OpenCase(parted, "x"), OpenCase(opened, "y"), Schedule(follow_up(client), "z")]
        book.carry_out(known(book).client, steps, [held], NOW)
    store.retain(TEXT_BEFORE, JOURNAL_BEFORE)
    with store.reading() as book:
        assert {each.key for each in known(book).cases} == {"case-1", "case-2"}
        assert book.recorded(["mail-5"]) == {"mail-5"}
        assert len(book.due(NOW, 9)) == 1
    assert stored(store, "held").raw == letter().raw


def _a_life_together(store: SqlStore) -> None:
    """A client with two addresses, a case, letters, an answer of ours, and a neighbour who must stay."""
    client = record(
        store, mail(1, JO, verdict=told("late"), references=("<root@client.example>",)), letters=(letter(),)
    )
    client = record(store, mail(2, JO_AT_MARSH), of=(JO, JO_AT_MARSH))
    record(store, answer(3, to=(JO_AT_MARSH,)))
    telling = letter("telling", kind=LetterKind.TELLING, to=ADA, case="case-1", mail=None, raw=b"They came late.")
    digest = letter("digest", kind=LetterKind.TELLING, to=ADA, mail=None, raw=b"waiting: Jo@Client.example")
    with store.writing() as book:
        client = known(book).client
        steps: list[Step] = [OpenCase(case(client), "complaint"), Schedule(follow_up(client), "z")]
        book.carry_out(client, steps, [replace(telling, client=None), digest], NOW)
        book.note(JournalLine(NOW, None, None, None, "told", f"Ada was told of {JO}"))
        book.remember(f"told:{JO}", "x")
    neighbour = letter("pat", to=PAT, mail="mail-4")
    record(store, mail(4, PAT, references=("<root@pat.example>",)), Note("pat", "p"), letters=(neighbour,))


def test_a_forgotten_client_is_gone_from_every_table(store: SqlStore) -> None:
    _a_life_together(store)
    erased = store.forget(frozenset({JO}), KEY)
    assert erased.addresses == (JO, JO_AT_MARSH)
    assert (erased.clients, erased.mails, erased.cases, erased.follow_ups, erased.letters) == (1, 3, 1, 1, 3)
    assert erased.journal > 3
    assert not erased.silence
    with store.reading() as book:
        assert known(book, JO, JO_AT_MARSH).client.revision == 0
        assert known(book).exchanges == ()
        assert book.seen("mail-1") is None
        assert book.seen_by_message_id("<1@client.example>") is None
        assert book.case("case-1") is None
        assert book.due(NOW, 9) == []
        assert book.threads(["<1@client.example>", "<root@client.example>", "<letter-1@harbour.example>"]) == {}
        assert book.recall(f"told:{JO}") is None
        assert known(book, PAT).client.revision == 1
        assert book.threads(["<root@pat.example>"])
    assert [each.key for each in store.letters()] == ["pat"]
    assert said(store) == [("pat", "p")]


def test_a_forgotten_mail_is_known_again_and_still_counted(store: SqlStore) -> None:
    _a_life_together(store)
    seen = store.accounting()["hello"].seen
    store.forget(frozenset({JO}), KEY)
    store.forget(frozenset({JO}), KEY)
    assert store.accounting()["hello"].seen == seen
    with store.writing() as book:
        assert book.recorded(["mail-1", "mail-2", "mail-3", "mail-9"]) == {"mail-1", "mail-2", "mail-3"}
        assert not book.record(mail(1), known(book).client, [Note("a", "b")], [letter()], NOW)
    assert [each.key for each in store.letters()] == ["pat"]


def test_silence_that_was_asked_for_outlives_the_one_who_asked(store: SqlStore) -> None:
    _a_life_together(store)
    with store.writing() as book:
        client = known(book, JO, JO_AT_MARSH).client
        book.carry_out(client, [ChangeClient(replace(client, silence_asked_at=NOW), "silence", "asked")], [], NOW)
    assert not store.silenced(JO, KEY)
    assert store.forget(frozenset({JO_AT_MARSH}), KEY).silence
    assert store.silenced(JO, KEY)
    assert store.silenced(JO_AT_MARSH, KEY)
    assert not store.silenced(JO, b"another key")
    assert not store.silenced(PAT, KEY)


def test_who_is_not_known_leaves_nothing_to_forget(store: SqlStore) -> None:
    record(store, mail(1, PAT))
    erased = store.forget(frozenset({Address("p_t@other.example")}), KEY)
    assert (erased.clients, erased.mails, erased.journal, erased.letters) == (0, 0, 0, 0)
    assert len(store.journal()) == 1


def test_a_stranger_whose_mail_was_gated_is_forgotten_too(store: SqlStore) -> None:
    with store.writing() as book:
        book.record(mail(1, PAT, refusal="list"), None, [], [], NOW + MINUTE)
    erased = store.forget(frozenset({PAT}), KEY)
    assert (erased.clients, erased.mails, erased.journal) == (0, 1, 1)
    assert store.journal() == []
    assert store.accounting()["hello"].no_letter == {"list": 1}


def _told_of(store: SqlStore) -> Client:
    """Jo and Pat, each with a promise, a correction and a token; one token is about both."""
    jo = record(store, mail(1))
    pat = record(store, mail(2, PAT))
    both = (Concern("mail-1", "case-1"), Concern("mail-2", promise="promise-2"))
    with store.writing() as book:
        for client, number, who in ((jo, 1, JO), (pat, 2, PAT)):
            made = promise(client, number, address=who, mail=f"mail-{number}")
            steps: list[Step] = [
                KeepPromise(made, "promise", ""),
                Correct(f"mail-{number}", frozenset(), ADA, "neither"),
            ]
            book.carry_out(known(book, who).client, steps, (), NOW)
            book.issue(replace(TOKEN, id=f"t{number}", about=(Concern(f"mail-{number}"),)))
            book.keep_undoing(Undoing(f"t{number}", promises=((None, made),)))
        book.issue(replace(TOKEN, id="digest", about=both))
    return jo


def test_a_forgotten_client_leaves_nothing_in_promises_tokens_or_corrections(store: SqlStore) -> None:
    _told_of(store)
    erased = store.forget(frozenset({JO}), KEY)
    assert erased.promises == 1
    assert [each.key for each in store.promises()] == ["promise-2"]
    assert [each.mail for each in store.corrections()] == ["mail-2"]
    with store.reading() as book:
        abouts = [token.about for each in ("t1", "t2", "digest") if (token := book.token(each))]
        assert abouts == [(Concern(),), (Concern("mail-2"),), (Concern(), Concern("mail-2", promise="promise-2"))]
        assert (book.undoing("t1"), book.undoing("t2") is None) == (None, False)


def test_a_telling_of_several_clients_is_forgotten_with_each_of_them(store: SqlStore) -> None:
    _told_of(store)
    tellings = [
        letter(
            number,
            LetterState.SENT,
            kind=LetterKind.TELLING,
            to=ADA,
            client=None,
            mail=None,
            message_id=f"<k1.{number}.mac@harbour.example>",
            raw=b"Subject: Done\r\n\r\nJo Marsh is answered.\r\n",
        )
        for number in ("t1", "t2", "digest")
    ]
    with store.writing() as book:
        book.carry_out(None, (), tellings, NOW)
    store.forget(frozenset({JO}), KEY)
    assert [each.key for each in store.letters()] == ["t2"]


def test_one_for_whom_a_colleague_asked_silence_stays_silent_when_forgotten(store: SqlStore) -> None:
    client = record(store, mail(1))
    with store.writing() as book:
        book.carry_out(client, [ChangeClient(replace(client, hushed_at=NOW), "hushed", "")], (), NOW)
    assert store.forget(frozenset({JO}), KEY).silence
    assert store.silenced(JO, KEY)


def test_promises_and_tokens_are_given_up_in_their_time(store: SqlStore) -> None:
    client = record(store, mail(1))
    states = {1: None, 2: OLD, 3: ANCIENT}
    with store.writing() as book:
        for number, closed in states.items():
            state = PromiseState.KEPT if closed else PromiseState.OPEN
            made = promise(client, number, state=state, closed_at=closed)
            book.carry_out(known(book).client, [KeepPromise(made, "promise", "")], (), NOW)
            book.issue(replace(TOKEN, id=f"t{number}", expires_at=closed or NOW))
            book.keep_undoing(Undoing(f"t{number}"))
            book.remember(f"told token t{number}", "expired")
            book.remember(f"repeated token t{number}", "mail-1")
        book.remember("token key", "01")
        book.carry_out(known(book).client, [Correct("mail-1", frozenset(), ADA, "")], (), ANCIENT)
    store.retain(TEXT_BEFORE, JOURNAL_BEFORE)
    assert [(each.key, each.what) for each in store.promises()] == [
        ("promise-2", ""),
        ("promise-1", promise(client).what),
    ]
    assert store.corrections() == []
    with store.reading() as book:
        assert [book.token(f"t{each}") is not None for each in states] == [True, False, False]
        assert [book.undoing(f"t{each}") is not None for each in states] == [True, False, False]
        for words in ("told token t", "repeated token t"):
            assert [book.recall(f"{words}{each}") is not None for each in states] == [True, False, False]
        assert book.recall("token key") == "01"


def test_the_words_of_digests_go_with_whoever_is_forgotten(store: SqlStore) -> None:
    record(store, mail(1, PAT))
    words = b"Pat: such beautiful prints"
    sent = letter("digest:2026-11-26:ada@harbour.example", LetterState.SENT, kind=LetterKind.TELLING, raw=words)
    other = letter("told:1", LetterState.SENT, kind=LetterKind.TELLING, raw=words, message_id="<o@harbour.example>")
    with store.writing() as book:
        book.carry_out(None, (), (replace(sent, mail=None, to=ADA), replace(other, mail=None, to=ADA)), NOW)
    store.forget(frozenset({PAT}), KEY)
    assert (stored(store, sent.key).raw, stored(store, sent.key).subject) == (b"", "")
    assert stored(store, other.key).raw == words


def test_what_colleagues_replied_about_a_forgotten_client_goes_with_him(store: SqlStore) -> None:
    _a_life_together(store)
    seen = store.accounting()["hello"].seen
    with store.writing() as book:
        for reply in (
            mail(20, ADA, thread="<1@client.example>"),
            mail(21, ADA, references=("<letter-1@harbour.example>",)),
            mail(22, ADA, references=("<root@pat.example>",)),
        ):
            book.record(replace(reply, text="She says the flamingo is ill."), None, [], [], NOW)
    assert store.forget(frozenset({JO}), KEY).mails == 3 + 2
    with store.reading() as book:
        left = [number for number in (20, 21, 22) if book.seen(f"mail-{number}")]
        assert book.recorded(["mail-20", "mail-21"]) == {"mail-20", "mail-21"}
    assert left == [22]
    assert store.accounting()["hello"].seen == seen + 3


@pytest.mark.parametrize(
    "names",
    [
        {"text": "Jo@Client.example told me of you."},
        {"subject": f"For {JO}"},
        {"to": (Address("hello@harbour.example"), JO)},
        {"fields": (("cc", JO),)},
        {"verdict": told(f"As {JO} says, it was late.")},
    ],
    ids=lambda names: next(iter(names)),
)
def test_a_mail_of_anothers_that_names_a_forgotten_client_loses_its_words(
    store: SqlStore, names: dict[str, object]
) -> None:
    record(store, mail(1))
    record(store, replace(mail(2, PAT), **names))  # type: ignore[arg-type] # the fields of Seen
    record(store, mail(3, PAT))
    assert store.forget(frozenset({JO}), KEY).named == 1
    with store.reading() as book:
        named, other = book.seen("mail-2"), book.seen("mail-3")
    assert named is not None
    assert other is not None
    assert (named.text, named.subject, named.fields, named.author) == ("", "", (), PAT)
    assert JO not in repr(named).lower()
    assert other.text


def test_others_who_wrote_in_a_forgotten_clients_thread_still_have_theirs(store: SqlStore) -> None:
    record(store, mail(1))
    pat = record(store, mail(2, PAT, thread="<1@client.example>", references=("<1@client.example>", "<0@pat.example>")))
    with store.writing() as book:
        opened = case(pat, 2, thread="<1@client.example>")
        book.carry_out(known(book, PAT).client, [OpenCase(opened, "x")], [], NOW)
    store.forget(frozenset({JO}), KEY)
    with store.reading() as book:
        named, kept = book.seen("mail-2"), book.case("case-2")
        threads = set(book.threads(["<2@client.example>", "<1@client.example>"]).items())
    assert named is not None
    assert kept is not None
    assert named.references == ("<0@pat.example>",)
    assert threads == {("<2@client.example>", named.thread)}
    assert kept.thread == named.thread != "<1@client.example>"
