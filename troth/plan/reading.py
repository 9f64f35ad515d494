"""The reading of `plans:`, and everything that can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from troth.hours import Duration, duration
from troth.model import Address, Occasion, Severity, Stage, address
from troth.place import Mistake, Node, nearest, not_text, one_of
from troth.plan.doubts import doubts, twice
from troth.plan.steps import Late, Only, Plan, Plans, PlanStep, Role, Since, Unless


def read_plans(node: Node) -> tuple[Plans, list[Mistake]]:
    """The plans that the value of `plans:` says, and everything wrong with it; a step with a mistake is left out.

    Warned of are steps that can never leave, or that contradict themselves. What only the rest of the configuration
    can tell (letters that do not exist, addresses that are no colleague's) is not looked at.
    """
    found: list[Mistake] = []
    plans = []
    for name, steps in _pairs(node, "plans", [occasion.value for occasion in Occasion], found):
        plan = Plan(Occasion(name), _turns(_step(each, Occasion(name), found) for each in _items(steps, found)))
        plans.append(plan)
        found.extend(doubt for step in plan.steps for doubt in doubts(plan, step))
        found.extend(twice(plan))
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
_STEP = [
    "letter",
    "tell",
    "with",
    "after",
    "before_close",
    "before_due",
    "at",
    "since",
    "unless",
    "only",
    "hours",
    "late",
]
_ELSEWHERE = {
    "severity": "write `only: {severity: [high]}`",
    "tags": "write `only: {tags: [legal]}`",
    "stage": "write `only: {stage: [friend]}`",
    "client wrote": "several go in a list, `unless: [answered, client wrote]`",
    "settled": "several go in a list, `unless: [answered, settled]`",
    "when": "write `after:`, `before_close:` or `at: opening`",
    "to": "write `tell:`",
}
"""What a key is meant for that people write and a step does not know."""
_TIMES = ("after", "before_close", "before_due", "at")
_TEMPLATE = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")


def _pairs(node: Node, what: str, known: list[str], found: list[Mistake]) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        found.append(Mistake(node.place, f"{what} must be a mapping", f"write keys of {', '.join(known)}"))
        return
    for key, value in node.value.items():
        if key in known:
            yield key, value
        else:
            meant = nearest(key, [word for word in known if word not in node.value])
            mend = f"did you mean `{meant}`" if meant else f"known are {', '.join(known)}"
            found.append(Mistake(node.place_of(key), f"{what} has no key `{key}`", _ELSEWHERE.get(key, mend)))


def _items(node: Node, found: list[Mistake]) -> tuple[Node, ...]:
    if isinstance(node.value, tuple):
        return node.value
    if node.value is not None:
        found.append(Mistake(node.place, "a plan is a list of steps", "begin each step with a dash"))
    return ()


def _step(node: Node, occasion: Occasion, found: list[Mistake]) -> PlanStep | None:
    own: list[Mistake] = []
    said = dict(_pairs(node, "a step", _STEP, own))
    tell = _audience(said["tell"], own) if "tell" in said else ()
    step = PlanStep(
        letter=_template(said.get("letter"), own),
        tell=tell,
        with_=_template(said.get("with"), own),
        after=_duration(said.get("after"), own),
        before_close=_duration(said.get("before_close"), own),
        before_due=_duration(said.get("before_due"), own),
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
        own.extend(_of_promises(node, said, step) if occasion is Occasion.PROMISE else _of_mails(node, said, step))
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


_BEFORE_OR_AFTER = "write `before_due:`, or `after:` with `since: due`"


def _of_promises(node: Node, said: dict[str, Node], step: PlanStep) -> Iterator[Mistake]:
    """What a plan for promises may not say."""
    if "letter" in said:
        mend = "tell a colleague, who writes to the client himself"
        yield Mistake(node.place_of("letter"), "no letter speaks to a client of a promise", mend)
    for key in ("before_close", "at"):
        if key in said:
            yield Mistake(node.place_of(key), f"`{key}` counts from a mail, not from a promise", _BEFORE_OR_AFTER)
    if "since" in said and step.since is not Since.DUE:
        mend = "write `since: due`, or leave it out: then it counts from when the promise was made"
        yield Mistake(node.place_of("since"), f"a promise is never `{step.since}`", mend)
    elif step.before_due is not None and "since" in said:
        yield Mistake(node.place_of("since"), "`before_due` counts back from `due` as it is", "leave out `since`")
    for word in sorted(step.unless - {Unless.KEPT}):
        yield Mistake(node.place_of("unless"), f"a promise is never `{word}`", "write `unless: [kept]`")


def _of_mails(node: Node, said: dict[str, Node], step: PlanStep) -> Iterator[Mistake]:
    """What only a plan for promises may say."""
    mend = "move this step into the plan `promise`"
    if "before_due" in said:
        yield Mistake(node.place_of("before_due"), "`before_due` counts back from a promise's moment", mend)
    if step.since is Since.DUE:
        yield Mistake(node.place_of("since"), "only a promise is `due`", mend)
    if Unless.KEPT in step.unless:
        yield Mistake(node.place_of("unless"), "only a promise is `kept`", mend)


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
    mend = f"several go in a list, `[{text}]`" if "," in text else mend
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
