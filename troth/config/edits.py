"""Seeing that the owner has edited his files, by looking at their folders: editors replace files."""

from __future__ import annotations

from troth.config.files import stamps
from troth.config.loading import Loaded

QUIET = 5.0
"""Seconds without a further change before edits count as finished."""


class Edits:
    """Watches what one reading was made of. Make a new one of every reading, also of one that was refused."""

    def __init__(self, loaded: Loaded) -> None:
        self._named = loaded.files
        self._folders = loaded.folders
        self._read = self._seen = {str(path): then for path, then in loaded.stamps.items()}
        self._since: float | None = None

    def changed(self, now: float) -> bool:
        """Whether files were edited, made or deleted, and none for 5 seconds since. `now` is of a monotonic clock."""
        seen = stamps(self._named, self._folders)
        if seen != self._seen:
            self._seen, self._since = seen, now
        if self._since is None or now - self._since < QUIET:
            return False
        self._since = None
        edited = seen != self._read
        self._read = seen
        return edited
