"""Deciding: from a mail, an answer or a due follow-up to steps, each with its reason, touching nothing."""

from troth.policy.answer import (
    MANY,
    Found,
    evidence_of,
    named,
    on_answer,
    on_bounce,
    on_undelivered,
    outsiders,
    takes_up,
)
from troth.policy.authority import Denied, denied, holder, surely
from troth.policy.business import Budgets, Business, Colleague, Inbox
from troth.policy.command import Deed, Done, Effect, Outcome, Subject, on_commands
from troth.policy.course import answered, settled
from troth.policy.draft import GONE, PERHAPS_SENT, Draft, Lies, on_draft, sent_by
from troth.policy.due import SILENT_TAGS, Occurrence, on_due, on_leaving
from troth.policy.mail import KNOWN_ONLY, Arrival, Decision, on_mail, standing_after
from troth.policy.telling import ACKNOWLEDGEMENT_HELD, Mail, mails
from troth.policy.timing import case_key

__all__ = [
    "ACKNOWLEDGEMENT_HELD",
    "GONE",
    "KNOWN_ONLY",
    "MANY",
    "PERHAPS_SENT",
    "SILENT_TAGS",
    "Arrival",
    "Budgets",
    "Business",
    "Colleague",
    "Decision",
    "Deed",
    "Denied",
    "Done",
    "Draft",
    "Effect",
    "Found",
    "Inbox",
    "Lies",
    "Mail",
    "Occurrence",
    "Outcome",
    "Subject",
    "answered",
    "case_key",
    "denied",
    "evidence_of",
    "holder",
    "mails",
    "named",
    "on_answer",
    "on_bounce",
    "on_commands",
    "on_draft",
    "on_due",
    "on_leaving",
    "on_mail",
    "on_undelivered",
    "outsiders",
    "sent_by",
    "settled",
    "standing_after",
    "surely",
    "takes_up",
]
