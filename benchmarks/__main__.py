"""`python -m benchmarks [--quick]`: speed, latency and cost at rest, on a private Dovecot and an SMTP sink."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator

from benchmarks import backlog, idle, latency
from benchmarks.rig import Rig, rig
from tests.servers import Missing

_FILED_UP_TO = 1000
"""Up to so many mails it is waited for that each letter lies in Sent, too; the whole has to end in 6 minutes."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about one minute instead of at most six")
    quick = parser.parse_args().quick
    began = time.monotonic()
    try:
        with rig() as servers:
            for line in _told(servers, quick=quick):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
    except Missing as why:
        sys.stderr.write(f"benchmarks: {why}\n")
        return 3
    except TimeoutError as late:
        sys.stderr.write(f"benchmarks: too slow to go on: {late}\n")
        return 1
    sys.stdout.write(f"\nall in {time.monotonic() - began:.0f} s\n")
    return 0


def _told(servers: Rig, *, quick: bool) -> Iterator[str]:
    load = os.getloadavg()[0]
    yield f"Python {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f}; Dovecot, SQLite and sink"
    yield "share them with the daemon. Bounded: " + ("about 1 minute." if quick else "6 minutes at most.")
    yield from _backlogs(servers, ((500, 1),) if quick else ((1000, 3), (10_000, 1)))
    yield from _latency(servers, 10 if quick else 30)
    yield from _idle(servers, (1, 2) if quick else (1, 2, 6), 10 if quick else 30)


def _backlogs(servers: Rig, wanted: tuple[tuple[int, int], ...]) -> Iterator[str]:
    yield "\nA backlog of unread complaints, from IMAP to letters accepted by SMTP, each recorded and sent durably,"
    yield "beside a bare loop (fetch, parse, smtplib) over the same mails just before"
    rates = []
    for count, rounds in wanted:
        runs = [backlog.measured(servers, count, filed=count <= _FILED_UP_TO) for _ in range(rounds)]
        run = backlog.middle(runs)
        rates.append(run.rate)
        ratios = ", ".join(f"{each.ratio:.2f}" for each in runs)
        yield f"\n  {count:,} mails" + (f", the median of {rounds} runs by ratio ({ratios})" if rounds > 1 else "")
        yield f"    mails a second      {run.rate:7.0f}   bare {run.bare_rate:.0f}"
        yield _line("ratio", f"{run.ratio:7.2f}", "at least 0.40", well=run.ratio >= 0.4)
        yield _line("CPU ms a mail", f"{run.cpu:7.2f}", f"at most 3.50; bare {run.bare_cpu:.2f}", well=run.cpu <= 3.5)
        if run.whole_cpu is not None and run.settled is not None:
            yield _line("  until filed too", f"{run.whole_cpu:7.2f}", "at most 3.50", well=run.whole_cpu <= 3.5)
            yield f"    filed a second      {run.settled:7.0f}   each letter lies in Sent too"
        yield _line("peak RSS, MB", f"{run.peak:7.1f}", "at most 90", well=run.peak <= 90)
    if len(rates) > 1:
        flat = rates[-1] / rates[0]
        yield "\n" + _line(
            "flat in number", f"{flat:7.2f}", "about 1: the largest beside the smallest", well=flat >= 0.8
        )


def _latency(servers: Rig, samples: int) -> Iterator[str]:
    found = latency.measured(servers, samples)
    yield f"\nFrom the delivery of a mail to its letter: medians of {found.samples}, in ms after it was taken"
    yield f"    announced by IDLE   {found.announced:7.1f}   to a bare connection beside the daemon's"
    yield f"    letter accepted     {found.letter:7.1f}"
    yield _line(
        "letter after IDLE", f"{found.over:7.1f}", f"at most 20; worst {found.worst:.1f}", well=found.over <= 20
    )


def _idle(servers: Rig, numbers: tuple[int, ...], seconds: float) -> Iterator[str]:
    rows = idle.measured(servers, numbers, seconds)
    yield f"\nAt rest, over {seconds:.0f} s, all at once; each inbox has two folders watched"
    for row in rows:
        cpu, resident = f"{row.cpu:.3f} % CPU", f"{row.memory.resident:.1f} MB RSS ({row.memory.own:.1f} its own)"
        yield f"    {row.inboxes} inbox{'es' if row.inboxes > 1 else '  '}           {cpu}   {resident}"
    first, last = rows[0], rows[-1]
    each = (last.memory.resident - first.memory.resident) / (last.inboxes - first.inboxes)
    yield _line("CPU, one inbox", f"{first.cpu:7.3f}", "% at most 0.1", well=first.cpu <= 0.1)
    yield _line("RSS, one inbox", f"{first.memory.resident:7.1f}", "MB at most 70", well=first.memory.resident <= 70)
    yield _line("each further one", f"{each:7.1f}", "MB at most 2", well=each <= 2)


def _line(what: str, figure: str, aim: str, *, well: bool) -> str:
    return f"    {what:<19} {figure}   {aim}: {'kept' if well else 'MISSED'}"


if __name__ == "__main__":
    sys.exit(main())
