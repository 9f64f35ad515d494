"""How many mails a second are parsed and gated on one core, beside the standard library's parser on the same mails.

    python benchmarks/parse_and_gate.py [FOLDER]

FOLDER is searched for .eml files; without it the mails of tests/mail are taken.
"""

# ruff: noqa: T201  # a benchmark is there to print

from __future__ import annotations

import email
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from troth import message
from troth.gate import House, refuse

AT_LEAST = 2000  # mails a round
ROUNDS = 5


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "tests" / "mail"
    mails = [path.read_bytes() for path in sorted(folder.rglob("*.eml"))]
    if not mails:
        sys.exit(f"no .eml in {folder}")
    size = sum(map(len, mails)) / len(mails)
    mails *= -(-AT_LEAST // len(mails))
    house = House()
    ours = rate(mails, lambda raw: refuse(message.parse(raw, languages=["en", "de"]), house))
    bare = rate(mails, email.message_from_bytes)
    print(f"{len(mails)} mails, {size:,.0f} bytes each on average")
    print(f"parsed, parted, gated  {ours:8,.0f} a second of CPU")
    print(f"email.message_from_bytes {bare:6,.0f} a second of CPU ({ours / bare:.2f})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory            {peak:8,.0f} MB, the mails included")


def rate(mails: list[bytes], work: Callable[[bytes], object]) -> float:
    """Mails a second of processor time, in the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for raw in mails:
            work(raw)
        best = max(best, len(mails) / (time.process_time() - began))
    return best


if __name__ == "__main__":
    main()
