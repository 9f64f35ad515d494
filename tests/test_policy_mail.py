from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matters import (
    COMPLAINT,
    DAY,
    HELLO,
    HOUR,
    JO,
    MINUTE,
    NOW,
    PLAIN,
    PRAISE,
    THREAD,
    UNSURE,
    arrival,
    business,
    case,
    client,
    knowing,
    mail,
    ours,
    sent,
    wrote,
)
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    Evidence,
    LetterKind,
    Message,
    Mode,
    Nature,
    Occasion,
    OpenCase,
    Relationship,
    Schedule,
    Severity,
    Standing,
    Step,
    Tone,
    Verdict,
    WriteLetter,
)
from troth.policy import Arrival, Business, Decision, on_mail

BUSINESS = business()
SETTLED = case(CaseState.SETTLED, opened=NOW - 9 * DAY, answered=NOW - 8 * DAY, closed=NOW - 7 * DAY)
ANSWERED = case(CaseState.ANSWERED, opened=NOW - DAY, answered=NOW - HOUR)
WAITING = case(opened=NOW - DAY)


def decide(of: Arrival, relationship: Relationship | None = None, house: Business = BUSINESS) -> Decision:
    return on_mail(of, relationship or knowing(), house, of.arrived)


def planned(steps: tuple[Step, ...]) -> list[str]:
    return [step.follow_up.step for step in steps if isinstance(step, Schedule)]


def changed(decision: Decision) -> ChangeCase | None:
    return next((step for step in decision.steps if isinstance(step, ChangeCase)), None)


def test_a_sure_complaint_opens_a_case_and_plans_its_letter_and_its_tellings() -> None:
    decision = decide(arrival())
    assert isinstance(decision.steps[0], OpenCase)
    assert planned(decision.steps) == [
        "complaint/acknowledgement",
        "colleague/waiting to assignee",
        "colleague/before-close to owner",
    ]
    assert (decision.standing, decision.because) == (Standing.PENDING, "acknowledgement planned")
    assert decision.case is not None
    assert (decision.case.sure, decision.case.occasion) == (True, Occasion.COMPLAINT)


def test_a_letter_due_at_once_is_written_at_once() -> None:
    decision = decide(arrival(PRAISE))
    assert [step.purpose for step in decision.steps if isinstance(step, WriteLetter)] == ["praise/thank-you"]
    assert planned(decision.steps) == ["praise/what-could-be-better"]
    assert (decision.standing, decision.because) == (Standing.PENDING, "acknowledgement written")


def test_a_mail_found_late_waits_for_the_review_for_its_answer_may_lie_in_sent() -> None:
    decision = on_mail(arrival(PRAISE), knowing(), BUSINESS, NOW + 10 * MINUTE)
    assert not any(isinstance(step, WriteLetter) for step in decision.steps)
    assert planned(decision.steps) == ["praise/thank-you", "praise/what-could-be-better"]


def test_a_telling_due_at_once_is_left_to_the_review_where_several_become_one() -> None:
    house = business("complaint:\n  - {tell: owner, with: colleague/severe}\n")
    assert planned(decide(arrival(), house=house).steps) == ["colleague/severe to owner"]


WITHOUT_LETTER = [
    ("unsure", arrival(UNSURE), "complaint, not sure"),
    ("legal", arrival(replace(COMPLAINT, tags=("legal",))), "complaint about legal: for people only"),
    ("safety", arrival(replace(COMPLAINT, tags=("safety", "money"))), "complaint about safety: for people only"),
    ("copied only", arrival(message=mail(to=(Address("mo@bell.example"),))), "not addressed to us"),
    ("a form", arrival(form=True), "web form"),
    ("an inbox that sends nothing", arrival(sends=False), "no letters leave from this inbox"),
    ("empty", arrival(message=mail("")), "empty"),
]


