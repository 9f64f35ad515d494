from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.matters import ADA, DAY, HELLO, HOUR, JO, NOW, SAM, business, case, client, knowing, mail, ours, wrote
from troth.model import (
    Address,
    Bounce,
    CaseState,
    ChangeCase,
    ChangeClient,
    Evidence,
    Message,
    Nature,
    Note,
    Relationship,
    Schedule,
    Step,
)
from troth.policy import Found, evidence_of, on_answer, on_bounce, on_undelivered, outsiders, takes_up

BUSINESS = business()
OTHER = "<other@client.example>"


def found(
    at: datetime = NOW + HOUR, *, evidence: Evidence = Evidence.FIRM, by: Address | None = SAM, joins: bool = False
) -> Found:
    return Found(at, by, evidence, "a colleague wrote to the client", joins)


def what(steps: tuple[Step, ...]) -> list[str]:
    return [step.what for step in steps]


def test_an_answer_in_the_thread_answers_the_case_and_plans_what_follows() -> None:
    steps = on_answer(found(), knowing(wrote(NOW), cases=(case(),)), BUSINESS)
    assert what(steps) == ["client known", "case answered", "follow-up planned", "follow-up planned"]
    changed = next(step.case for step in steps if isinstance(step, ChangeCase))
    assert (changed.state, changed.answered_at, changed.answered_by) == (CaseState.ANSWERED, NOW + HOUR, SAM)
    assert changed.assignee == SAM
    planned = [step.follow_up for step in steps if isinstance(step, Schedule)]
    assert [row.step for row in planned] == ["complaint/put-right", "settle"]
    assert {row.anchor for row in planned} == {NOW + HOUR}


def test_what_follows_goes_to_the_address_the_client_last_wrote_from() -> None:
    home = Address("jo@home.example")
    person = replace(client(), addresses=frozenset({JO, home, Address("a@client.example")}))
    mails = (wrote(NOW), wrote(NOW + HOUR / 2, by=home))
    steps = on_answer(found(), knowing(*mails, cases=(case(),), of=person), BUSINESS)
    assert {step.follow_up.address for step in steps if isinstance(step, Schedule)} == {home}


def test_the_same_answer_found_again_changes_nothing() -> None:
    answered = case(CaseState.ANSWERED, answered=NOW + HOUR)
    known = client(known=True, last_colleague=SAM)
    assert on_answer(found(), knowing(wrote(NOW), cases=(answered,), of=known), BUSINESS) == ()


def test_deciding_twice_on_an_answer_plans_the_same_keys() -> None:
    relationship = knowing(wrote(NOW), cases=(case(),))
    assert on_answer(found(), relationship, BUSINESS) == on_answer(found(), relationship, BUSINESS)


def test_two_answers_in_one_round_plan_under_keys_of_their_own() -> None:
    keys = [
        {
            step.follow_up.key
            for step in on_answer(found(at), knowing(wrote(NOW), cases=(case(),)), BUSINESS)
            if isinstance(step, Schedule)
        }
        for at in (NOW + HOUR, NOW + 2 * HOUR)
    ]
    assert not keys[0] & keys[1]


def test_a_mail_in_another_thread_is_noted_and_the_case_waits_on() -> None:
    steps = on_answer(found(), knowing(wrote(NOW), cases=(case(),), thread=OTHER), BUSINESS)
    assert what(steps) == ["client known", "perhaps answered"]


def test_a_mail_that_takes_up_the_subject_answers_without_a_thread() -> None:
    steps = on_answer(found(joins=True), knowing(wrote(NOW), cases=(case(),), thread=OTHER), BUSINESS)
    assert "case answered" in what(steps)


def test_a_mail_from_before_the_clients_latest_is_no_answer() -> None:
    steps = on_answer(found(NOW - HOUR), knowing(wrote(NOW), cases=(case(),)), BUSINESS)
    assert what(steps) == ["client known", "no answer"]


def test_a_mail_in_a_colleagues_name_makes_nobody_known_and_answers_nothing() -> None:
    steps = on_answer(found(evidence=Evidence.DOUBTFUL), knowing(cases=(case(),)), BUSINESS)
    assert [type(step) for step in steps] == [Note]


