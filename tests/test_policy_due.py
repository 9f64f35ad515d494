from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matters import (
    ADA,
    DAY,
    HOUR,
    JO,
    MINUTE,
    NOW,
    SAM,
    business,
    case,
    client,
    due,
    knowing,
    occurrence,
    ours,
    sent,
    wrote,
)
from troth.model import (
    Case,
    CaseState,
    ChangeCase,
    Client,
    Enter,
    Evidence,
    Exchange,
    FollowUp,
    LetterKind,
    LetterState,
    Mode,
    Occasion,
    Postpone,
    Relationship,
    Schedule,
    Severity,
    Standing,
    Step,
    Tell,
    Withhold,
    WriteLetter,
    Written,
)
from troth.policy import Business, Occurrence, on_due

BUSINESS = business()
OTHER = "<other@client.example>"
WAITING = case()
ANSWERED = case(CaseState.ANSWERED, answered=NOW + HOUR)
PUT_RIGHT = due("complaint/put-right", anchor=NOW + HOUR, at=NOW + 3 * DAY)
TELLING = due("colleague/waiting to assignee")
SHUT = datetime(2026, 11, 17, 22, 0, tzinfo=UTC)


def judge(
    follow_up: FollowUp,
    of: Case | None = WAITING,
    relationship: Relationship | None = None,
    *,
    now: datetime | None = None,
    house: Business = BUSINESS,
    facts: Occurrence | None = None,
) -> tuple[Step, ...]:
    cases = (of,) if of else ()
    return on_due(
        follow_up,
        facts or occurrence(of),
        relationship or knowing(wrote(NOW), cases=cases),
        house,
        now or follow_up.due_at,
    )


def withheld(steps: tuple[Step, ...]) -> str | None:
    return next((step.because for step in steps if isinstance(step, Withhold)), None)


def test_an_acknowledgement_that_nothing_speaks_against_is_written() -> None:
    letter, entered = judge(due(at=NOW + 2 * MINUTE))
    assert isinstance(letter, WriteLetter)
    assert (letter.kind, letter.to, letter.mode) == (LetterKind.ACKNOWLEDGEMENT, JO, Mode.SEND)
    assert entered == Enter("mail-1", Standing.PENDING, "acknowledgement written")


def knew(
    *passed: Exchange,
    of: Client | None = None,
    cases: tuple[Case, ...] = (WAITING,),
    written: tuple[Written, ...] = (),
) -> Relationship:
    return knowing(wrote(NOW), *passed, cases=cases, of=of, written=written)


NO_ACKNOWLEDGEMENT = [
    ("answered", knew(ours(NOW + MINUTE)), "a colleague answered"),
    (
        "perhaps answered",
        knew(ours(NOW + MINUTE, thread=OTHER)),
        "perhaps answered: a colleague wrote to the client in another thread",
    ),
    ("silence asked", knew(of=client(silence_asked_at=NOW)), "silence asked"),
    ("quiet", knew(of=client(quiet=True)), "silence asked"),
    ("bounced", knew(of=client(bounced=frozenset({JO}))), "the address bounces"),
    ("parted", knew(cases=(case(CaseState.PARTED, key="c-0"), WAITING)), "parted"),
    ("over the limit", knew(written=(sent(NOW - HOUR, LetterKind.ACKNOWLEDGEMENT),)), "limit"),
]


@pytest.mark.parametrize(
    ("relationship", "because"), [row[1:] for row in NO_ACKNOWLEDGEMENT], ids=[row[0] for row in NO_ACKNOWLEDGEMENT]
)
def test_an_acknowledgement_that_is_wrong_now_stays_here_with_its_reason(
    relationship: Relationship, because: str
) -> None:
    steps = judge(due(at=NOW + 2 * MINUTE), relationship=relationship)
    assert withheld(steps) == because
    assert Enter("mail-1", Standing.NO_LETTER, because) in steps


def test_an_acknowledgement_has_a_life_of_twelve_hours() -> None:
    assert withheld(judge(due(at=NOW + 2 * MINUTE), now=NOW + 12 * HOUR + MINUTE)) == "too old"
    assert withheld(judge(due(at=NOW + 2 * MINUTE), now=NOW + 12 * HOUR)) is None


