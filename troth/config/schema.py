"""The JSON Schema of config.yaml, by which editors complete and explain its keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from troth.config.tree import Config

NAME = "config.schema.json"
LINE = f"# yaml-language-server: $schema={NAME}"


class _Generate(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Defaults are values of the core, which do not look like what an owner writes: left to the help texts."""
        return self.generate_inner(schema["schema"])


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """A new draft 2020-12 schema of the whole file; not to be changed by the caller."""
    made = Config.model_json_schema(schema_generator=_Generate)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Troth's config.yaml"}
