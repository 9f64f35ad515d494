"""What a store keeps of colleagues' words: promises, tokens, corrections, letters let go, and what may be undone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

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
    known,
    letter,
    mail,
    record,
    said,
    standing,
    store,
    stored,
)
from troth.model import (
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Client,
    Concern,
    Correct,
    KeepPromise,
    LetterKind,
    LetterState,
    Occasion,
    OpenCase,
    Promise,
    PromiseState,
    Purpose,
    Schedule,
    Standing,
    Step,
    Token,
    Tone,
    Undoing,
    Verdict,
)
from troth.store.face import Store

__all__ = ["store"]

PRAISE = frozenset({Tone.PRAISE})
TOKEN = Token(
    id="abc",
    person=ADA,
    purpose=Purpose.TELLING,
    about=(Concern("mail-1", "case-1", "letter-1", "promise-1"), Concern(), Concern("mail-é")),
    issued_at=NOW,
    expires_at=NOW + timedelta(days=30),
)


def promise(client: Client, number: int = 1, **more: object) -> Promise:
    made = Promise(
        key=f"promise-{number}",
        client=client.key,
        address=JO,
        inbox="hello",
        mail="mail-1",
        what="new proofs \N{EM DASH} by post",
        by=ADA,
        made_at=NOW + number * MINUTE,
        due_at=NOW + timedelta(days=10 - number),
        case="case-1",
    )
    return replace(made, **more)  # type: ignore[arg-type] # the fields of Promise


def decided(store: Store, *steps: Step) -> None:
    """Carry out what was decided on Jo, without a mail."""
    with store.writing() as book:
        book.carry_out(known(book).client, steps, (), NOW)


def test_a_promise_comes_back_as_it_stands(store: Store) -> None:
    client = record(store, mail())
    made = promise(client)
    decided(store, KeepPromise(made, "promise made", "Ada said so"))
    kept = replace(made, state=PromiseState.KEPT, closed_at=NOW + MINUTE)
    with store.reading() as book:
        assert book.promise("promise-1") == made
        assert book.promise("promise-2") is None
    decided(store, KeepPromise(kept, "promise kept", "Ada said so"))
    with store.reading() as book:
        assert book.promise("promise-1") == kept
    assert said(store)[1:] == [("promise made", "Ada said so"), ("promise kept", "Ada said so")]
    assert [line.message_id for line in store.journal(client=JO)] == ["<1@client.example>"] * 3


def test_promises_are_listed_by_their_states_and_counted(store: Store) -> None:
    client = record(store, mail())
    states = (PromiseState.OPEN, PromiseState.LATE, PromiseState.KEPT, PromiseState.OPEN)
    made = [promise(client, number, state=state) for number, state in enumerate(states)]
    decided(store, *(KeepPromise(each, "promise", "") for each in made))
    assert [each.key for each in store.promises()] == ["promise-3", "promise-2", "promise-1", "promise-0"]
    assert [each.key for each in store.promises([PromiseState.OPEN])] == ["promise-3", "promise-0"]
    assert store.counts(NOW).promises == {"open": 2, "kept": 1, "late": 1, "withdrawn": 0}


def test_a_relationship_has_the_promises_that_bind_and_those_closed_of_late(store: Store) -> None:
    client = record(store, mail())
    before = LONG_AGO - MINUTE
    made = [
        promise(client, 1),
        promise(client, 2, state=PromiseState.LATE),
        promise(client, 3, state=PromiseState.KEPT, closed_at=LONG_AGO),
        promise(client, 4, state=PromiseState.WITHDRAWN, closed_at=before),
    ]
    decided(store, *(KeepPromise(each, "promise", "") for each in reversed(made)))
    record(store, mail(2, PAT))
    with store.reading() as book:
        assert known(book).promises == tuple(made[:3])
        assert known(book, PAT).promises == ()


def test_promises_go_with_the_client_when_two_turn_out_to_be_one(store: Store) -> None:
    record(store, mail())
    other = record(store, mail(2, JO_AT_MARSH))
    with store.writing() as book:
        made = KeepPromise(promise(other), "promise", "")
        hushed = ChangeClient(replace(other, hushed_at=NOW), "hushed", "")
        book.carry_out(known(book, JO_AT_MARSH).client, [made, hushed], (), NOW)
    client = record(store, mail(3), of=(JO, JO_AT_MARSH))
    assert client.hushed_at == NOW
    with store.reading() as book:
        assert [each.client for each in known(book).promises] == [client.key]


def test_a_client_a_case_and_a_follow_up_keep_what_colleagues_asked_for(store: Store) -> None:
    client = record(store, mail())
    snoozed = case(client, snoozed_until=NOW + MINUTE)
    due = replace(follow_up(client), promise="promise-1", occasion=Occasion.PROMISE)
    hushed = ChangeClient(replace(client, hushed_at=NOW), "hushed", "Ada said so")
    decided(store, OpenCase(snoozed, ""), Schedule(due, ""), hushed)
    with store.reading() as book:
        found = known(book)
        assert (found.client.hushed_at, found.client.silent) == (NOW, True)
        assert [each.snoozed_until for each in found.cases] == [NOW + MINUTE]
        assert list(book.due(NOW, 9)) == [due]


def test_a_token_is_kept_until_it_is_revoked_and_known_still(store: Store) -> None:
    with store.writing() as book:
        book.issue(TOKEN)
    with store.writing() as book:
        book.issue(replace(TOKEN, person=PAT, about=()))
        assert book.token("abc") == TOKEN, "an id is given once"
        assert book.token("abd") is None
        book.revoke("abc", NOW + MINUTE)
        book.revoke("abc", NOW + 2 * MINUTE)
        book.revoke("abd", NOW)
    with store.reading() as book:
        assert book.token("abc") == replace(TOKEN, revoked_at=NOW + MINUTE)


def test_a_token_of_a_transaction_that_failed_was_never_issued(store: Store) -> None:
    with suppress(ZeroDivisionError), store.writing() as book:
        book.issue(TOKEN)
        raise ZeroDivisionError
    with store.reading() as book:
        assert book.token("abc") is None


def test_what_may_be_undone_comes_back_whole(store: Store) -> None:
    client = record(store, mail())
    before, after = case(client), case(client, state=CaseState.SETTLED, closed_at=NOW, answered_by=ADA)
    undoing = Undoing(
        token="abc",
        cases=((before, after), (None, case(client, 2))),
        promises=((None, promise(client)), (promise(client, 2), promise(client, 2, state=PromiseState.KEPT))),
        letters=(("letter-1", LetterState.HELD, LetterState.QUEUED),),
        hushed=((client.key, None, NOW), ("client-9", NOW, None)),
        corrected=(("mail-1", None, frozenset({Tone.PRAISE})), ("mail-2", frozenset(Tone), frozenset())),
    )
    with store.writing() as book:
        assert book.undoing("abc") is None
        book.keep_undoing(undoing)
    with store.reading() as book:
        assert book.undoing("abc") == undoing


CHANGED, LEFT = "letter changed", "letter left as it is"
HELD = (LetterState.HELD,)


@pytest.mark.parametrize(
    ("start", "expect", "state", "ends", "mail_stands", "line"),
    [
        (LetterState.HELD, HELD, LetterState.QUEUED, LetterState.QUEUED, Standing.PENDING, CHANGED),
        (LetterState.HELD, HELD, LetterState.DROPPED, LetterState.DROPPED, Standing.NO_LETTER, CHANGED),
        (LetterState.QUEUED, HELD, LetterState.DROPPED, LetterState.QUEUED, Standing.PENDING, LEFT),
        (LetterState.QUEUED, (), LetterState.DROPPED, LetterState.QUEUED, Standing.PENDING, LEFT),
        (LetterState.SENT, HELD, LetterState.DROPPED, LetterState.SENT, Standing.ACKNOWLEDGED, LEFT),
    ],
)
def test_a_letter_changes_where_it_is_still_as_expected(
    store: Store,
    start: LetterState,
    expect: tuple[LetterState, ...],
    state: LetterState,
    ends: LetterState,
    mail_stands: Standing,
    line: str,
) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.carry_out(known(book).client, (), [letter(state=start, client=client.key)], NOW)
    decided(store, ChangeLetter("letter-1", expect, state, "Ada said so"))
    assert stored(store).state is ends
    assert standing(store)[0] is mail_stands
    assert said(store)[-1] == (line, "Ada said so")


def test_a_letter_that_nobody_wrote_is_left_alone(store: Store) -> None:
    record(store, mail())
    decided(store, ChangeLetter("letter-9", (LetterState.HELD,), LetterState.QUEUED, "Ada said so"))
    assert said(store)[-1] == ("letter left as it is", "Ada said so")


def test_a_letter_changes_with_the_mail_that_asks_for_it(store: Store) -> None:
    client = record(store, mail(), letters=(letter(state=LetterState.HELD),))
    with store.writing() as book:
        steps = [ChangeLetter("letter-1", (LetterState.HELD,), LetterState.QUEUED, "Ada said so")]
        assert book.record(answer(2), known(book).client, steps, (), NOW)
        assert not book.record(answer(2), known(book).client, steps, (), NOW), "the same mail acts once"
    assert stored(store).state is LetterState.QUEUED
    assert [line.what for line in store.journal(client=min(client.addresses))] == ["mail", "letter changed"]


def test_letters_about_a_mail_or_its_case_are_found_without_their_bytes(store: Store) -> None:
    client = record(store, mail())
    of_mail = letter("a", created=NOW, mail="mail-1")
    of_case = letter("b", created=NOW - MINUTE, mail="mail-7", case="case-1", kind=LetterKind.FOLLOW_UP)
    told = letter("c", mail="mail-1", case="case-1", kind=LetterKind.TELLING)
    other = letter("d", mail="mail-8", case="case-2")
    with store.writing() as book:
        book.carry_out(client, (), [of_mail, of_case, told, other], NOW)
    with store.reading() as book:
        assert [(each.key, each.raw) for each in book.letters_about("mail-1", "case-1")] == [("b", b""), ("a", b"")]
        assert [each.key for each in book.letters_about("mail-1", None)] == ["a"]
        assert book.letter("a") == replace(of_mail, raw=b"")
        assert book.letter("e") is None


def test_a_correction_stands_beside_the_verdict_until_it_is_taken_back(store: Store) -> None:
    verdict = Verdict(tone=frozenset({Tone.COMPLAINT}), scores={Tone.COMPLAINT: 3.0, Tone.PRAISE: 0.0})
    record(store, mail(verdict=verdict, language="en"))
    decided(store, Correct("mail-1", frozenset(), ADA, "neither"))
    decided(store, Correct("mail-1", frozenset({Tone.PRAISE}), ADA, "praise"))
    with store.reading() as book:
        assert book.corrected("mail-1") == frozenset({Tone.PRAISE})
        assert book.corrected("mail-2") is None
    (found,) = store.corrections()
    assert (found.mail, found.tone, found.verdict, found.by, found.at) == ("mail-1", PRAISE, verdict, ADA, NOW)
    assert (found.subject, found.text, found.language) == ("The brochures", "They came late.", "en")
    decided(store, Correct("mail-1", None, ADA, "undone"))
    assert store.corrections() == []
    with store.reading() as book:
        assert book.corrected("mail-1") is None


def test_that_a_mail_is_neither_is_a_word_too(store: Store) -> None:
    record(store, mail())
    decided(store, Correct("mail-1", frozenset(), None, "moved"))
    with store.reading() as book:
        assert book.corrected("mail-1") == frozenset()


def test_corrections_are_listed_latest_first_and_bounded(store: Store) -> None:
    for number in range(3):
        client = record(store, mail(number))
        with store.writing() as book:
            step = Correct(f"mail-{number}", frozenset(Tone), ADA, "both")
            book.carry_out(client, [step], (), NOW + number * MINUTE)
    assert [each.mail for each in store.corrections(2)] == ["mail-2", "mail-1"]


def test_a_case_that_changes_stays_snoozed(store: Store) -> None:
    client = record(store, mail())
    decided(store, OpenCase(case(client, snoozed_until=NOW), ""))
    with store.writing() as book:
        found = book.case("case-1")
        assert found is not None
        book.carry_out(known(book).client, [ChangeCase(replace(found, assignee=ADA), "assigned", "")], (), NOW)
    assert [(each.snoozed_until, each.assignee) for each in store.open_cases()] == [(NOW, ADA)]