def test_an_acknowledgement_leaves_while_we_are_closed() -> None:
    assert isinstance(
        judge(due(anchor=SHUT, at=SHUT + MINUTE), facts=replace(occurrence(WAITING), arrived=SHUT))[0], WriteLetter
    )


def test_a_case_that_waits_anew_still_has_its_first_acknowledgement() -> None:
    again = case(round_=1)
    assert isinstance(judge(due(at=NOW + 2 * MINUTE), again)[0], WriteLetter)


def test_what_the_plan_does_not_know_any_more_is_withheld_and_the_mail_waits_no_longer() -> None:
    facts = replace(occurrence(WAITING), standing=Standing.PENDING)
    steps = judge(due("complaint/gone"), facts=facts)
    assert withheld(steps) == "no longer in the plan"
    assert Enter("mail-1", Standing.NO_LETTER, "no longer in the plan") in steps
    acknowledged = replace(sent(NOW, LetterKind.ACKNOWLEDGEMENT), mail="mail-1")
    later = judge(due("complaint/gone"), relationship=knew(written=(acknowledged,)), facts=facts)
    assert not any(isinstance(step, Enter) for step in later)


def test_a_telling_names_whom_it_is_for_until_when_and_what_was_done() -> None:
    acknowledged = replace(sent(NOW + MINUTE, LetterKind.ACKNOWLEDGEMENT), case="c-1")
    (step,) = judge(TELLING, relationship=knew(written=(acknowledged,)))
    assert isinstance(step, Tell)
    assert step.to == (ADA,)
    assert step.deadline == datetime(2026, 11, 17, 17, 30, tzinfo=UTC)
    assert step.done == "the client has had an acknowledgement"
    assert [words for _, words in step.history] == ["the client wrote", "an acknowledgement was sent"]


def test_a_telling_tells_what_passed_before_in_three_lines_an_earlier_complaint_among_them() -> None:
    earlier = case(CaseState.SETTLED, key="c-0", opened=NOW - 9 * DAY, closed=NOW - 7 * DAY)
    passed = [ours(NOW + n * MINUTE, thread=OTHER, by=SAM) for n in (1, 2, 3)]
    (step,) = judge(TELLING, relationship=knew(*passed, cases=(earlier, WAITING)))
    assert isinstance(step, Tell)
    assert step.history == (
        (NOW - 7 * DAY, "an earlier complaint was settled"),
        (NOW + 2 * MINUTE, "Sam Fox wrote to the client"),
        (NOW + 3 * MINUTE, "Sam Fox wrote to the client"),
    )


def test_a_telling_goes_to_who_has_the_case_else_to_who_wrote_last() -> None:
    (step,) = judge(TELLING, case(assignee=SAM))
    assert isinstance(step, Tell)
    assert step.to == (SAM,)
    (step,) = judge(TELLING, relationship=knew(of=client(last_colleague=SAM)))
    assert isinstance(step, Tell)
    assert step.to == (SAM,)


def test_doubtful_evidence_never_stops_a_telling_and_is_named_in_it() -> None:
    (step,) = judge(TELLING, relationship=knew(ours(NOW + MINUTE, thread=OTHER, by=SAM)))
    assert isinstance(step, Tell)
    assert step.doubt == "Sam Fox wrote to the client in another thread"


NO_TELLING = [
    ("answered", ANSWERED, "a colleague answered"),
    ("waiting anew", case(round_=1), "the client wrote again, and it was planned anew"),
    ("settled", case(CaseState.SETTLED, closed=NOW + HOUR), "settled"),
    ("parted", case(CaseState.PARTED, closed=NOW + HOUR), "parted"),
]


@pytest.mark.parametrize(("of", "because"), [row[1:] for row in NO_TELLING], ids=[row[0] for row in NO_TELLING])
def test_a_telling_that_is_not_wanted_any_more_is_withheld(of: Case, because: str) -> None:
    assert withheld(judge(TELLING, of)) == because


TOLD_EVEN_SO = [
    ("a colleague answered", replace(ANSWERED, answered_by=ADA), "Ada Byron has answered"),
    ("somebody answered", ANSWERED, "a colleague has answered"),
    ("settled", case(CaseState.SETTLED, answered=NOW + HOUR, closed=NOW + DAY), "the case is settled"),
    ("nobody answered", WAITING, "nobody has answered yet"),
    ("praise", None, "praise came"),
]


