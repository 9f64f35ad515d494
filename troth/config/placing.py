"""What pydantic says of the plain values, as mistakes with their place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from troth.config.schema import Part
from troth.config.words import NOT_TEXT
from troth.place import Mistake, Node, Place, nearest, not_text, one_of

Loc = tuple[int | str, ...]
_MAPPINGS = ("model_type", "dataclass_type", "dict_type")
_LISTS = ("tuple_type", "list_type", "frozen_set_type", "set_type")


def mistakes(error: ValidationError, root: Node, schema: Part) -> Iterator[Mistake]:
    """Each of pydantic's errors about the file whose located tree is `root`, by the JSON Schema of that file."""
    found = error.errors(include_url=False, include_input=False)
    places = [details["loc"] for details in found]
    for details in found:
        loc = details["loc"]
        inside = any(len(other) > len(loc) and other[: len(loc)] == loc for other in places)
        if details["type"] == "too_short" and inside:
            continue  # what was in it is wrong, and already said
        yield _Words(root, schema, loc).of(details)


@dataclass(frozen=True)
class _Words:
    """Words one error: where in the file, and what the schema knows of that place."""

    root: Node
    schema: Part
    loc: Loc

    def of(self, details: ErrorDetails) -> Mistake:
        kind, node = details["type"], _node(self.root, self.loc)
        if kind == "missing":
            return self._missing(node)
        if kind in ("extra_forbidden", "unexpected_keyword_argument"):
            return self._unknown(_node(self.root, self.loc[:-1]))
        if kind in _MAPPINGS:
            known = ", ".join(self._part(self.loc).get("properties", {}))
            return Mistake(node.place, f"{_name(self.loc)} is a mapping of keys and values", f"its keys are {known}")
        if kind in _LISTS:
            return Mistake(node.place, f"{_name(self.loc)} is a list", "begin each of its entries with a dash")
        if kind == "too_short":
            return Mistake(node.place, f"{_name(self.loc)} is empty", "name at least one")
        if kind == NOT_TEXT or _is_misread(node):
            return not_text(node)
        message, mend = _reproof(details, node)
        return Mistake(node.place, message, mend or self._example())

    def _example(self) -> str:
        examples = self._part(self.loc).get("examples", [])
        return f"write it as {' or '.join(examples)}" if examples else "write another"

    def _missing(self, node: Node) -> Mistake:
        key = self.loc[-1]
        example = next(iter(self._part(self.loc).get("examples", [])), "…")
        return Mistake(node.place, f"{_name(self.loc[:-1])} lacks `{key}`", f"add `{key}: {example}`")

    def _unknown(self, parent: Node) -> Mistake:
        key, known = str(self.loc[-1]), list(self._part(self.loc[:-1]).get("properties", {}))
        meant = nearest(key, known)
        mend = f"did you mean `{meant}`" if meant else f"known are {', '.join(known)}"
        return Mistake(parent.place_of(key), f"{_name(self.loc[:-1])} has no key `{key}`", mend)

    def _part(self, loc: Loc) -> Part:
        """The piece of the schema that describes a location."""
        part = self.schema
        for step in loc:
            part = self._resolved(part)
            inner = part.get("items") if isinstance(step, int) else part.get("properties", {}).get(step)
            part = cast(Part, inner or {})
        return self._resolved(part)

    def _resolved(self, part: Part) -> Part:
        for other in part.get("anyOf", []):
            resolved = self._resolved(other)
            if "properties" in resolved or "items" in resolved:
                return {**resolved, **part}
        if "$ref" in part:
            return {**self.schema["$defs"][part["$ref"].rpartition("/")[2]], **part}
        return part


def _node(root: Node, loc: Loc) -> Node:
    """The node that a location leads to, as far as it leads."""
    node = root
    for step in loc:
        inner = node.get(str(step)) if isinstance(node.value, dict) else _item(node, step)
        if step == "[key]" or inner is None:
            break
        node = inner
    return Node(loc[-2], _key_place(root, loc[:-1])) if loc and loc[-1] == "[key]" else node


def _item(node: Node, step: int | str) -> Node | None:
    items = node.value if isinstance(node.value, tuple) else ()
    return items[step] if isinstance(step, int) and step < len(items) else None


def _key_place(root: Node, loc: Loc) -> Place:
    return _node(root, loc[:-1]).place_of(str(loc[-1]))


def _is_misread(node: Node) -> bool:
    """Whether YAML made of a word what its author did not write."""
    value = node.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and node.written is not None and str(value) != node.written


def _name(loc: Loc) -> str:
    """What a location is called: its last key, or the singular of a list's."""
    keys = [str(step) for step in loc]
    if not keys:
        return "the file"
    singular = {"inboxes": "an inbox", "colleagues": "a colleague", "forms": "a form"}
    if keys[-1].isdigit():
        return singular.get(keys[-2], f"an entry of {keys[-2]}") if len(keys) > 1 else "a client"
    return keys[-1]


def _reproof(details: ErrorDetails, node: Node) -> tuple[str, str]:
    kind, said = details["type"], str(node.plain())
    context = details.get("ctx") or {}
    if kind in ("enum", "literal_error"):
        known = re.findall("'([^']+)'", context["expected"])
        meant = nearest(said, known)
        return f"`{said}` is not known here", f"did you mean `{meant}`" if meant else one_of(known)
    if kind in ("int_type", "greater_than_equal", "less_than_equal"):
        return f"`{said}` is no port", "write a number from 1 to 65535, without quotes"
    if kind == "bool_type":
        return f"`{said}` is neither true nor false", "write true, or leave the key out"
    return _clauses(str(context.get("error", details["msg"])))


def _clauses(wording: str) -> tuple[str, str]:
    """A domain type's own words, parted into what is wrong and the mend."""
    message, semicolon, mend = wording.partition("; ")
    if not semicolon:
        message, _, mend = wording.partition(": ")
    return message, mend
