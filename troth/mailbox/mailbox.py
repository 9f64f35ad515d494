"""One log-in to one mailbox. One connection, one thread: nothing here may be called from two."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Self, cast

from troth.mailbox.account import Account
from troth.mailbox.answers import Answer, Record, UnreadableError, answers, internal_date
from troth.mailbox.errors import Kind, MailboxError, Stopped, edge, one_line
from troth.mailbox.folders import Listed, Role, choose, resembling
from troth.mailbox.login import log_in
from troth.mailbox.parts import closed, read_structure, rebuild, wanted
from troth.mailbox.stop import Stop
from troth.mailbox.values import Fetched, Folder, Wake
from troth.mailbox.wire import Client, Wire

BATCH = 50  # mails a command: at most 6 MB are held at once, whatever they weigh
SMALL = 1 << 17
PART = 1 << 16
GLANCE = 1 << 13
LONGEST_IDLE = 540.0  # RFC 2177 says 29 minutes; real servers hang up from 10 on
SEARCH_WINDOW = 20_000  # imaplib takes lines of 1 MB: about 90,000 UIDs
_ANSWERED = "\\answered"
_ABOUT = b"UID RFC822.SIZE INTERNALDATE FLAGS"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OWN_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,128}@[A-Za-z0-9.-]{1,200}>")
_FLAG = re.compile(r"[\\$]?[A-Za-z]{1,40}")
_APPENDED = re.compile(rb"\[APPENDUID \d+ (\d+)\]")


class Mailbox:
    """A connection from log-in to log-out, as a context manager.

    Each method raises MailboxError; after any but a MISCONFIGURED one the connection is of no more use. A Stop that
    is set ends each wait with Stopped.
    """

    def __init__(self, account: Account, stop: Stop | None = None) -> None:
        self.account = account
        self.capabilities: frozenset[str] = frozenset()
        self._stop = stop
        self._client: Client | None = None
        self._folder: Folder | None = None
        self._idles = False

    def __enter__(self) -> Self:
        with edge(self.account.inbox):
            self._client = Client(self.account, self._stop)
        try:
            with edge(self.account.inbox):
                self.capabilities = log_in(self._client, self.account)
        except BaseException:
            self._wire.shutdown()
            raise
        self._idles = "IDLE" in self.capabilities
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with self._patient(2.0):
                    self._wire.logout()
        except (imaplib.IMAP4.error, OSError, ValueError, Stopped):
            pass  # the mail is in our hands already; a server that cannot say good-bye is left alone
        finally:
            self._wire.shutdown()
            self._client = None

    def folder(self, role: Role, configured: str = "auto") -> str:
        """The name of the folder for a purpose. MISCONFIGURED, with the mend, where there is none."""
        if role is Role.INBOX and configured in {"auto", "INBOX"}:
            return "INBOX"
        listed = self._list()
        found = choose(listed, role, configured)
        if found is None:
            raise MailboxError(Kind.MISCONFIGURED, self.account.inbox, _no_folder(listed, role, configured))
        return found

    def sent_folder(self, configured: str = "auto") -> str:
        return self.folder(Role.SENT, configured)

    def drafts_folder(self, configured: str = "auto") -> str:
        return self.folder(Role.DRAFTS, configured)

    def junk_folder(self, configured: str = "auto") -> str:
        return self.folder(Role.JUNK, configured)

    def open(self, name: str, *, write: bool = False, patience: float | None = None) -> Folder:
        """Selects a folder; where it may only be read, or nothing is to be written, by EXAMINE.

        `patience` is how many seconds the server may take, where that is not the account's timeout.
        """
        with edge(self.account.inbox), self._patient(patience or self.account.timeout):
            self._wire.fresh()
            try:
                said = self._imap.select_folder(name, readonly=not write)
                read_only = not write
            except imaplib.IMAP4.readonly:
                said, read_only = self._imap.select_folder(name, readonly=True), True
            self._folder = self._opened(name, said, read_only)
            self._wire.forget_news()
        return self._folder

    def uids_above(self, uid: int) -> list[int]:
        """All UIDs above that one, in order. `UID n:*` names the last mail even if it lies below (RFC 3501, 6.4.8)."""
        with edge(self.account.inbox):
            self._wire.forget_news()
            found: set[int] = set()
            for window in _windows(self._folder, uid):
                found.update(self._search(*window, "UID", f"{uid + 1}:*"))
        return sorted(each for each in found if each > uid)

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails, whole where they are small, else header, texts and names of attachments; but no expunged ones."""
        for batch in _batches(uids):
            with edge(self.account.inbox):
                found = self._ask(batch, b"%b BODY.PEEK[]<0.%d>" % (_ABOUT, SMALL), b"BODY[]")
            for uid in batch:
                answer = found.pop(uid, None)  # popped, so that a mail is given back before the next is worked on
                if answer:
                    yield self._fetched(answer)

    def glance(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails' headers and the first 8 KiB of what follows, for learning from many."""
        items = b"%b BODY.PEEK[HEADER]<0.%d> BODY.PEEK[TEXT]<0.%d>" % (_ABOUT, PART, GLANCE)
        for batch in _batches(uids):
            with edge(self.account.inbox):
                found = self._ask(batch, items, b"BODY[HEADER]")
            for uid in batch:
                if uid in found:
                    yield _glanced(found[uid])

    def headers(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails' headers alone; but no expunged ones."""
        for batch in _batches(uids):
            with edge(self.account.inbox):
                found = self._ask(batch, b"%b BODY.PEEK[HEADER]<0.%d>" % (_ABOUT, GLANCE), b"BODY[HEADER]")
            yield from (_glanced(found[uid]) for uid in batch if uid in found)

    def answered(self, uids: Sequence[int]) -> list[int]:
        """Those of these mails that bear \\Answered now."""
        found: dict[int, Answer] = {}
        for batch in _batches(uids):
            with edge(self.account.inbox):
                found |= self._fetch_answers(batch, b"UID FLAGS", b"UID")
        return [uid for uid in uids if uid in found and _ANSWERED in map(str.lower, found[uid].words(b"FLAGS"))]

    def wait(self, seconds: float, patience: float = 30.0) -> Wake:
        """Waits for new mail: by IDLE where the server has it, else until the time is over; at most 9 minutes.

        However it ends, the server has just answered: one that does not within `patience` seconds is SILENT.
        """
        until = monotonic() + min(seconds, LONGEST_IDLE)
        try:
            with edge(self.account.inbox):
                return self._idle(until, patience) if self._idles else self._doze(until, patience)
        except Stopped:
            return Wake.STOPPED

    def mark(self, uids: Sequence[int], keyword: str) -> bool:
        """Sets a keyword of ours; False where the folder does not take it. Nothing else about a mail is changed."""
        folder = self._folder
        if not uids or not folder or folder.read_only or not _FLAG.fullmatch(keyword) or keyword.startswith("\\"):
            return False
        if not folder.keywords_allowed and keyword not in folder.permanent_flags:
            return False
        with edge(self.account.inbox):
            said = [
                self._wire.uid("STORE", _set(batch), "+FLAGS.SILENT", f"({keyword})")[0] for batch in _batches(uids)
            ]
        return all(typ == "OK" for typ in said)

    def append(self, folder: str, raw: bytes, *, flags: Iterable[str] = (), at: datetime | None = None) -> int | None:
        """Lays a mail of ours into a folder; its UID where the server tells (RFC 4315). `at` is aware."""
        known = [flag for flag in flags if _FLAG.fullmatch(flag)]
        with edge(self.account.inbox):
            self._wire.fresh()
            said = cast(bytes, self._imap.append(folder, raw, known, at))
        uid = _APPENDED.search(said or b"")
        return int(uid[1]) if uid else None

    def find(self, folder: str, message_id: str) -> list[int]:
        """UIDs of the mails that bear a Message-ID of ours; opens the folder. ValueError for one that is not like ours.

        No sender's string may come here: imapclient would put CR LF on the wire. HEADER finds parts of a value too
        (RFC 3501, 6.4.4), so what is found is compared.
        """
        if not _OWN_MESSAGE_ID.fullmatch(message_id):
            raise ValueError("no Message-ID of our own making")
        self.open(folder)
        return self._with_message_id(message_id)

    def remove(self, folder: str, message_id: str, uid: int) -> bool:
        """Deletes a draft of ours, by UID EXPUNGE alone: a plain one would take what other people have marked.

        False where the server cannot, or where no mail with this Message-ID of ours lies under this UID.
        """
        if not _OWN_MESSAGE_ID.fullmatch(message_id):
            raise ValueError("no Message-ID of our own making")
        if "UIDPLUS" not in self.capabilities or self.open(folder, write=True).read_only:
            return False
        if uid not in self._with_message_id(message_id):
            return False
        with edge(self.account.inbox):
            self._wire.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            self._wire.uid("EXPUNGE", str(uid))
        return True

    @property
    def _imap(self) -> Client:
        if self._client is None:
            raise MailboxError(Kind.LOST, self.account.inbox, "not logged in")
        return self._client

    @property
    def _wire(self) -> Wire:
        return self._imap.wire

    @contextmanager
    def _patient(self, seconds: float) -> Iterator[None]:
        wire = self._wire
        wire.silence = seconds
        try:
            yield
        finally:
            wire.silence = self.account.timeout

    def _list(self) -> list[Listed]:
        with edge(self.account.inbox):
            self._wire.fresh()
            lines = self._imap.list_folders()
        return [
            Listed(
                frozenset(flag.decode("ascii", "replace").lower() for flag in flags),
                (separator or b"").decode("ascii", "replace"),
                str(name),
            )
            for flags, separator, name in lines
        ]

    def _opened(self, name: str, said: dict[bytes, object], read_only: bool) -> Folder:
        permanent = cast("tuple[bytes, ...]", said.get(b"PERMANENTFLAGS", ()))
        flags = frozenset(flag.decode("ascii", "replace") for flag in permanent)
        uidvalidity, exists = _int(said.get(b"UIDVALIDITY")), _int(said.get(b"EXISTS"))
        if not uidvalidity:
            raise MailboxError(Kind.SERVER, self.account.inbox, f"the server keeps no lasting UIDs in {one_line(name)}")
        # Some servers do not say UIDNEXT, and some say what it was a while ago.
        uidnext = max(_int(said.get(b"UIDNEXT")), max(self._search("UID", "*"), default=0) + 1)
        return Folder(name, uidvalidity, uidnext, exists, "\\*" in flags and not read_only, read_only, flags)

    def _search(self, *criteria: str) -> list[int]:
        """Only criteria written here. Several SEARCH lines are one answer; imapclient raises at a second one."""
        self._wire.fresh()
        typ, lines = self._wire.uid("SEARCH", *criteria)
        if typ != "OK":
            raise imaplib.IMAP4.error(_said(lines))
        words = b" ".join(line for line in lines if isinstance(line, bytes)).partition(b"(")[0]
        return [int(word) for word in words.split() if word.isdigit()]

    def _ask(self, uids: Sequence[int], items: bytes, needed: bytes) -> dict[int, Answer]:
        """Answers that have the item that matters. Who is missing is either expunged, or asked for alone."""
        found = self._fetch_answers(uids, items, needed)
        missing = [uid for uid in uids if uid not in found]
        still_there = set(self._search("UID", _set(missing))) if missing else set()
        for uid in sorted(still_there.intersection(missing)):
            alone = self._fetch_answers([uid], items, needed) or self._fetch_answers([uid], _ABOUT, b"UID")
            found[uid] = alone.get(uid) or Answer(uid, {})
        return found

    def _fetch_answers(self, uids: Sequence[int], items: bytes, needed: bytes) -> dict[int, Answer]:
        self._wire.fresh()
        typ, records = self._wire.uid("FETCH", _set(uids), f"({items.decode()})")
        if typ != "OK":  # some were expunged, or some are broken; the rest has come all the same
            records = self._wire.untagged_responses.pop("FETCH", [])
        seen: dict[int, Answer] = {}
        for answer in answers(cast("Sequence[Record]", records)):
            if answer.text(needed) is not None:
                seen[answer.uid] = answer
        return seen

    def _fetched(self, answer: Answer) -> Fetched:
        raw = answer.text(b"BODY[]")
        if raw is None:
            return _about(answer, b"", "the server does not give this mail")
        if len(raw) < SMALL:
            return _about(answer, raw)
        with edge(self.account.inbox):
            return _about(answer, *self._lightened(answer.uid, raw))

    def _lightened(self, uid: int, beginning: bytes) -> tuple[bytes, str]:
        """A large mail without its attachments; its beginning alone where its structure cannot be read."""
        items = b"UID BODYSTRUCTURE BODY.PEEK[HEADER]<0.%d>" % SMALL
        answer = self._fetch_answers([uid], items, b"BODY[HEADER]").get(uid)
        header = answer.text(b"BODY[HEADER]") if answer else None
        try:
            root = read_structure(answer.items.get(b"BODYSTRUCTURE") if answer else None)
        except UnreadableError:
            return beginning, "only its beginning was read"
        bodies = self._sections(uid, wanted(root))
        return rebuild(header or b"", root, bodies), "attachments were left on the server, and long texts cut"

    def _sections(self, uid: int, sections: Sequence[str]) -> dict[str, bytes]:
        if not sections:
            return {}
        items = " ".join(f"BODY.PEEK[{section}]<0.{PART}>" for section in sections)
        answer = self._fetch_answers([uid], f"UID {items}".encode(), b"UID").get(uid)
        texts = {section: answer.text(f"BODY[{section}]".encode()) for section in sections} if answer else {}
        return {section: text for section, text in texts.items() if text is not None}

    def _with_message_id(self, message_id: str) -> list[int]:
        item = "BODY[HEADER.FIELDS (MESSAGE-ID)]"
        with edge(self.account.inbox):
            likely = self._search("HEADER", "MESSAGE-ID", f'"{message_id}"')
            found: dict[int, Answer] = {}
            for batch in _batches(likely):
                items = f"UID {item.replace('BODY', 'BODY.PEEK')}".encode()
                found.update(self._fetch_answers(batch, items, item.encode()))
        values = {uid: (answer.text(item.encode()) or b"").partition(b":")[2] for uid, answer in found.items()}
        return sorted(uid for uid, value in values.items() if b"".join(value.split()) == message_id.encode())

    def _idle(self, until: float, patience: float) -> Wake:
        try:
            tag = self._wire.begin_idle()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            self._idles = False  # offered and refused
            return self._doze(until, patience)
        woken = self._wire.listen(until, tag)
        with self._patient(patience):
            self._wire.end_idle(tag)
        return Wake.NEWS if woken or self._wire.news else Wake.TIME

    def _doze(self, until: float, patience: float) -> Wake:
        self._wire.fresh()
        woken = self._wire.listen(until)
        with self._patient(patience):
            self._wire.noop()
        return Wake.NEWS if woken or self._wire.news else Wake.TIME


def _windows(folder: Folder | None, above: int) -> list[tuple[str, ...]]:
    """Sequence sets from the top down: an expunge meanwhile moves mails into the window that is still to come."""
    if folder is None or min(folder.exists, folder.uidnext - 1 - above) <= SEARCH_WINDOW:
        return [()]
    starts = range(1, folder.exists + 1, SEARCH_WINDOW)
    windows = [f"{start}:{start + SEARCH_WINDOW - 1}" for start in starts[:-1]] + [f"{starts[-1]}:*"]
    return [(window,) for window in reversed(windows)]


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(int(uid)) for uid in uids)


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _said(lines: Sequence[object]) -> str:
    return next((line.decode("ascii", "replace") for line in lines if isinstance(line, bytes)), "")


def _about(answer: Answer, raw: bytes, note: str | None = None) -> Fetched:
    arrived = internal_date(answer.text(b"INTERNALDATE")) or _EPOCH
    size = answer.number(b"RFC822.SIZE") or len(raw)
    return Fetched(answer.uid, raw, size, arrived, answer.words(b"FLAGS"), note)


def _glanced(answer: Answer) -> Fetched:
    header, text = answer.text(b"BODY[HEADER]"), answer.text(b"BODY[TEXT]") or b""
    if header is None:
        return _about(answer, b"", "the server does not give this mail")
    return _about(answer, closed(header) + text, "only its beginning was read" if len(text) >= GLANCE else None)


def _no_folder(listed: Sequence[Listed], role: Role, configured: str) -> str:
    if configured not in {"auto", ""}:
        near = resembling(listed, configured)
        meant = f"; did you mean {one_line(near)}?" if near else ""
        return f"there is no folder {one_line(configured)}{meant}"
    return f"the server does not say which folder is for {role}; name it in config.yaml under folders: {role}"
