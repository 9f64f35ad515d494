"""Deciding: from a mail, an answer or a due follow-up to steps, each with its reason, touching nothing."""

from troth.policy.answer import MANY, evidence_of, on_answer, on_bounce, outsiders
from troth.policy.business import Budgets, Business, Colleague, Inbox
from troth.policy.due import Occurrence, on_due
from troth.policy.mail import KNOWN_ONLY, Arrival, Decision, on_mail, standing_after

__all__ = [
    "KNOWN_ONLY",
    "MANY",
    "Arrival",
    "Budgets",
    "Business",
    "Colleague",
    "Decision",
    "Inbox",
    "Occurrence",
    "evidence_of",
    "on_answer",
    "on_bounce",
    "on_due",
    "on_mail",
    "outsiders",
    "standing_after",
]
