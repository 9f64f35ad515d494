"""Steps that read well and can never leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from troth.model import Occasion
from troth.place import Gravity, Mistake
from troth.plan.steps import Plan, PlanStep, Since, Unless

NO_LETTER = frozenset({"legal", "safety"})
"""Complaints with one of these tags get no letter, only tellings."""
_Doubt = tuple[Callable[[Plan, PlanStep], bool], str, str]
_DOUBTS: tuple[_Doubt, ...] = (
    (
        lambda _, step: step.since is Since.ANSWERED and Unless.ANSWERED in step.unless,
        "this can never leave: it waits for the answer that forbids it",
        "take `answered` out of `unless`",
    ),
    (
        lambda _, step: step.since is Since.SETTLED and Unless.SETTLED in step.unless,
        "this can never leave: it waits for the settling that forbids it",
        "take `settled` out of `unless`",
    ),
    (
        lambda _, step: step.since is Since.SETTLED and Unless.ANSWERED in step.unless,
        "this can hardly ever leave: what is settled was answered before",
        "take `answered` out of `unless`",
    ),
    (
        lambda plan, step: plan.occasion is Occasion.PRAISE and step.since is not Since.RECEIVED,
        "this can never leave: praise opens no case that could be answered or settled",
        "leave out `since`",
    ),
    (
        lambda plan, step: plan.occasion is Occasion.PRAISE and bool(step.only.severity),
        "this can never leave: praise has no severity",
        "leave out `severity`",
    ),
    (
        lambda _, step: bool(step.letter) and bool(step.only.tags) and step.only.tags <= NO_LETTER,
        "this can never leave: complaints tagged legal or safety get no letter",
        "tell colleagues instead",
    ),
    (
        lambda plan, step: step is plan.acknowledgement and step.since is not Since.RECEIVED,
        "a plan's first letter is its acknowledgement and must not be old: this one waits for an answer",
        "put an acknowledgement above it",
    ),
)


def doubts(plan: Plan, step: PlanStep) -> Iterator[Mistake]:
    """What makes a step one that can never leave."""
    for holds, message, mend in _DOUBTS:
        if holds(plan, step):
            yield Mistake(step.place, message, mend, Gravity.WARNING)


def twice(plan: Plan) -> Iterator[Mistake]:
    """The steps that stand twice in a plan."""
    first: dict[PlanStep, PlanStep] = {}
    for step in plan.steps:
        same = first.setdefault(replace(step, turn=1), step)
        if same is not step:
            yield Mistake(
                step.place, f"this step says the same as line {same.place.line}", "delete it", Gravity.WARNING
            )
