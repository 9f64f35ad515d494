"""Reading old mails ahead of the play, in processes of their own where the machine has more than one core."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.context import BaseContext
from threading import Semaphore

from troth import message
from troth.cli.oldmail import Old
from troth.desk import Reading, Setting, weigh
from troth.model import Nature

_AHEAD = 400
"""So many mails may be read before they are played: what is held in memory."""

_AT_ONCE = 20
_WORTH_IT = 500
"""Fewer mails are read in less time than processes take to start."""

_settings: list[Setting] = []


def readings(mails: Sequence[Old], setting: Setting) -> Iterator[Reading]:
    """Each mail read, in their order. Raises SourceError."""
    context = _context()
    cores = os.cpu_count() or 1
    if context is None or cores == 1 or len(mails) < _WORTH_IT:
        yield from (_delivered(old, setting) for old in mails)
        return
    left = Semaphore(_AHEAD)
    with context.Pool(min(cores - 1, 4), _begin, (setting,)) as pool:
        try:
            for reading in pool.imap(_read, _held_back(mails, left), _AT_ONCE):
                left.release()
                yield reading
        finally:
            left.release(len(mails))  # who feeds the pool may still wait for his turn, and the pool's end for him


def _context() -> BaseContext | None:
    """How processes are made: only a fork has the setting, which cannot be sent to another process."""
    forks = sys.platform.startswith("linux") and "fork" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork") if forks else None


def _held_back(mails: Sequence[Old], left: Semaphore) -> Iterator[Old]:
    for old in mails:
        left.acquire()
        yield old


def _begin(setting: Setting) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the play, and that ends this
    _settings[:] = [setting]


def _read(old: Old) -> Reading:
    return _delivered(old, _settings[0])


def _delivered(old: Old, setting: Setting) -> Reading:
    """A mail read as a server had delivered it: what saves mail often drops the Return-Path that the server had put in.

    Of a person's mail it is his address. It stands in no field of the mail, so it can be told which had it.
    """
    mail = message.parse(old.spot.read(), languages=setting.languages)
    if mail.return_path is None and mail.author is not None and mail.nature is Nature.PERSON:
        mail = replace(mail, return_path=mail.author)
    return weigh(mail, setting)


def supplied(reading: Reading) -> bool:
    """Whether a mail was saved without its Return-Path, and is played with the one that it will have had."""
    mail = reading.message
    return mail.return_path is not None and not mail.field_values("return-path")
