"""Lays mails into the folders of one inbox, over a connection of its own that is kept only while there is work."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

from troth.mailbox import Account, Drafts, Mailbox, Stop

_IDLE = 30.0
"""Seconds after which the connection is closed: servers count connections."""

_MOST_DRAFTS = 2000
_DELETED = "\\Deleted"


class MailboxFiler:
    """Belongs to one thread. Each method raises MailboxError."""

    def __init__(self, account: Account, sent: str, drafts: str, stop: Stop) -> None:
        self._account = account
        self._named = {"sent": sent, "drafts": drafts}
        self._stop = stop
        self._mailbox: Mailbox | None = None
        self._folders: dict[str, str] = {}
        self._used = 0.0

    def file(self, raw: bytes, at: datetime) -> int | None:
        """Into Sent, as seen; its UID where the server tells."""
        return self._append("sent", raw, at, "\\Seen")

    def draft(self, raw: bytes, message_id: str, at: datetime) -> int | None:
        """Into Drafts, ready to be sent by a person; its UID where it is known. One that lies there is left alone."""
        with _Guard(self):
            there = self._open().find(self._folder("drafts"), message_id)
        return there[-1] if there else self._append("drafts", raw, at, "\\Draft")

    def drafts(self) -> Drafts:
        """The headers of all that lies in Drafts and is not marked as deleted."""
        with _Guard(self):
            mailbox = self._open()
            mailbox.open(self._folder("drafts"))
            uids = mailbox.uids_above(0)
            there = tuple(mail for mail in mailbox.headers(uids[-_MOST_DRAFTS:]) if _DELETED not in mail.flags)
            return Drafts(there, whole=len(uids) <= _MOST_DRAFTS)

    def take_back(self, message_id: str, uid: int) -> bool:
        """Delete a draft of ours; False where the server cannot delete a single mail."""
        with _Guard(self):
            return self._open().remove(self._folder("drafts"), message_id, uid)

    def in_sent(self, message_id: str) -> bool:
        """Whether a mail of ours lies in Sent."""
        with _Guard(self):
            return bool(self._open().find(self._folder("sent"), message_id))

    def rest(self) -> None:
        """Close the connection if it has been idle."""
        if self._mailbox is not None and monotonic() - self._used > _IDLE:
            self.close()

    def close(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        self._folders.clear()
        if mailbox is not None:
            mailbox.__exit__(None, None, None)

    def _append(self, role: str, raw: bytes, at: datetime, flag: str) -> int | None:
        with _Guard(self):
            return self._open().append(self._folder(role), raw, flags=(flag,), at=at)

    def _open(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(self._account, self._stop).__enter__()
        self._used = monotonic()
        return self._mailbox

    def _folder(self, role: str) -> str:
        if role not in self._folders:
            mailbox, named = self._open(), self._named[role]
            self._folders[role] = mailbox.sent_folder(named) if role == "sent" else mailbox.drafts_folder(named)
        return self._folders[role]


class _Guard:
    """A connection on which something failed is of no more use."""

    def __init__(self, filer: MailboxFiler) -> None:
        self._filer = filer

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._filer.close()
