"""A store that passes with the program: what is asked for often stands in memory, the rest in tables."""

from troth.store.passing.backlog import UpToDate
from troth.store.passing.base import PassingBase
from troth.store.passing.book import PassingBook
from troth.store.passing.memory import Recollection

__all__ = ["PassingBase", "PassingBook", "Recollection", "UpToDate"]