@pytest.mark.parametrize(("of", "because"), [row[1:] for row in TOLD_EVEN_SO], ids=[row[0] for row in TOLD_EVEN_SO])
def test_a_step_that_minds_no_answer_says_how_it_stands(of: Case | None, because: str) -> None:
    since = of.state.value if of and of.state is not CaseState.WAITING else "received"
    step = "{{tell: owner, with: colleague/waiting, after: {} hours, since: {}}}"
    steps, praised = (", ".join(step.format(hours, word) for hours in "12") for word in (since, "received"))
    house = business(f"complaint: [{steps}]\npraise: [{praised}]")
    anchor = NOW if of is None else of.closed_at or of.answered_at or NOW
    occasion = Occasion.COMPLAINT if of else Occasion.PRAISE
    row = due("colleague/waiting to owner #2", anchor=anchor, of=of.key if of else None, occasion=occasion)
    (told,) = judge(row, of, house=house)
    assert isinstance(told, Tell)
    assert told.because == f"colleague/waiting to owner: {because}"
    assert (told.deadline is None) == (of is not WAITING)


def test_an_answer_in_the_very_second_of_the_mail_is_one() -> None:
    assert withheld(judge(TELLING, replace(ANSWERED, answered_at=NOW))) == "a colleague answered"


def test_a_mail_in_the_very_second_of_the_answer_still_waits_for_one() -> None:
    assert isinstance(judge(TELLING, replace(WAITING, answered_at=NOW))[0], Tell)


def test_a_telling_due_at_closing_leaves_though_a_second_has_passed() -> None:
    closing = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)
    (step,) = judge(replace(TELLING, due_at=closing), now=closing + MINUTE / 60)
    assert isinstance(step, Tell)


def test_a_telling_overdue_leaves_at_once_even_at_night() -> None:
    (step,) = judge(TELLING, now=SHUT)
    assert isinstance(step, Tell)


def test_a_telling_whose_hours_were_changed_waits_for_the_opening() -> None:
    (step,) = judge(replace(TELLING, due_at=SHUT), now=SHUT)
    assert isinstance(step, Postpone)
    assert step.until == datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def test_a_severe_telling_leaves_at_any_hour() -> None:
    (step,) = judge(replace(TELLING, due_at=SHUT), case(severity=Severity.HIGH), now=SHUT)
    assert isinstance(step, Tell)


def answered_and(*passed: Exchange, of: Client | None = None, cases: tuple[Case, ...] = ()) -> Relationship:
    return knew(ours(NOW + HOUR), *passed, of=of, cases=(ANSWERED, *cases))


def test_a_follow_up_of_an_answered_case_is_written_while_we_are_open() -> None:
    (step,) = judge(PUT_RIGHT, ANSWERED, answered_and())
    assert isinstance(step, WriteLetter)
    assert step.kind is LetterKind.FOLLOW_UP
    (wait,) = judge(PUT_RIGHT, ANSWERED, answered_and(), now=datetime(2026, 11, 20, 17, 45, tzinfo=UTC).replace(day=19))
    assert isinstance(wait, Postpone)


FOLLOW_UPS = [
    ("the client wrote", ANSWERED, answered_and(wrote(NOW + DAY)), "the client wrote"),
    (
        "answered again",
        replace(ANSWERED, answered_at=NOW + DAY),
        answered_and(),
        "a colleague wrote again, and it was planned anew",
    ),
    ("waiting anew", case(round_=1), answered_and(), "the client wrote again, and it was planned anew"),
    (
        "another case waits",
        ANSWERED,
        answered_and(cases=(case(key="c-2"),)),
        "a complaint waits for an answer",
    ),
    ("silence", ANSWERED, answered_and(of=client(quiet=True)), "silence asked"),
    ("bounced", ANSWERED, answered_and(of=client(bounced=frozenset({JO}))), "the address bounces"),
    ("not sure", replace(ANSWERED, sure=False), answered_and(), "complaint, not sure"),
    ("legal", replace(ANSWERED, tags=("legal",)), answered_and(), "complaint about legal: for people only"),
]


