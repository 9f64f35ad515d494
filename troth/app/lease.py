"""Whether this daemon is the only one on its SQLite file: then letters found `sending` were left by one that died."""

from __future__ import annotations

import fcntl
import os

from troth.config import sqlite_path


class Lease:
    """A lock beside an SQLite store, held while the program lives; of PostgreSQL a daemon is never sure to be alone."""

    def __init__(self, url: str) -> None:
        self._file: int | None = None
        self.alone = False
        path = sqlite_path(url)
        if path is not None:
            self._file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self.alone = self._taken()

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file or 0, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def give_back(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
