"""How fast a backlog is answered, beside the bare loop over mails of the same kind, one after the other."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median

from benchmarks import bare
from benchmarks.machine import cpu_seconds, memory
from benchmarks.mails import complaints
from benchmarks.rig import Rig, pid_of, started_at
from benchmarks.sink import SinkProcess
from tests.house import House, until

_SLOWEST = 40.0
"""Mails a second below which a run is given up: the whole must end."""


@dataclass(frozen=True, slots=True)
class Run:
    """One backlog. Rates are mails a second until the last letter was accepted, `cpu` milliseconds a mail until then.

    `whole_cpu` and `settled` (mails a second) count until each letter lies in Sent too, None where nobody waited for
    that; `peak` is MB.
    """

    mails: int
    rate: float
    bare_rate: float
    cpu: float
    whole_cpu: float | None
    bare_cpu: float
    settled: float | None
    peak: float

    @property
    def ratio(self) -> float:
        return self.rate / self.bare_rate


def middle(runs: list[Run]) -> Run:
    """The run whose ratio is the median."""
    wanted = median(run.ratio for run in runs)
    return min(runs, key=lambda run: abs(run.ratio - wanted))


def measured(rig: Rig, count: int, *, filed: bool = True) -> Run:
    """The bare loop, then the daemon: started once on an empty inbox, stopped, and started again on the backlog.

    Without `filed` nobody waits until the letters lie in Sent.
    """
    with rig.house() as house:
        house.start()
        house.stop()
        rig.dovecot.fill(house.user, complaints(count, house.user))
        before = len(rig.sink.moments)
        seconds, used = bare.answer_all(rig.dovecot.imap_port, house.user, house.password, rig.sink.port)
        rig.sink.wait(before + count, 5)
        run = _daemon(house, rig.sink, count, count / seconds, used * 1000 / count)
        return _until_filed(house, run) if filed else run


def _daemon(house: House, sink: SinkProcess, count: int, bare_rate: float, bare_cpu: float) -> Run:
    before = len(sink.moments)
    (house.folder / "log").unlink()
    house.start(wait=False)
    pid, began = pid_of(house), started_at(house)
    used = cpu_seconds(pid)
    answered = sink.wait(before + count, 10 + count / _SLOWEST) - began
    cpu = cpu_seconds(pid) - used
    return Run(
        mails=count,
        rate=count / answered,
        bare_rate=bare_rate,
        cpu=cpu * 1000 / count,
        whole_cpu=None,
        bare_cpu=bare_cpu,
        settled=None,
        peak=memory(pid).peak,
    )


def _until_filed(house: House, run: Run) -> Run:
    pid, count = pid_of(house), run.mails
    used, began = cpu_seconds(pid), time.time()
    until(lambda: _filed(house) == count, 10 + count / _SLOWEST)
    more, seconds = cpu_seconds(pid) - used, time.time() - began
    return replace(
        run,
        whole_cpu=run.cpu + more * 1000 / count,
        settled=count / (count / run.rate + seconds),
        peak=memory(pid).peak,
    )


def _filed(house: House) -> int:
    """How many letters lie in Sent, by the store."""
    with closing(sqlite3.connect(house.folder / "state" / "troth.db")) as store:
        number: int = store.execute("SELECT count(*) FROM letters WHERE filed").fetchone()[0]
    return number