@pytest.mark.parametrize(
    ("of", "relationship", "because"), [row[1:] for row in FOLLOW_UPS], ids=[row[0] for row in FOLLOW_UPS]
)
def test_a_follow_up_that_is_wrong_now_is_withheld(of: Case, relationship: Relationship, because: str) -> None:
    assert withheld(judge(PUT_RIGHT, of, relationship)) == because


@pytest.mark.parametrize(("refusal", "because"), [("copied only", "copied only"), ("too old", None), (None, None)])
def test_what_the_gate_said_of_the_mail_holds_for_later_letters_but_for_its_age(
    refusal: str | None, because: str | None
) -> None:
    steps = judge(PUT_RIGHT, ANSWERED, answered_and(), facts=occurrence(ANSWERED, refusal=refusal))
    assert withheld(steps) == because


def test_what_follows_says_why_it_is_right_at_its_moment() -> None:
    (step,) = judge(PUT_RIGHT, ANSWERED, answered_and())
    assert isinstance(step, WriteLetter)
    why = "3 business days after the answer, and the client has not written again"
    assert step.because == f"complaint: complaint/put-right, {why}"


def test_another_mail_of_ours_does_not_withhold_a_letter_that_no_answer_forbids() -> None:
    (step,) = judge(PUT_RIGHT, ANSWERED, answered_and(ours(NOW + DAY, thread=OTHER)))
    assert isinstance(step, WriteLetter)


def test_a_letter_waits_until_the_client_is_back() -> None:
    back = datetime(2026, 11, 25, tzinfo=UTC)
    (step,) = judge(PUT_RIGHT, ANSWERED, answered_and(of=client(absent_until=back)))
    assert isinstance(step, Postpone)
    assert step.until == datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    (written,) = judge(PUT_RIGHT, ANSWERED, answered_and(of=client(absent_until=NOW - DAY)))
    assert isinstance(written, WriteLetter)


def test_a_follow_up_over_its_budget_waits_its_turn_and_is_dropped_after_a_week() -> None:
    lately = replace(answered_and(), written=(sent(NOW + DAY),))
    (step,) = judge(PUT_RIGHT, ANSWERED, lately)
    assert isinstance(step, Postpone)
    assert step.until == NOW + 8 * DAY
    dropped = judge(replace(PUT_RIGHT, planned_at=NOW), ANSWERED, lately)
    assert withheld(dropped) == "over 1 per 7 days for follow-up for more than 7 days"


def test_a_letter_overdue_after_downtime_is_skipped_unless_the_step_says_send() -> None:
    assert (
        withheld(judge(PUT_RIGHT, ANSWERED, answered_and(), now=PUT_RIGHT.due_at + 2 * HOUR))
        == "overdue after downtime"
    )
    late = business(
        "complaint:\n  - {letter: complaint/acknowledgement}\n"
        "  - {letter: complaint/put-right, since: answered, late: send}\n"
    )
    (step,) = judge(PUT_RIGHT, ANSWERED, answered_and(), now=PUT_RIGHT.due_at + 2 * HOUR, house=late)
    assert isinstance(step, WriteLetter)


def test_praise_is_not_followed_up_beside_a_case() -> None:
    ask = due("praise/what-could-be-better", of=None, occasion=Occasion.PRAISE)
    answered = case(CaseState.ANSWERED, answered=NOW, thread=OTHER)
    assert (
        withheld(judge(ask, None, knowing(cases=(answered,)))) == "praise, but a case is open or younger than 30 days"
    )
    assert isinstance(judge(ask, None, knowing())[0], WriteLetter)


SETTLE = due("settle", anchor=NOW + HOUR, at=NOW + 9 * DAY)


def test_silence_settles_an_answered_case_and_plans_what_follows() -> None:
    steps = judge(SETTLE, ANSWERED, answered_and())
    assert [step.case.state for step in steps if isinstance(step, ChangeCase)] == [CaseState.SETTLED]
    assert [step.follow_up.step for step in steps if isinstance(step, Schedule)] == ["complaint/check-in"]


