"""The JSON Schema of config.yaml, by which editors complete and explain its keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from troth.config.cards import CARDS
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
def schema() -> Part:
    """The JSON Schema (draft 2020-12) of config.yaml; not to be changed by the caller."""
    return _made(TypeAdapter(Config), "Troth's config.yaml")


@lru_cache(maxsize=1)
def clients_schema() -> Part:
    """The same of clients.yaml."""
    return _made(CARDS, "Troth's clients.yaml")


def _made(shape: TypeAdapter[Any], title: str) -> Part:
    made = shape.json_schema(schema_generator=_Generate)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
