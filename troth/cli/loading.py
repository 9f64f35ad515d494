"""What commands need of the configuration, or the end of the command."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from troth.app.wiring import setting_of, store_of
from troth.cli.ending import WRONG, Ending
from troth.config import Config, Loaded, load
from troth.desk import Setting
from troth.place import Gravity, Mistake
from troth.store import SqlStore


def loaded(arguments: Namespace, *, letters: bool = True) -> tuple[Config, Loaded]:
    """The configuration, or the end of the command."""
    return loaded_from(arguments.config, letters=letters)


def loaded_from(path: str, *, letters: bool = True) -> tuple[Config, Loaded]:
    """The configuration in this file, or the end of the command.

    Commands that write no letter save the time of examining them.
    """
    if not Path(path).exists():
        raise Ending(WRONG, f"{path} is not there; `init .` writes a first one, --config FILE names another")
    found = load(Path(path), environ=os.environ, letters=letters)
    if found.config is not None:
        return found.config, found
    raise Ending(WRONG, first_of(found.mistakes))


def first_of(found: Iterable[Mistake]) -> str:
    """The first mistake, and how many there are besides, in one line."""
    first, *more = (str(mistake) for mistake in found if mistake.gravity is Gravity.MISTAKE)
    return first + (f" (and {len(more)} more: `check` shows them all)" if more else "")


def setting(arguments: Namespace, *, letters: bool = True) -> Setting:
    config, found = loaded(arguments, letters=letters)
    return setting_of(config, found)


def existing_store(arguments: Namespace) -> tuple[Config, SqlStore]:
    """The configuration and its store, which must be there already. Raises StoreError."""
    config, _ = loaded(arguments, letters=False)
    return config, store_of(config, os.environ, create=False)
