"""`run`: the daemon."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from troth.app.daemon import Daemon
from troth.app.wiring import store_of
from troth.cli.ending import WRONG, Ending
from troth.cli.loading import first_of, loaded
from troth.cli.terminal import Terminal
from troth.config import unset_secrets
from troth.maillog import start_logging

HELP = "the daemon"
ABOUT = (
    "Watches, decides and sends until SIGTERM or SIGINT, which end it cleanly within 30 seconds. SIGHUP, or 5 quiet "
    "seconds after an edit of any file it was made of, reads the configuration again."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("--verbose", action="store_true", help="log also what is for developers (DEBUG)")


def act(arguments: Namespace, terminal: Terminal) -> int:
    del terminal  # a daemon speaks through its log
    start_logging("DEBUG" if arguments.verbose else "INFO")
    return _daemon(arguments).run()


def _daemon(arguments: Namespace) -> Daemon:
    """A function of its own, so that nobody but the daemon keeps what was read: it reads anew when it is edited."""
    config, found = loaded(arguments)
    missing = unset_secrets(config, os.environ, arguments.config)
    if missing:
        raise Ending(WRONG, first_of(missing))
    store = store_of(config, os.environ, create=True)
    return Daemon(Path(arguments.config), config, found, store)
