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


def loaded(arguments: Namespace, terminal: Terminal) -> tuple[Config, Loaded]:
    """The configuration, or its mistakes on standard error and the end of the command."""
    found = load(Path(arguments.config), environ=os.environ)
    if found.config is not None:
        return found.config, found
    for mistake in found.mistakes:
        if mistake.gravity is Gravity.MISTAKE:
            terminal.complain(str(mistake))
    raise Ending(WRONG, f"{arguments.config} cannot be used; `check` shows everything there is to mend")


def setting(arguments: Namespace, terminal: Terminal) -> Setting:
    config, found = loaded(arguments, terminal)
    return setting_of(config, found)


def existing_store(arguments: Namespace, terminal: Terminal) -> tuple[Config, SqlStore]:
    """The configuration and its store, which must be there already. Raises StoreError."""
    config, _ = loaded(arguments, terminal)
    return config, store_of(config, os.environ, create=False)
