"""What `plans:` says becomes steps, and steps that can never leave are warned of."""

from __future__ import annotations

import pytest

from troth.config import parse_yaml
from troth.hours import Duration, Unit
from troth.model import Occasion, Severity, Stage
from troth.place import Gravity, Mistake
from troth.plan import PROMISED, Late, Only, Plan, Plans, PlanStep, Role, Since, Unless, read_plans

CONTRACT = """\
complaint:
  - {letter: complaint/acknowledgement, after: 2 minutes, unless: [answered]}
  - {tell: assignee, with: colleague/waiting, after: 2 business hours, unless: [answered]}
  - {tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}
  - {tell: owner, with: colleague/overnight, at: opening, unless: [answered]}
  - {letter: complaint/put-right, after: 3 business days, since: answered, unless: [client wrote]}
  - {letter: complaint/check-in, after: 30 days, since: settled, unless: [client wrote]}
praise:
  - {letter: praise/thank-you}
  - {letter: praise/what-could-be-better, after: 5 business days, unless: [client wrote]}
"""


def reading(text: str) -> tuple[Plans, list[Mistake]]:
    node, found = parse_yaml(text, "plans")
    assert found == []
    assert node is not None
    return read_plans(node)


def plan(*steps: str, occasion: Occasion = Occasion.COMPLAINT) -> Plan:
    plans, found = reading(f"{occasion}:\n" + "".join(f"  - {step}\n" for step in steps))
    assert [mistake for mistake in found if mistake.gravity is Gravity.MISTAKE] == []
    return plans.of(occasion)


def words(*steps: str, occasion: Occasion = Occasion.COMPLAINT) -> list[str]:
    return [str(each) for each in reading(f"{occasion}:\n" + "".join(f"  - {step}\n" for step in steps))[1]]


ACK = "{letter: complaint/acknowledgement}"


def test_the_contracts_plans_are_read_word_by_word() -> None:
    plans, found = reading(CONTRACT)
    assert found == []
    complaint = plans.of(Occasion.COMPLAINT)
    answered, wrote = frozenset({Unless.ANSWERED}), frozenset({Unless.CLIENT_WROTE})
    assert complaint.steps == (
        PlanStep(letter="complaint/acknowledgement", after=Duration(2, Unit.MINUTES), unless=answered),
        PlanStep(
            tell=(Role.ASSIGNEE,),
            with_="colleague/waiting",
            after=Duration(2, Unit.BUSINESS_HOURS),
            unless=answered,
            late=Late.SEND,
        ),
        PlanStep(
            tell=(Role.OWNER,),
            with_="colleague/before-close",
            before_close=Duration(45, Unit.MINUTES),
            unless=answered,
            late=Late.SEND,
        ),
        PlanStep(tell=(Role.OWNER,), with_="colleague/overnight", at_opening=True, unless=answered, late=Late.SEND),
        PlanStep(
            letter="complaint/put-right",
            after=Duration(3, Unit.BUSINESS_DAYS),
            since=Since.ANSWERED,
            unless=wrote,
        ),
        PlanStep(letter="complaint/check-in", after=Duration(30, Unit.DAYS), since=Since.SETTLED, unless=wrote),
    )
    assert plans.letters[:2] == ("complaint/acknowledgement", "colleague/waiting")


def test_a_plans_first_letter_is_its_acknowledgement_even_below_tellings() -> None:
    found = plan("{tell: owner, with: colleague/severe}", ACK, "{letter: complaint/check-in, after: 9 days}")
    assert found.acknowledgement is found.steps[1]
    assert plan("{tell: owner, with: colleague/severe}").acknowledgement is None


def test_complaint_and_praise_in_one_mail_fall_back_on_the_complaint_plan() -> None:
    plans, _ = reading(CONTRACT)
    assert plans.of(Occasion.MIXED) == plans.of(Occasion.COMPLAINT)
    own, _ = reading(CONTRACT + "mixed:\n  - {letter: mixed/acknowledgement}\n")
    assert own.of(Occasion.MIXED).steps[0].letter == "mixed/acknowledgement"


