"""Commands: what a colleague's reply changes, what it cannot, and how it is taken back. Pure."""

from troth.letters import Deed
from troth.policy.command.cases import LONGEST_SNOOZE
from troth.policy.command.deciding import on_commands
from troth.policy.command.promises import FURTHEST
from troth.policy.command.values import Done, Effect, Outcome, Subject

__all__ = ["FURTHEST", "LONGEST_SNOOZE", "Deed", "Done", "Effect", "Outcome", "Subject", "on_commands"]
