"""`digest`: the owner's digest, now."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from contextlib import closing

from troth import clock
from troth.app.wiring import setting_of, store_of
from troth.cli.loading import loaded
from troth.cli.terminal import Terminal, visible
from troth.desk import Digesting
from troth.letters import wrapped
from troth.maillog import Maillog

HELP = "send the digest now, or print it"
ABOUT = (
    "Queues the digest of this moment for those who get it daily; the running daemon sends it within a few seconds. "
    "The daily one comes all the same. With --print it is shown here and nothing is sent."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("--print", action="store_true", help="show it here, and send nothing")


def act(arguments: Namespace, terminal: Terminal) -> int:
    config, found = loaded(arguments)
    setting = setting_of(config, found)
    with closing(store_of(config, os.environ, create=False)) as store:
        digesting = Digesting(store, lambda: setting, clock.now, Maillog())
        if not arguments.print:
            people = digesting.at_once()
            terminal.print(f"queued for {', '.join(people)}: the running daemon sends it")
            return 0
        shown = digesting.rendered(digesting.drawn())
    terminal.print(terminal.style(f"Subject: {visible(shown.subject, lines=False)}", "bold"))
    terminal.print()
    terminal.print(visible(wrapped(shown.text)).rstrip("\n"))
    return 0