def test_a_mixed_plan_that_tells_nobody_tells_as_the_complaint_plan_does() -> None:
    silent, _ = reading(CONTRACT + "mixed:\n  - {letter: mixed/acknowledgement}\n")
    told = [step for step in silent.of(Occasion.COMPLAINT).steps if step.tell]
    assert told
    assert silent.of(Occasion.MIXED).steps[1:] == tuple(told)
    own, _ = reading(CONTRACT + "mixed:\n  - {tell: owner, with: colleague/waiting}\n")
    assert [step.key for step in own.of(Occasion.MIXED).steps] == ["colleague/waiting to owner"]


def test_an_occasion_without_a_plan_calls_for_nothing() -> None:
    assert reading("praise: []\n")[0].of(Occasion.COMPLAINT) == Plan(Occasion.COMPLAINT)


def test_the_lead_of_a_plan_is_its_first_before_close_or_nothing() -> None:
    telling = "{tell: owner, with: colleague/before-close, before_close: %s}"
    assert plan(telling % "45 minutes", telling % "1 hour").lead == Duration(45, Unit.MINUTES)
    assert plan(ACK).lead.fixed.total_seconds() == 0


def test_a_steps_key_outlives_a_change_of_time_and_order() -> None:
    before = plan(ACK, "{tell: owner, with: colleague/waiting, after: 1 hour}")
    after = plan(
        "{tell: owner, with: colleague/waiting, after: 2 hours, unless: [answered]}",
        "{letter: complaint/acknowledgement, after: 9 minutes}",
    )
    assert {step.key for step in before.steps} == {step.key for step in after.steps}


def test_steps_that_write_the_same_to_the_same_people_have_keys_of_their_own() -> None:
    found = plan(
        "{tell: owner, with: colleague/waiting, after: 1 hour}",
        "{tell: owner, with: colleague/waiting, after: 2 hours}",
        "{tell: everyone, with: colleague/waiting, after: 2 hours}",
    )
    keys = [step.key for step in found.steps]
    assert keys == [
        "colleague/waiting to owner",
        "colleague/waiting to owner #2",
        "colleague/waiting to everyone",
    ]
    assert [found.step(key) for key in keys] == list(found.steps)
    assert found.step("gone") is None


def test_tellings_found_late_are_sent_and_letters_skipped_unless_the_plan_says_otherwise() -> None:
    found = plan(
        ACK,
        "{tell: owner, with: colleague/waiting}",
        "{letter: complaint/check-in, late: send}",
        "{tell: owner, with: colleague/severe, late: skip}",
    )
    assert [step.late for step in found.steps] == [Late.SKIP, Late.SEND, Late.SEND, Late.SKIP]


def test_a_step_keeps_to_opening_hours_unless_told_otherwise() -> None:
    found = plan(ACK, "{letter: complaint/check-in, hours: any}", "{letter: complaint/put-right, hours: business}")
    assert [step.any_hours for step in found.steps] == [False, True, False]


def test_a_telling_may_name_several_people_each_once() -> None:
    [step] = plan("{tell: [owner, Sam@Harbour.example, owner], with: colleague/waiting}").steps
    assert step.tell == (Role.OWNER, "sam@harbour.example")


ONLY: list[tuple[str, Severity | None, tuple[str, ...], Stage, bool]] = [
    ("{}", None, (), Stage.STRANGER, True),
    ("{severity: high}", Severity.HIGH, (), Stage.STRANGER, True),
    ("{severity: [high, normal]}", Severity.LOW, (), Stage.STRANGER, False),
    ("{severity: high}", None, (), Stage.STRANGER, False),
    ("{tags: [late, broken]}", Severity.LOW, ("money", "late"), Stage.STRANGER, True),
    ("{tags: late}", Severity.LOW, ("money",), Stage.STRANGER, False),
    ("{stage: [friend, best friend]}", None, (), Stage.BEST_FRIEND, True),
    ("{severity: high, stage: friend}", Severity.HIGH, (), Stage.FLING, False),
]


