"""The daily digest: when it is right, once for each day, and from its facts to the mails."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from troth import digest as reckoning
from troth import letters
from troth.desk.drawing import DIGEST, Drawn, Ending, draw
from troth.desk.issuing import Issuing
from troth.desk.setting import Daily, Setting
from troth.desk.telling import telling_letter
from troth.letters import Rendered
from troth.letters.daily import Digest
from troth.mailbox import Role as Folder
from troth.maillog import Maillog
from troth.model import Address, Client, Letter, Purpose, Tell
from troth.plan import Role
from troth.store import Book, Gathered, Span, Store

_MARK = "digest until"
_DAY = "digest day"
_READING = timedelta(minutes=2)
"""So long after a start a digest that is due waits for the inboxes to be read."""

_AGAIN = timedelta(minutes=1)
"""When a digest that could not be written is tried once more."""

_TO_OWNER = Daily((Role.OWNER,), time())
_NOBODY = Client("", frozenset())


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far the last digest told: up to a moment, and up to which arrival the mail of each inbox was known."""

    until: datetime
    read: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> _Mark:
        said = json.loads(text)
        read = {inbox: datetime.fromisoformat(at) for inbox, at in said["read"].items()}
        return cls(datetime.fromisoformat(said["until"]), read)

    @property
    def text(self) -> str:
        read = {inbox: at.isoformat() for inbox, at in sorted(self.read.items())}
        return json.dumps({"until": self.until.isoformat(), "read": read})


