"""The gate: whether a mail may get an automatic letter, and the reason why not."""

from troth.gate.reasons import History, House, Reason, Refusal, ReturnPath
from troth.gate.table import TABLE, Row, by_a_machine, client_of, refuse
from troth.gate.trust import authenticated, return_path_agrees

__all__ = [
    "TABLE",
    "History",
    "House",
    "Reason",
    "Refusal",
    "ReturnPath",
    "Row",
    "authenticated",
    "by_a_machine",
    "client_of",
    "refuse",
    "return_path_agrees",
]