@pytest.mark.parametrize(("only", "severity", "tags", "stage", "allowed"), ONLY, ids=[row[0] for row in ONLY])
def test_only_narrows_by_each_of_its_words(
    only: str, severity: Severity | None, tags: tuple[str, ...], stage: Stage, allowed: bool
) -> None:
    [step] = plan(f"{{tell: owner, with: colleague/severe, only: {only}}}").steps
    assert step.only.allows(severity, tags, stage) is allowed


def test_a_step_without_only_is_for_everybody() -> None:
    assert Only().allows(None, (), Stage.EX)


WRONG: list[tuple[str, str]] = [
    ("letter", "plans:2:5: a step must be a mapping; write keys of letter, tell, with, after"),
    ("{letter: no}", 'plans:2:14: `no` is read as false; write "no" in quotes'),
    ("{letter: [a]}", "plans:2:14: a list stands where a text is meant; write one text"),
    ("{letter: a, after: 17:00}", "plans:2:24: `17:00` is no duration"),
    ("{letter: a, unless: answred}", "plans:2:25: `answred` is not known here; did you mean `answered`"),
    ("{letter: a, only: [legal]}", "plans:2:23: only must be a mapping; write keys of severity, tags, stage"),
    ("{letter: a, only: {stage: [freind]}}", "plans:2:32: `freind` is not known here; did you mean `friend`"),
    (
        "{letter: a, unless: answered, client wrote}",
        "plans:2:35: a step has no key `client wrote`; several go in a list",
    ),
    ('{letter: a, unless: "answered, settled"}', "plans:2:25: `answered, settled` is not known here; several go in"),
    ("{letter: a, severity: high}", "plans:2:17: a step has no key `severity`; write `only: {severity: [high]}`"),
    ("{tell: owner, with: a, untill: [settled]}", "plans:2:28: a step has no key `untill`; known are"),
    ("{tell: [], with: colleague/waiting}", "plans:2:12: nobody is named; write owner, assignee"),
    ("{tell: kim, with: colleague/waiting}", "plans:2:12: `kim` is nobody who can be told"),
]


@pytest.mark.parametrize(("step", "expected"), WRONG, ids=[step for step, _ in WRONG])
def test_a_step_with_a_mistake_is_left_out_and_told(step: str, expected: str) -> None:
    plans, found = reading(f"complaint:\n  - {step}\n")
    assert [str(mistake)[: len(expected)] for mistake in found] == [expected]
    assert plans.of(Occasion.COMPLAINT).steps == ()


def test_all_mistakes_of_a_plan_are_told_and_its_right_steps_kept() -> None:
    plans, found = reading(f"complaint:\n  - {{letter: A B, since: x}}\n  - {ACK}\npraises: []\npraise: x\n")
    assert [mistake.place.line for mistake in found] == [2, 2, 4, 5]
    assert [step.letter for step in plans.of(Occasion.COMPLAINT).steps] == ["complaint/acknowledgement"]


@pytest.mark.parametrize("text", ["[]", "x", "3"])
def test_plans_that_are_no_mapping_are_one_mistake(text: str) -> None:
    plans, [mistake] = reading(text)
    assert (plans, mistake.message) == (Plans(), "plans must be a mapping")


NEVER: list[tuple[str, str, Occasion]] = [
    ("{letter: a, since: answered, unless: [answered]}", "waits for the answer", Occasion.COMPLAINT),
    ("{letter: a, since: settled, unless: [settled]}", "waits for the settling", Occasion.COMPLAINT),
    ("{letter: a, since: settled, unless: [answered]}", "hardly ever", Occasion.MIXED),
    ("{letter: a, since: settled}", "praise opens no case", Occasion.PRAISE),
    ("{letter: a, only: {severity: [high]}}", "praise has no severity", Occasion.PRAISE),
    ("{letter: a, only: {tags: [legal, safety]}}", "get no letter", Occasion.COMPLAINT),
]


@pytest.mark.parametrize(("step", "part", "occasion"), NEVER, ids=[step for step, *_ in NEVER])
def test_a_step_that_can_never_leave_is_warned_of_and_kept(step: str, part: str, occasion: Occasion) -> None:
    [warning] = words(ACK, step, occasion=occasion)
    assert warning.startswith("plans:3:5: warning: ")
    assert part in warning
    assert len(plan(ACK, step, occasion=occasion).steps) == 2


