"""The way of letters out: hold or claim, write "sending", deliver, write the outcome, lay them into Sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

from troth import outbox
from troth.courier import Courier
from troth.desk.leaving import against
from troth.desk.noticing import Noticing, Word, sign_in_again
from troth.desk.setting import Setting
from troth.letters import as_draft, sent_from
from troth.mailbox import MailboxError
from troth.maillog import Maillog
from troth.model import Concern, Letter, LetterKind, LetterState, Mode
from troth.outbox import Delivery, Filing, Halt, Outcome, Pause
from troth.store import LETTERS, InboxState, Store

GROUP = 10
"""So many letters are marked "sending" in one commit: as many may be of unknown fate after a crash."""

RELEASED, RESENT = outbox.RELEASED, outbox.RESENT
"""Why a letter is queued that a person let go: the breaker asks no more."""

ALWAYS = datetime.min.replace(tzinfo=UTC)

_MEND = "look at `smtp:` of this inbox in config.yaml; what waits leaves by itself then"

_AT_ONCE = timedelta(minutes=1)
"""A letter that waited for longer is asked about once more: somebody may have answered meanwhile."""

_HOUR = timedelta(hours=1)


class Filer(Protocol):
    """Lays mails into folders of one inbox. Its methods raise MailboxError."""

    def file(self, raw: bytes, at: datetime) -> int | None: ...
    def draft(self, raw: bytes, message_id: str, at: datetime) -> int | None: ...
    def in_sent(self, message_id: str) -> bool: ...
    def close(self) -> None: ...


class Breaker:
    """Counts the letters to clients that left or were held, over all inboxes; past `at_most` an hour all are held."""

    def __init__(self, wanted: Sequence[datetime] = ()) -> None:
        self._wanted = deque(sorted(wanted))
        self._tripped: datetime | None = None
        self._lock = Lock()

    def ask(self, at_most: int, now: datetime) -> outbox.Ruling:
        """Whether one more letter must be held; the letter is counted either way."""
        with self._lock:
            while self._wanted and self._wanted[0] <= now - _HOUR:
                self._wanted.popleft()
            judged = outbox.Ruling(hold=False)
            if len(self._wanted) * 2 >= at_most:
                judged = outbox.breaker(self._wanted, at_most, now, self._tripped)
            self._tripped = judged.tripped
            self._wanted.append(now)
            return judged


@dataclass
class Posting:
    """The outgoing side of one inbox; it belongs to one thread.

    `clear`: since when letters of that kind may leave; None while Sent cannot be read, where an answer may lie unseen.
    `carries`: other inboxes, whose channels have rested so long that their tellings leave through this one.
    """

    inbox: str
    store: Store
    setting: Callable[[], Setting]
    courier: Courier
    filer: Filer
    filing: Filing
    breaker: Breaker
    noticing: Noticing
    now: Callable[[], datetime]
    random: Callable[[], float]
    log: Maillog
    worker: str
    stopping: Callable[[], bool] = lambda: False
    clear: Callable[[LetterKind], datetime | None] = lambda _: ALWAYS
    carries: Callable[[], Sequence[str]] = tuple
    orphaned_after: timedelta = timedelta(minutes=10)
    _pause: Pause | None = None
    _filing_again: datetime | None = None
    _passed: set[str] = field(default_factory=set)
    _results: list[Letter] = field(default_factory=list)
    _unsent: list[str] = field(default_factory=list)
    _words: list[Word] = field(default_factory=list)
    _shown: str | None = ""
    _sure: set[str] = field(default_factory=set)

    def post(self) -> None:
        """Send all that may leave now, then file what was sent; what waits meanwhile goes first. Raises StoreError."""
        self._write_down()
        self._send_all()
        while self._file_some():
            self._send_all()
        self.courier.rest()

    def _send_all(self) -> None:
        while not self.stopping() and not self._resting():
            waiting = self._waiting()
            ready = [letter for letter in waiting if not self._kept_in(letter)]
            if not waiting or (not self._send(ready) and len(waiting) < GROUP):
                break

    def _waiting(self) -> list[Letter]:
        now, kinds = self.now(), [kind for kind in LetterKind if self.clear(kind) is not None]
        waiting = list(self.store.waiting_letters(now, self.inbox, GROUP, kinds))
        for inbox in self.carries():
            waiting += self.store.waiting_letters(now, inbox, GROUP - len(waiting), [LetterKind.TELLING])
        return waiting

    @property
    def stuck(self) -> bool:
        """Whether nothing has left for so long that tellings go another way."""
        pause = self._pause
        return pause is not None and pause.elsewhere(self.now())

    def _resting(self) -> bool:
        return self._pause is not None and not self._pause.over(self.now())

    @property
    def waits(self) -> bool:
        """Whether letters that might be tried by now are kept back: looking for them at once again is no use."""
        return self._resting() or any(self.clear(kind) is None for kind in LetterKind)

    def resume(self) -> None:
        """The configuration was read again: a channel that waited for its mending may be tried."""
        self._pause = None

    def _kept_in(self, letter: Letter) -> bool:
        """Whether the letter may not leave through SMTP now; what becomes of it instead is written down."""
        now = self.now()
        if (late := outbox.expired(letter, now)) is not None:
            self._settle([outbox.applied(late, letter, None, now)])
            return True
        if letter.kind is LetterKind.TELLING:
            return False
        mode = self.setting().business.inboxes[self.inbox].mode
        if mode is Mode.OBSERVE:
            self._settle([replace(letter, state=LetterState.WITHDRAWN, next_try=None, because="observe")])
            return True
        if self._withdrawn(letter, now):
            return True
        if letter.mode is Mode.DRAFT or mode is Mode.DRAFT:
            self._draft(letter)
            return True
        return self._held(letter)

    def _withdrawn(self, letter: Letter, now: datetime) -> bool:
        """Ask once more about a letter that has waited, or was decided on while something lay unread."""
        clear = self.clear(letter.kind)
        at_once = now - letter.created <= _AT_ONCE and clear is not None and clear < letter.created
        because = None if at_once or letter.because == RELEASED else against(letter, self.store, self.setting(), now)
        if because:
            self._settle([replace(letter, state=LetterState.WITHDRAWN, next_try=None, because=because)])
        return because is not None

    def _held(self, letter: Letter) -> bool:
        let_go = letter.because in (RELEASED, RESENT) or letter.key in self._passed
        if letter.state is not LetterState.QUEUED or let_go:
            return False
        at_most, now = self.setting().at_most, self.now()
        judged = self.breaker.ask(at_most, now)
        if not judged.hold:
            self._passed.add(letter.key)
            return False
        because = f"more than {at_most} letters to clients within an hour"
        self._settle([replace(letter, state=LetterState.HELD, next_try=None, because=because)])
        if judged.tell:
            self.log.breaker(at_most)
            self.noticing.tell(_breaker_word(at_most, now))
        return True

    def _send(self, letters: Sequence[Letter]) -> bool:
        """Mark a group as sending, deliver it, write what became of each; False when the channel has to rest."""
        won = self.store.mark_sending([letter.key for letter in letters], self.now(), self.worker) if letters else ()
        marked = deque(letter for letter in letters if letter.key in won)
        sent = bool(marked) and not self._resting() and not self.stopping()
        try:
            while marked and not self._resting() and not self.stopping():
                self._results.append(self._delivered(marked.popleft()))
        finally:
            self._unsent = [letter.key for letter in marked]
        self._write_down()
        return sent and not self._resting()

    def _delivered(self, letter: Letter) -> Letter:
        delivery = self._handed_over(letter)
        now = self.now()
        before, self._pause = self._pause, outbox.pause_after(delivery, self._pause, now, self.random())
        if self._pause is not None and self._pause != before:
            self._say_paused(self._pause)
        return outbox.applied(outbox.after(delivery, letter, now, self.random()), letter, delivery, now)

    def _handed_over(self, letter: Letter) -> Delivery:
        """The attempt. What this server will not take for another inbox is left to that inbox's own."""
        if letter.inbox == self.inbox:
            return self.courier.deliver(letter.envelope_from, letter.to, letter.raw)
        own = self.setting().business.inboxes[self.inbox].address
        delivery = self.courier.deliver(own, letter.to, sent_from(letter.raw, own))
        return replace(delivery, outcome=Outcome.DEFERRED) if delivery.permanent else delivery

    def _write_down(self) -> None:
        """What became of the last group. It is kept until the store takes it, and nothing more is sent before that."""
        if self._results:
            self._settle(self._results)
            self._results = []
        if self._unsent:
            self.store.unmark(self._unsent)
            self._unsent = []
        self._show()
        while self._words:
            self.noticing.tell(self._words[0])
            del self._words[0]

    def _show(self) -> None:
        """Let `status` say why letters do not leave."""
        words = f"letters wait: {self._pause.why} ({self._pause.words})" if self._pause else None
        if words != self._shown:
            since = self._pause.since if self._pause else None
            state = "retrying" if words else "watching"
            self.store.state(InboxState(self.inbox, LETTERS, state, since, words))
            self._shown = words

    def _settle(self, letters: Sequence[Letter]) -> None:
        if not letters:
            return
        self.store.settle(letters, self.now())
        self._passed.difference_update(letter.key for letter in letters)
        for letter in letters:
            self.log.letter(letter.key, letter.kind, letter.state, letter.attempts, letter.because)
            if letter.state is LetterState.UNKNOWN:
                self._unknown(letter)
            if letter.state is LetterState.SENT and self.filing is Filing.OURSELVES:
                self._sure.add(letter.key)

    def _unknown(self, letter: Letter) -> None:
        """Look where the provider files what it sends; else tell the owner that nobody knows."""
        try:
            found = self.filing is Filing.PROVIDER and self.filer.in_sent(letter.message_id)
        except MailboxError:
            found = False
        if found:
            self._settle([outbox.applied(outbox.found_in_sent(letter), letter, None, self.now())])
        else:
            self._words.append(unknown_word(letter))

    def _draft(self, letter: Letter) -> None:
        now = self.now()
        if not self.store.mark_sending([letter.key], now, self.worker):
            return  # another daemon lays it down
        raw = letter.raw if letter.mode is Mode.DRAFT else as_draft(letter.raw)
        try:
            uid = self.filer.draft(raw, letter.message_id, now)
        except MailboxError as error:
            again = now + outbox.back_off(letter.attempts + 1, self.random())
            deferred = LetterState.DEFERRED
            because = f"not laid into Drafts yet: {error}"
            self._settle(
                [replace(letter, state=deferred, next_try=again, attempts=letter.attempts + 1, because=because)]
            )
            return
        self._settle([replace(letter, state=LetterState.DRAFTED, next_try=None, because="waits in Drafts")])
        self.store.filed([(letter.key, uid)])

    def _file_some(self) -> bool:
        """Lay sent letters into Sent, whether more may wait; a failure there never sends anything again (D12)."""
        waits = self._filing_again is not None and self.now() < self._filing_again
        if self.filing is Filing.PROVIDER or waits or self.stopping():
            return False
        self._filing_again = None
        letters = self.store.unfiled(self.inbox, GROUP, self.worker, self.now(), self.orphaned_after)
        marks: list[tuple[str, int | None]] = []
        try:
            marks.extend((letter.key, self._filed(letter)) for letter in letters)
        except MailboxError as error:
            self.log.filed(self.inbox, str(error))
            self._filing_again = self.now() + outbox.FIRST_RETRY
            return False
        finally:
            self.store.filed(marks)
        return bool(letters)

    def _filed(self, letter: Letter) -> int | None:
        """Lay a letter into Sent. Where that was tried before, maybe by a program that died, it may lie there."""
        if letter.key not in self._sure and self.filer.in_sent(letter.message_id):
            return None
        self._sure.discard(letter.key)  # from here on it may lie there, whatever becomes of this program
        return self.filer.file(letter.raw, letter.sent_at or self.now())

    def _say_paused(self, pause: Pause) -> None:
        self.log.channel(self.inbox, pause.why, pause.until)
        if pause.tell:
            self._words.append(
                Word(
                    topic=f"sending {self.inbox}",
                    occasion=pause.since.isoformat(),
                    purpose="colleague/cannot-send",
                    what=f"the inbox {self.inbox}",
                    because=f"{pause.why} ({pause.words})",
                    mend=sign_in_again(self.inbox) if pause.why is Halt.SIGNED_OUT else _MEND,
                    since=pause.since,
                )
            )


def _breaker_word(at_most: int, now: datetime) -> Word:
    return Word(
        topic="breaker",
        occasion=now.isoformat(),
        purpose="colleague/breaker",
        what="all letters to clients",
        because=f"more than {at_most} were to leave within an hour",
        mend="the digest has a word for each of them; raise `letters: at_most` if so many are right",
    )


def unknown_word(letter: Letter) -> Word:
    """What the owner is told of a letter whose delivery nobody knows."""
    return Word(
        topic=f"unknown {letter.key}",
        occasion=letter.message_id,
        purpose="colleague/delivery-unknown",
        what=f"the letter to {letter.to}, {letter.subject}",
        because=letter.because,
        mend="ask the client, or look into Sent",
        lines=(letter.key,),
        about=(Concern(letter.mail, letter.case, letter.key),),
    )
