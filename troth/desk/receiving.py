"""The way of a mail: read, decide, record. One transaction holds a batch; no letter leaves before it is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from troth import policy
from troth.desk.answering import Answering
from troth.desk.commanding import Commanding
from troth.desk.deciding import Deciding, letters_referred
from troth.desk.mail import Came, Folder, Mail, own_mark, set_aside
from troth.desk.moving import Moving
from troth.desk.reading import Reading, read
from troth.desk.setting import Setting
from troth.gate import Reason
from troth.maillog import Maillog
from troth.model import Address, Evidence, Nature, Note, Seen, Standing
from troth.relationship import THEIR_OWN
from troth.store import JournalLine, Moved, Store, StoreError, Watermark

TRIES = 3
"""After so many failures over one mail it is set aside; so often a decision is made again when another was quicker."""

_REMEMBERED = timedelta(days=7)
"""Of mail that was there before the first start, the words are kept only where it is younger than this."""


_IN_OUR_NAME = frozenset({Reason.COLLEAGUE, Reason.OWN_ADDRESS})


class Receiving:
    """The way of mails from folders into the record. Each folder's thread may use it at the same time."""

    def __init__(
        self,
        store: Store,
        setting: Callable[[], Setting],
        now: Callable[[], datetime],
        log: Maillog,
        wake: Callable[[], None] = lambda: None,
        reader: Callable[[bytes, Setting], Reading] = read,
    ) -> None:
        self._store = store
        self._setting = setting
        self._now = now
        self._log = log
        self._wake = wake
        self._read = reader

    def watermark(self, inbox: str, folder: str) -> Watermark | None:
        with self._store.reading() as book:
            return book.watermark(inbox, folder)

    def receive(
        self, folder: Folder, mark: Watermark, batch: Sequence[Came], *, again: bool = False
    ) -> Mapping[int, tuple[str, ...]]:
        """Record new mails with all that follows, and the watermark; gives the keywords to set on them, by UID.

        `again`: they may have been there before, under other UIDs; known ones then ask for nothing a second time.
        Raises whatever went wrong, with nothing recorded, so that the mails are brought again one by one; a single
        mail that fails for the third time is set aside instead.
        """
        try:
            setting = self._setting().at(folder.inbox)
            fresh = self._without_own(batch) if folder.sent else batch
            mails = [Mail(folder, came, self._read(came.raw, setting)) for came in fresh]
            self._record(folder, mark, mails, setting, again)
        except StoreError:
            raise
        except Exception as error:
            if len(batch) != 1 or not self._given_up(folder, mark, batch[0], error):
                raise
            return {}
        self._wake()
        return {mail.came.uid: mail.keywords for mail in mails if mail.keywords}

    def _without_own(self, batch: Sequence[Came]) -> list[Came]:
        """The mails but for the letters that Troth has filed itself: of those everything is known already."""
        marked = {came.uid: message_id for came in batch if (message_id := own_mark(came.raw))}
        if not marked:
            return list(batch)
        with self._store.reading() as book:
            letters = book.letters_by_message_id(list(dict.fromkeys(marked.values())))
        own = {key for key, letter in letters.items() if letter.state not in policy.PERHAPS_SENT}
        return [came for came in batch if marked.get(came.uid) not in own]

    def _record(self, folder: Folder, mark: Watermark, mails: Sequence[Mail], setting: Setting, again: bool) -> None:
        """Decide and record in one transaction, from the start again if another daemon was quicker."""
        for _ in range(TRIES):
            try:
                return self._record_once(folder, mark, mails, setting, again)
            except Moved:
                continue
        return self._record_once(folder, mark, mails, setting, again)

    def _record_once(
        self, folder: Folder, mark: Watermark, mails: Sequence[Mail], setting: Setting, again: bool
    ) -> None:
        outcomes: dict[str, tuple[Mail, Seen]] = {}
        with self._store.writing() as book:
            before = book.watermark(folder.inbox, folder.name)
            if folder.asks is not None and not again:
                mails, mark = _not_overtaken(mails, before, mark)
            first_start, referred = before.first_start if before else None, letters_referred(book, mails)
            desk = Deciding(book, setting, self._now(), first_start, referred)
            known = book.recorded([mail.identity for mail in mails])
            for mail in mails:
                if mail.identity not in known and mail.identity not in outcomes:
                    outcomes[mail.identity] = (mail, decided(mail, desk))
                elif folder.sent:
                    Commanding(desk).found_again(mail)
                    Answering(desk).found_again(mail)
                else:
                    Commanding(desk).repeated(mail)
                if folder.asks is not None and not (again and mail.identity in known):
                    Moving(desk).moved(mail, folder.asks)
            book.set_watermark(replace(mark, first_start=desk.first_start))
        for mail, seen in outcomes.values():
            self._log.recorded(folder.inbox, folder.name, mail.came.uid, seen.standing, seen.because, seen.case)

    def _given_up(self, folder: Folder, mark: Watermark, came: Came, error: Exception) -> bool:
        """Count a failure over a mail; at the third it is recorded as set aside, and True."""
        why = type(error).__name__
        with self._store.writing() as book:
            tries = book.fault(folder.inbox, folder.name, folder.uidvalidity, came.uid, why)
            if tries >= TRIES:
                words = f"it could not be handled in {tries} tries ({why})"
                book.record(set_aside(folder, came, words), None, (Note("set aside", words),), (), self._now())
                before = book.watermark(folder.inbox, folder.name)
                book.set_watermark(replace(mark, first_start=before.first_start if before else None))
        self._log.faulted(folder.inbox, folder.name, came.uid, tries, error)
        return tries >= TRIES

    def unanswered(self, folder: Folder) -> Sequence[int]:
        """The UIDs of clients' mails in cases that wait, of which nothing says yet that they were answered."""
        with self._store.reading() as book:
            return sorted(book.unanswered(folder.inbox, folder.name, folder.uidvalidity))

    def marked(self, folder: Folder, uids: Sequence[int]) -> None:
        """These mails are marked as answered now: perhaps they are."""
        with self._store.writing() as book:
            waiting = book.unanswered(folder.inbox, folder.name, folder.uidvalidity)
            for uid in uids:
                seen = book.seen(waiting[uid]) if uid in waiting else None
                if seen is not None:
                    book.doubt(seen.identity)
                    whom = seen.author
                    book.note(
                        JournalLine(self._now(), folder.inbox, seen.message_id, whom, "perhaps answered", THEIR_OWN)
                    )

    def learn(self, folder: Folder, mark: Watermark, batch: Sequence[Came]) -> None:
        """Record mails that were there before the first start: nothing is decided on them, no letter follows."""
        setting, now = self._setting(), self._now()
        mails = [Mail(folder, came, self._read(came.raw, setting)) for came in batch]
        fresh = {mail.identity: mail for mail in mails}
        with self._store.writing() as book:
            known = book.recorded(list(fresh))
            learnt = [_learnt(mail, now) for identity, mail in fresh.items() if identity not in known]
            book.learn(learnt, _written_to(fresh.values(), setting))
            before = book.watermark(folder.inbox, folder.name)
            book.set_watermark(replace(mark, first_start=(before and before.first_start) or now))
        if learnt:
            self._log.learnt(folder.inbox, folder.name, len(learnt))


