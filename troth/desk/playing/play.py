"""A daemon without a world: the ways in, the clock, and a courier who keeps nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from troth.courier import Courier
from troth.desk.mail import Came, Folder
from troth.desk.noticing import Noticing
from troth.desk.playing.entries import Entry
from troth.desk.playing.noting import NotingStore
from troth.desk.posting import Breaker, Posting
from troth.desk.reading import Reading, read
from troth.desk.receiving import TRIES, Receiving
from troth.desk.reviewing import Reviewing
from troth.desk.setting import Setting
from troth.maillog import Maillog
from troth.model import Address, Mode
from troth.outbox import At, Delivery, Filing, Outcome
from troth.store import StoreError, Watermark
from troth.store.passing import PassingBase


class Play:
    """A daemon without a world: mails are fed with their moments, letters count as sent the moment they are written.

    `mode` lets every inbox be in that mode, whatever the configuration says; None leaves the modes as they are. The
    clock stands at `start` (UTC) and never goes back by itself.
    """

    def __init__(
        self, setting: Setting, start: datetime, *, mode: Mode | None = None, log: Maillog | None = None
    ) -> None:
        self.now = start
        self.setting = setting if mode is None else in_mode(setting, mode)
        self.store = NotingStore(PassingBase())
        self._uid = 0
        self._read: Reading | None = None
        log = log or Maillog()
        self._receiving = Receiving(self.store, self._setting, self._clock, log, reader=self._reading)
        self._reviewing = Reviewing(self.store, self._setting, self._clock, log)
        noticing, breaker = Noticing(self.store, self._setting, self._clock), Breaker()
        self._postings = [
            Posting(
                inbox=name,
                store=self.store,
                setting=self._setting,
                courier=_Nobody(),
                filer=_Nowhere(),
                filing=Filing.PROVIDER,
                breaker=breaker,
                noticing=noticing,
                now=self._clock,
                random=lambda: 0.5,
                log=log,
                worker="play",
            )
            for name in self.setting.business.inboxes
        ]

    def feed(
        self,
        at: datetime,
        mail: bytes | Reading,
        *,
        sent: bool = False,
        inbox: str | None = None,
        arrived: datetime | None = None,
    ) -> tuple[Entry, ...]:
        """A mail comes at `at` into an inbox (the first one), or into its Sent; gives what happened up to and by it.

        It may have been read already, under the same setting.
        `arrived` is its INTERNALDATE where that is another moment: it lay there while the daemon was down.
        """
        before = self._run(at)
        name = inbox or next(iter(self.setting.business.inboxes))
        folder = Folder(name, "Sent" if sent else "INBOX", 1, sent=sent)
        self._uid += 1
        self._read = None if isinstance(mail, bytes) else mail
        raw = mail if isinstance(mail, bytes) else b""
        self._receive(folder, Came(self._uid, raw, arrived or self.now))
        self._post()
        self.store.note_repeated(self.now)
        return (*before, *self.store.taken())

    def advance(self, to: datetime) -> tuple[Entry, ...]:
        """Let time pass, with everything reconsidered at the moment it falls due; gives what happened."""
        return tuple(self._run(to))

    def wake_up(self, at: datetime) -> tuple[Entry, ...]:
        """The daemon was down until `at`: what fell due meanwhile is found overdue, all at once."""
        self.now = max(self.now, at)
        self._review()
        return self.store.taken()

    def set_clock(self, to: datetime) -> tuple[Entry, ...]:
        """The clock is set, back or forth; what it says to be due is reconsidered."""
        self.now = to
        self._review()
        return self.store.taken()

    def close(self) -> None:
        self.store.close()

    def _run(self, to: datetime) -> tuple[Entry, ...]:
        while (due := self.store.next_due()) is not None and due <= to:
            self.now = max(self.now, due)
            self._review()
        self.now = max(self.now, to)
        return self.store.taken()

    def _review(self) -> None:
        self._reviewing.review()
        self.store.look()
        self._post()

    def _receive(self, folder: Folder, came: Came) -> None:
        """As a watch does: a mail that fails is brought again, until it is set aside."""
        mark = Watermark(folder.inbox, folder.name, folder.uidvalidity, came.uid)
        for _ in range(TRIES - 1):
            try:
                self._receiving.receive(folder, mark, [came])
            except StoreError:
                raise
            except Exception:  # noqa: BLE001, S112 - the third failure sets it aside, or is raised
                continue
            return
        self._receiving.receive(folder, mark, [came])

    def _post(self) -> None:
        """Until nothing waits: a letter may be held, and the telling about that be a letter itself."""
        while names := self.store.queued_in():
            for posting in self._postings:
                if posting.inbox in names:
                    posting.post()

    def _reading(self, raw: bytes, setting: Setting) -> Reading:
        return self._read or read(raw, setting)

    def _clock(self) -> datetime:
        return self.now

    def _setting(self) -> Setting:
        return self.setting


def in_mode(setting: Setting, mode: Mode) -> Setting:
    """The setting with every inbox in this mode."""
    business = setting.business
    inboxes = {name: replace(inbox, mode=mode) for name, inbox in business.inboxes.items()}
    return replace(setting, business=replace(business, inboxes=inboxes))


class _Nobody(Courier):
    """Takes every letter, and keeps none."""

    def __init__(self) -> None:
        """There is no account."""

    def deliver(self, envelope_from: str, to: Address, raw: bytes) -> Delivery:
        del envelope_from, to, raw
        return Delivery(Outcome.SENT, At.DATA, 250, "played")

    def rest(self) -> None:
        """There is no connection."""


class _Nowhere:
    """Folders that take every mail, and keep none."""

    def file(self, raw: bytes, at: datetime) -> None:
        """Taken."""

    def draft(self, raw: bytes, message_id: str, at: datetime) -> None:
        """Taken."""

    def in_sent(self, message_id: str) -> bool:
        return bool(message_id)

    def close(self) -> None:
        """There is no connection."""
