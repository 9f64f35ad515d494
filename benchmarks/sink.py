"""An SMTP sink in a process of its own: prints its port, then for each mail the moment it took it (seconds, UTC)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Self

from tests.sink import Sink


class SinkProcess:
    """The sink as the measuring process sees it. `moments` grows by one with each mail that was taken."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.moments: list[float] = []
        self.port = int(self._line())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join(5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def wait(self, count: int, seconds: float) -> float:
        """The moment at which the mail of that number was taken. TimeoutError after so many seconds."""
        end = time.monotonic() + seconds
        while len(self.moments) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.moments)} of {count} letters after {seconds:.0f} s")
            time.sleep(0.02)
        return self.moments[count - 1]

    def _line(self) -> str:
        return self._process.stdout.readline() if self._process.stdout else ""

    def _read(self) -> None:
        while line := self._line():
            self.moments.extend(float(word) for word in line.split())


def main() -> None:
    with Sink(backlog=512) as sink:
        sys.stdout.write(f"{sink.port}\n")
        sys.stdout.flush()
        said = 0
        while not sink.closing.is_set():
            with sink.came:
                if len(sink.mails) == said:
                    sink.came.wait(1)
            fresh = sink.mails[said:]
            said += len(fresh)
            if fresh:
                sys.stdout.write(" ".join(f"{kept.at.timestamp():.6f}" for kept in fresh) + "\n")
                sys.stdout.flush()
            time.sleep(0.005)  # one line for what comes close together


if __name__ == "__main__":
    main()
