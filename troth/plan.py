"""What an occasion calls for: the steps of `plans:`, and their reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from troth.hours import Duration, Unit, duration
from troth.model import Address, Occasion, Severity, Stage, address
from troth.place import Gravity, Mistake, Node, Place, nearest, not_text, one_of


class Since(StrEnum):
    """What a step's time counts from."""

    RECEIVED = "received"
    ANSWERED = "answered"
    SETTLED = "settled"


class Unless(StrEnum):
    """What makes a step needless."""

    ANSWERED = "answered"
    CLIENT_WROTE = "client wrote"
    SETTLED = "settled"


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

    `tell` holds roles and colleagues' addresses; `with_` is a telling's template. With neither `after`, `before_close`
    nor `at_opening` the step is due at once. `any_hours` lets it leave while the business is closed. `turn` tells
    apart the steps of one plan that write the same to the same people.
    """

    letter: str | None = None
    tell: tuple[Role | Address, ...] = ()
    with_: str | None = None
    after: Duration | None = None
    before_close: Duration | None = None
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


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a business; an occasion without one calls for nothing."""

    all: tuple[Plan, ...] = ()

    def of(self, occasion: Occasion) -> Plan:
        """The plan for an occasion, empty where there is none; mixed falls back on complaint."""
        named = {plan.occasion: plan for plan in self.all}
        instead = named.get(Occasion.COMPLAINT) if occasion is Occasion.MIXED else None
        return named.get(occasion) or instead or Plan(occasion)

    @property
    def letters(self) -> tuple[str, ...]:
        """The names of all templates that the plans write with."""
        return tuple(dict.fromkeys(step.purpose for plan in self.all for step in plan.steps))


def read_plans(node: Node) -> tuple[Plans, list[Mistake]]:
    """The plans that the value of `plans:` says, and everything wrong with it; a step with a mistake is left out.

    Warned of are steps that can never leave, or that contradict themselves. What only the rest of the configuration
    can tell (letters that do not exist, addresses that are no colleague's) is not looked at.
    """
    found: list[Mistake] = []
    plans = []
    for name, steps in _pairs(node, "plans", [occasion.value for occasion in Occasion], found):
        plan = Plan(Occasion(name), _turns(_step(each, found) for each in _items(steps, found)))
        plans.append(plan)
        found.extend(doubt for step in plan.steps for doubt in _doubts(plan, step))
        found.extend(_twice(plan))
    return Plans(tuple(plans)), found


def _turns(steps: Iterator[PlanStep | None]) -> tuple[PlanStep, ...]:
    seen: dict[str, int] = {}
    numbered = []
    for step in steps:
        if step is not None:
            seen[step.key] = seen.get(step.key, 0) + 1
            numbered.append(replace(step, turn=seen[step.key]))
    return tuple(numbered)


# Reading: each function gives what a node says, or None after adding to `found` what is wrong with it.

Word = TypeVar("Word", bound=StrEnum)
_STEP = ["letter", "tell", "with", "after", "before_close", "at", "since", "unless", "only", "hours", "late"]
_TIMES = ("after", "before_close", "at")
_TEMPLATE = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")


def _pairs(node: Node, what: str, known: list[str], found: list[Mistake]) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        found.append(Mistake(node.place, f"{what} must be a mapping", f"write keys of {', '.join(known)}"))
        return
    for key, value in node.value.items():
        if key in known:
            yield key, value
        else:
            meant = nearest(key, known)
            mend = f"did you mean `{meant}`" if meant else f"known are {', '.join(known)}"
            found.append(Mistake(node.place_of(key), f"{what} has no key `{key}`", mend))


def _items(node: Node, found: list[Mistake]) -> tuple[Node, ...]:
    if isinstance(node.value, tuple):
        return node.value
    if node.value is not None:
        found.append(Mistake(node.place, "a plan is a list of steps", "begin each step with a dash"))
    return ()


def _step(node: Node, found: list[Mistake]) -> PlanStep | None:
    own: list[Mistake] = []
    said = dict(_pairs(node, "a step", _STEP, own))
    tell = _audience(said["tell"], own) if "tell" in said else ()
    step = PlanStep(
        letter=_template(said.get("letter"), own),
        tell=tell,
        with_=_template(said.get("with"), own),
        after=_duration(said.get("after"), own),
        before_close=_duration(said.get("before_close"), own),
        at_opening=_word(said.get("at"), _At, own) is not None,
        since=_word(said.get("since"), Since, own) or Since.RECEIVED,
        unless=frozenset(_words(said.get("unless"), Unless, own)),
        only=_only(said.get("only"), own),
        any_hours=_word(said.get("hours"), _During, own) is _During.ANY,
        late=_word(said.get("late"), Late, own) or (Late.SEND if tell else Late.SKIP),
        place=node.place,
    )
    if isinstance(node.value, dict):
        own.extend(_contradictions(node, said))
    found.extend(own)
    return None if own else step


class _At(StrEnum):
    OPENING = "opening"


