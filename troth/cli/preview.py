"""`preview [LETTER]`: how a letter looks."""

from __future__ import annotations

import tempfile
import webbrowser
from argparse import ArgumentParser, Namespace
from pathlib import Path

from troth.cli.ending import FINDING, Ending
from troth.cli.loading import setting
from troth.cli.terminal import Terminal
from troth.letters import LetterError, Rendered, preview, wrapped
from troth.place import nearest

HELP = "show how a letter looks, with sample facts"
ABOUT = (
    "Renders a letter with sample facts, as text, or as html in a browser. Without LETTER: the names of all letters."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("letter", nargs="?", metavar="LETTER", help="for example complaint/acknowledgement")
    part.add_argument("--html", action="store_true", help="write the html to a file and open it in a browser")
    part.add_argument("--out", metavar="FILE", help="write the html there instead, and open nothing")
    part.add_argument("--stranger", action="store_true", help="as somebody gets it whom no colleague has written to")
    part.add_argument("--language", metavar="CODE", help="in this language of the business")


def act(arguments: Namespace, terminal: Terminal) -> int:
    using = setting(arguments)
    names = list(using.letters.names)
    if arguments.letter is None:
        for name in names:
            terminal.print(name)
        return 0
    if arguments.letter not in names:
        near = nearest(arguments.letter, names)
        raise Ending(FINDING, f"there is no letter {arguments.letter}" + (f"; did you mean {near}?" if near else ""))
    try:
        shown = preview(
            using.letters, arguments.letter, arguments.language or using.languages[0], known=not arguments.stranger
        )
    except LetterError as error:
        raise Ending(FINDING, str(error)) from None
    return _html(shown, arguments, terminal) if arguments.html or arguments.out else _text(shown, terminal)


def _text(shown: Rendered, terminal: Terminal) -> int:
    terminal.print(terminal.style(f"Subject: {shown.subject}", "bold"))
    terminal.print()
    terminal.print(wrapped(shown.text).rstrip("\n"))
    return 0


def _html(shown: Rendered, arguments: Namespace, terminal: Terminal) -> int:
    if shown.html is None:
        raise Ending(FINDING, f"{arguments.letter} has no .html template; it is sent as text alone")
    path = Path(arguments.out) if arguments.out else Path(tempfile.mkdtemp(prefix="troth-")) / "letter.html"
    path.write_text(shown.html, encoding="utf-8")
    terminal.print(str(path))
    if not arguments.out:
        webbrowser.open(path.resolve().as_uri())
    return 0