FINE: list[tuple[str, Occasion]] = [
    ("{letter: a, since: answered, unless: [client wrote, settled]}", Occasion.COMPLAINT),
    ("{tell: owner, with: colleague/severe, only: {tags: [legal]}}", Occasion.COMPLAINT),
    ("{letter: a, only: {tags: [legal, late]}}", Occasion.COMPLAINT),
    ("{letter: a, after: 5 business days, unless: [client wrote, answered]}", Occasion.PRAISE),
    ("{letter: complaint/acknowledgement, after: 1 hour}", Occasion.COMPLAINT),
]


@pytest.mark.parametrize(("step", "occasion"), FINE, ids=[step for step, _ in FINE])
def test_a_step_that_can_leave_is_not_warned_of(step: str, occasion: Occasion) -> None:
    assert words(ACK, step, occasion=occasion) == []


def test_two_steps_that_say_the_same_are_warned_of_with_the_line_of_the_first() -> None:
    assert words(ACK, "{tell: owner, with: colleague/waiting}", ACK) == [
        "plans:4:5: warning: this step says the same as line 2; delete it"
    ]


@pytest.mark.parametrize("occasion", [Occasion.COMPLAINT, Occasion.PRAISE, Occasion.MIXED])
@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        (
            "{tell: owner, with: colleague/waiting, before_due: 2 hours}",
            "plans:2:44: `before_due` counts back from a promise's moment; move this step into the plan `promise`",
        ),
        (
            "{tell: owner, with: colleague/waiting, since: due}",
            "plans:2:44: only a promise is `due`; move this step into the plan `promise`",
        ),
        (
            "{tell: owner, with: colleague/waiting, unless: [kept]}",
            "plans:2:44: only a promise is `kept`; move this step into the plan `promise`",
        ),
    ],
)
def test_the_words_of_promises_belong_into_their_plan(occasion: Occasion, step: str, wrong: str) -> None:
    assert wrong in words(step, occasion=occasion)


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        (
            "{letter: complaint/acknowledgement}",
            "plans:2:6: no letter speaks to a client of a promise; tell a colleague, who writes to the client himself",
        ),
        (
            "{tell: owner, with: colleague/promise-due, before_close: 2 hours}",
            "plans:2:48: `before_close` counts from a mail, not from a promise; write `before_due:`, or",
        ),
        (
            "{tell: owner, with: colleague/promise-due, at: opening}",
            "plans:2:48: `at` counts from a mail, not from a promise; write `before_due:`, or",
        ),
        (
            "{tell: owner, with: colleague/promise-due, since: answered}",
            "plans:2:48: a promise is never `answered`; write `since: due`, or leave it out: then it",
        ),
        (
            "{tell: owner, with: colleague/promise-due, before_due: 1 hour, since: due}",
            "plans:2:68: `before_due` counts back from `due` as it is; leave out `since`",
        ),
        (
            "{tell: owner, with: colleague/promise-due, before_due: 1 hour, after: 1 hour}",
            "plans:2:48: `after` and `before_due` both say when; keep one of them, or make two steps of it",
        ),
        (
            "{tell: owner, with: colleague/promise-due, unless: [answered, kept]}",
            "plans:2:48: a promise is never `answered`; write `unless: [kept]`",
        ),
    ],
)
def test_a_plan_for_promises_says_nothing_of_mails_and_cases(step: str, wrong: str) -> None:
    [found] = words(step, occasion=Occasion.PROMISE)
    assert found.startswith(wrong)


def test_promises_have_a_plan_where_the_owner_wrote_none() -> None:
    plans, _ = reading(CONTRACT)
    assert plans.of(Occasion.PROMISE) == PROMISED
    said = plan(
        "{tell: assignee, with: colleague/promise-due, before_due: 4 business hours, unless: [kept]}",
        "{tell: owner, with: colleague/promise-late, since: due, unless: [kept]}",
        occasion=Occasion.PROMISE,
    )
    assert said == PROMISED


def test_an_owner_may_want_to_be_told_of_no_promise() -> None:
    plans, found = reading("promise: []\n")
    assert (plans.of(Occasion.PROMISE).steps, found) == ((), [])