def test_from_a_shared_inbox_nobody_is_named() -> None:
    steps = on_answer(found(by=HELLO), knowing(wrote(NOW), cases=(case(),)), BUSINESS)
    changed = next(step.case for step in steps if isinstance(step, ChangeCase))
    assert changed.answered_by is None


def test_without_a_case_a_colleagues_mail_makes_the_client_known() -> None:
    steps = on_answer(found(), knowing(), BUSINESS)
    assert [step.client.known for step in steps if isinstance(step, ChangeClient)] == [True]
    assert len(steps) == 1


ASKED = [
    ("a person's mail", mail(), 1, Evidence.FIRM),
    ("an out-of-office", mail(nature=Nature.OUT_OF_OFFICE), 1, Evidence.NONE),
    ("a program's mail", mail(nature=Nature.AUTOMATIC), 1, Evidence.NONE),
    ("a newsletter", mail(fields=(("list-unsubscribe", "<mailto:x@y.example>"),)), 1, Evidence.NONE),
    ("a circular", mail(fields=(("precedence", "bulk"),)), 1, Evidence.NONE),
    ("to three clients", mail(), 3, Evidence.FIRM),
    ("to four clients", mail(), 4, Evidence.NONE),
]


@pytest.mark.parametrize(("message", "outside", "evidence"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_only_what_a_person_wrote_to_few_can_be_an_answer(message: Message, outside: int, evidence: Evidence) -> None:
    assert evidence_of(message, outside)[0] is evidence


def test_outsiders_are_counted_in_the_blind_copies_too() -> None:
    message = mail(to=(JO, ADA), fields=(("bcc", "Mo <mo@bell.example>, sam@harbour.example, not an address"),))
    assert outsiders(message, BUSINESS) == (JO, "mo@bell.example")


@pytest.mark.parametrize(
    ("subject", "of", "joins"),
    [
        ("Re: Order 1182", "Order 1182", True),
        ("RE: Re: order 1182 ", "Re: Order 1182", True),
        ("AW: WG: Order 1182", "Order 1182", True),
        ("Re[2]: Order 1182", "Order 1182", True),
        ("Order 1182", "Order 1182", False),
        ("Fwd: Order 1182", "Order 1182", False),
        ("Re: Invoice 77", "Order 1182", False),
        ("Re:", "", False),
    ],
)
def test_a_reply_is_known_by_its_subject_where_the_thread_is_lost(subject: str, of: str, joins: bool) -> None:
    assert takes_up(subject, of) is joins


def test_a_permanent_bounce_stops_letters_to_the_address_it_names() -> None:
    message = mail(bounce=Bounce((JO,), permanent=True, status="5.1.1"))
    (step,) = on_bounce(message, JO, knowing())
    assert isinstance(step, ChangeClient)
    assert step.client.bounced == {JO}


def test_a_bounce_that_names_another_address_speaks_of_the_one_we_wrote_to() -> None:
    person = replace(client(), addresses=frozenset({JO, Address("jo@home.example")}))
    (step,) = on_bounce(mail(bounce=Bounce((Address("x@y.example"),), permanent=True)), JO, knowing(of=person))
    assert isinstance(step, ChangeClient)
    assert step.client.bounced == {JO}


def test_a_delay_stops_nothing() -> None:
    assert [type(step) for step in on_bounce(mail(bounce=Bounce((JO,), permanent=False)), JO, knowing())] == [Note]


def undelivered(wrote_at: datetime, relationship: Relationship) -> tuple[Step, ...]:
    return on_undelivered(wrote_at, NOW + 2 * HOUR, relationship, BUSINESS)


def test_an_answer_that_came_back_lets_the_case_wait_again() -> None:
    answered = case(CaseState.ANSWERED, answered=NOW + HOUR)
    steps = undelivered(NOW + HOUR, knowing(wrote(NOW), ours(NOW + HOUR), cases=(answered,)))
    assert what(steps) == ["case waiting again", "follow-up planned", "follow-up planned"]
    assert all(step.follow_up.step.startswith("colleague/") for step in steps if isinstance(step, Schedule))


def test_another_mail_that_came_back_changes_nothing() -> None:
    answered = case(CaseState.ANSWERED, answered=NOW + HOUR)
    assert undelivered(NOW - DAY, knowing(cases=(answered,))) == ()
    assert undelivered(NOW + HOUR, knowing(cases=(case(),))) == ()
