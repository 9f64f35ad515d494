"""A stop that can be waited for beside a socket."""

from __future__ import annotations

import os
import select


class Stop:
    """Like threading.Event, but with a file descriptor that becomes readable, for good, once it is set.

    It takes no lock, so a signal handler may set it, whatever the interrupted code was doing.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._set = False

    def set(self) -> None:
        if not self._set:
            self._set = True
            os.write(self._writer, b".")

    def is_set(self) -> bool:
        return self._set

    def fileno(self) -> int:
        return self._reader

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it is set, or for that long; whether it is set."""
        if not self._set:
            poller = select.poll()
            poller.register(self._reader, select.POLLIN)
            poller.poll(None if seconds is None else max(0.0, seconds) * 1000)
        return self._set

    def close(self) -> None:
        """Only when nothing waits any more."""
        os.close(self._reader)
        os.close(self._writer)
