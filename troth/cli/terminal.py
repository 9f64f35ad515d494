"""Colours and progress, on a terminal only."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

_NARROWEST = 30


def program() -> str:
    """What to type to run this program again from here."""
    here = Path(sys.argv[0])
    if here.suffix != ".py":
        return "troth"
    found = shutil.which("python")
    called = found is not None and os.path.abspath(found) == os.path.abspath(sys.executable)  # noqa: PTH100 - as in _near
    return f"{'python' if called else _near(Path(sys.executable))} {_near(here)}"


def _near(path: Path) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would leave the virtual environment
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


class Terminal:
    """Where a command prints. Styles are empty when `out` is no terminal or NO_COLOR is set."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.colours = self.out.isatty() and "NO_COLOR" not in os.environ
        self._columns = shutil.get_terminal_size().columns if self.out.isatty() else 0
        self._watched = self.err.isatty()
        self._drawn = 0.0
        self._width = 0

    def style(self, text: str, *names: str) -> str:
        codes = ";".join(_STYLES[name] for name in names if name in _STYLES)
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colours and codes else text

    def folded(self, words: str, indent: int) -> str:
        """Words that begin at a column, their further lines below them; one long line where `out` is no terminal."""
        room = self._columns - indent
        if room < _NARROWEST:
            return words
        return f"\n{' ' * indent}".join(textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False))

    def print(self, text: str = "") -> None:
        self.clear()
        self.out.write(text + "\n")

    def json(self, facts: Mapping[str, object]) -> None:
        """One object on a line."""
        self.print(self.encoded(facts))

    def encoded(self, facts: Mapping[str, object]) -> str:
        """JSON, with every character beyond ASCII escaped where the output is not in UTF-8."""
        narrow = (self.out.encoding or "utf-8").lower() not in ("utf-8", "utf8", "utf_8")
        return json.dumps(facts, ensure_ascii=narrow)

    def complain(self, text: str) -> None:
        """One line on standard error."""
        self.clear()
        self.err.write(f"troth: {visible(text, lines=False)}\n")

    def progress(self, words: str, *, last: bool = False) -> None:
        """Show how far long work has come, ten times a second at most; nothing where there is no terminal."""
        if not self._watched:
            return
        moment = time.monotonic()
        if not last and moment - self._drawn < 0.1:
            return
        self._drawn = moment
        self.err.write("\r" + words.ljust(self._width))
        self._width = len(words)
        self.err.flush()

    def clear(self) -> None:
        if self._width:
            self.err.write("\r" + " " * self._width + "\r")
            self._width = 0


def visible(text: str, *, lines: bool = True) -> str:
    """A text of somebody else's for a terminal: nothing in it can move the cursor or turn the line around.

    Without `lines`, line ends and tabs are blanks too.
    """
    shown = "".join(_shown(char) for char in text)
    return shown if lines else " ".join(shown.split())


def _shown(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and not "\u200b" <= char <= "\u200f"):
        return char
    return f"\\u{ord(char):04x}" if char != "\r" else ""
