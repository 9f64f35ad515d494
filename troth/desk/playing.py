"""Mails and a clock of one's own: the very ways through the house, on a store that passes, with nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from troth.courier import Courier
from troth.desk.mail import Came, Folder
from troth.desk.noticing import Noticing
from troth.desk.posting import Breaker, Posting
from troth.desk.reading import Reading, read
from troth.desk.receiving import TRIES, Receiving
from troth.desk.reviewing import Reviewing
from troth.desk.setting import Setting
from troth.maillog import Maillog
from troth.model import (
    Address,
    Case,
    ChangeCase,
    ChangeClient,
    Client,
    Enter,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    OpenCase,
    Postpone,
    Schedule,
    Seen,
    Standing,
    Step,
    Tell,
    Verdict,
    Withhold,
    WriteLetter,
)
from troth.outbox import At, Delivery, Filing, Outcome
from troth.store import SqlStore, StoreError, Watermark
from troth.store.book import SqlBook
from troth.store.passing import PassingBase


class What(StrEnum):
    """What an entry of a play speaks of."""

    LETTER = "letter"
    TELLING = "telling"
    CASE = "case"
    PROMISE = "promise"
    STAGE = "stage"
    NO_LETTER = "no letter"
    WITHHELD = "withheld"  # a follow-up or telling that was reconsidered and found needless


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened in a play. `to`, `letter` and `written` are those of a letter or telling that left.

    `subject` is that letter's, else the mail's; `mail` the identity of the mail it goes back to. `letter` of what was
    withheld is its step. `matter` is the case as it stood from then on, for an entry about a case.
    """

    at: datetime
    what: What
    because: str
    to: Address | None = None
    letter: str | None = None
    subject: str | None = None
    client: Address | None = None
    case: str | None = None
    mail: str | None = None
    matter: Case | None = None
    written: Letter | None = None


class Play:
    """A daemon without a world: mails are fed with their moments, letters count as sent the moment they are written.

    `mode` lets every inbox be in that mode, whatever the configuration says; None leaves the modes as they are. The
    clock stands at `start` (UTC) and never goes back.
    """

    def __init__(
        self, setting: Setting, start: datetime, *, mode: Mode | None = None, log: Maillog | None = None
    ) -> None:
        self.now = start
        self.setting = setting if mode is None else in_mode(setting, mode)
        self.store = _NotingStore(PassingBase())
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

    def draft(self, raw: bytes, at: datetime) -> None:
        """Taken."""

    def in_sent(self, message_id: str) -> bool:
        return bool(message_id)

    def close(self) -> None:
        """There is no connection."""


@dataclass(frozen=True, slots=True)
class _About:
    """What an entry about a letter says beside the letter itself."""

    client: Address | None
    because: str


@dataclass
class _Notes:
    """What one transaction had recorded."""

    known: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    queued: dict[str, _About] = field(default_factory=dict)
    inboxes: set[str] = field(default_factory=set)
    due: datetime | None = None

    def plan(self, due: datetime) -> None:
        self.due = due if self.due is None else min(self.due, due)


class _NotingStore(SqlStore):
    """A store that keeps what is recorded as entries, until they are taken."""

    def __init__(self, base: PassingBase) -> None:
        super().__init__(base)
        self._known: set[str] = set()
        self._repeated: set[str] = set()
        self._written: set[str] = set()
        self._entries: list[Entry] = []
        self._queued: dict[str, _About] = {}
        self._inboxes: set[str] = set()
        self._due: datetime | None = None

    @contextmanager
    def writing(self) -> Iterator[SqlBook]:
        notes = _Notes()
        with self._base.writing() as connection:
            book = _NotingBook(connection)
            book.notes, book.known, book.written = notes, self._known, self._written
            yield book
            book.finish()
        self._known |= notes.known
        self._repeated |= notes.repeated
        self._written |= notes.written
        self._entries += notes.entries
        self._queued.update(notes.queued)
        self._inboxes.update(notes.inboxes)
        self._due = min((moment for moment in (self._due, notes.due) if moment is not None), default=None)

    def next_due(self) -> datetime | None:
        """When the next follow-up falls due, or sooner: a follow-up may have been taken meanwhile."""
        return self._due

    def look(self) -> None:
        """Look up when the next follow-up falls due."""
        with self.reading() as book:
            self._due = book.next_due()

    def note_repeated(self, at: datetime) -> None:
        """Note the clients' mails that came again since this was asked last."""
        if not self._repeated:
            return
        with self.reading() as book:
            for identity in sorted(self._repeated):
                seen = book.seen(identity)
                if seen is not None and not seen.ours:
                    self._entries.append(_without(seen, "already seen", at))
        self._repeated.clear()

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        super().settle(letters, at)
        for letter in letters:
            self._entries.append(_posted(letter, self._queued.pop(letter.key, _About(None, letter.because)), at))

    def queued_in(self) -> frozenset[str]:
        """The inboxes in which letters were queued since this was asked last."""
        names, self._inboxes = frozenset(self._inboxes), set()
        return names

    def taken(self) -> tuple[Entry, ...]:
        """What was noted since the last taking."""
        entries, self._entries = tuple(self._entries), []
        return entries


