"""Every line an operator reads is composed here: what happened, then key=value. No word of a client's stands in one.

Nothing that came in a mail is logged at INFO, not even its Message-ID or sender: a mail is known by inbox, folder and
UID, a case and a letter by their keys, which are made by Troth.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import TextIO

_LOGGER = logging.getLogger("troth")
_BARE = re.compile(r"[\w.:/@+-]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def start_logging(level: str = "INFO", out: TextIO | None = None) -> None:
    """Send lines to `out`, by default standard error, with the time in UTC."""
    handler = logging.StreamHandler(out or sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False
    # it warns, unformatted, of each tick that is left out because the one before it is still at work: no news
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def no_logging() -> None:
    """Log nothing: what a command has to say it prints."""
    _LOGGER.handlers[:] = [logging.NullHandler()]
    _LOGGER.propagate = False


def line(event: str, facts: Iterable[tuple[str, object]]) -> str:
    """One log line: `event key=value …`; values with blanks or quotes are quoted, control characters escaped."""
    return " ".join([event, *(f"{key}={_value(value)}" for key, value in facts if value is not None)])


def _value(value: object) -> str:
    text = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return text if _BARE.fullmatch(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Maillog:
    """What there is to say in the log; each method is one kind of line."""

    def started(self, version: str, inboxes: int, mode: str) -> None:
        self._info("started", version=version, inboxes=inboxes, mode=mode)

    def stopped(self) -> None:
        self._info("stopped")

    def stopping(self, why: str) -> None:
        self._info("stopping", because=why)

    def recorded(self, inbox: str, folder: str, uid: int, standing: str, because: str, case: str | None) -> None:
        self._info("mail recorded", inbox=inbox, folder=folder, uid=uid, standing=standing, because=because, case=case)

    def learnt(self, inbox: str, folder: str, mails: int) -> None:
        self._info("old mail learnt", inbox=inbox, folder=folder, mails=mails)

    def faulted(self, inbox: str, folder: str, uid: int, tries: int, error: Exception) -> None:
        kind = type(error).__name__
        _LOGGER.warning(
            line(
                "mail not handled",
                [("inbox", inbox), ("folder", folder), ("uid", uid), ("tries", tries), ("error", kind)],
            )
        )
        _LOGGER.debug("mail not handled", exc_info=error)

    def watching(self, inbox: str, folder: str, state: str, error: str | None) -> None:
        facts = [("inbox", inbox), ("folder", folder), ("state", state), ("because", error)]
        _LOGGER.log(logging.WARNING if error else logging.INFO, line("mailbox", facts))

    def letter(self, key: str, kind: str, state: str, attempts: int, because: str) -> None:
        self._info("letter", key=key, kind=kind, state=state, attempts=attempts, because=because)

    def channel(self, inbox: str, because: str, until: object) -> None:
        _LOGGER.warning(line("sending paused", [("inbox", inbox), ("because", because), ("until", until)]))

    def breaker(self, at_most: int) -> None:
        _LOGGER.warning(line("letters held", [("because", f"more than {at_most} in an hour")]))

    def filed(self, inbox: str, because: str) -> None:
        _LOGGER.warning(line("letter not filed in Sent yet", [("inbox", inbox), ("because", because)]))

    def drafts(self, inbox: str, because: str) -> None:
        _LOGGER.warning(line("drafts not looked at", [("inbox", inbox), ("because", because)]))

    def reviewed(self, key: str, what: str, because: str) -> None:
        self._info("follow-up reconsidered", key=key, what=what, because=because)

    def digest(self, day: str, mails: int, numbered: int) -> None:
        self._info("digest", day=day, mails=mails, numbered=numbered)

    def reloaded(self, files: int) -> None:
        self._info("configuration read again", files=files)

    def refused(self, mistakes: Iterable[str]) -> None:
        for mistake in mistakes:
            _LOGGER.error(line("configuration refused", [("mistake", mistake)]))

    def stepped(self, by: timedelta) -> None:
        """The clock went ahead of the time that passed by so much, or fell behind it."""
        _LOGGER.warning(line("the clock was set, or the machine slept", [("seconds", round(by.total_seconds()))]))

    def no_health(self, because: str) -> None:
        _LOGGER.error(line("health is not served", [("because", because)]))

    def store_failed(self, because: str) -> None:
        _LOGGER.error(line("store", [("because", because)]))

    def tick_failed(self, tick: str, error: Exception) -> None:
        _LOGGER.error(line("tick failed", [("tick", tick), ("error", type(error).__name__)]))
        _LOGGER.debug("tick failed", exc_info=error)

    def _info(self, event: str, **facts: object) -> None:
        if _LOGGER.isEnabledFor(logging.INFO):
            _LOGGER.info(line(event, facts.items()))
