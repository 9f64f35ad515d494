"""The watch over one folder: what is new there reaches the receiver, whatever the server does meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from time import monotonic
from typing import Protocol

from troth.mailbox.account import Account
from troth.mailbox.errors import Kind, MailboxError, Stopped, backoff
from troth.mailbox.folders import Role
from troth.mailbox.mailbox import BATCH, Mailbox
from troth.mailbox.stop import Stop
from troth.mailbox.values import Fetched, Folder, Wake

FIRST_PATIENCE = 3.0  # seconds for the answer to DONE: a silent server is found out within poll + 5 s
MOST_PATIENCE = 30.0
MOST_SLACK = 8
UNREADABLE_TRIES = 3
FAILURES_IN_A_ROW = 3
LONGEST_PAUSE = 60.0
NOT_LONGER_THAN_POLL = {Kind.LOST, Kind.SILENT, Kind.UNAVAILABLE, Kind.SERVER}


class Phase(StrEnum):
    """How the mails of a folder up to a certain UID are to be taken."""

    LEARN = "learn"  # they were there at first sight
    RESYNC = "resync"  # the server has numbered its mails anew
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a folder has been read: all up to `uid`. Mails up to `until` belong to the phase, later ones are new."""

    uidvalidity: int
    uid: int
    phase: Phase = Phase.NEW
    until: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a mail was found. `folder` is the name on the server."""

    inbox: str
    role: Role
    folder: str


class State(StrEnum):
    WATCHING = "watching"
    RETRYING = "retrying"
    STOPPED = "stopped"


class Receiver(Protocol):
    """Who takes the mails. Called from the watch's own thread.

    `learn` and `receive` record `mark` in the transaction that records the batch; the batch may be empty, when only the
    mark has moved. If one of them raises, the same mails are brought again, each alone, with a pause; what fails for
    ever is for the receiver to set aside.
    """

    def watermark(self, source: Source, /) -> Watermark | None:
        """What was recorded last for this folder."""

    def learn(self, source: Source, mark: Watermark, batch: Sequence[Fetched], /) -> None:
        """Mails that were there at first sight, shortened: learnt from, never answered."""

    def receive(
        self, source: Source, mark: Watermark, batch: Sequence[Fetched], /, *, resync: bool
    ) -> Mapping[int, tuple[str, ...]]:
        """New mails; with `resync` maybe known ones under new UIDs. Gives the keywords to set on each, by UID."""

    def unanswered(self, source: Source, mark: Watermark, /) -> Sequence[int]:
        """The UIDs of mails that wait for an answer and were not marked as answered so far."""

    def answered(self, source: Source, mark: Watermark, uids: Sequence[int], /) -> None:
        """Mails of those that are marked as answered now."""

    def state(self, source: Source, state: State, error: Exception | None, /) -> None:
        """After each look at the folder (watching), and each failure (retrying: MailboxError or the receiver's own)."""


@dataclass(frozen=True, slots=True)
class Stride:
    """Mails to bring next, in which phase, and the watermark once they are recorded."""

    phase: Phase
    uids: tuple[int, ...]
    mark: Watermark


def begin(recorded: Watermark | None, folder: Folder) -> Watermark:
    """Where to begin in a folder as it is now.

    A folder whose learning was not finished when its UIDs changed is learnt from again. UIDs that went back, as after a
    restored backup of the server, are as good as changed (RFC 3501, 2.3.1.1).
    """
    last = folder.uidnext - 1
    if recorded is None or (recorded.uidvalidity != folder.uidvalidity and recorded.phase is Phase.LEARN):
        return Watermark(folder.uidvalidity, 0, Phase.LEARN, last)
    if recorded.uidvalidity != folder.uidvalidity or recorded.uid > last:
        return Watermark(folder.uidvalidity, 0, Phase.RESYNC, last)
    return recorded


def strides(mark: Watermark, uids: Sequence[int], size: int = BATCH) -> Iterator[Stride]:
    """Cuts the UIDs above a watermark into batches of one phase each, each with the watermark that follows it."""
    old = [uid for uid in uids if uid <= mark.until]
    if mark.phase is not Phase.NEW:
        for chunk in _chunks(old, size):
            yield Stride(mark.phase, chunk, replace(mark, uid=chunk[-1]))
        yield Stride(mark.phase, (), Watermark(mark.uidvalidity, max(mark.until, mark.uid)))
    for chunk in _chunks(uids[len(old) :], size):
        yield Stride(Phase.NEW, chunk, Watermark(mark.uidvalidity, chunk[-1]))


def _chunks(uids: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(uids), size):
        yield tuple(uids[start : start + size])


class Watch:
    """Watches one folder of one inbox until a Stop. `run` is for a thread of its own and never raises.

    `poll` is how many seconds a mail may lie unseen if the server announces nothing; `folder` is the name in the
    configuration, or auto. Keywords are set in the inbox only; any other folder is opened for reading.
    """

    def __init__(
        self,
        account: Account,
        role: Role,
        receiver: Receiver,
        *,
        poll: float,
        stop: Stop,
        folder: str = "auto",
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._account = account
        self._receiver = receiver
        self._poll = poll
        self._stop = stop
        self._configured = folder
        self._chance = chance
        self._source = Source(account.inbox, role, "INBOX" if role is Role.INBOX else "")
        self._patience = FIRST_PATIENCE
        self._slack = 1
        self._attempt = 0
        self._flags_at = 0.0
        self._unreadable: dict[int, int] = {}

    def run(self) -> None:
        while not self._stop.is_set():
            began = monotonic()
            try:
                self._connection()
            except Stopped:
                break
            except MailboxError as error:
                self.tell(State.RETRYING, error)
                self._stop.wait(self._pause(error.kind, monotonic() - began))
            except Exception as error:  # noqa: BLE001 - the top of a thread: whatever a receiver raises, mail goes on coming
                self.tell(State.RETRYING, error)
                self._stop.wait(self._pause(Kind.SERVER, monotonic() - began))
        self.tell(State.STOPPED, None)

    def look(self, mailbox: Mailbox) -> None:
        """Bring what is new in the folder, once, over a connection that others use too. Raises what goes wrong."""
        name = mailbox.folder(self._source.role, self._configured)
        self._source = replace(self._source, folder=name)
        folder = self._open(mailbox, name)
        self._catch_up(mailbox, begin(self._receiver.watermark(self._source), folder))
        self.tell(State.WATCHING, None)

    def _connection(self) -> None:
        with Mailbox(self._account, self._stop) as mailbox:
            name = mailbox.folder(self._source.role, self._configured)
            self._source = replace(self._source, folder=name)
            folder = self._open(mailbox, name)
            mark = begin(self._receiver.watermark(self._source), folder)
            idle_for_nothing = 0
            while not self._stop.is_set():
                before, mark = mark, self._catch_up(mailbox, mark)
                self._look_at_flags(mailbox, mark)
                self.tell(State.WATCHING, None)
                woken = self._wait(mailbox)
                idle_for_nothing = idle_for_nothing + 1 if woken and before == mark else 0
                self._stop.wait(min(self._poll, 0.05 * 2 ** min(idle_for_nothing, 12)) if idle_for_nothing > 3 else 0)

    def _open(self, mailbox: Mailbox, name: str) -> Folder:
        """A first look at a folder of a million mails takes a server a while: it is given longer each time."""
        patience = self._account.timeout * self._slack
        self._slack = min(MOST_SLACK, self._slack * 2)
        folder = mailbox.open(name, write=self._source.role is Role.INBOX, patience=patience)
        self._slack = 1
        return folder

    def _catch_up(self, mailbox: Mailbox, mark: Watermark) -> Watermark:
        """Brings all that lies above the mark; the mark that is recorded then."""
        for stride in strides(mark, mailbox.uids_above(mark.uid)):
            if self._stop.is_set():
                raise Stopped
            keywords = self._hand_over(stride, mark, self._read(mailbox, stride))
            mark = stride.mark
            self._set_keywords(mailbox, keywords)
        return mark

    def _look_at_flags(self, mailbox: Mailbox, mark: Watermark) -> None:
        """Somebody may have answered since a mail was read, from where no copy reaches Sent; once a poll is enough."""
        if self._source.role is not Role.INBOX or monotonic() - self._flags_at < self._poll:
            return
        self._flags_at = monotonic()
        asked = self._receiver.unanswered(self._source, mark)[:BATCH]
        found = mailbox.answered(asked) if asked else []
        if found:
            self._receiver.answered(self._source, mark, found)

    def _read(self, mailbox: Mailbox, stride: Stride) -> list[Fetched]:
        mails = list(mailbox.glance(stride.uids) if stride.phase is Phase.LEARN else mailbox.fetch(stride.uids))
        self._insist(mails)
        return mails

    def _insist(self, mails: Sequence[Fetched]) -> None:
        """A mail that the server does not give is asked for again before the receiver has to do without it."""
        for mail in mails:
            if not mail.raw and mail.note:
                self._unreadable[mail.uid] = self._unreadable.get(mail.uid, 0) + 1
                if self._unreadable[mail.uid] < UNREADABLE_TRIES:
                    raise MailboxError(Kind.SERVER, self._account.inbox, f"mail {mail.uid}: {mail.note}")

    def _hand_over(self, stride: Stride, before: Watermark, mails: Sequence[Fetched]) -> Mapping[int, tuple[str, ...]]:
        if len(mails) < 2:
            return self._give(stride.phase, stride.mark, mails)
        try:
            return self._give(stride.phase, stride.mark, mails)
        except Exception:  # noqa: BLE001 - one mail of the batch may be the reason: the others must not wait for it
            return self._one_by_one(stride, before, mails)

    def _one_by_one(self, stride: Stride, before: Watermark, mails: Sequence[Fetched]) -> Mapping[int, tuple[str, ...]]:
        """Each mail alone. The mark stays below the first that fails, which comes again; raises the last failure."""
        keywords: dict[int, tuple[str, ...]] = {}
        failed: Exception | None = None
        mark, in_a_row = before, 0
        for mail in mails:
            if failed is None:
                mark = stride.mark if mail is mails[-1] else replace(stride.mark, uid=mail.uid)
            try:
                keywords.update(self._give(stride.phase, mark, [mail]))
                before, in_a_row = mark, 0
            except Exception as error:  # noqa: BLE001 - as above
                failed, mark, in_a_row = error, before, in_a_row + 1
                if in_a_row >= FAILURES_IN_A_ROW:
                    break
        if failed:
            raise failed
        return keywords

    def _give(self, phase: Phase, mark: Watermark, mails: Sequence[Fetched]) -> Mapping[int, tuple[str, ...]]:
        if phase is Phase.LEARN:
            self._receiver.learn(self._source, mark, mails)
            return {}
        return self._receiver.receive(self._source, mark, mails, resync=phase is Phase.RESYNC)

    def _set_keywords(self, mailbox: Mailbox, keywords: Mapping[int, tuple[str, ...]]) -> None:
        for keyword in sorted({each for wanted in keywords.values() for each in wanted}):
            mailbox.mark([uid for uid, wanted in keywords.items() if keyword in wanted], keyword)

    def _wait(self, mailbox: Mailbox) -> bool:
        """Whether the server has announced something."""
        try:
            wake = mailbox.wait(self._poll, self._patience)
        except MailboxError as error:
            if error.kind is Kind.SILENT:
                self._patience = min(MOST_PATIENCE, self._patience * 2)
            raise
        self._patience = max(FIRST_PATIENCE, self._patience / 2)
        return wake is Wake.NEWS

    def _pause(self, kind: Kind, lasted: float) -> float:
        """A connection that held for a poll's time has earned a quick return; another one has not."""
        self._attempt = 1 if lasted >= self._poll else self._attempt + 1
        seconds = backoff(kind, self._attempt, self._chance())
        return min(seconds, self._poll) if kind in NOT_LONGER_THAN_POLL else seconds

    def tell(self, state: State, error: Exception | None) -> None:
        """Let the receiver know how it goes."""
        with suppress(Exception):  # the receiver's store may be what is failing; the watch goes on
            self._receiver.state(self._source, state, error)