@pytest.mark.parametrize(("of", "because"), [row[1:] for row in WITHOUT_LETTER], ids=[row[0] for row in WITHOUT_LETTER])
def test_a_complaint_without_a_letter_opens_a_case_and_is_told_all_the_same(of: Arrival, because: str) -> None:
    decision = decide(of)
    assert isinstance(decision.steps[0], OpenCase)
    assert (decision.standing, decision.because) == (Standing.NO_LETTER, because)
    assert planned(decision.steps) == ["colleague/waiting to assignee", "colleague/before-close to owner"]


NO_PRAISE = [
    ("neither", arrival(PLAIN), knowing(), "no tone"),
    ("unsure", arrival(replace(PRAISE, sure=frozenset())), knowing(), "praise, not sure"),
    (
        "a doubt of a complaint",
        arrival(replace(PRAISE, doubtful=frozenset(Tone))),
        knowing(),
        "praise, but a doubtful complaint beside it",
    ),
    (
        "a case of last week",
        arrival(PRAISE),
        knowing(cases=(SETTLED,), thread="<other@client.example>"),
        "praise, but a case is open or younger than 30 days",
    ),
    ("an answer to our letter", arrival(PRAISE, answers_letter=True), knowing(), "answers a letter of ours"),
    ("a form", arrival(PRAISE, form=True), knowing(), "web form"),
    ("a quiet client", arrival(PRAISE), knowing(of=client(quiet=True)), "silence asked"),
    ("an inbox that sends nothing", arrival(PRAISE, sends=False), knowing(), "no letters leave from this inbox"),
]


@pytest.mark.parametrize(
    ("of", "relationship", "because"), [row[1:] for row in NO_PRAISE], ids=[row[0] for row in NO_PRAISE]
)
def test_praise_gets_no_letter_where_anything_speaks_against_it(
    of: Arrival, relationship: Relationship, because: str
) -> None:
    decision = decide(of, relationship)
    assert (decision.standing, decision.because) == (Standing.NO_LETTER, because)
    assert planned(decision.steps) == []


@pytest.mark.parametrize("before", [WAITING, ANSWERED, SETTLED], ids=["waiting", "answered", "settled"])
@pytest.mark.parametrize("verdict", [COMPLAINT, PLAIN], ids=["a complaint", "no tone"])
def test_a_mail_in_a_case_lets_it_wait_anew_without_a_second_acknowledgement(before: Case, verdict: Verdict) -> None:
    decision = decide(arrival(verdict, mail("Any news?")), knowing(cases=(before,)))
    step = changed(decision)
    assert step is not None
    assert (step.case.state, step.case.received_at, step.case.round) == (CaseState.WAITING, NOW, 1)
    assert step.case.closed_at is None
    assert planned(decision.steps) == ["colleague/waiting to assignee", "colleague/before-close to owner"]
    assert {row.follow_up.round for row in decision.steps if isinstance(row, Schedule)} == {1}


def test_thanks_settle_an_answered_case_and_plan_what_follows_from_then() -> None:
    decision = decide(arrival(PLAIN, mail("Thank you, all sorted.")), knowing(wrote(NOW - DAY), cases=(ANSWERED,)))
    step = changed(decision)
    assert step is not None
    assert (step.case.state, step.case.closed_at) == (CaseState.SETTLED, NOW)
    assert planned(decision.steps) == ["complaint/check-in"]


@pytest.mark.parametrize("before", [WAITING, SETTLED], ids=["waiting", "settled"])
def test_thanks_change_no_other_case(before: Case) -> None:
    decision = decide(arrival(PLAIN, mail("Thank you, all sorted.")), knowing(cases=(before,)))
    assert changed(decision) is None
    assert decision.because == "thanks alone"


def test_a_mail_from_before_our_answer_does_not_undo_it() -> None:
    decision = on_mail(arrival(at=NOW - 2 * HOUR), knowing(cases=(ANSWERED,)), BUSINESS, NOW)
    assert changed(decision) is None
    assert decision.because == "written before our answer"


