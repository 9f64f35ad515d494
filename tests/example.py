"""Harbour Print without its servers: the shipped example's setting, for tests of the ways through the house."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

from troth.app.wiring import setting_of
from troth.config import load
from troth.desk import Setting
from troth.model import Mode

ROOT = Path(__file__).resolve().parent.parent


@cache
def example() -> Setting:
    """The setting of the config.yaml at the top of the repository."""
    found = load(ROOT / "config.yaml", environ=os.environ)
    assert found.config is not None, found.mistakes
    return setting_of(found.config, found)


def shop(mode: Mode = Mode.SEND, *, at_most: int = 60) -> Setting:
    """The example with its inbox in this mode."""
    setting = example()
    inboxes = {name: replace(inbox, mode=mode) for name, inbox in setting.business.inboxes.items()}
    return replace(setting, business=replace(setting.business, inboxes=inboxes), at_most=at_most)
