"""What a letter costs: its facts, its words and its bytes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from troth.letters import Facts, Letters, compose, new_message_id, sample_facts, source_at
from troth.model import Address, Party

ROUNDS = 1000
TEMPLATES = Path(__file__).parent.parent / "templates"


def milliseconds(what: Callable[[], object]) -> float:
    """The CPU time of one call, after one that compiles."""
    what()
    start = time.process_time()
    for _ in range(ROUNDS):
        what()
    return (time.process_time() - start) * 1000 / ROUNDS


def main() -> None:
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    found = [source_at(path.relative_to(TEMPLATES).as_posix(), path.read_text(encoding="utf-8")) for path in files]
    letters = Letters([source for source in found if source is not None])
    for name in ("complaint/acknowledgement", "colleague/waiting"):
        cost = milliseconds(partial(written, letters, name, sample_facts(name)))
        sys.stdout.write(f"{name}: {cost:.3f} ms of CPU a letter, rendered and composed\n")
    start = time.process_time()
    letters.check()
    sys.stdout.write(f"checking all templates: {(time.process_time() - start) * 1000:.0f} ms of CPU\n")


def written(letters: Letters, name: str, facts: Facts) -> bytes:
    return compose(
        letters.render(name, facts),
        key="m-0123456789abcdef:acknowledgement:0",
        from_=Party("Harbour Print", Address("hello@harbour.example")),
        to=Party("Jö Marsh", Address("jo@client.example")),
        message_id=new_message_id("harbour.example", "abcdefghijklmnop"),
        date=datetime.now(UTC),
        in_reply_to="<20@client.example>",
        references=[f"<{number}@client.example>" for number in range(20)],
        auto_submitted="auto-replied",
    )


if __name__ == "__main__":
    main()
