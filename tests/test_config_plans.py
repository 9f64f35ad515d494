"""Plans that fit the rest of a configuration are not warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop import shop
from troth.config import load

TOLD = "{tell: owner, with: colleague/waiting, after: 2 business hours, unless: [answered]}"
FINE = [
    ("all are told", [TOLD]),
    (
        "grave ones by one step and the others by another",
        [
            "{tell: owner, with: colleague/severe, only: {severity: [high]}, hours: any}",
            "{tell: assignee, with: colleague/waiting, after: 1 business day, only: {severity: [low, normal]}}",
        ],
    ),
    ("all are told at once", ["{tell: [sam@harbour.example], with: colleague/waiting}"]),
    (
        "a question before the case settles",
        [TOLD, "{letter: complaint/put-right, after: 3 business days, since: answered, unless: [settled]}"],
    ),
    (
        "questions a week apart",
        [
            TOLD,
            "{letter: complaint/put-right, after: 1 business day, since: answered}",
            "{letter: complaint/check-in, after: 6 business days, since: answered}",
        ],
    ),
    (
        "a question that holidays may bring before the settling",
        [TOLD, "{letter: complaint/put-right, after: 9 days, since: answered, unless: [settled]}"],
    ),
]


@pytest.mark.parametrize("steps", [row[1] for row in FINE], ids=[row[0] for row in FINE])
def test_a_plan_by_which_every_complaint_is_heard_of_is_not_warned_of(steps: list[str], tmp_path: Path) -> None:
    acknowledged = "{letter: complaint/acknowledgement, after: 2 minutes, unless: [answered]}"
    lines = "".join(f"    - {step}\n" for step in (acknowledged, *steps))
    found = load(shop(tmp_path, more=f"plans:\n  complaint:\n{lines}"), environ={}, letters=False)
    assert found.mistakes == ()


def test_a_settling_in_plain_days_is_compared_with_working_days(tmp_path: Path) -> None:
    late = "{letter: complaint/put-right, after: 8 business days, since: answered, unless: [settled]}"
    more = f"plans:\n  complaint:\n    - {TOLD}\n    - {late}\nsettle: 7 days\n"
    found = load(shop(tmp_path, more=more), environ={}, letters=False)
    assert any("settles after 7 days" in mistake.message for mistake in found.mistakes)
