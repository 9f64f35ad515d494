"""What commands need of the configuration, or the end of the command."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from troth.app.wiring import setting_of, store_of
from troth.cli.ending import WRONG, Ending
from troth.cli.terminal import Terminal
from troth.config import Config, Loaded, load
from troth.desk import Setting
from troth.place import Gravity
from troth.store import SqlStore

_SHOWN = 5
"""Mistakes named by a command that cannot go on for them."""


def loaded(arguments: Namespace, terminal: Terminal, *, letters: bool = True) -> tuple[Config, Loaded]:
    """The configuration, or its mistakes on standard error and the end of the command."""
    return loaded_from(arguments.config, terminal, letters=letters)


def loaded_from(path: str, terminal: Terminal, *, letters: bool = True) -> tuple[Config, Loaded]:
    """The configuration in this file, or its mistakes on standard error and the end of the command.

    Commands that write no letter save the time of examining them.
    """
    found = load(Path(path), environ=os.environ, letters=letters)
    if found.config is not None:
        return found.config, found
    mistakes = [each for each in found.mistakes if each.gravity is Gravity.MISTAKE]
    for mistake in mistakes[:_SHOWN]:
        terminal.complain(str(mistake))
    more = f" ({len(mistakes) - _SHOWN} more)" if len(mistakes) > _SHOWN else ""
    raise Ending(WRONG, f"{path} cannot be used; `check` shows everything there is to mend{more}")


def setting(arguments: Namespace, terminal: Terminal, *, letters: bool = True) -> Setting:
    config, found = loaded(arguments, terminal, letters=letters)
    return setting_of(config, found)


def existing_store(arguments: Namespace, terminal: Terminal) -> tuple[Config, SqlStore]:
    """The configuration and its store, which must be there already. Raises StoreError."""
    config, _ = loaded(arguments, terminal, letters=False)
    return config, store_of(config, os.environ, create=False)