def _not_overtaken(
    mails: Sequence[Mail], before: Watermark | None, mark: Watermark
) -> tuple[Sequence[Mail], Watermark]:
    """The mails that no other daemon has recorded meanwhile: what a mail asks for by its place is asked for once."""
    if before is None or before.uidvalidity != mark.uidvalidity or before.learn_until:
        return mails, mark
    return [mail for mail in mails if mail.came.uid > before.uid], max(before, mark, key=lambda each: each.uid)


def decided(mail: Mail, desk: Deciding) -> Seen:
    """Decide on one mail and write it down; gives it as it was recorded."""
    read = Commanding(desk).read(mail)
    return read if isinstance(read, Seen) else _decided(read, desk)


def _decided(mail: Mail, desk: Deciding) -> Seen:
    reading, answering = mail.reading, Answering(desk)
    if mail.folder.sent:
        return answering.ours(mail)
    if reading.message.nature is Nature.BOUNCE:
        return answering.bounce(mail)
    if reading.refusal is not None and reading.refusal.reason in _IN_OUR_NAME:
        return answering.in_our_name(mail)
    return desk.theirs(mail)


def _learnt(mail: Mail, now: datetime) -> Seen:
    answer = mail.folder.sent and mail.reading.message.nature is Nature.PERSON
    seen = replace(
        mail.seen(mail.parents[-1] if mail.parents else mail.own_id),
        learnt=True,
        standing=Standing.NO_LETTER,
        because="before first start",
        evidence=Evidence.FIRM if answer else Evidence.NONE,
    )
    if mail.came.arrived > now - _REMEMBERED:
        return seen
    return replace(seen, text="", verdict=None, fields=(), attachments=())


def _written_to(mails: Iterable[Mail], setting: Setting) -> frozenset[Address]:
    """Who was written to by a person of ours, and is thereby known."""
    found: set[Address] = set()
    for mail in mails:
        message = mail.reading.message
        outside = policy.outsiders(message, setting.business)
        if mail.folder.sent and message.nature is Nature.PERSON and len(outside) <= policy.MANY:
            found.update(outside)
    return frozenset(found)
