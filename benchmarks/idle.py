"""What a daemon costs that has nothing to do."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.machine import Memory, fine_cpu_seconds, memory
from benchmarks.rig import Rig, pid_of
from tests.house import House, until

_SETTLED = 3.0


@dataclass(frozen=True, slots=True)
class Idle:
    """`cpu` is per cent of one processor."""

    inboxes: int
    cpu: float
    memory: Memory


def measured(rig: Rig, numbers: tuple[int, ...], seconds: float) -> list[Idle]:
    """Daemons with so many inboxes each, all idle over the same seconds."""
    with ExitStack() as stack:
        pids = [pid_of(_started(stack.enter_context(rig.house(poll=60)), number)) for number in numbers]
        time.sleep(_SETTLED)
        before = [fine_cpu_seconds(pid) for pid in pids]
        time.sleep(seconds)
        used = [fine_cpu_seconds(pid) - earlier for pid, earlier in zip(pids, before, strict=True)]
        return [
            Idle(number, cpu / seconds * 100, memory(pid)) for number, cpu, pid in zip(numbers, used, pids, strict=True)
        ]


def _started(house: House, inboxes: int) -> House:
    """A daemon that watches the inbox and the Sent folder of each."""
    path = house.folder / "config.yaml"
    written = path.read_text(encoding="utf-8")
    first = written.partition("inboxes:\n")[2].partition("store:")[0]
    more = "".join(_another(first, number) for number in range(2, inboxes + 1))
    path.write_text(written.replace(first, first + more), encoding="utf-8")
    house.start(wait=False)
    until(lambda: house.log().count("state=watching") >= 2 * inboxes, 60)
    return house


def _another(inbox: str, number: int) -> str:
    aliased = inbox.replace("aliases: [info@", f"aliases: [info{number}@").replace(
        "name: hello", f"name: hello{number}"
    )
    return aliased.replace("address: hello@", f"address: hello{number}@").replace("username: ", f"username: n{number}")
