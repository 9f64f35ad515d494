"""The program: wiring, threads, ticks and signals."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    from troth.cli import main as command_line  # noqa: PLC0415 - the commands import the program's parts

    return command_line(argv)
