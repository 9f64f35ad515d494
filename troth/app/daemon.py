"""The daemon: one thread for each watched folder and each sending inbox, ticks, and an orderly end."""

from __future__ import annotations

import os
import random
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from troth import __version__, clock, outbox
from troth import config as written
from troth.app.endings import SOON, endings
from troth.app.filing import MailboxFiler
from troth.app.lease import Lease
from troth.app.memory import give_back
from troth.app.signing import SignIns
from troth.app.stepping import Stepping
from troth.app.wiring import imap_account, setting_of, smtp_account
from troth.config import Config, Edits, Loaded, load, unset_secrets
from troth.courier import Courier
from troth.desk import (
    Breaker,
    Digesting,
    Drafting,
    Ending,
    Noticing,
    Posting,
    Receiving,
    Reviewing,
    Setting,
    Sight,
    Watched,
    Watching,
    Word,
    unknown_word,
)
from troth.mailbox import Account, Role, Rounds, Stop, Stopped, Watch
from troth.maillog import Maillog
from troth.model import LetterState
from troth.place import Gravity
from troth.store import SqlStore, StoreError

if TYPE_CHECKING:
    from troth.app.health import Health

TICK = 1.0
"""Seconds between looks at the clock; what is due is known without asking the store."""

_LOOK_AGAIN = timedelta(seconds=15)
"""How often the store is asked all the same: another daemon or a command may have written."""

_LOOK_AT_CLOCK = 5.0
"""Seconds between looks at whether the clock was set or the machine has slept."""

_KEPT_BACK = 1.0
"""Seconds until it is looked again whether letters that may not leave yet may leave now."""

_GRACE = 25.0
"""Seconds that threads get to end; systemd and Docker are told 30."""

_STALE = timedelta(minutes=40)
"""A letter `sending` for longer than any SMTP dialogue lasts belongs to nobody any more."""

_ORPHANED = timedelta(minutes=10)
"""A letter that was sent and is not in Sent by then is laid there by another daemon."""

_STEADY = timedelta(hours=1)
"""So long the clock must have gone as it should before words are given up for their age: nobody can bring them back."""


@dataclass
class Channel:
    """The outgoing side of an inbox: its thread, what it does, and what wakes it."""

    posting: Posting
    drafting: Drafting
    courier: Courier
    filer: MailboxFiler
    wake: threading.Event
    thread: threading.Thread | None = None