def test_a_later_mail_makes_a_case_graver_and_never_lighter() -> None:
    grave = case(opened=NOW - DAY, severity=Severity.HIGH)
    step = changed(decide(arrival(), knowing(cases=(grave,))))
    assert step is not None
    assert step.case.severity is Severity.HIGH
    lighter = changed(decide(arrival(replace(COMPLAINT, severity=Severity.HIGH)), knowing(cases=(WAITING,))))
    assert lighter is not None
    assert lighter.case.severity is Severity.HIGH


def test_a_complaint_whose_answer_was_seen_first_is_answered() -> None:
    decision = decide(arrival(), knowing(ours(NOW + HOUR)))
    assert [step.case.state for step in decision.steps if isinstance(step, OpenCase)] == [CaseState.WAITING]
    step = changed(decision)
    assert step is not None
    assert (step.case.state, step.case.answered_at) == (CaseState.ANSWERED, NOW + HOUR)


def test_who_asks_for_silence_is_silent_from_that_very_mail_on() -> None:
    decision = decide(arrival(PRAISE, mail("Unsubscribe", subject="unsubscribe")))
    first = decision.steps[0]
    assert isinstance(first, ChangeClient)
    assert first.client.silence_asked_at == NOW
    assert decision.because == "silence asked"


def test_silence_asked_is_asked_once() -> None:
    silent = client(silence_asked_at=NOW - DAY)
    decision = decide(arrival(PRAISE, mail("Unsubscribe", subject="unsubscribe")), knowing(of=silent))
    assert not any(isinstance(step, ChangeClient) for step in decision.steps)


def away(until: datetime | None) -> Message:
    return mail("I am away.", nature=Nature.OUT_OF_OFFICE, absent_until=until)


def test_a_notice_of_absence_is_remembered_and_changes_nothing_else() -> None:
    decision = decide(arrival(PLAIN, away(NOW + 7 * DAY)), knowing(cases=(ANSWERED,)))
    assert changed(decision) is None
    assert [step.client.absent_until for step in decision.steps if isinstance(step, ChangeClient)] == [NOW + 7 * DAY]


@pytest.mark.parametrize(
    ("until", "revision"), [(None, 1), (NOW + 400 * DAY, 1), (NOW + DAY, 0)], ids=["no day", "a year", "a stranger's"]
)
def test_a_notice_of_absence_that_says_nothing_useful_is_only_ignored(until: datetime | None, revision: int) -> None:
    decision = decide(arrival(PLAIN, away(until)), knowing(of=client(revision=revision)))
    assert [step.what for step in decision.steps] == ["no letter"]


def test_a_known_clients_newsletter_is_not_his_word_on_his_case() -> None:
    letter = mail("News", fields=(("list-id", "<news.client.example>"),))
    known = client(known=True)
    elsewhere = knowing(cases=(ANSWERED,), of=known, thread="<news@client.example>")
    assert changed(decide(arrival(PLAIN, letter), elsewhere)) is None
    assert changed(decide(arrival(COMPLAINT, letter), elsewhere)) is not None
    assert changed(decide(arrival(PLAIN, letter), replace(elsewhere, thread=THREAD))) is not None


def test_a_mail_marked_as_answered_is_doubtful_and_its_letter_stays_here() -> None:
    house = business("complaint:\n  - {letter: complaint/acknowledgement, unless: [answered]}\n")
    decision = decide(arrival(flagged=True), house=house)
    assert decision.because.startswith("perhaps answered: the client's mail is marked as answered")


def test_in_observe_mode_all_is_decided_and_nothing_waits() -> None:
    decision = decide(arrival(PRAISE, mode=Mode.OBSERVE), house=business(mode=Mode.OBSERVE))
    assert (decision.standing, decision.because) == (Standing.NO_LETTER, "observe")