class Digesting:
    """Writes digests. Two daemons may do so on one store: each day is taken by one."""

    def __init__(
        self,
        store: Store,
        setting: Callable[[], Setting],
        now: Callable[[], datetime],
        log: Maillog,
        wake: Callable[[], None] = lambda: None,
        endings: Callable[[datetime], Sequence[Ending]] = lambda _: (),
    ) -> None:
        self._store = store
        self._setting = setting
        self._now = now
        self._log = log
        self._wake = wake
        self._endings = endings
        self._started = now()
        self._done: date | None = None
        self._begun = False
        self._tried = datetime.min.replace(tzinfo=UTC)

    def tick(self) -> None:
        """Write the digest of today if its moment has come and nobody has written it. Raises StoreError."""
        setting, now = self._setting(), self._now()
        if setting.digest is None:
            return
        hours = setting.business.hours
        day = hours.day_of(now)
        if day == self._done:
            return
        come = now >= reckoning.moment(day, setting.digest.at, hours)
        if not self._begun:
            self._begin(day, now, come=come)
        if come and day != self._done and abs(now - self._tried) >= _AGAIN and self._read_up(setting, now):
            self._tried = now
            self._write(day, setting, setting.digest, now)
            self._done = day

    def drawn(self, *, answerable: bool = False) -> Drawn:
        """The digest as it would be now."""
        with self._store.reading() as book:
            span = self._span(book, self._setting(), self._now())
        return self._draw(self._store.gathered(span), span, answerable=answerable)

    def rendered(self, drawn: Drawn) -> Rendered:
        """A digest's words, for the owner."""
        setting = self._setting()
        return self._words(drawn, setting, setting.business.owner.address)

    def at_once(self) -> tuple[Address, ...]:
        """Queue a digest of now beside those of the days; to whom it goes. Raises StoreError."""
        setting, now = self._setting(), self._now()
        drawn = self.drawn(answerable=True)
        people = _people(setting, setting.digest or _TO_OWNER, now)
        with self._store.writing() as book:
            self._queue(book, f"{now:%Y-%m-%dT%H:%M:%S.%f}", people, drawn, setting, now)
        self._wake()
        return people

    def _begin(self, day: date, now: datetime, *, come: bool) -> None:
        """The first digest of all is that of the next moment, and not one whose moment has passed today."""
        with self._store.writing() as book:
            if book.recall(_MARK) is None:
                book.remember(_MARK, _Mark(reckoning.since_when(None, now)).text)
                self._done = day if come else None
                if come:
                    book.remember(_DAY, day.isoformat())
            elif book.recall(_DAY) == day.isoformat():
                self._done = day
        self._begun = True

    def _read_up(self, setting: Setting, now: datetime) -> bool:
        """Whether the mail that came while no daemon ran has been read; not waited for longer than two minutes."""
        if now - self._started >= _READING or now < self._started:
            return True
        synced = {state.inbox: state.last_sync for state in self._store.states() if state.folder == Folder.INBOX}
        return all(
            (at := synced.get(inbox.name)) is not None and at >= self._started
            for inbox in setting.business.inboxes.values()
            if inbox.sends
        )

    def _span(self, book: Book, setting: Setting, now: datetime) -> Span:
        kept, hours = book.recall(_MARK), setting.business.hours
        mark = _Mark.of(kept) if kept else None
        after_tomorrow = datetime.combine(hours.day_of(now) + timedelta(days=2), time())
        return Span(
            since=reckoning.since_when(mark.until if mark else None, now),
            now=now,
            ahead=hours.instant(after_tomorrow),
            read={inbox: at for inbox, at in mark.read.items() if at < now} if mark else {},
        )

    def _draw(self, gathered: Gathered, span: Span, *, answerable: bool) -> Drawn:
        return draw(gathered, span, self._setting(), self._endings(span.now), answerable=answerable)

    def _write(self, day: date, setting: Setting, order: Daily, now: datetime) -> None:
        with self._store.reading() as book:
            span = self._span(book, setting, now)
        gathered = self._store.gathered(span)
        drawn = self._draw(gathered, span, answerable=True)
        wanted = setting.business.hours.is_working_day(day) or _pressing(drawn.facts)
        people = _people(setting, order, now) if wanted else ()
        with self._store.writing() as book:
            if not book.remember(_DAY, day.isoformat()):
                return
            if wanted:
                book.remember(_MARK, _told(gathered, span).text)
                self._queue(book, day.isoformat(), people, drawn, setting, now)
        self._log.digest(day.isoformat(), len(people), len(drawn.about))
        self._wake()

    def _queue(
        self, book: Book, of: str, people: Sequence[Address], drawn: Drawn, setting: Setting, now: datetime
    ) -> None:
        step = Tell(f"digest:{of}", DIGEST, tuple(people), "the daily digest")
        written = [self._letter(book, step, who, drawn, setting, now) for who in people]
        book.carry_out(None, (step,), [each for each in written if each], now, setting.sender("").name)

    def _letter(
        self, book: Book, step: Tell, who: Address, drawn: Drawn, setting: Setting, now: datetime
    ) -> Letter | None:
        """The mail to one person; None where he has it already, for the clock was set back over its moment."""
        key, inbox = f"{step.key}:{who}", setting.sender("")
        if book.letter(key) is not None:
            return None
        issued = Issuing(book, now).issue(who, Purpose.DIGEST, drawn.about, inbox)
        words = self._words(drawn, setting, who)
        return telling_letter(setting, inbox, words, key, step, who, now, issued, thread="digest")

    def _words(self, drawn: Drawn, setting: Setting, who: Address) -> Rendered:
        person = setting.business.colleague(who)
        facts = letters.TellingFacts(
            business=letters.business(setting.name, setting.sender("").address),
            colleague=letters.Colleague(person.name if person else who),
            digest=drawn.facts,
        )
        return setting.letters.tell(DIGEST, facts, language=setting.languages[0])


def _people(setting: Setting, order: Daily, now: datetime) -> tuple[Address, ...]:
    return setting.business.audience(order.to, None, _NOBODY, now)


def _told(gathered: Gathered, span: Span) -> _Mark:
    """How far it tells: the mail of an inbox is known up to its latest arrival, for after an outage older may come."""
    known = {inbox: [at for at in moments if at <= span.now] for inbox, moments in gathered.arrivals.items()}
    return _Mark(span.now, {**span.read, **{inbox: max(moments) for inbox, moments in known.items() if moments}})


def _pressing(facts: Digest) -> bool:
    """Whether it should be read on a day off, too."""
    late = any(promise.late for promise in facts.promises)
    return bool(facts.waiting or facts.old or facts.stuck or late or any(each.error for each in facts.inboxes))
