"""The round through several folders of one mailbox over one connection, for folders that need no quick look."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import monotonic

from troth.mailbox.account import Account
from troth.mailbox.errors import Kind, MailboxError, Stopped, backoff
from troth.mailbox.mailbox import Mailbox
from troth.mailbox.stop import Stop
from troth.mailbox.watch import State, Watch


class Rounds:
    """Looks into the folders of `watches` in turn, every `poll` seconds, until a Stop.

    `run` is for a thread of its own and never raises. A folder that does not exist costs the others nothing.
    """

    def __init__(
        self,
        account: Account,
        watches: Sequence[Watch],
        *,
        poll: float,
        stop: Stop,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._account = account
        self._watches = tuple(watches)
        self._poll = poll
        self._stop = stop
        self._chance = chance
        self._attempt = 0
        self._missing: dict[Watch, tuple[int, float]] = {}

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._connection()
            except Stopped:
                break
            except MailboxError as error:
                self._tell(State.RETRYING, error)
                self._attempt += 1
                self._stop.wait(max(self._poll, backoff(error.kind, self._attempt, self._chance())))
        self._tell(State.STOPPED, None)

    def _connection(self) -> None:
        with Mailbox(self._account, self._stop) as mailbox:
            while not self._stop.is_set():
                for watch in self._watches:
                    self._look(watch, mailbox)
                self._attempt = 0
                self._stop.wait(self._poll)

    def _look(self, watch: Watch, mailbox: Mailbox) -> None:
        times, until = self._missing.get(watch, (0, 0.0))
        if monotonic() < until:
            return
        try:
            watch.look(mailbox)
            self._missing.pop(watch, None)
        except MailboxError as error:
            if error.kind is not Kind.MISCONFIGURED:
                raise
            watch.tell(State.RETRYING, error)
            self._missing[watch] = (times + 1, monotonic() + backoff(error.kind, times + 1, self._chance()))
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a receiver raises over one folder, the others are looked into
            watch.tell(State.RETRYING, error)

    def _tell(self, state: State, error: Exception | None) -> None:
        for watch in self._watches:
            watch.tell(state, error)