@pytest.mark.parametrize(
    ("of", "relationship"),
    [
        (WAITING, answered_and()),
        (replace(ANSWERED, answered_at=NOW + DAY), answered_and()),
        (replace(ANSWERED, round=1), answered_and()),
        (ANSWERED, answered_and(wrote(NOW + DAY))),
    ],
    ids=["waiting", "answered again", "another round", "the client wrote"],
)
def test_a_case_that_went_on_does_not_settle(of: Case, relationship: Relationship) -> None:
    steps = judge(SETTLE, of, relationship)
    assert withheld(steps)
    assert not any(isinstance(step, ChangeCase) for step in steps)


CHECK_IN = due("complaint/check-in", anchor=NOW + 9 * DAY, at=NOW + 41 * DAY)


def test_a_settled_case_is_asked_after_once_unless_it_was_opened_again() -> None:
    settled = case(CaseState.SETTLED, answered=NOW + HOUR, closed=NOW + 9 * DAY)
    assert isinstance(judge(CHECK_IN, settled, knew(cases=(settled,)))[0], WriteLetter)
    again = replace(settled, closed_at=NOW + 20 * DAY)
    assert withheld(judge(CHECK_IN, again)) == "the case is not what it was"
    assert withheld(judge(CHECK_IN, case(round_=1))) == "the client wrote again, and it was planned anew"


STEPS = st.sampled_from(
    [
        due(at=NOW + 2 * MINUTE),
        TELLING,
        PUT_RIGHT,
        SETTLE,
        CHECK_IN,
        due("colleague/before-close to owner"),
        due("gone"),
    ]
)
CASES = st.sampled_from(
    [
        WAITING,
        ANSWERED,
        case(round_=1),
        case(CaseState.SETTLED, answered=NOW + HOUR, closed=NOW + 9 * DAY),
        case(CaseState.PARTED),
    ]
)
WHO: list[Callable[..., Exchange]] = [wrote, ours]
PASSED = st.lists(
    st.builds(
        lambda who, hours, thread: who(NOW + hours * HOUR, thread=thread),
        st.sampled_from(WHO),
        st.integers(-100, 1000),
        st.sampled_from(["<1@client.example>", OTHER]),
    ),
    max_size=4,
)
WRITTEN = st.lists(
    st.builds(
        sent,
        st.builds(lambda hours: NOW + hours * HOUR, st.integers(-900, 900)),
        st.sampled_from(list(LetterKind)),
        st.sampled_from(list(LetterState)),
    ),
    max_size=5,
).map(tuple)
LATER = st.builds(lambda minutes: NOW + minutes * MINUTE, st.integers(0, 80_000))


@given(STEPS, CASES, PASSED, WRITTEN, LATER)
def test_each_reconsidering_ends_the_follow_up_or_puts_it_off_to_a_later_moment(
    follow_up: FollowUp, of: Case, passed: list[Exchange], written: tuple[Written, ...], now: datetime
) -> None:
    relationship = replace(knew(*passed, cases=(of,)), written=written)
    steps = judge(follow_up, of, relationship, now=now)
    ends = [step for step in steps if isinstance(step, Withhold | WriteLetter | Tell | Postpone)]
    assert len(ends) == 1
    assert all(step.because for step in steps if not isinstance(step, Enter))
    assert all(step.until > now for step in steps if isinstance(step, Postpone))
    assert steps == judge(follow_up, of, relationship, now=now)


@given(CASES, PASSED, LATER)
def test_no_acknowledgement_after_a_firm_answer(of: Case, passed: list[Exchange], now: datetime) -> None:
    relationship = knew(*passed, ours(NOW + MINUTE), cases=(of,))
    steps = judge(due(at=NOW + 2 * MINUTE), of, relationship, now=now)
    assert not any(isinstance(step, WriteLetter) for step in steps)


@given(PASSED, LATER)
def test_a_complaint_that_waits_is_told_unless_there_is_a_firm_answer(passed: list[Exchange], now: datetime) -> None:
    relationship = knew(*passed)
    steps = judge(replace(TELLING, due_at=NOW), WAITING, relationship, now=now)
    firm = any(
        each.ours and each.at > NOW and each.evidence is Evidence.FIRM and each.thread in _matter(relationship)
        for each in relationship.exchanges
    )
    assert isinstance(steps[0], Withhold) is firm


def _matter(relationship: Relationship) -> set[str]:
    return {"<1@client.example>"} | {each.thread for each in relationship.exchanges if not each.ours and each.at >= NOW}
