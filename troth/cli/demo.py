"""`demo`: a small business's morning on a mail server in this process, told as it happens."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from troth.cli.terminal import Terminal

HELP = "the daemon on an embedded mail server, with sample mail"
ABOUT = (
    "Plays a morning of a small business: the real daemon, on an IMAP and an SMTP server that live in this process, "
    "with sample mail. Nothing outside this machine is touched, no question is asked, and it takes half a minute. "
    "What it was made of stays in a new temporary folder."
)


def add(part: ArgumentParser) -> None:
    del part  # no question is asked


def act(arguments: Namespace, terminal: Terminal) -> int:
    del arguments  # the demo brings its own configuration
    from troth.cli.story import play  # noqa: PLC0415 - two mail servers: 6 MB that the daemon has no use for

    return play(terminal)