class _NotingBook(SqlBook):
    """A transaction that notes what is recorded in it; its notes count once it is committed."""

    notes: _Notes
    known: set[str]
    written: set[str]

    def recorded(self, identities: Sequence[str]) -> frozenset[str]:
        found = frozenset(each for each in identities if each in self.known)
        self.notes.repeated |= found
        self._new.update(found.symmetric_difference(identities))
        return found

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        ours = [each for each in message_ids if each in self.written]
        return super().letters_by_message_id(ours) if ours else {}

    def watermark(self, inbox: str, folder: str) -> Watermark | None:
        """Mails are fed here, not found."""

    def set_watermark(self, mark: Watermark) -> None:
        """As above."""

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        fresh = super().record(seen, client, steps, letters, at)
        if fresh:
            self.notes.known.add(seen.identity)
            self._note(steps, seen, seen.author, at)
            self._queue(letters, seen, seen.author, at)
            if not seen.ours and seen.standing in (Standing.NO_LETTER, Standing.SET_ASIDE):
                self.notes.entries.append(_without(seen, seen.because, at))
        return fresh

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        super().carry_out(client, steps, letters, at, inbox)
        whom = _whom(steps, client)
        self._note(steps, None, whom, at)
        self._queue(letters, None, whom, at)
        for step in steps:
            seen = self.seen(step.mail) if isinstance(step, Enter) and step.standing is Standing.NO_LETTER else None
            if seen is not None and isinstance(step, Enter):
                self.notes.entries.append(_without(seen, step.because, at))

    def _note(self, steps: Sequence[Step], seen: Seen | None, whom: Address | None, at: datetime) -> None:
        subject = seen.subject if seen else None
        for step in steps:
            if isinstance(step, OpenCase | ChangeCase):
                self.notes.entries.append(_of_case(step, subject, whom, at))
            elif isinstance(step, ChangeClient) and "stage" in step.what:
                self.notes.entries.append(Entry(at, What.STAGE, f"{step.client.stage}: {step.because}", client=whom))
            elif isinstance(step, Withhold):
                self.notes.entries.append(_withheld(step, at))
            elif isinstance(step, Schedule):
                self.notes.plan(step.follow_up.due_at)
            elif isinstance(step, Postpone):
                self.notes.plan(step.until)

    def _queue(self, letters: Sequence[Letter], of: Seen | None, whom: Address | None, at: datetime) -> None:
        for letter in letters:
            self.notes.written.add(letter.message_id)
            about = _About(whom, self._because(letter, of))
            if letter.state is LetterState.QUEUED:
                self.notes.queued[letter.key] = about
                self.notes.inboxes.add(letter.inbox)
            elif letter.state is LetterState.HELD:
                self.notes.entries.append(_posted(letter, about, at))

    def _because(self, letter: Letter, seen: Seen | None) -> str:
        """Of an acknowledgement, what made it so; of others, which step it is and why."""
        if letter.kind is not LetterKind.ACKNOWLEDGEMENT or letter.mail is None:
            return letter.because
        seen = seen or self.seen(letter.mail)
        return tone_words(seen.verdict) if seen and seen.verdict else letter.because


def tone_words(verdict: Verdict) -> str:
    """The tones of a verdict with their scores: `complaint, sure (3.2)`."""
    said = [
        f"{tone}, {'sure' if tone in verdict.sure else 'not sure'} ({verdict.scores[tone]:.1f})"
        for tone in sorted(verdict.tone)
    ]
    return "; ".join(said) or "no tone"


def _whom(steps: Sequence[Step], client: Client | None) -> Address | None:
    for step in steps:
        if isinstance(step, WriteLetter):
            return step.to
        if isinstance(step, Tell | Withhold) and step.follow_up is not None:
            return step.follow_up.address
    return min(client.addresses, default=None) if client else None


def _of_case(step: OpenCase | ChangeCase, subject: str | None, whom: Address | None, at: datetime) -> Entry:
    case = step.case
    because = f"{step.what.removeprefix('case ')}: {step.because}"
    return Entry(at, What.CASE, because, subject=subject, client=whom, case=case.key, mail=case.mail, matter=case)


def _withheld(step: Withhold, at: datetime) -> Entry:
    due = step.follow_up
    return Entry(
        at, What.WITHHELD, step.because, letter=due.step, client=due.address, case=due.case, mail=due.mail or None
    )


def _without(seen: Seen, because: str, at: datetime) -> Entry:
    return Entry(
        at,
        What.NO_LETTER,
        because,
        subject=seen.subject,
        client=seen.author,
        case=seen.case,
        mail=seen.identity,
    )


def _posted(letter: Letter, about: _About, at: datetime) -> Entry:
    """A letter that left, waits in Drafts or is held; or one that was kept in after all."""
    what = What.TELLING if letter.kind is LetterKind.TELLING else What.LETTER
    because = about.because
    if letter.state is LetterState.HELD:
        because = f"held: {letter.because}"
    elif letter.state not in (LetterState.SENT, LetterState.DRAFTED):
        what, because = What.NO_LETTER, letter.because
    return Entry(
        at,
        what,
        because,
        to=letter.to,
        letter=letter.purpose,
        subject=letter.subject,
        client=about.client,
        case=letter.case,
        mail=letter.mail,
        written=letter,
    )
