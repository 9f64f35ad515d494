"""`check --connect`: log in to every server and say what it can do; nothing is changed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth import config as written
from troth.app.signing import SignIns
from troth.app.wiring import imap_account, smtp_account, store_of
from troth.config import Config
from troth.courier import Courier
from troth.mailbox import Kind, Mailbox, MailboxError, Role
from troth.outbox import Halt
from troth.signin import Access, Once
from troth.store import StoreError

_TELLING = ("IDLE", "UIDPLUS", "SPECIAL-USE", "MOVE", "CONDSTORE", "OBJECTID")


@dataclass(frozen=True, slots=True)
class Finding:
    where: str
    words: str
    well: bool = True
    refused: bool = False
    """Whether the server was reached and did not let us in."""


def probe(config: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for each server and for the store."""
    sign_ins = SignIns(config, environ)
    for inbox in config.inboxes:
        yield from servers(inbox, sign_ins.of(inbox))
    yield _store(config, environ)


def servers(inbox: written.Inbox, access: Access | Once | None) -> Iterator[Finding]:
    """One finding for each server of an inbox."""
    yield _imap(inbox, access)
    if inbox.smtp is not None and inbox.sends:
        yield _smtp(inbox, inbox.smtp, access)


def _imap(inbox: written.Inbox, access: Access | Once | None) -> Finding:
    where, asking = f"{inbox.name}, imap {inbox.imap.host}:{inbox.imap.port}", inbox.folders.asking
    try:
        with Mailbox(imap_account(inbox, access)) as mailbox:
            able = [word for word in _TELLING if word in mailbox.capabilities]
            sent = mailbox.folder(Role.SENT, inbox.folders.sent)
            opened = mailbox.open(mailbox.folder(Role.INBOX, inbox.folders.inbox))
            missing = [words for word, name in asking.items() if (words := _missing(mailbox, word, name))]
            marks = "takes" if opened.keywords_allowed or "$Complaint" in opened.permanent_flags else "may not take"
    except MailboxError as error:
        return Finding(where, error.words, well=False, refused=error.kind is Kind.REFUSED)
    if missing:
        mend = "make it in a mail program, or leave it out of folders"
        return Finding(where, f"logged in; {'; '.join(missing)}: {mend}", well=False)
    moved = f"; moved mails are looked for in {', '.join(asking.values())}" if asking else ""
    words = f"logged in; {opened.exists} mails in the inbox, Sent is {sent}, {marks} keywords; offers {' '.join(able)}"
    return Finding(where, words + moved)


def _missing(mailbox: Mailbox, word: str, name: str) -> str | None:
    """Why people cannot move a mail into a folder that is named for it; None where it exists."""
    try:
        mailbox.folder(Role(word), name)
    except MailboxError as error:
        if error.kind is not Kind.MISCONFIGURED:
            raise
        return error.words
    return None


def _smtp(inbox: written.Inbox, smtp: written.Smtp, access: Access | Once | None) -> Finding:
    where = f"{inbox.name}, smtp {smtp.host}:{smtp.port}"
    refused = Courier(smtp_account(inbox, smtp, access)).greet()
    if refused is not None:
        return Finding(where, str(refused), well=False, refused=refused.pause is Halt.CREDENTIALS)
    return Finding(where, "logged in" if smtp.username else "connected")


def _store(config: Config, environ: Mapping[str, str]) -> Finding:
    try:
        store_of(config, environ, create=True).close()
    except StoreError as error:
        return Finding("store", str(error), well=False)
    return Finding("store", f"{config.store} can be written")
