"""The JSON Schema of `plans:`, made of the words that `troth.plan` reads."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from troth.model import Occasion, Severity, Stage
from troth.plan import Late, Role, Since, Unless

_Part = dict[str, Any]


def _text(description: str, *examples: str) -> _Part:
    return {"type": "string", "description": description, "examples": list(examples)}


def _word(description: str, *words: str) -> _Part:
    return {"enum": list(words), "description": description}


def _several(description: str, words: type[StrEnum] | None) -> _Part:
    one: _Part = {"enum": [word.value for word in words]} if words else {"type": "string"}
    return {"anyOf": [one, {"type": "array", "items": one}], "description": description}


_ONLY: _Part = {
    "type": "object",
    "description": "Narrows the step to some cases and clients.",
    "additionalProperties": False,
    "properties": {
        "severity": _several("Of the complaint.", Severity),
        "tags": _several("Given by rules; one of them is enough.", None),
        "stage": _several("Of the client.", Stage),
    },
}
_STEP: _Part = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["letter"]}, {"required": ["tell", "with"]}],
    "properties": {
        "letter": _text("A letter to the client; the first of a plan acknowledges his mail.", "complaint/put-right"),
        "tell": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": f"Colleagues: {', '.join(role.value for role in Role)}, or their addresses.",
            "examples": [role.value for role in Role],
        },
        "with": _text("The letter that tells them.", "colleague/waiting"),
        "after": _text("How long after `since`; at once if left out.", "2 minutes", "2 business hours", "30 days"),
        "before_close": _text("So long before that business day's closing.", "45 minutes"),
        "before_due": _text("So long before a promise falls due; in the plan `promise` alone.", "4 business hours"),
        "at": _word("At the next opening, for mail that came while closed or shortly before closing.", "opening"),
        "since": _word("What the time counts from; usually the mail's arrival. `due`: a promise's moment.", *Since),
        "unless": _several("What makes the step needless. `kept`: a promise.", Unless),
        "only": _ONLY,
        "hours": _word("any: may leave while closed.", "any", "business"),
        "late": _word("When found overdue after downtime; tellings are sent, letters skipped.", *Late),
    },
}
PLANS_SCHEMA: _Part = {
    "type": "object",
    "additionalProperties": False,
    "properties": {occasion.value: {"type": "array", "items": _STEP} for occasion in Occasion},
}
