"""What every store keeps to: SQLite, PostgreSQL, and the one in memory that other tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import FakeStore
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    Client,
    Enter,
    Evidence,
    FollowUp,
    Ignore,
    Letter,
    LetterKind,
    LetterState,
    Match,
    Mode,
    Nature,
    Note,
    Occasion,
    OpenCase,
    Postpone,
    Relationship,
    Schedule,
    Seen,
    Severity,
    Stage,
    Standing,
    Step,
    Tone,
    Verdict,
    Withhold,
    WriteLetter,
)
from troth.store import open_store
from troth.store.face import Book, InboxState, JournalLine, Moved, Store, Watermark

NOW = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
MINUTE = timedelta(minutes=1)
JO = Address("jo@client.example")
JO_AT_MARSH = Address("jo@marsh.example")
PAT = Address("pat@other.example")
ADA = Address("ada@harbour.example")
HELLO = Address("hello@harbour.example")


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "fake":
        yield FakeStore()
        return
    url = f"sqlite:///{tmp_path}/troth.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(url, create=True)
    yield opened
    opened.close()


def mail(number: int = 1, author: Address | None = JO, at: datetime = NOW, **more: object) -> Seen:
    seen = Seen(
        identity=f"mail-{number}",
        inbox="hello",
        folder="INBOX",
        uidvalidity=4_000_000_000,
        uid=number,
        arrived=at,
        thread=f"<{number}@client.example>",
        message_id=f"<{number}@client.example>",
        author=author,
        to=(HELLO,),
        subject="The brochures",
        text="They came late.",
    )
    return replace(seen, **more)  # type: ignore[arg-type] # the fields of Seen


def answer(number: int, to: tuple[Address, ...] = (JO,), at: datetime = NOW) -> Seen:
    return mail(number, ADA, at, ours=True, to=to, folder="Sent", evidence=Evidence.FIRM, because="to the client")


def known(
    book: Book, *addresses: Address, refers_to: tuple[str, ...] = (), own_id: str = "<new@x.example>"
) -> Relationship:
    return book.relationship(frozenset(addresses or (JO,)), refers_to, own_id, LONG_AGO)


def record(
    store: Store, seen: Seen, *steps: Step, letters: tuple[Letter, ...] = (), of: tuple[Address, ...] = ()
) -> Client:
    """Record a mail of a client, decided on what is known of him; the client as he stands then."""
    addresses = of or ((seen.author,) if seen.author and not seen.ours else seen.to)
    with store.writing() as book:
        client = known(book, *addresses).client
        assert book.record(seen, client, steps, letters, NOW)
        return known(book, *addresses).client


def case(client: Client, number: int = 1, state: CaseState = CaseState.WAITING, **more: object) -> Case:
    opened = Case(
        key=f"case-{number}",
        client=client.key,
        inbox="hello",
        thread=f"<{number}@client.example>",
        mail=f"mail-{number}",
        state=state,
        severity=Severity.HIGH,
        opened_at=NOW,
        received_at=NOW,
        tags=("money", "Späth"),
    )
    return replace(opened, **more)  # type: ignore[arg-type] # the fields of Case


def follow_up(client: Client, key: str = "case-1:s1:0", due: datetime = NOW) -> FollowUp:
    return FollowUp(
        key=key,
        occasion=Occasion.COMPLAINT,
        step="s1",
        inbox="hello",
        client=client.key,
        address=JO,
        mail="mail-1",
        anchor=NOW,
        due_at=due,
    )


def letter(key: str = "letter-1", state: LetterState = LetterState.QUEUED, **more: object) -> Letter:
    queued = Letter(
        key=key,
        inbox="hello",
        kind=LetterKind.ACKNOWLEDGEMENT,
        purpose="complaint/acknowledgement",
        to=JO,
        subject="Re: The brochures",
        message_id=f"<{key}@harbour.example>",
        envelope_from="",
        raw=b"From: hello@harbour.example\r\n\r\n\x00\xff",
        state=state,
        created=NOW,
        mode=Mode.SEND,
        because="complaint, sure (3.2)",
        mail="mail-1",
    )
    return replace(queued, **more)  # type: ignore[arg-type] # the fields of Letter


def stored(store: Store, key: str = "letter-1") -> Letter:
    found = store.letter(key)
    assert found is not None
    return found


def standing(store: Store, identity: str = "mail-1") -> tuple[Standing, str]:
    with store.reading() as book:
        seen = book.seen(identity)
    assert seen is not None
    return seen.standing, seen.because


def said(store: Store) -> list[tuple[str, str]]:
    return [(line.what, line.because) for line in store.journal()]


def test_a_mail_comes_back_as_it_was_recorded(store: Store) -> None:
    verdict = Verdict(
        tone=frozenset({Tone.COMPLAINT, Tone.PRAISE}),
        sure=frozenset({Tone.COMPLAINT}),
        doubtful=frozenset({Tone.PRAISE}),
        scores={Tone.COMPLAINT: 3.25, Tone.PRAISE: 0.1},
        severity=Severity.HIGH,
        tags=("money",),
        matches=(Match("late", "came late", "body", 1.5, negated=True, start=5, end=14),),
        language="en",
        sentence="They came late.",
        notes=("long",),
    )
    seen = mail(
        author_name="Jo \N{SNOWMAN} Marsh",
        refusal="copied only",
        verdict=verdict,
        references=("<a@b>", "<c@d>"),
        nature=Nature.CALENDAR,
        language="en",
        authenticated=True,
        automatic=True,
        standing=Standing.SET_ASIDE,
        because="set aside",
        attachments=("smudged \N{SNOWMAN}.jpg",),
        fields=(("received", "from a by b"), ("x-priority", "1")),
    )
    client = record(store, seen)
    with store.reading() as book:
        assert book.seen("mail-1") == replace(seen, client=client.key)
        assert book.seen_by_message_id("<1@client.example>") == book.seen("mail-1")
        assert book.seen("mail-2") is None
        assert book.seen_by_message_id("<2@client.example>") is None


def test_instants_come_back_as_aware_utc_with_microseconds(store: Store) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    record(store, mail(at=tokyo))
    with store.reading() as book:
        seen = book.seen("mail-1")
    assert seen is not None
    assert seen.arrived == NOW
    assert seen.arrived.microsecond == 123456
    assert isinstance(store, FakeStore) or seen.arrived.tzinfo is UTC


def test_a_mail_is_recorded_once(store: Store) -> None:
    record(store, mail(), Note("seen", "first"))
    with store.writing() as book:
        assert not book.record(mail(subject="another"), known(book).client, [Note("seen", "second")], [letter()], NOW)
    assert said(store) == [("seen", "first")]
    assert store.letters() == []


def test_a_mail_given_twice_in_one_block_is_recorded_once(store: Store) -> None:
    with store.writing() as book:
        assert book.recorded(["mail-1"]) == frozenset()
        assert book.record(mail(), None, [Ignore("list")], [], NOW)
        assert book.recorded(["mail-1", "mail-2"]) == {"mail-1"}
        assert not book.record(mail(), None, [Ignore("list")], [], NOW)
    assert said(store) == [("no letter", "list")]


def test_what_fails_in_a_block_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as book:  # noqa: PT012 - the block is what is tested
        book.record(mail(), known(book).client, [Note("seen", "it")], [letter()], NOW)
        book.set_watermark(Watermark("hello", "INBOX", 1, 1))
        raise ZeroDivisionError
    with store.reading() as book:
        assert book.recorded(["mail-1"]) == frozenset()
        assert book.watermark("hello", "INBOX") is None
        assert known(book).client.revision == 0
    assert store.journal() == []
    assert store.letters() == []


def test_a_watermark_is_kept_for_each_folder(store: Store) -> None:
    mark = Watermark("hello", "INBOX", 4_294_967_295, 17, learn_until=9, first_start=NOW)
    with store.writing() as book:
        book.set_watermark(replace(mark, uid=3))
        book.set_watermark(mark)
        book.set_watermark(replace(mark, folder="Sent"))
    with store.reading() as book:
        assert book.watermark("hello", "INBOX") == mark
        assert book.watermark("hello", "Drafts") is None


def test_a_stranger_is_a_new_client_who_is_not_yet_written(store: Store) -> None:
    with store.writing() as book:
        first, second = known(book).client, known(book).client
    assert first.addresses == {JO}
    assert first.revision == 0
    assert first.key != second.key
    with store.reading() as book:
        assert book.client(first.key) is None


def test_a_client_grows_by_one_revision_with_every_record(store: Store) -> None:
    client = record(store, mail(1))
    assert (client.revision, client.first_seen) == (1, NOW)
    with store.writing() as book:
        book.carry_out(client, [Note("x", "y")], [], NOW)
    assert record(store, mail(2)).revision == 3


def test_a_record_on_an_old_revision_asks_to_decide_again(store: Store) -> None:
    with store.reading() as book:
        before = known(book).client
    record(store, mail(1))
    for client in (before, replace(record(store, mail(2)), revision=1)):
        with store.writing() as book:
            with pytest.raises(Moved):
                book.record(mail(3), client, [Note("x", "y")], [letter()], NOW)
            with pytest.raises(Moved):
                book.carry_out(client, [Note("x", "y")], [letter()], NOW)
            assert book.record(mail(4 + client.revision, PAT), None, [], [], NOW), "the block goes on"
    with store.reading() as book:
        assert book.recorded(["mail-3"]) == frozenset()
        assert known(book).client.revision == 2
    assert store.letters() == []


def test_one_client_moved_among_several_touches_none_of_them(store: Store) -> None:
    jo, pat = record(store, mail(1, JO)), record(store, mail(2, PAT))
    moved = ChangeClient(replace(pat, name="Pat", revision=9), "named", "x")
    with store.writing() as book, pytest.raises(Moved):
        book.carry_out(jo, [moved], [], NOW)
    with store.reading() as book:
        assert known(book, JO).client == jo


def test_what_is_known_of_a_client_changes_by_a_step_alone(store: Store) -> None:
    client = record(store, mail())
    told = replace(
        client,
        name="Jo Marsh",
        known=True,
        stage=Stage.BEST_FRIEND,
        last_colleague=ADA,
        silence_asked_at=NOW,
        bounced=frozenset({JO}),
        absent_until=NOW,
    )
    with store.writing() as book:
        book.carry_out(replace(client, name="nobody"), [], [], NOW)
        assert known(book).client.name == ""
        book.carry_out(known(book).client, [ChangeClient(replace(told, revision=2), "known", "Ada wrote")], [], NOW)
        assert known(book).client == replace(told, revision=3)
        assert book.client(client.key) == replace(told, revision=3)


def test_a_new_client_is_written_with_what_was_decided_of_him(store: Store) -> None:
    with store.writing() as book:
        client = known(book).client
        book.record(mail(), client, [ChangeClient(replace(client, known=True), "known", "x")], [], NOW)
        assert known(book).client == replace(client, known=True, revision=1, first_seen=NOW)


def test_an_address_that_joins_a_client_is_his_from_then_on(store: Store) -> None:
    jo = record(store, mail(1, JO))
    record(store, mail(2, JO), of=(JO, JO_AT_MARSH))
    with store.reading() as book:
        assert known(book, JO_AT_MARSH).client.key == jo.key
        assert known(book, JO_AT_MARSH).client.addresses == {JO, JO_AT_MARSH}


def test_two_clients_who_turn_out_to_be_one_are_merged_into_the_older(store: Store) -> None:
    other = record(store, mail(1, JO_AT_MARSH))
    with store.writing() as book:
        due = follow_up(other, "f")
        steps: list[Step] = [
            OpenCase(case(other), "complaint"),
            Schedule(due, "x"),
            ChangeClient(replace(other, name="Jo"), "x", "y"),
        ]
        book.carry_out(other, steps, [letter(client=other.key, to=JO_AT_MARSH)], NOW)
    with store.writing() as book:
        younger = replace(known(book, JO).client, first_seen=NOW + MINUTE)
        book.record(mail(2, JO, NOW + MINUTE), younger, [], [], NOW + MINUTE)
    with store.reading() as book:
        both = known(book, JO, JO_AT_MARSH)
        assert both.client == replace(known(book, JO_AT_MARSH).client, addresses=frozenset({JO, JO_AT_MARSH}))
        assert [each.identity for each in both.exchanges] == ["mail-1", "mail-2"]
        assert [each.key for each in both.cases] == ["case-1"]
        assert known(book, JO).client.key == younger.key, "nothing is written by reading"
    record(store, mail(3, JO, NOW + 2 * MINUTE), of=(JO, JO_AT_MARSH))
    with store.reading() as book:
        assert book.client(younger.key) is None
        one = known(book, JO)
        assert (one.client.key, one.client.name) == (other.key, "Jo")
        assert one.client.addresses == {JO, JO_AT_MARSH}
        assert [each.identity for each in one.exchanges] == ["mail-1", "mail-2", "mail-3"]
        assert [each.key for each in one.written] == ["letter-1"]
        assert [each.client for each in book.due(NOW, 9)] == [other.key]
        second = book.seen("mail-2")
        assert second is not None
        assert second.client == other.key


def test_a_thread_is_that_of_the_first_known_reference(store: Store) -> None:
    record(store, mail(1, references=("<root@x.example>",)))
    with store.writing() as book:
        assert known(book, refers_to=("<unknown@x.example>", "<1@client.example>")).thread == "<1@client.example>"
        assert known(book, refers_to=("<root@x.example>",)).thread == "<1@client.example>"
        assert known(book, refers_to=("<unknown@x.example>",)).thread == "<new@x.example>"
        assert known(book, own_id="<root@x.example>").thread == "<1@client.example>", "its answer came first"
        assert book.threads(["<root@x.example>", "<unknown@x.example>"]) == {"<root@x.example>": "<1@client.example>"}


def test_a_thread_is_known_within_the_block_that_records_it(store: Store) -> None:
    with store.writing() as book:
        book.record(mail(1), known(book).client, [], [], NOW)
        assert known(book, PAT, refers_to=("<1@client.example>",)).thread == "<1@client.example>"
        assert book.threads(["<1@client.example>"]) == {"<1@client.example>": "<1@client.example>"}


def test_a_letter_belongs_to_the_thread_of_its_mail(store: Store) -> None:
    record(store, mail(1, thread="<root@x.example>"), letters=(letter("a"),))
    with store.writing() as book:
        book.carry_out(known(book).client, [], [letter("b")], NOW)
        for key in ("a", "b"):
            assert known(book, refers_to=(f"<{key}@harbour.example>",)).thread == "<root@x.example>"


def test_a_mail_without_message_id_leads_to_its_thread_by_identity(store: Store) -> None:
    record(store, mail(1, message_id=None, thread="mail-1"))
    with store.reading() as book:
        assert known(book, own_id="mail-1").thread == "mail-1"


def test_exchanges_are_what_both_sides_wrote_oldest_first(store: Store) -> None:
    record(store, mail(2, at=NOW + MINUTE, automatic=True))
    record(store, mail(1))
    record(store, answer(3, at=NOW + 2 * MINUTE))
    with store.reading() as book:
        exchanges = known(book).exchanges
    assert [(each.identity, each.ours, each.automatic, each.by) for each in exchanges] == [
        ("mail-1", False, False, JO),
        ("mail-2", False, True, JO),
        ("mail-3", True, False, ADA),
    ]
    assert (exchanges[2].evidence, exchanges[2].because) == (Evidence.FIRM, "to the client")


def test_a_mail_of_ours_counts_for_everybody_it_went_to(store: Store) -> None:
    record(store, mail(1, PAT))
    record(store, answer(2, to=(JO, PAT, JO_AT_MARSH)), of=(JO, JO_AT_MARSH))
    with store.reading() as book:
        assert [each.identity for each in known(book, PAT).exchanges] == ["mail-1", "mail-2"]
        assert [each.identity for each in known(book, JO).exchanges] == ["mail-2"], (
            "once, though to two of his addresses"
        )


def test_history_reaches_back_no_further_than_asked(store: Store) -> None:
    old = NOW - timedelta(days=40)
    client = record(store, mail(1, at=old), letters=(letter(created=old),))
    record(store, mail(2), letters=(letter("letter-2", client=client.key),))
    with store.reading() as book:
        history = book.relationship(frozenset({JO}), (), "<x@y.example>", NOW - timedelta(days=30))
    assert [each.identity for each in history.exchanges] == ["mail-2"]
    assert [each.key for each in history.written] == ["letter-2"]


def test_history_is_bounded_to_the_latest(store: Store) -> None:
    record(store, mail(1))
    with store.writing() as book:
        for number in range(2, 260):
            book.record(mail(number, at=NOW + number * MINUTE), known(book).client, [], [], NOW)
    with store.reading() as book:
        exchanges = known(book).exchanges
    assert len(exchanges) == 200
    assert exchanges[-1].identity == "mail-259"


def test_cases_are_the_open_ones_and_those_closed_of_late_and_any_parted(store: Store) -> None:
    client = record(store, mail())
    years_ago, lately = NOW - timedelta(days=900), NOW - timedelta(days=3)
    cases = [
        case(client, 1, CaseState.PARTED, opened_at=years_ago, closed_at=years_ago),
        case(client, 2, CaseState.SETTLED, opened_at=years_ago, closed_at=years_ago),
        case(
            client, 3, CaseState.ANSWERED, opened_at=years_ago + MINUTE, answered_at=NOW, answered_by=ADA, assignee=ADA
        ),
        case(client, 4, CaseState.SETTLED, opened_at=lately, closed_at=lately, round=2),
    ]
    with store.writing() as book:
        book.carry_out(client, [OpenCase(each, "complaint") for each in cases], [], NOW)
        assert known(book).cases == (cases[0], cases[2], cases[3])
        assert book.case("case-3") == cases[2]
        assert book.case("case-9") is None
    assert store.open_cases() == [cases[2]]


def test_a_case_stands_as_the_last_step_left_it(store: Store) -> None:
    client = record(store, mail())
    opened = case(client)
    answered = replace(
        opened, state=CaseState.ANSWERED, answered_at=NOW, answered_by=ADA, round=1, occasion=Occasion.MIXED, sure=True
    )
    with store.writing() as book:
        book.carry_out(client, [OpenCase(opened, "complaint")], [], NOW)
        book.carry_out(known(book).client, [ChangeCase(answered, "answered", "Ada wrote")], [], NOW)
    with store.reading() as book:
        assert book.case("case-1") == answered
    assert store.counts(NOW).cases == {"waiting": 0, "answered": 1, "settled": 0, "parted": 0}


def test_a_mail_belongs_to_the_case_it_opens(store: Store) -> None:
    with store.writing() as book:
        client = known(book).client
        book.record(mail(), client, [OpenCase(case(client), "complaint")], [], NOW)
        seen = book.seen("mail-1")
    assert seen is not None
    assert seen.case == "case-1"


def test_letters_already_written_are_part_of_the_history(store: Store) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.carry_out(client, [], [letter(client=client.key, case="case-1", mode=Mode.OBSERVE)], NOW)
        (written,) = known(book).written
    assert (written.key, written.purpose) == ("letter-1", "complaint/acknowledgement")
    assert (written.kind, written.state) == (LetterKind.ACKNOWLEDGEMENT, LetterState.QUEUED)
    assert (written.case, written.mail, written.mode) == ("case-1", "mail-1", Mode.OBSERVE)
    assert (written.decided_at, written.message_id) == (NOW, "<letter-1@harbour.example>")


def test_a_letter_is_written_once_for_its_key(store: Store) -> None:
    client = record(store, mail(), letters=(letter(),))
    with store.writing() as book:
        book.carry_out(client, [], [letter(subject="again", message_id="<other@harbour.example>")], NOW)
    assert stored(store) == letter()


def test_a_letter_is_found_by_its_message_id_or_the_providers(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    store.settle([letter(state=LetterState.SENT, sent_at=NOW, provider_id="<ses@mailer.example>")], NOW)
    with store.reading() as book:
        ids = ["<x@y.example>", "<letter-1@harbour.example>", "<ses@mailer.example>"]
        found = book.letters_by_message_id(ids)
        assert set(found) == set(ids[1:])
        assert {each.key for each in found.values()} == {"letter-1"}
        assert {each.raw for each in found.values()} == {b""}
        assert book.letters_by_message_id([]) == {}


def test_a_follow_up_is_due_in_its_time_and_in_order(store: Store) -> None:
    client = record(store, mail())
    later, sooner = follow_up(client, "a", NOW + MINUTE), follow_up(client, "b", NOW)
    with store.writing() as book:
        assert book.next_due() is None
        book.carry_out(client, [Schedule(later, "x"), Schedule(sooner, "x")], [], NOW)
        assert book.next_due() == NOW
        assert book.due(NOW - MINUTE, 9) == []
        assert book.due(NOW, 9) == [sooner]
        assert book.due(NOW + MINUTE, 9) == [sooner, later]
        assert book.due(NOW + MINUTE, 1) == [sooner]
    assert (store.counts(NOW).due, store.counts(NOW).scheduled) == (1, 1)


def test_a_follow_up_is_planned_once_for_its_key_even_after_it_is_over(store: Store) -> None:
    client = record(store, mail())
    due = follow_up(client)
    with store.writing() as book:
        book.carry_out(client, [Schedule(due, "x"), Schedule(replace(due, due_at=NOW + MINUTE), "x")], [], NOW)
        assert book.due(NOW, 9) == [due]
        assert book.take(due.key, NOW)
        book.carry_out(known(book).client, [Schedule(due, "again")], [], NOW)
        assert book.due(NOW, 9) == []


def test_a_follow_up_is_taken_by_one_alone(store: Store) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.carry_out(client, [Schedule(follow_up(client), "x")], [], NOW)
        assert not book.take("case-1:s1:0", NOW - MINUTE), "it is not due"
        assert not book.take("unknown", NOW)
        assert book.take("case-1:s1:0", NOW)
        assert not book.take("case-1:s1:0", NOW)
        assert book.next_due() is None


def test_a_follow_up_taken_in_a_block_that_fails_is_due_again(store: Store) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.carry_out(client, [Schedule(follow_up(client), "x")], [], NOW)
    with pytest.raises(ZeroDivisionError), store.writing() as book:  # noqa: PT012 - the block is what is tested
        assert book.take("case-1:s1:0", NOW)
        raise ZeroDivisionError
    with store.reading() as book:
        assert len(book.due(NOW, 9)) == 1


def test_a_postponed_follow_up_is_due_later_and_knows_its_first_moment(store: Store) -> None:
    client = record(store, mail())
    due = follow_up(client)
    with store.writing() as book:
        book.carry_out(client, [Schedule(due, "x")], [], NOW)
        book.take(due.key, NOW)
        book.carry_out(known(book).client, [Postpone(due, NOW + MINUTE, "over the budget")], [], NOW)
        assert book.due(NOW, 9) == []
        (once,) = book.due(NOW + MINUTE, 9)
        assert once == replace(due, due_at=NOW + MINUTE, planned_at=NOW)
        book.carry_out(known(book).client, [Postpone(once, NOW + 2 * MINUTE, "over the budget")], [], NOW)
        (twice,) = book.due(NOW + 2 * MINUTE, 9)
        assert twice == replace(due, due_at=NOW + 2 * MINUTE, planned_at=NOW)


def test_a_follow_up_that_was_never_planned_can_be_postponed(store: Store) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.carry_out(client, [Postpone(follow_up(client), NOW + MINUTE, "closed")], [], NOW)
        assert book.next_due() == NOW + MINUTE


@pytest.mark.parametrize("ending", ["withheld", "letter"])
def test_a_follow_up_is_over_once_it_is_withheld_or_fulfilled(store: Store, ending: str) -> None:
    client = record(store, mail())
    due = follow_up(client)
    fulfilled = WriteLetter("k", LetterKind.FOLLOW_UP, "x", JO, Mode.SEND, "due", follow_up=due)
    with store.writing() as book:
        book.carry_out(client, [Schedule(due, "x")], [], NOW)
    with store.writing() as book:
        book.carry_out(known(book).client, [Withhold(due, "answered") if ending == "withheld" else fulfilled], [], NOW)
        assert book.next_due() is None


def test_every_step_leaves_a_line_in_the_journal(store: Store) -> None:
    with store.writing() as book:
        client = known(book).client
        due = follow_up(client)
        steps: list[Step] = [
            OpenCase(case(client), "complaint"),
            Schedule(due, "plan"),
            Enter("mail-1", Standing.PENDING, "due"),
        ]
        book.record(mail(), client, steps, [], NOW)
        book.carry_out(known(book).client, [Withhold(due, "answered"), Note("told", "Ada")], [], NOW + MINUTE, "hello")
    assert store.journal() == [
        JournalLine(NOW, "hello", "<1@client.example>", JO, "case opened", "complaint"),
        JournalLine(NOW, "hello", "<1@client.example>", JO, "follow-up planned", "plan"),
        JournalLine(NOW, "hello", "<1@client.example>", JO, "standing", "due"),
        JournalLine(NOW + MINUTE, "hello", "<1@client.example>", JO, "withheld", "answered"),
        JournalLine(NOW + MINUTE, "hello", None, JO, "told", "Ada"),
    ]


def test_a_mail_without_steps_leaves_a_line_all_the_same(store: Store) -> None:
    record(store, answer(1))
    with store.writing() as book:
        book.record(mail(2, PAT, refusal="list"), None, [], [], NOW)
    assert [(line.what, line.because, line.client) for line in store.journal()] == [
        ("mail of ours", "to the client", JO),
        ("mail", "list", PAT),
    ]


def test_the_journal_is_told_by_client_under_all_his_addresses(store: Store) -> None:
    record(store, mail(1, JO), Note("a", "1"))
    record(store, mail(2, JO_AT_MARSH), Note("b", "2"), of=(JO, JO_AT_MARSH))
    record(store, mail(3, PAT), Note("c", "3"))
    assert [line.what for line in store.journal(client=JO)] == ["a", "b"]
    assert [line.what for line in store.journal(client=PAT)] == ["c"]
    assert store.journal(client=Address("nobody@client.example")) == []
    assert [line.what for line in store.journal(limit=2)] == ["b", "c"]


def test_the_journal_of_a_mail_tells_what_became_of_its_letters(store: Store) -> None:
    record(store, mail(1), Note("a", "1"), letters=(letter(),))
    record(store, mail(2), Note("b", "2"))
    store.settle([letter(state=LetterState.SENT, sent_at=NOW, because="250 ok")], NOW)
    assert [line.what for line in store.journal(message_id="<1@client.example>")] == ["a", "letter sent"]
    assert [line.what for line in store.journal(message_id="<letter-1@harbour.example>")] == ["letter sent"]


def test_a_note_under_a_clients_key_is_kept_under_his_address(store: Store) -> None:
    client = record(store, mail())
    with store.writing() as book:
        book.note(JournalLine(NOW, None, None, client.key, "a", "b"))
        book.note(JournalLine(NOW, None, None, PAT, "a", "b"))
        book.note(JournalLine(NOW, None, None, None, "a", "b"))
    assert [line.client for line in store.journal()][1:] == [JO, PAT, None]


def test_a_small_fact_is_remembered_until_it_changes(store: Store) -> None:
    with store.writing() as book:
        assert book.recall("digest") is None
        assert book.remember("digest", "2026-11-20")
        assert not book.remember("digest", "2026-11-20")
        assert book.remember("digest", "2026-11-21")
        assert book.recall("digest") == "2026-11-21"


def test_the_failures_over_one_mail_are_counted(store: Store) -> None:
    with store.writing() as book:
        assert [book.fault("hello", "INBOX", 1, 7, "bad") for _ in range(3)] == [1, 2, 3]
        assert book.fault("hello", "INBOX", 2, 7, "bad") == 1


def test_a_letter_written_by_a_clock_that_was_set_back_since_leaves_now(store: Store) -> None:
    ahead = {"created": NOW + 24 * 60 * MINUTE, "next_try": NOW + 24 * 60 * MINUTE}
    tried = letter("tried", state=LetterState.DEFERRED, **ahead)
    record(store, mail(), letters=(letter("queued", state=LetterState.QUEUED, **ahead), tried))
    assert [each.key for each in store.waiting_letters(NOW, "hello", 9)] == ["queued"]


def test_letters_wait_tellings_first_then_the_oldest(store: Store) -> None:
    old = letter("old", created=NOW - MINUTE, mail=None)
    telling = letter("telling", kind=LetterKind.TELLING, to=ADA, mail=None)
    later = letter("later", state=LetterState.DEFERRED, next_try=NOW + MINUTE, mail=None)
    others = (letter("held", LetterState.HELD), letter("other", inbox="shop", mail=None))
    record(store, mail(), letters=(letter("new", mail=None), later, old, telling, *others))
    waiting = store.waiting_letters(NOW, "hello", 9)
    assert [each.key for each in waiting] == ["telling", "old", "new"]
    assert waiting[0] == telling
    assert [each.key for each in store.waiting_letters(NOW, "hello", 2)] == ["telling", "old"]
    assert [each.key for each in store.waiting_letters(NOW + MINUTE, "hello", 9)] == ["telling", "old", "later", "new"]
    assert store.next_try() == NOW - MINUTE


def test_a_letter_is_claimed_by_one_alone(store: Store) -> None:
    record(store, mail(), letters=(letter("a"), letter("b", LetterState.DEFERRED), letter("c", LetterState.HELD)))
    assert store.mark_sending(["a", "b", "c", "unknown"], NOW, "one") == {"a", "b"}
    assert store.mark_sending(["a", "b"], NOW, "one") == frozenset()
    assert store.mark_sending([], NOW, "one") == frozenset()
    assert store.waiting_letters(NOW, "hello", 9) == []
    assert store.next_try() is None
    assert stored(store, "a").state is LetterState.SENDING


def test_letters_given_back_wait_as_before(store: Store) -> None:
    record(store, mail(), letters=(letter("a"), letter("b", LetterState.DEFERRED, attempts=1), letter("c")))
    store.mark_sending(["a", "b"], NOW, "w")
    store.unmark(["a", "b", "c", "unknown"])
    assert [stored(store, key).state for key in "abc"] == [
        LetterState.QUEUED,
        LetterState.DEFERRED,
        LetterState.QUEUED,
    ]


def test_the_outcome_of_an_attempt_is_written(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    store.mark_sending(["letter-1"], NOW, "w")
    outcome = letter(
        state=LetterState.DEFERRED,
        attempts=1,
        next_try=NOW + MINUTE,
        because="450 later",
        envelope_from="hello@h.example",
    )
    store.settle([outcome], NOW)
    assert stored(store) == outcome
    assert store.next_try() == NOW + MINUTE
    line = store.journal()[-1]
    assert line == JournalLine(NOW, "hello", outcome.message_id, JO, "letter deferred", "450 later")


def test_a_telling_is_journalled_under_the_client_it_is_about(store: Store) -> None:
    client = record(store, mail())
    telling = letter("t", kind=LetterKind.TELLING, to=ADA, client=client.key, mail=None)
    with store.writing() as book:
        book.carry_out(client, [], [telling], NOW)
    store.settle([replace(telling, state=LetterState.SENT, sent_at=NOW)], NOW)
    line = store.journal()[-1]
    assert (line.what, line.client) == ("telling sent", JO)
    assert standing(store)[0] is Standing.NO_LETTER, "a telling acknowledges nothing"


@pytest.mark.parametrize("closed", [LetterState.SENT, LetterState.DROPPED, LetterState.WITHDRAWN])
def test_what_is_over_is_reopened_by_nothing_but_the_truth_that_it_was_sent(store: Store, closed: LetterState) -> None:
    record(store, mail(), letters=(letter(),))
    store.settle([letter(state=closed, sent_at=NOW if closed is LetterState.SENT else None)], NOW)
    store.settle([letter(state=LetterState.DEFERRED, next_try=NOW), letter("unknown")], NOW)
    assert stored(store).state is closed
    store.settle([letter(state=LetterState.SENT, sent_at=NOW)], NOW)
    assert stored(store).state is LetterState.SENT


def to_file(store: Store, worker: str = "w", at: datetime = NOW, inbox: str = "hello") -> list[str]:
    return [each.key for each in store.unfiled(inbox, 9, worker, at, 10 * MINUTE)]


def test_a_sent_letter_is_filed_once(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    assert to_file(store) == []
    store.mark_sending(["letter-1"], NOW, "w")
    store.settle([letter(state=LetterState.SENT, sent_at=NOW)], NOW)
    (waiting,) = store.unfiled("hello", 9, "w", NOW, MINUTE)
    assert waiting.raw == letter().raw
    assert to_file(store, inbox="shop") == []
    store.filed([("letter-1", 12)])
    assert to_file(store) == []
    assert stored(store).filed


def test_a_letter_in_drafts_is_looked_after_until_it_is_sent_or_taken_back(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    assert store.laid("hello") == []
    store.settle([letter(state=LetterState.DRAFTED)], NOW)
    store.filed([("letter-1", 12)])
    (laid,) = store.laid("hello")
    assert (laid.key, laid.filed_uid, laid.raw) == ("letter-1", 12, b"")
    assert store.laid("shop") == []
    assert not store.taken_back("letter-1")
    assert store.change_letter("letter-1", [LetterState.DRAFTED], LetterState.WITHDRAWN, "answered", NOW)
    assert [each.state for each in store.laid("hello")] == [LetterState.WITHDRAWN]
    assert store.taken_back("letter-1")
    assert not store.taken_back("letter-1")
    assert store.laid("hello") == []


def test_a_draft_that_a_person_sent_is_looked_after_no_more_and_not_filed_again(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    store.settle([letter(state=LetterState.DRAFTED)], NOW)
    store.filed([("letter-1", 12)])
    assert store.change_letter("letter-1", [LetterState.DRAFTED], LetterState.SENT, "sent by Ada", NOW)
    assert store.laid("hello") == []
    assert to_file(store) == []
    assert stored(store).sent_at == NOW


def test_a_letter_is_filed_by_whom_it_was_sent_and_by_one_other_once_that_one_has_gone(store: Store) -> None:
    record(store, mail(), letters=(letter(),))
    store.mark_sending(["letter-1"], NOW, "w")
    store.settle([letter(state=LetterState.SENT, sent_at=NOW)], NOW)
    assert to_file(store, "w", NOW + 5 * MINUTE) == ["letter-1"]
    assert to_file(store, "other", NOW + 5 * MINUTE) == []
    assert to_file(store, "other", NOW + 11 * MINUTE) == ["letter-1"]
    assert to_file(store, "third", NOW + 11 * MINUTE) == []
    assert to_file(store, "w", NOW + 11 * MINUTE) == []
    assert to_file(store, "other", NOW + 12 * MINUTE) == ["letter-1"]


def test_a_letter_left_sending_is_of_unknown_fate(store: Store) -> None:
    record(store, mail(), letters=(letter("a"), letter("b")))
    store.mark_sending(["a"], NOW, "w")
    store.mark_sending(["b"], NOW + MINUTE, "w")
    (found,) = store.interrupted(NOW + MINUTE, MINUTE)
    assert (found.key, found.state, found.raw) == ("a", LetterState.UNKNOWN, letter().raw)
    assert stored(store, "a").state is LetterState.UNKNOWN
    assert said(store)[-1][0] == "letter unknown"
    assert store.interrupted(NOW + MINUTE, MINUTE) == []


def test_letters_to_clients_sent_of_late_are_counted_for_the_breaker(store: Store) -> None:
    letters = (letter("a"), letter("b"), letter("t", kind=LetterKind.TELLING))
    record(store, mail(), letters=letters)
    sent = [replace(each, state=LetterState.SENT, sent_at=NOW + n * MINUTE) for n, each in enumerate(letters)]
    store.settle(sent, NOW)
    assert store.sent_since(NOW) == [NOW, NOW + MINUTE]
    assert store.sent_since(NOW + MINUTE) == [NOW + MINUTE]


def test_letters_are_listed_by_state_the_latest_of_them(store: Store) -> None:
    letters = (letter("a"), letter("b", LetterState.HELD, created=NOW + MINUTE), letter("c", created=NOW - MINUTE))
    record(store, mail(), letters=letters)
    assert [each.key for each in store.letters()] == ["c", "a", "b"]
    assert [each.key for each in store.letters(limit=2)] == ["a", "b"]
    assert [each.key for each in store.letters([LetterState.QUEUED])] == ["c", "a"]
    assert store.letters([LetterState.SENT]) == []
    assert store.letter("unknown") is None
    assert store.counts(NOW).letters["queued"] == 2


def test_a_persons_word_on_a_letter_holds_only_where_it_was_meant(store: Store) -> None:
    record(store, mail(), letters=(letter(state=LetterState.HELD, next_try=NOW + MINUTE),))
    release = (LetterState.QUEUED, "released by Ada", NOW)
    assert not store.change_letter("letter-1", [LetterState.FAILED], *release)
    assert not store.change_letter("unknown", [LetterState.HELD], *release)
    assert store.change_letter("letter-1", [LetterState.HELD, LetterState.DRAFTED], *release)
    assert not store.change_letter("letter-1", [LetterState.HELD], *release)
    assert [each.key for each in store.waiting_letters(NOW, "hello", 9)] == ["letter-1"]
    assert said(store)[-1] == ("letter queued", "released by Ada")


@pytest.mark.parametrize(
    ("state", "stands", "because"),
    [
        (LetterState.QUEUED, Standing.PENDING, "word"),
        (LetterState.HELD, Standing.PENDING, "word"),
        (LetterState.DRAFTED, Standing.PENDING, "word"),
        (LetterState.DEFERRED, Standing.PENDING, "word"),
        (LetterState.SENT, Standing.ACKNOWLEDGED, "word"),
        (LetterState.FAILED, Standing.NO_LETTER, "delivery failed"),
        (LetterState.UNKNOWN, Standing.NO_LETTER, "delivery unknown"),
        (LetterState.WITHDRAWN, Standing.NO_LETTER, "word"),
        (LetterState.DROPPED, Standing.NO_LETTER, "word"),
    ],
)
def test_a_mail_stands_where_its_acknowledgement_does(
    store: Store, state: LetterState, stands: Standing, because: str
) -> None:
    told = {"because": "word", "sent_at": NOW if state is LetterState.SENT else None}
    record(store, mail(1), letters=(letter("recorded", state, **told),))
    record(store, mail(2), letters=(letter("settled", mail="mail-2"),))
    record(store, mail(3))
    assert standing(store, "mail-2")[0] is Standing.PENDING
    store.settle([letter("settled", state, mail="mail-2", **told)], NOW)
    with store.writing() as book:
        book.carry_out(known(book).client, [], [letter("carried", state, mail="mail-3", **told)], NOW)
    assert [standing(store, f"mail-{number}") for number in (1, 2, 3)] == [(stands, because)] * 3


def test_what_was_acknowledged_stays_so(store: Store) -> None:
    record(store, mail(), letters=(letter(), letter("late")))
    store.settle([letter(state=LetterState.SENT, sent_at=NOW), letter("late", LetterState.FAILED)], NOW)
    with store.writing() as book:
        book.carry_out(None, [Enter("mail-1", Standing.NO_LETTER, "answered")], [], NOW)
    assert standing(store)[0] is Standing.ACKNOWLEDGED


def test_a_block_reads_what_it_has_written(store: Store) -> None:
    record(store, mail())
    with store.writing() as book:
        book.carry_out(known(book).client, [Enter("mail-1", Standing.SET_ASIDE, "word")], [], NOW)
        seen = book.seen("mail-1")
        assert seen is not None
        assert seen.standing is Standing.SET_ASIDE
        book.carry_out(known(book).client, [], [letter()], NOW)
        assert book.letters_by_message_id(["<letter-1@harbour.example>"])
        assert known(book, refers_to=("<letter-1@harbour.example>",)).thread == "<1@client.example>"


def test_a_client_who_writes_twice_in_one_block_has_both_mails_in_his_history(store: Store) -> None:
    record(store, mail(1))
    record(store, mail(2, PAT))
    with store.writing() as book:
        book.record(mail(3), known(book).client, [], [letter("a", client=known(book).client.key)], NOW)
        assert len(known(book, PAT).exchanges) == 1
        book.record(mail(4, PAT), known(book, PAT).client, [OpenCase(case(known(book, PAT).client, 4), "x")], [], NOW)
        assert [each.identity for each in known(book).exchanges] == ["mail-1", "mail-3"]
        assert [each.key for each in known(book).written] == ["a"]
        assert [each.key for each in known(book, PAT).cases] == ["case-4"]
    with store.writing() as book:
        book.record(answer(5, to=(PAT,)), known(book, JO_AT_MARSH).client, [], [], NOW)
        assert [each.identity for each in known(book, PAT).exchanges] == ["mail-2", "mail-4", "mail-5"]


def test_a_letter_that_is_no_acknowledgement_leaves_the_standing_alone(store: Store) -> None:
    later = letter("later", kind=LetterKind.FOLLOW_UP)
    record(store, mail(refusal="no tone"), letters=(later,))
    store.settle([replace(later, state=LetterState.SENT, sent_at=NOW)], NOW)
    assert standing(store) == (Standing.NO_LETTER, "no tone")


def test_where_mails_stand_adds_up(store: Store) -> None:
    record(store, mail(1), letters=(letter(),))
    record(store, mail(2), Enter("mail-2", Standing.PENDING, "in 2 minutes"))
    record(store, mail(3, standing=Standing.SET_ASIDE, because="it cannot be read"))
    record(store, answer(4))
    with store.writing() as book:
        for number, refusal in enumerate(["list", "list", "bulk"], start=5):
            book.record(mail(number, PAT, refusal=refusal), None, [Ignore(refusal)], [], NOW)
        book.record(mail(8, PAT, inbox="shop", because="no tone"), None, [], [], NOW)
        book.learn([mail(9)], [])
    store.settle([letter(state=LetterState.SENT, sent_at=NOW)], NOW)
    accounts = store.accounting()
    hello = accounts["hello"]
    assert hello.no_letter == {"list": 2, "bulk": 1, "before first start": 1}
    assert (hello.acknowledged, hello.pending, hello.set_aside) == (1, 1, 1)
    assert hello.seen == 7
    assert accounts["shop"].no_letter == {"no tone": 1}


def test_a_learnt_mail_has_thread_client_and_exchange_but_no_line(store: Store) -> None:
    with store.writing() as book:
        mails = [
            mail(2, at=NOW + MINUTE, references=("<1@client.example>",)),
            mail(1),
            mail(1),
            mail(3, PAT, automatic=True),
            mail(4, PAT, refusal="list"),
            answer(5),
        ]
        book.learn(mails, [ADA])
        book.learn(mails, [])
    with store.reading() as book:
        jo = known(book)
        assert [each.identity for each in jo.exchanges] == ["mail-1", "mail-5", "mail-2"]
        assert {each.thread for each in jo.exchanges if not each.ours} == {"<1@client.example>"}
        assert (jo.client.known, jo.client.first_seen) == (False, NOW)
        assert known(book, PAT).client.revision == 0, "neither a machine nor a list makes a client"
        assert known(book, ADA).client.known
        first = book.seen("mail-1")
    assert first is not None
    assert (first.learnt, first.standing, first.because) == (True, Standing.NO_LETTER, "before first start")
    assert store.journal() == []


def test_whom_colleagues_wrote_to_is_known(store: Store) -> None:
    before = record(store, mail())
    with store.writing() as book:
        book.learn([], [JO, PAT, JO])
        assert known(book, JO).client == replace(before, known=True, revision=before.revision + 1)
        assert known(book, PAT).client.known
        book.learn([], [JO, PAT])
        assert known(book, JO).client.revision == before.revision + 1


def test_learning_many_mails_keeps_them_all(store: Store) -> None:
    with store.writing() as book:
        book.learn((mail(n, Address(f"c{n % 70}@client.example"), NOW + n * MINUTE) for n in range(1300)), [])
    assert store.accounting()["hello"].seen == 1300


def test_how_watching_goes_is_kept_for_each_folder(store: Store) -> None:
    store.state(InboxState("hello", "INBOX", "retrying", None, "no route"))
    store.state(InboxState("hello", "INBOX", "watching", NOW, None))
    store.state(InboxState("admin", "Sent", "stopped", None, None))
    assert store.states() == [
        InboxState("admin", "Sent", "stopped", None, None),
        InboxState("hello", "INBOX", "watching", NOW, None),
    ]


def test_an_empty_store_counts_nothing(store: Store) -> None:
    counts = store.counts(NOW)
    assert set(counts.letters) == {state.value for state in LetterState}
    assert not any((*counts.letters.values(), *counts.cases.values(), counts.due, counts.scheduled))
    assert store.accounting() == {}
    assert store.open_cases() == []
    assert store.states() == []


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True)
def test_what_no_database_can_hold_is_recorded_all_the_same(store: Store) -> None:
    hostile = "a\x00b\ud800" + "\N{PILE OF POO}" * 5
    long_id = "<" + "y" * 40_000 + "@x.example>"
    seen = mail(
        1,
        subject=hostile,
        text=hostile,
        author_name=hostile,
        folder=hostile,
        message_id=long_id,
        identity=long_id + "#1",
        thread=long_id,
        references=tuple(f"<{n}@x.example>" for n in range(3000)),
        verdict=Verdict(sentence=hostile, matches=(Match("r", hostile, "body", 1.0),) * 900),
    )
    record(store, seen)
    with store.reading() as book:
        found = book.seen(long_id + "#1")
        assert found is not None
        assert found.text == "a\N{REPLACEMENT CHARACTER}b?" + "\N{PILE OF POO}" * 5
        assert found.verdict is not None
        assert len(found.verdict.matches) == 40
        assert book.recorded([long_id + "#1"]) == {long_id + "#1"}
        assert book.seen_by_message_id(long_id) == found
        first_thread = known(book, refers_to=("<2999@x.example>",)).thread
        assert known(book, refers_to=(long_id,)).thread == first_thread == found.thread


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=100), at=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_any_text_and_any_moment_come_back(store: Store, text: str, at: datetime) -> None:
    identity = f"{text!r} {at}"
    with store.writing() as book:
        book.record(mail(1, identity=identity, text=text, subject=text, at=at), None, [], [], at)
        seen = book.seen(identity)
    assert seen is not None
    assert (seen.text, seen.arrived) == (text.replace("\x00", "\N{REPLACEMENT CHARACTER}"), at) or isinstance(
        store, FakeStore
    )


def test_mails_of_waiting_cases_are_unanswered_until_they_are_doubted(store: Store) -> None:
    with store.writing() as book:
        client = known(book).client
        opened = case(client)
        book.record(mail(1, case=opened.key), client, [OpenCase(opened, "sure")], [], NOW)
    client = record(store, mail(2))
    with store.writing() as book:
        assert book.unanswered("hello", "INBOX", 4_000_000_000) == {1: "mail-1"}
        assert book.unanswered("hello", "Archive", 4_000_000_000) == book.unanswered("hello", "INBOX", 7) == {}
        book.doubt("mail-1")
        assert book.unanswered("hello", "INBOX", 4_000_000_000) == {}
    with store.reading() as book:
        assert [each.evidence for each in known(book).exchanges] == [Evidence.DOUBTFUL, Evidence.NONE]
    with store.writing() as book:
        book.carry_out(known(book).client, [ChangeCase(replace(opened, state=CaseState.ANSWERED), "x", "y")], [], NOW)
    record(store, mail(3, case=opened.key))
    with store.reading() as book:
        assert book.unanswered("hello", "INBOX", 4_000_000_000) == {}
