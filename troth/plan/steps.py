"""What an occasion calls for: plans and their steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from troth.hours import Duration, Unit
from troth.model import Address, Occasion, Severity, Stage
from troth.place import Place


class Since(StrEnum):
    """What a step's time counts from."""

    RECEIVED = "received"
    ANSWERED = "answered"
    SETTLED = "settled"
    DUE = "due"  # a promise


class Unless(StrEnum):
    """What makes a step needless."""

    ANSWERED = "answered"
    CLIENT_WROTE = "client wrote"
    SETTLED = "settled"
    KEPT = "kept"  # a promise


_SINCE = {
    Since.RECEIVED: "the client's mail",
    Since.ANSWERED: "the answer",
    Since.SETTLED: "settling",
    Since.DUE: "what was promised",
}
_HELD = {
    Unless.ANSWERED: "nobody has answered",
    Unless.CLIENT_WROTE: "the client has not written again",
    Unless.SETTLED: "the case is not settled",
    Unless.KEPT: "it is not kept",
}

GIVEN_UP = timedelta(days=7)
"""A follow-up over a budget is postponed; after this long it is dropped, and shown."""


class Late(StrEnum):
    """What becomes of a step found overdue after downtime."""

    SEND = "send"
    SKIP = "skip"


class Role(StrEnum):
    """Whom a telling goes to, where it names no address."""

    ASSIGNEE = "assignee"
    OWNER = "owner"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Only:
    """What narrows a step; an empty set narrows nothing."""

    severity: frozenset[Severity] = frozenset()
    tags: frozenset[str] = frozenset()
    stage: frozenset[Stage] = frozenset()

    def allows(self, severity: Severity | None, tags: tuple[str, ...], stage: Stage) -> bool:
        """Whether a case of this severity and these tags, of a client at this stage, is one of those meant."""
        return (
            (not self.severity or severity in self.severity)
            and (not self.tags or not self.tags.isdisjoint(tags))
            and (not self.stage or stage in self.stage)
        )


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A letter to the client or a telling to colleagues, and when it is right.

    `tell` holds roles and colleagues' addresses; `with_` is a telling's template. With none of `after`, `before_close`,
    `before_due` and `at_opening` the step is due at once. `any_hours` lets it leave while the business is closed.
    `turn` tells apart the steps of one plan that write the same to the same people.
    """

    letter: str | None = None
    tell: tuple[Role | Address, ...] = ()
    with_: str | None = None
    after: Duration | None = None
    before_close: Duration | None = None
    before_due: Duration | None = None
    at_opening: bool = False
    since: Since = Since.RECEIVED
    unless: frozenset[Unless] = frozenset()
    only: Only = Only()
    any_hours: bool = False
    late: Late = Late.SKIP
    turn: int = 1
    place: Place = field(default=Place(""), compare=False)

    @property
    def purpose(self) -> str:
        """The name of the template that it is written with."""
        return self.letter or self.with_ or ""

    @property
    def reason(self) -> str:
        """Why a letter to the client is right at its moment, in words: "3 business days after the answer, and …"."""
        when = f"{self.after} after {_SINCE[self.since]}" if self.after else f"at once after {_SINCE[self.since]}"
        held = [words for unless, words in _HELD.items() if unless in self.unless]
        return ", and ".join([when, *held])

    @property
    def key(self) -> str:
        """What the store knows the step by; a change of its time, its conditions or its neighbours keeps it."""
        who = f" to {','.join(sorted(self.tell))}" if self.tell else ""
        return f"{self.purpose}{who}" + (f" #{self.turn}" if self.turn > 1 else "")


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps for one occasion, in the order of the file."""

    occasion: Occasion
    steps: tuple[PlanStep, ...] = ()

    @property
    def acknowledgement(self) -> PlanStep | None:
        """The first letter; every later one is a follow-up."""
        return next((step for step in self.steps if step.letter), None)

    @property
    def lead(self) -> Duration:
        """How long before closing a mail counts as come too late for that day: the first `before_close`, or nothing."""
        leads = (step.before_close for step in self.steps if step.before_close)
        return next(leads, Duration(0, Unit.MINUTES))

    def step(self, key: str) -> PlanStep | None:
        return next((step for step in self.steps if step.key == key), None)

    def told_as(self, other: Plan) -> Plan:
        """This plan, with the tellings of another where it has none of its own."""
        told = () if any(step.tell for step in self.steps) else tuple(step for step in other.steps if step.tell)
        return replace(self, steps=(*self.steps, *told))


PROMISED = Plan(
    Occasion.PROMISE,
    (
        PlanStep(
            tell=(Role.ASSIGNEE,),
            with_="colleague/promise-due",
            before_due=Duration(4, Unit.BUSINESS_HOURS),
            unless=frozenset({Unless.KEPT}),
            late=Late.SEND,
        ),
        PlanStep(
            tell=(Role.OWNER,),
            with_="colleague/promise-late",
            since=Since.DUE,
            unless=frozenset({Unless.KEPT}),
            late=Late.SEND,
        ),
    ),
)
"""What a promise calls for where `plans:` does not say."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a business; an occasion without one calls for nothing, but a promise for its usual plan."""

    all: tuple[Plan, ...] = ()

    def of(self, occasion: Occasion) -> Plan:
        """The plan for an occasion, empty where there is none; mixed falls back on complaint.

        So does a mixed plan that tells nobody for its tellings alone: praise beside it lets no complaint go unheard.
        """
        named = {PROMISED.occasion: PROMISED} | {plan.occasion: plan for plan in self.all}
        own = named.get(occasion)
        if occasion is not Occasion.MIXED:
            return own or Plan(occasion)
        complaint = named.get(Occasion.COMPLAINT, Plan(Occasion.COMPLAINT))
        return own.told_as(complaint) if own else complaint

    @property
    def letters(self) -> tuple[str, ...]:
        """The names of all templates that the plans write with."""
        return tuple(dict.fromkeys(step.purpose for plan in self.all for step in plan.steps))