class Daemon:
    """Watches, decides and sends until it is told to stop. `found` is a configuration without mistakes."""

    def __init__(self, path: Path, config: Config, found: Loaded, store: SqlStore, log: Maillog | None = None) -> None:
        self._path = path
        self._config = config
        self._setting = setting_of(config, found)
        self._edits = Edits(found)
        self._store = store
        self._lease = Lease(config.store.reveal(os.environ))
        self._log = log or Maillog()
        self._stop = Stop()
        self._worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._reload_asked = False
        self._due: datetime | None = None
        self._looked = datetime.min.replace(tzinfo=clock.now().tzinfo)
        self._breaker = Breaker(store.sent_since(clock.now() - timedelta(hours=1)))
        self._noticing = Noticing(store, self.setting, clock.now, self._wake)
        self._receiving = Receiving(store, self.setting, clock.now, self._log, self._wake)
        self._reviewing = Reviewing(store, self.setting, clock.now, self._log, self._wake)
        self._sight = Sight(clock.now())
        self._digesting = Digesting(store, self.setting, clock.now, self._log, self._wake, self._ending_soon)
        self._watching = Watching(self._receiving, store, self._noticing, clock.now, self._log, self._sight)
        self._part_stop = Stop()
        self._sign_ins = SignIns(config, os.environ)
        self._watches: list[threading.Thread] = []
        self._channels: list[Channel] = []
        self._reviewed = threading.Lock()

    def _ending_soon(self, now: datetime) -> tuple[Ending, ...]:
        found = (*endings(self._config, now), *self._sign_ins.endings(now + SOON))
        return tuple(sorted(found, key=lambda each: (each.at, each.what)))

    def setting(self) -> Setting:
        return self._setting

    def stop(self) -> None:
        """Ask the daemon to end; safe in a signal handler."""
        self._stop.set()

    def run(self) -> int:
        """Run until stopped; gives the exit code."""
        with suppress(ValueError):  # not in the main thread: whoever runs it there stops it himself
            self._handle_signals()
        modes = ",".join(sorted({inbox.mode.value for inbox in self._config.inboxes}))
        self._log.started(__version__, len(self._config.inboxes), modes)
        self._interrupted(timedelta(0) if self._lease.alone else _STALE)
        scheduler = self._scheduler()
        give_back()
        self._begin()
        health = self._health()
        scheduler.start()
        self._wait(scheduler)
        self._log.stopping("asked to")
        scheduler.shutdown(wait=True)
        if health is not None:
            health.close()
        self._end()
        self._store.close()
        self._lease.give_back()
        self._log.stopped()
        return 0

    def _wait(self, scheduler: BackgroundScheduler) -> None:
        """Until the daemon is stopped. Its ticks wait for a clock that may be set, back or forth, meanwhile."""
        stepping = Stepping(clock.now(), time.monotonic())
        while not self._stop.wait(_LOOK_AT_CLOCK):
            now = clock.now()
            by = stepping.by(now, time.monotonic())
            if by:
                self._stepped(by, now, scheduler)

    def _stepped(self, by: timedelta, now: datetime, scheduler: BackgroundScheduler) -> None:
        self._log.stepped(by)
        self._sight.blink(now)
        self._wake()
        for channel in self._channels:
            channel.posting.resume()
        for tick in scheduler.get_jobs():
            tick.modify(next_run_time=now + _STEADY if tick.id == "retention" else now)

    def _health(self) -> Health | None:
        listen = self._config.health and self._config.health.listen
        if not listen:
            return None
        from troth.app.health import Health, Look  # noqa: PLC0415 - it costs memory, and is seldom asked for

        try:
            return Health(listen, Look(self._store, lambda: self._config, clock.now, clock.now()))
        except OSError as error:
            self._log.no_health(f"{listen[0]}:{listen[1]}: {error.strerror}")
            return None

    def _handle_signals(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        signal.signal(signal.SIGINT, lambda *_: self.stop())
        signal.signal(signal.SIGHUP, lambda *_: self._ask_reload())

    def _ask_reload(self) -> None:
        self._reload_asked = True

    def _scheduler(self) -> BackgroundScheduler:
        """Ticks and nothing more: no job has state, a late one is run once."""
        scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(self._ticked("review", self._review), "interval", seconds=TICK)
        scheduler.add_job(self._ticked("digest", self._digesting.tick), "interval", seconds=TICK)
        scheduler.add_job(self._ticked("edits", self._look_for_edits), "interval", seconds=2 * TICK)
        scheduler.add_job(self._ticked("interrupted", lambda: self._interrupted(_STALE)), "interval", minutes=5)
        first = clock.now() + _STEADY
        scheduler.add_job(
            self._ticked("retention", self._retain), "interval", hours=6, id="retention", next_run_time=first
        )
        return scheduler

    def _ticked(self, name: str, act: Callable[[], None]) -> Callable[[], None]:
        def tick() -> None:
            try:
                act()
            except StoreError as error:
                self._log.store_failed(str(error))
            except Exception as error:  # noqa: BLE001 - the boundary of a tick: the next one comes all the same
                self._log.tick_failed(name, error)

        return tick

    def _review(self) -> None:
        now = clock.now()
        if now - self._looked >= _LOOK_AGAIN:
            self._look(now)
            self._wake_channels()
        if self._due is not None and self._due <= now and self._sight.tells(now):
            with self._reviewed:
                self._reviewing.review()
            self._look(now)

    def _look(self, now: datetime) -> None:
        with self._store.reading() as book:
            self._due = book.next_due()
        self._looked = now

    def _wake(self) -> None:
        """Something was recorded: letters may wait, a follow-up may be due."""
        self._looked = self._looked.min.replace(tzinfo=self._looked.tzinfo)
        self._wake_channels()

    def _wake_channels(self) -> None:
        for channel in self._channels:
            channel.wake.set()

    def _retain(self) -> None:
        now, hours, keep = clock.now(), self._config.hours, self._config.keep
        self._store.retain(hours.earlier(now, keep.text), hours.earlier(now, keep.journal))

    def _begin(self) -> None:
        """Start a thread for every folder and every sending inbox."""
        self._part_stop = Stop()
        self._sign_ins = SignIns(self._config, os.environ)
        self._sight.watch((folder for inbox in self._config.inboxes for folder in _in_sight(inbox)), clock.now())
        for inbox in self._config.inboxes:
            account, poll = imap_account(inbox, self._sign_ins.of(inbox)), inbox.poll.fixed.total_seconds()
            for role, folder in _watched(inbox):
                watch = Watch(account, role, self._watching, poll=poll, stop=self._part_stop, folder=folder)
                self._watches.append(_thread(f"watch {inbox.name} {role}", watch.run))
            if rounds := self._rounds(inbox, account, poll):
                self._watches.append(_thread(f"watch {inbox.name} folders", rounds.run))
            if inbox.smtp is not None and inbox.posts:
                channel = self._channel(inbox, inbox.smtp)
                channel.thread = _thread(f"post {inbox.name}", partial(self._post, channel))
                self._channels.append(channel)

    def _rounds(self, inbox: written.Inbox, account: Account, poll: float) -> Rounds | None:
        """The round through the folders in which a mail asks for something."""
        watches = [
            Watch(account, Role(word), self._watching, poll=poll, stop=self._part_stop, folder=name)
            for word, name in inbox.folders.asking.items()
        ]
        return Rounds(account, watches, poll=poll, stop=self._part_stop) if watches else None

    def _channel(self, inbox: written.Inbox, smtp: written.Smtp) -> Channel:
        access = self._sign_ins.of(inbox)
        courier = Courier(smtp_account(inbox, smtp, access))
        filer = MailboxFiler(imap_account(inbox, access), inbox.folders.sent, inbox.folders.drafts, self._part_stop)
        stop = self._part_stop
        posting = Posting(
            inbox=inbox.name,
            store=self._store,
            setting=self.setting,
            courier=courier,
            filer=filer,
            filing=outbox.filing(smtp.host),
            breaker=self._breaker,
            noticing=self._noticing,
            now=clock.now,
            random=random.random,
            log=self._log,
            worker=self._worker,
            stopping=stop.is_set,
            clear=lambda kind: self._sight.writes(inbox.name, kind, clock.now()),
            carries=lambda: [each for each in self._stuck() if each != inbox.name],
            orphaned_after=timedelta(0) if self._lease.alone else _ORPHANED,
        )
        drafting = Drafting(inbox.name, self._store, self.setting, filer, clock.now, self._log)
        return Channel(posting, drafting, courier, filer, threading.Event())

    def _stuck(self) -> list[str]:
        return [channel.posting.inbox for channel in self._channels if channel.posting.stuck]

    def _post(self, channel: Channel) -> None:
        """The outgoing thread of one inbox."""
        stop = self._part_stop
        while not stop.is_set():
            channel.wake.clear()
            try:
                channel.posting.post()
                channel.drafting.tend()
            except Stopped:
                break
            except StoreError as error:
                self._log.store_failed(str(error))
                stop.wait(5)
            except Exception as error:  # noqa: BLE001 - the boundary of this thread's turn: the next letter waits
                self._log.tick_failed("post", error)
                stop.wait(5)
            if not stop.is_set():
                channel.wake.wait(self._until_next_try())
            channel.filer.rest()
        channel.courier.close()
        channel.filer.close()

    def _until_next_try(self) -> float:
        try:
            next_try = self._store.next_try()
        except StoreError:
            return _LOOK_AGAIN.total_seconds()
        longest = _LOOK_AGAIN.total_seconds()
        if next_try is None:
            return longest
        soonest = _KEPT_BACK if any(channel.posting.waits for channel in self._channels) else 0.05
        return min(longest, max(soonest, (next_try - clock.now()).total_seconds()))

    def _end(self) -> None:
        """End all threads: no new work, the SMTP dialogue that goes on is finished, or broken off as unknown."""
        self._part_stop.set()
        self._wake_channels()
        until = time.monotonic() + _GRACE
        threads = [*self._watches, *(channel.thread for channel in self._channels if channel.thread)]
        for thread in threads:
            thread.join(max(0.1, until - time.monotonic()))
        for channel in self._channels:
            if channel.thread is not None and channel.thread.is_alive():
                channel.courier.break_off()
                channel.thread.join(3)
        self._watches, self._channels = [], []

    def _interrupted(self, older_than: timedelta) -> None:
        """Letters that a stopped program left `sending`: unknown, and shown; tellings are sent again."""
        now = clock.now()
        found = self._store.interrupted(now, older_than)
        jitter = random.random()  # noqa: S311 - it spreads retries and guards nothing
        settled = [outbox.applied(outbox.found_sending(one, now, jitter), one, None, now) for one in found]
        self._store.settle(settled, now)
        for letter in settled:
            if letter.state is LetterState.UNKNOWN:
                self._noticing.tell(unknown_word(letter))

    def _look_for_edits(self) -> None:
        asked, self._reload_asked = self._reload_asked, False
        if self._edits.changed(time.monotonic()) or asked:
            self._reload()
        elif self._sign_ins.anew():  # whoever waits after a refusal waits for hours: begin all again
            self._end()
            self._begin()
            self._wake()

    def _reload(self) -> None:
        """Read everything again and swap it whole; with a mistake in it, the old one stays and the owner is told."""
        found = load(self._path, environ=os.environ, tests=True)
        self._edits = Edits(found)
        mistakes = [each for each in found.mistakes if each.gravity is Gravity.MISTAKE]
        if found.config is not None:
            mistakes += unset_secrets(found.config, os.environ, str(self._path))
        if mistakes or found.config is None:
            self._refuse([str(each) for each in mistakes])
            return
        self._take(found.config, found)
        self._log.reloaded(len(found.files))

    def _refuse(self, mistakes: list[str]) -> None:
        self._log.refused(mistakes)
        self._noticing.tell(
            Word(
                topic="configuration",
                occasion="\n".join(mistakes),
                purpose="colleague/configuration-refused",
                what="the configuration",
                because="a configuration with a mistake is none, so the one of before goes on",
                mend="mend these and save; they are read again by themselves",
                lines=tuple(mistakes),
            )
        )

    def _take(self, config: Config, found: Loaded) -> None:
        before, self._config, self._setting = self._config, config, setting_of(config, found)
        if config.store != before.store:
            self._log.refused(["a new store is taken up at the next start"])
        if config.inboxes != before.inboxes:
            self._end()
            self._begin()
        for channel in self._channels:
            channel.posting.resume()
        give_back()
        self._wake()


def _watched(inbox: written.Inbox) -> list[tuple[Role, str]]:
    folders = {
        written.Watch.INBOX: (Role.INBOX, inbox.folders.inbox),
        written.Watch.SENT: (Role.SENT, inbox.folders.sent),
    }
    return [folders[which] for which in written.Watch if which in inbox.watch]


def _in_sight(inbox: written.Inbox) -> list[Watched]:
    return [Watched(inbox.name, role, role is Role.SENT, inbox.poll.fixed) for role, _ in _watched(inbox)]


def _thread(name: str, act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, name=name, daemon=True)
    thread.start()
    return thread
