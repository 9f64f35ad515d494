"""What a process has used: read from /proc, so on Linux alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """In MB of 1,048,576 bytes; `own` counts shared pages by their share."""

    resident: float
    peak: float
    own: float


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, ended threads included, in steps of a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def fine_cpu_seconds(pid: int) -> float:
    """The time that the living threads of a process have been on a processor, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text(encoding="ascii").split()[0]) for each in threads) / 1e9


def memory(pid: int) -> Memory:
    status = _table(Path(f"/proc/{pid}/status"))
    return Memory(status["VmRSS"], status["VmHWM"], _table(Path(f"/proc/{pid}/smaps_rollup"))["Pss"])


def _table(path: Path) -> dict[str, float]:
    rows = (line.partition(":") for line in path.read_text(encoding="ascii", errors="replace").splitlines())
    return {name: int(rest.split()[0]) / 1024 for name, _, rest in rows if rest.strip().endswith("kB")}
