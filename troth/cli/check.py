"""`check`: every mistake in configuration, rules, templates and clients."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from troth.app.connecting import probe
from troth.app.signing import not_signed_in
from troth.cli.ending import FINDING, UNREACHABLE, WELL
from troth.cli.terminal import Terminal
from troth.config import Config, load, unset_secrets
from troth.place import Gravity, Mistake

HELP = "find every mistake in configuration, rules, templates and clients"
ABOUT = (
    "Reads everything that config.yaml names, runs the rule tests beside the rules, and prints every mistake as "
    "file:line:column: what, and the mend. Exit code 1 if there is a mistake; warnings alone are fine."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("--json", action="store_true", help="one JSON object a line")
    part.add_argument("--connect", action="store_true", help="also log in to every server and say what it can do")


def act(arguments: Namespace, terminal: Terminal) -> int:
    found = load(Path(arguments.config), environ=os.environ, tests=True)
    mistakes = list(found.mistakes)
    if found.config is not None:
        mistakes += not_signed_in(found.config, os.environ, arguments.config)
    if arguments.connect and found.config is not None:
        mistakes += unset_secrets(found.config, os.environ, arguments.config)
    for mistake in mistakes:
        if arguments.json:
            terminal.json(_facts(mistake))
        else:
            terminal.print(_shown(mistake, terminal))
    wrong = sum(mistake.gravity is Gravity.MISTAKE for mistake in mistakes)
    if not arguments.json:
        terminal.print(_sum(wrong, len(mistakes) - wrong, terminal))
    if wrong or found.config is None:
        return FINDING
    return _connect(found.config, terminal, quiet=arguments.json) if arguments.connect else WELL


def _facts(mistake: Mistake) -> dict[str, str | int]:
    place = mistake.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "severity": mistake.gravity.value,
        "message": mistake.message,
        "mend": mistake.mend,
    }


def _shown(mistake: Mistake, terminal: Terminal) -> str:
    colour = "red" if mistake.gravity is Gravity.MISTAKE else "yellow"
    place = terminal.style(str(mistake.place), "bold")
    mark = terminal.style("warning: ", colour) if mistake.gravity is Gravity.WARNING else ""
    return f"{place}: {mark}{mistake.message}" + (f"; {mistake.mend}" if mistake.mend else "")


def _sum(wrong: int, warnings: int, terminal: Terminal) -> str:
    if not wrong and not warnings:
        return terminal.style("all well", "green")
    parts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((wrong, "mistake"), (warnings, "warning")) if n]
    return terminal.style(", ".join(parts), "red" if wrong else "yellow")


def _connect(config: Config, terminal: Terminal, *, quiet: bool) -> int:
    reached = True
    for finding in probe(config, os.environ):
        reached = reached and finding.well
        if not quiet or not finding.well:
            mark = terminal.style("ok", "green") if finding.well else terminal.style("no", "red")
            terminal.print(f"{mark}  {finding.where}: {finding.words}")
    return WELL if reached else UNREACHABLE
