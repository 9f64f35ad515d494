"""The servers and the daemon of one benchmark."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from benchmarks.sink import SinkProcess
from tests.house import House, until
from tests.servers import Dovecot
from tests.sink import Sink

_NUMBERS = count(1)
_STARTED = re.compile(r"^(\S+)Z INFO +started ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rig:
    """A private Dovecot and a sink, both processes of their own."""

    dovecot: Dovecot
    sink: SinkProcess

    @contextmanager
    def house(self, **settings: object) -> Iterator[House]:
        """A business with an inbox of its own; its daemon has not been started."""
        with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder:
            user = f"bench{next(_NUMBERS)}"
            with House(Path(folder), self.dovecot, Sink(port=self.sink.port), user, settings) as house:
                yield house


@contextmanager
def rig() -> Iterator[Rig]:
    """Raises tests.servers.Missing where there is no Dovecot."""
    dovecot = Dovecot()
    try:
        dovecot.start()
        with SinkProcess() as sink:
            yield Rig(dovecot, sink)
    finally:
        dovecot.remove()


def pid_of(house: House) -> int:
    if house.daemon is None:
        raise ValueError("the daemon has not been started")
    return house.daemon.pid


def started_at(house: House) -> float:
    """When the daemon's start was over, by its own log, which must be new: seconds, UTC."""
    until(lambda: house.log().endswith("\n") and _STARTED.search(house.log()), 30)
    moment = datetime.fromisoformat(_STARTED.findall(house.log())[0]).replace(tzinfo=UTC)
    return moment.timestamp()
