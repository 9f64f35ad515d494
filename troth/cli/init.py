"""`init DIR`: a new configuration with comments that teach."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from troth.cli.ending import WRONG, Ending
from troth.cli.terminal import Terminal, program
from troth.config import starter

HELP = "write a new configuration to begin with"
ABOUT = (
    "Writes config.yaml, rules/, templates/ and clients.yaml into DIR, with comments that teach; overwrites nothing."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("directory", metavar="DIR", help="a new or empty folder")


def act(arguments: Namespace, terminal: Terminal) -> int:
    try:
        written = starter(Path(arguments.directory))
    except OSError as error:
        raise Ending(WRONG, f"{arguments.directory}: {error.strerror or error}") from None
    for path in written:
        terminal.print(f"wrote {path}")
    terminal.print(_next(Path(arguments.directory) / "config.yaml"))
    return 0


def _next(config: Path) -> str:
    """The way from observing to sending, one safe step at a time."""
    where = "" if config == Path("config.yaml") else f" --config {config}"
    return f"""
Next:
  1. Edit {config}: your business, colleagues, and the inbox that is to be watched.
  2. {program()} check --connect{where}
     finds every mistake, logs in to your servers, and changes nothing there.
  3. {program()} rehearse --mail OLD.mbox --sent SENT.mbox{where}
     plays mail of yours and shows which letters would have left, and why. Nothing is sent.
  4. {program()} run{where}
     begins with `mode: observe`: it decides and tells colleagues, and writes to no client.
  5. Change to `mode: draft`, where letters wait in Drafts for a person, and when they please you to `mode: send`."""
