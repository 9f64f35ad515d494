"""The JSON Schema of config.yaml, by which editors complete and explain its keys."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from troth.config.cards import CARDS
from troth.config.shape import Shape
from troth.config.tree import Config

NAME = "config.schema.json"
LINE = f"# yaml-language-server: $schema={NAME}"


Part = dict[str, Any]
"""A JSON Schema or a piece of one: its keys are the standard's."""


class _Generate(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Defaults are values of the core, which do not look like what an owner writes: left to the help texts."""
        return self.generate_inner(schema["schema"])


@lru_cache(maxsize=1)
def bare() -> Part:
    """The JSON Schema of config.yaml without help texts, by which mistakes are worded; not to be changed."""
    return TypeAdapter(Config).json_schema(schema_generator=_Generate)


@lru_cache(maxsize=1)
def bare_clients() -> Part:
    """The same of clients.yaml."""
    return CARDS.json_schema(schema_generator=_Generate)


def schema() -> Part:
    """The JSON Schema (draft 2020-12) of config.yaml, for editors."""
    made = deepcopy(bare())
    parts = {**made["$defs"], Config.__name__: made}
    for one in _shapes(Shape):
        _explain(one, parts.get(one.__name__, {}).get("properties", {}))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Troth's config.yaml"}


def _shapes(one: type[Shape]) -> Iterator[type[Shape]]:
    yield one
    for other in one.__subclasses__():
        yield from _shapes(other)


def _explain(one: type[Shape], properties: Part) -> None:
    """Adds the docstrings of fields. Pydantic would do so at every start: 60 ms and 1.2 MB that only editors need."""
    words = {name: text for base in reversed(one.__mro__) if issubclass(base, Shape) for name, text in _texts(base)}
    for name, field in one.model_fields.items():
        if name in words and (field.alias or name) in properties:
            properties[field.alias or name]["description"] = words[name]


def _texts(one: type[Shape]) -> Iterator[tuple[str, str]]:
    body = cast(ast.ClassDef, ast.parse(inspect.getsource(one)).body[0]).body
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield ast.unparse(field.target), str(text.value.value)