def test_a_second_complaint_of_the_day_over_the_limit_says_so() -> None:
    house = business("complaint:\n  - {letter: complaint/acknowledgement}\n")
    decision = decide(arrival(), knowing(written=(sent(NOW - HOUR, LetterKind.ACKNOWLEDGEMENT),)), house)
    assert (decision.standing, decision.because) == (Standing.NO_LETTER, "limit")


VERDICTS = st.sampled_from([COMPLAINT, UNSURE, PRAISE, PLAIN])
TEXTS = st.sampled_from(["It is smudged.", "Thank you, all sorted.", "Stop", "Any news?", ""])
CASES = st.sampled_from([(), (WAITING,), (ANSWERED,), (SETTLED,), (SETTLED, WAITING)])
PASSED = st.sampled_from([(), (wrote(NOW - DAY),), (ours(NOW - HOUR),), (ours(NOW + HOUR, evidence=Evidence.FIRM),)])
PERSONS = st.sampled_from(
    [client(), client(known=True), client(quiet=True), client(bounced=frozenset({JO})), client(revision=0)]
)
MAILS = st.builds(
    mail,
    TEXTS,
    nature=st.sampled_from(list(Nature)),
    to=st.sampled_from([(HELLO,), (HELLO, Address("mo@bell.example")), (Address("mo@bell.example"),)]),
    fields=st.sampled_from([(), (("list-id", "<x.client.example>"),), (("auto-submitted", "auto-replied"),)]),
)
ARRIVALS = st.builds(
    arrival,
    VERDICTS,
    MAILS,
    mode=st.sampled_from(list(Mode)),
    sends=st.booleans(),
    answers_letter=st.booleans(),
    form=st.booleans(),
    flagged=st.booleans(),
)
KNOWN = st.builds(lambda passed, cases, of: knowing(*passed, cases=cases, of=of), PASSED, CASES, PERSONS)


@given(ARRIVALS, KNOWN)
def test_every_step_has_its_reason_and_deciding_again_decides_the_same(of: Arrival, relationship: Relationship) -> None:
    decision = decide(of, relationship)
    assert decision == decide(of, relationship)
    assert decision.because
    assert decision.steps
    assert all(step.because for step in decision.steps if not hasattr(step, "standing"))


@given(ARRIVALS, KNOWN)
def test_what_no_person_wrote_opens_no_case_and_gets_no_letter(of: Arrival, relationship: Relationship) -> None:
    if of.message.nature is not Nature.PERSON:
        steps = decide(of, relationship).steps
        assert not any(isinstance(step, OpenCase | ChangeCase | WriteLetter | Schedule) for step in steps)


@given(ARRIVALS, KNOWN)
def test_a_case_is_acknowledged_at_most_once_and_never_in_a_later_round(
    of: Arrival, relationship: Relationship
) -> None:
    decision = decide(of, relationship)
    letters = [step.key for step in decision.steps if isinstance(step, WriteLetter)]
    letters += [step.follow_up.key for step in decision.steps if isinstance(step, Schedule)]
    first = [key for key in letters if "acknowledgement" in key]
    assert len(first) <= 1
    assert len(letters) == len(set(letters))
    if first:
        assert any(isinstance(step, OpenCase) for step in decision.steps)


@given(ARRIVALS, KNOWN)
def test_a_silent_client_gets_no_letter_whatever_comes(of: Arrival, relationship: Relationship) -> None:
    silent = replace(relationship, client=client(silence_asked_at=NOW - DAY))
    assert not any(isinstance(step, WriteLetter) for step in decide(of, silent).steps)


@given(ARRIVALS, KNOWN)
def test_a_complaint_of_a_person_is_always_told(of: Arrival, relationship: Relationship) -> None:
    decision = decide(of, relationship)
    opened = any(isinstance(step, OpenCase) for step in decision.steps)
    waits = changed(decision)
    if opened or (waits is not None and waits.case.state is CaseState.WAITING):
        assert "colleague/before-close to owner" in planned(decision.steps)