class _During(StrEnum):
    ANY = "any"
    BUSINESS = "business"


def _contradictions(node: Node, said: dict[str, Node]) -> Iterator[Mistake]:
    if ("letter" in said) == ("tell" in said):
        both = "a step writes to the client or tells colleagues, not both"
        neither = "a step says whom it writes to"
        message = both if "letter" in said else neither
        yield Mistake(node.place, message, "write `letter:` for the client, or `tell:` and `with:` for colleagues")
    elif "tell" in said and "with" not in said:
        yield Mistake(node.place, "a telling needs a template", "add `with: colleague/waiting`, or another")
    elif "letter" in said and "with" in said:
        yield Mistake(node.place_of("with"), "`with` goes with `tell`", "a letter is named by `letter:` alone")
    times = [key for key in _TIMES if key in said]
    if len(times) > 1:
        place = node.place_of(times[1])
        yield Mistake(
            place, f"`{times[0]}` and `{times[1]}` both say when", "keep one of them, or make two steps of it"
        )
    since = said.get("since")
    if since and since.value in (Since.ANSWERED, Since.SETTLED) and times and times[0] != "after":
        yield Mistake(
            node.place_of("since"), f"`{times[0]}` counts from the mail, never from the answer", "leave out `since`"
        )


def _text(node: Node | None, found: list[Mistake]) -> str | None:
    if node is None or isinstance(node.value, str):
        return None if node is None else str(node.value)
    found.append(not_text(node))
    return None


def _word(node: Node | None, words: type[Word], found: list[Mistake]) -> Word | None:
    text = _text(node, found)
    known = [word.value for word in words]
    if node is None or text is None or text in known:
        return None if text is None else words(text)
    meant = nearest(text, known)
    mend = f"did you mean `{meant}`" if meant else one_of(known)
    found.append(Mistake(node.place, f"`{text}` is not known here", mend))
    return None


def _listed(node: Node | None) -> tuple[Node, ...]:
    """The nodes of a list; one word alone may stand for a list of one."""
    if node is None:
        return ()
    return node.value if isinstance(node.value, tuple) else (node,)


def _words(node: Node | None, words: type[Word], found: list[Mistake]) -> list[Word]:
    return [word for each in _listed(node) if (word := _word(each, words, found)) is not None]


def _duration(node: Node | None, found: list[Mistake]) -> Duration | None:
    if node is not None and isinstance(node.value, int) and not isinstance(node.value, bool):
        node = replace(node, value=node.written)  # so that the missing unit is named, not the missing quotes
    text = _text(node, found)
    if node is None or text is None:
        return None
    try:
        return duration(text)
    except ValueError as wrong:
        message, _, mend = str(wrong).partition("; ")
        found.append(Mistake(node.place, message, mend))
        return None


def _template(node: Node | None, found: list[Mistake]) -> str | None:
    name = _text(node, found)
    if node is None or name is None or _TEMPLATE.fullmatch(name):
        return name
    mend = "write it as `complaint/acknowledgement`: the path in templates/ without its ending"
    found.append(Mistake(node.place, f"`{name}` is no name of a letter", mend))
    return None


def _audience(node: Node, found: list[Mistake]) -> tuple[Role | Address, ...]:
    listed = _listed(node)
    if not listed:
        found.append(Mistake(node.place, "nobody is named", "write owner, assignee, everyone or addresses"))
    people = [_person(each, found) for each in listed]
    return tuple(dict.fromkeys(person for person in people if person is not None))


def _person(node: Node, found: list[Mistake]) -> Role | Address | None:
    text = _text(node, found)
    if text is None:
        return None
    known = [role.value for role in Role]
    who = Role(text) if text in known else address(text)
    if who is None:
        meant = nearest(text, known)
        mend = f"did you mean `{meant}`" if meant else "write owner, assignee, everyone or a colleague's address"
        found.append(Mistake(node.place, f"`{text}` is nobody who can be told", mend))
    return who


def _only(node: Node | None, found: list[Mistake]) -> Only:
    if node is None:
        return Only()
    said = dict(_pairs(node, "only", ["severity", "tags", "stage"], found))
    tags = [text for each in _listed(said.get("tags")) if (text := _text(each, found)) is not None]
    return Only(
        severity=frozenset(_words(said.get("severity"), Severity, found)),
        tags=frozenset(tags),
        stage=frozenset(_words(said.get("stage"), Stage, found)),
    )


# Doubts: what reads well and can never happen.

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


def _doubts(plan: Plan, step: PlanStep) -> Iterator[Mistake]:
    for holds, message, mend in _DOUBTS:
        if holds(plan, step):
            yield Mistake(step.place, message, mend, Gravity.WARNING)


def _twice(plan: Plan) -> Iterator[Mistake]:
    first: dict[PlanStep, PlanStep] = {}
    for step in plan.steps:
        same = first.setdefault(replace(step, turn=1), step)
        if same is not step:
            yield Mistake(
                step.place, f"this step says the same as line {same.place.line}", "delete it", Gravity.WARNING
            )
