"""A small business's morning: the real daemon on a mail server that lives in this process alone."""

from troth.demo.happenings import (
    Answered,
    Arrived,
    Happening,
    Learnt,
    Left,
    Opened,
    Stopped,
    Thought,
    Told,
    Withheld,
)
from troth.demo.morning import Morning
from troth.demo.servers import Late

__all__ = [
    "Answered",
    "Arrived",
    "Happening",
    "Late",
    "Learnt",
    "Left",
    "Morning",
    "Opened",
    "Stopped",
    "Thought",
    "Told",
    "Withheld",
]
