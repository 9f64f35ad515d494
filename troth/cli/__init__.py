"""The commands. Exit codes: 0 all well, 1 the command's own finding, 2 wrong usage or configuration, 3 out of reach."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn, Protocol, cast

from troth import __version__
from troth.cli.ending import FINDING, UNREACHABLE, WRONG, Ending
from troth.cli.sources import SourceError
from troth.cli.terminal import Terminal, program, visible
from troth.store import StoreError

COMMANDS = (
    "run",
    "demo",
    "init",
    "check",
    "classify",
    "rehearse",
    "rules",
    "preview",
    "status",
    "journal",
    "letters",
    "digest",
    "forget",
    "login",
)

_ABOUT = "Troth keeps a business's word to its clients, by email."
_MORE = "Begin with `init DIR`, then `check`, then `run`. The manual is README.md and docs/."


class Command(Protocol):
    """What the module of a command has."""

    HELP: str
    ABOUT: str

    def add(self, part: argparse.ArgumentParser) -> None: ...

    def act(self, arguments: argparse.Namespace, terminal: Terminal) -> int: ...


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"troth: {visible(message, lines=False)}; `{self.prog} --help` shows what there is\n")


def parser(named: str | None = None) -> argparse.ArgumentParser:
    """The command line's grammar; each command adds its own part. Of no other than the one `named` anything is loaded.

    What only other commands need costs the daemon 2.5 MB.
    """
    whole = _Parser(prog=program(), description=_ABOUT, epilog=_MORE)
    whole.add_argument("--version", action="version", version=f"troth {__version__}")
    parts = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS if named is None else (named,):
        command = cast("Command", import_module(f"troth.cli.{name}"))
        part = parts.add_parser(name, help=command.HELP, description=command.ABOUT)
        part.add_argument("--config", default="config.yaml", metavar="FILE", help="default: config.yaml here")
        part.add_argument("--debug", action="store_true", help="show where in the program an error arose")
        command.add(part)
        part.set_defaults(act=command.act)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors are one line on standard error, a traceback only with --debug."""
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(words[0] if words and words[0] in COMMANDS else None).parse_args(words)
    terminal = Terminal()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot write a name shall not end a command
    try:
        code: int = arguments.act(arguments, terminal)
        sys.stdout.flush()
    except Ending as ending:
        code = ending.code
        if ending.words:
            terminal.complain(ending.words)
    except StoreError as error:
        code = _failed(arguments, terminal, error, UNREACHABLE)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; nothing more to say
        code = 0
    except (SourceError, OSError) as error:
        code = _failed(arguments, terminal, error, WRONG)
    except Exception as error:  # noqa: BLE001 - the top of the program
        code = _failed(arguments, terminal, error, FINDING)
    return code


def _failed(arguments: argparse.Namespace, terminal: Terminal, error: Exception, code: int) -> int:
    if arguments.debug:
        raise error
    terminal.complain(_words(error))
    return code


def _words(error: Exception) -> str:
    if isinstance(error, StoreError | SourceError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror.lower()
    return f"this should not have happened ({type(error).__name__}); with --debug it is shown where"
