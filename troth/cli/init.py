"""`init DIR`: a new configuration with comments that teach."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from troth.cli.ending import WRONG, Ending
from troth.cli.terminal import Terminal
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
    terminal.print(f"\nNext: edit {Path(arguments.directory) / 'config.yaml'}, then")
    terminal.print(f"  troth check --connect --config {Path(arguments.directory) / 'config.yaml'}")
    return 0
