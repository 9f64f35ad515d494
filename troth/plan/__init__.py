"""What an occasion calls for: the steps of `plans:`, and their reading. Pure."""

from troth.plan.doubts import NO_LETTER
from troth.plan.reading import read_plans
from troth.plan.steps import GIVEN_UP, PROMISED, Late, Only, Plan, Plans, PlanStep, Role, Since, Unless

__all__ = [
    "GIVEN_UP",
    "NO_LETTER",
    "PROMISED",
    "Late",
    "Only",
    "Plan",
    "PlanStep",
    "Plans",
    "Role",
    "Since",
    "Unless",
    "read_plans",
]
