"""What every store gathers for a digest: SQLite, PostgreSQL, and the one in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.test_store_contract import (
    ADA,
    HELLO,
    JO,
    JO_AT_MARSH,
    NOW,
    PAT,
    answer,
    case,
    follow_up,
    letter,
    mail,
    record,
)
from tests.test_store_contract import store as store  # noqa: PLC0414 - a fixture, used by its name
from troth.model import (
    Address,
    CaseState,
    ChangeClient,
    Client,
    Correct,
    KeepPromise,
    LetterKind,
    LetterState,
    Mode,
    OpenCase,
    Promise,
    PromiseState,
    Schedule,
    Seen,
    Standing,
    Tone,
    Verdict,
)
from troth.store import Accounting, Gathered, InboxState, Span, Store, Watermark

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SPAN = Span(since=NOW - DAY, now=NOW, ahead=NOW + DAY)


def verdict(*tone: Tone, sure: bool = True, sentence: str = "They came late.") -> Verdict:
    return Verdict(
        tone=frozenset(tone),
        sure=frozenset(tone) if sure else frozenset(),
        doubtful=frozenset(tone),
        sentence=sentence,
    )


COMPLAINT, PRAISE = verdict(Tone.COMPLAINT), verdict(Tone.PRAISE)


def told(store: Store, *mails: Seen) -> None:
    """Mails of clients, recorded without any step."""
    for each in mails:
        record(store, each)


def learnt(store: Store, *mails: Seen, known: tuple[Address, ...] = ()) -> None:
    with store.writing() as book:
        book.learn([replace(each, learnt=True) for each in mails], known)


def carry_out(store: Store, *letters: object, step: object = None) -> None:
    with store.writing() as book:
        book.carry_out(None, (step,) if step else (), letters, NOW)  # type: ignore[arg-type] # as the callers give them


def gathered(store: Store, span: Span = SPAN) -> Gathered:
    return store.gathered(span)


def test_nothing_is_gathered_from_an_empty_store(store: Store) -> None:
    assert gathered(store) == Gathered()


def test_cases_that_wait_come_with_their_mail_and_the_client_the_longest_wait_first(store: Store) -> None:
    jo = record(store, mail(1, JO), of=(JO, JO_AT_MARSH))
    pat = record(store, mail(2, PAT))
    with store.writing() as book:
        jo = replace(jo, name="Jo Marsh")
        steps = (OpenCase(case(jo, 1), "x"), ChangeClient(jo, "named", "x"))
        book.carry_out(jo, steps, (), NOW)
        book.carry_out(pat, (OpenCase(case(pat, 2, received_at=NOW - HOUR), "x"),), (), NOW)
        third = book.relationship(frozenset({PAT}), (), "<new@x.example>", NOW).client
        book.carry_out(third, (OpenCase(case(pat, 3, CaseState.ANSWERED), "x"),), (), NOW)
    found = gathered(store).waiting
    assert [each.case.key for each in found] == ["case-2", "case-1"]
    assert [(each.addresses, each.name, each.address) for each in found] == [
        ((PAT,), "", PAT),
        (tuple(sorted((JO, JO_AT_MARSH))), "Jo Marsh", JO),
    ]
    assert [each.mail and (each.mail.subject, each.mail.text) for each in found] == [("The brochures", "")] * 2


def test_a_client_behind_a_web_form_is_told_by_his_own_address(store: Store) -> None:
    form = Address("web@harbour.example")
    client = record(store, mail(1, form), of=(JO,))
    with store.writing() as book:
        book.carry_out(client, (OpenCase(case(client, 1), "x"),), (), NOW)
    (waiting,) = gathered(store).waiting
    assert waiting.address == JO


def test_follow_ups_are_those_not_done_that_fall_due_by_then(store: Store) -> None:
    client = record(store, mail(1, author_name="Jo Marsh"))
    rows = {"a": NOW + HOUR, "b": NOW - HOUR, "c": NOW + 2 * DAY, "done": NOW}
    with store.writing() as book:
        book.carry_out(client, [Schedule(follow_up(client, key, due), "x") for key, due in rows.items()], (), NOW)
        assert book.take("done", NOW)
    found = gathered(store).planned
    assert [(each.follow_up.key, each.subject, each.name) for each in found] == [
        ("b", "The brochures", "Jo Marsh"),
        ("a", "The brochures", "Jo Marsh"),
    ]


@pytest.mark.parametrize("state", PromiseState)
def test_promises_are_those_that_bind_and_fall_due_by_then(store: Store, state: PromiseState) -> None:
    for key, due in (("p-1", NOW + HOUR), ("p-2", NOW - 9 * DAY), ("p-3", NOW + 2 * DAY)):
        made = Promise(key, "jo", JO, "hello", "mail-1", "proofs", ADA, NOW - DAY, due, state)
        carry_out(store, step=KeepPromise(made, "promised", "x"))
    binding = state in (PromiseState.OPEN, PromiseState.LATE)
    assert [each.key for each in gathered(store).promises] == (["p-2", "p-1"] if binding else [])


def test_letters_are_counted_by_name_where_they_left_within_the_span(store: Store) -> None:
    moments = {"a": NOW, "b": NOW - HOUR, "before": NOW - DAY, "after": NOW + HOUR}
    letters = [letter(key, LetterState.SENT, sent_at=at) for key, at in moments.items()]
    telling = letter("t", LetterState.SENT, sent_at=NOW, kind=LetterKind.TELLING, purpose="colleague/waiting")
    carry_out(store, *letters, telling, letter("queued"))
    assert [(each.kind, each.purpose, each.many) for each in gathered(store).sent] == [
        (LetterKind.ACKNOWLEDGEMENT, "complaint/acknowledgement", 2),
        (LetterKind.TELLING, "colleague/waiting", 1),
    ]


def test_letters_that_wait_for_people_are_given_whenever_they_were_written(store: Store) -> None:
    long_ago = NOW - 40 * DAY
    carry_out(store, *[letter(state.value, state, created=long_ago) for state in LetterState])
    found = gathered(store)
    assert {each.key for each in found.stuck} == {"held", "failed", "unknown"}
    assert [each.key for each in found.drafts] == ["drafted"]
    assert {each.raw for each in (*found.stuck, *found.drafts)} == {b""}


def test_what_would_have_gone_are_letters_to_clients_decided_in_observe_mode(store: Store) -> None:
    watched = letter("a", LetterState.WITHDRAWN, mode=Mode.OBSERVE)
    carry_out(
        store,
        watched,
        replace(watched, key="old", message_id="<old@harbour.example>", created=NOW - 2 * DAY),
        replace(watched, key="telling", message_id="<t@harbour.example>", kind=LetterKind.TELLING),
        replace(watched, key="sending", message_id="<s@harbour.example>", mode=Mode.SEND),
    )
    assert [each.key for each in gathered(store).observed] == ["a"]


def test_mails_with_a_tone_are_given_once_by_what_the_last_digest_knew_of_their_inbox(store: Store) -> None:
    told(
        store,
        mail(1, verdict=COMPLAINT, at=NOW - 2 * HOUR),
        mail(2, PAT, verdict=PRAISE, at=NOW - 30 * HOUR),
        mail(3, verdict=PRAISE, at=NOW - 30 * HOUR, inbox="shop"),
        mail(4, verdict=PRAISE, at=NOW - 3 * HOUR, inbox="other"),
        mail(5, verdict=Verdict(), at=NOW - HOUR),
        mail(6, at=NOW - HOUR),
        mail(7, verdict=PRAISE, at=NOW + HOUR),
    )
    with store.writing() as book:
        book.record(answer(8, at=NOW - HOUR), None, (), (), NOW)
    learnt(store, mail(9, verdict=PRAISE, at=NOW - HOUR))
    read = {"shop": NOW - 2 * DAY, "other": NOW - HOUR}
    found = gathered(store, replace(SPAN, read=read))
    assert [each.identity for each in found.toned] == ["mail-3", "mail-1"]
    assert {inbox: account.seen for inbox, account in found.fresh.items()} == {"hello": 3, "shop": 1}
    assert {inbox: account.seen for inbox, account in found.accounts.items()} == {"hello": 6, "shop": 1, "other": 1}


def test_the_fresh_accounting_has_each_standing_with_its_reasons(store: Store) -> None:
    told(
        store,
        mail(1, standing=Standing.ACKNOWLEDGED, because="sent"),
        mail(2, standing=Standing.PENDING, because="planned"),
        mail(3, standing=Standing.NO_LETTER, because="list"),
        mail(4, standing=Standing.NO_LETTER, because="list"),
        mail(5, standing=Standing.NO_LETTER, because="no tone"),
        mail(6, standing=Standing.SET_ASIDE, because="twice"),
    )
    assert gathered(store).fresh == {"hello": Accounting(6, 1, 1, {"list": 2, "no tone": 1}, 1)}


def started(store: Store, at: datetime, folder: str = "INBOX") -> None:
    with store.writing() as book:
        book.set_watermark(Watermark("hello", folder, 1, 9, first_start=at))


@pytest.mark.parametrize(
    ("start", "answered", "found"),
    [
        (NOW - HOUR, None, ["mail-1"]),
        (NOW - HOUR, NOW - 2 * HOUR, []),
        (NOW - HOUR, NOW - 8 * DAY, ["mail-1"]),
        (NOW - 2 * DAY, None, []),
    ],
    ids=["nobody answered", "answered", "written to before it only", "started before the last digest"],
)
def test_old_complaints_are_those_of_the_week_before_the_first_start(
    store: Store, start: datetime, answered: datetime | None, found: list[str]
) -> None:
    old = mail(1, verdict=COMPLAINT, at=NOW - 3 * DAY)
    others = (
        mail(2, verdict=PRAISE, at=NOW - 3 * DAY),
        mail(3, verdict=COMPLAINT, at=NOW - 9 * DAY),
        mail(4, PAT, verdict=COMPLAINT, at=NOW - 3 * DAY, refusal="list"),
    )
    learnt(store, old, *others, *([answer(5, at=answered)] if answered else []))
    started(store, start)
    started(store, start + HOUR, "Sent")
    assert [each.identity for each in gathered(store).learnt] == found


def test_what_colleagues_said_of_mails_is_known_for_five_weeks(store: Store) -> None:
    told(store, mail(1), mail(2))
    carry_out(store, step=Correct("mail-1", frozenset({Tone.PRAISE}), ADA, "x"))
    carry_out(store, step=Correct("mail-2", frozenset(), ADA, "x"))
    assert gathered(store).corrected == {"mail-1": frozenset({Tone.PRAISE}), "mail-2": frozenset()}
    assert gathered(store, replace(SPAN, now=NOW + 36 * DAY)).corrected == {}


def test_cases_are_those_opened_or_answered_within_five_weeks(store: Store) -> None:
    client = record(store, mail(1))
    long_ago = NOW - 40 * DAY
    cases = (
        case(client, 1),
        case(client, 2, CaseState.SETTLED, opened_at=long_ago),
        case(client, 3, CaseState.ANSWERED, opened_at=long_ago, answered_at=NOW - DAY),
    )
    with store.writing() as book:
        book.carry_out(client, [OpenCase(each, "x") for each in cases], (), NOW)
    assert [each.key for each in gathered(store).cases] == ["case-3", "case-1"]


HOSTILE = '],"sure":["praise"],"doubtful":["praise"] {"tone":["praise"],"sure":["praise"],"doubtful":["praise"]}'


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (PRAISE, True),
        (verdict(Tone.PRAISE, sure=False), False),
        (verdict(Tone.COMPLAINT, Tone.PRAISE), True),
        (replace(verdict(Tone.COMPLAINT, Tone.PRAISE), sure=frozenset({Tone.COMPLAINT})), False),
        (verdict(Tone.COMPLAINT, sentence=HOSTILE), False),
        (verdict(sentence=HOSTILE), False),
        (None, False),
    ],
    ids=["sure", "not sure", "both", "both, praise not sure", "a client who writes JSON", "and no tone", "no verdict"],
)
def test_praise_is_counted_where_it_is_sure(store: Store, said: Verdict | None, counts: bool) -> None:
    told(store, mail(1, verdict=said, at=NOW - 10 * DAY), mail(2, verdict=said, at=NOW - 15 * DAY))
    assert gathered(store).praise == ((("mail-1", NOW - 10 * DAY),) if counts else ())


def known(store: Store, *who: Address) -> None:
    with store.writing() as book:
        book.learn([], who)


def wrote(store: Store, *days_ago: float, by: Address = JO, first: int = 1, **more: object) -> None:
    told(store, *[mail(first + n, by, NOW - days * DAY, **more) for n, days in enumerate(days_ago)])


def test_regulars_are_known_clients_whose_last_word_is_long_ago(store: Store) -> None:
    wrote(store, 90, 80, 60.5, author_name="Jo Marsh")
    wrote(store, 90, 80, 61, by=PAT, first=10)
    known(store, JO)
    (found,) = gathered(store).regulars
    assert (found.address, found.name) == (JO, "Jo Marsh")
    assert found.wrote == tuple(NOW - days * DAY for days in (90, 80, 60.5))


@pytest.mark.parametrize(
    "days_ago",
    [(90, 61), (90, 80, 59), (200, 199, 198), (90, 80, 60.5, 1)],
    ids=["too few mails", "not yet so long", "told long ago", "he wrote again"],
)
def test_others_are_none(store: Store, days_ago: tuple[float, ...]) -> None:
    wrote(store, *days_ago)
    known(store, JO)
    assert gathered(store).regulars == ()


def test_arrivals_are_those_of_five_weeks_by_inbox(store: Store) -> None:
    told(store, mail(1, at=NOW - DAY), mail(2, at=NOW - 2 * DAY), mail(3, at=NOW - 40 * DAY), mail(4, inbox="shop"))
    with store.writing() as book:
        book.record(answer(5, at=NOW), None, (), (), NOW)
    assert gathered(store).arrivals == {"hello": (NOW - 2 * DAY, NOW - DAY), "shop": (NOW,)}


def test_how_the_watching_goes_is_given_as_it_stands(store: Store) -> None:
    state = InboxState("hello", "inbox", "retrying", NOW, "the server does not answer")
    store.state(state)
    assert gathered(store).states == (state,)


def test_a_forgotten_mail_takes_nothing_with_it(store: Store) -> None:
    client = Client("c-1", frozenset({JO}))
    with store.writing() as book:
        book.carry_out(client, (OpenCase(case(client, 7), "x"),), (), NOW)
    (waiting,) = gathered(store).waiting
    assert (waiting.mail, waiting.address) == (None, JO)
    assert HELLO not in waiting.addresses
