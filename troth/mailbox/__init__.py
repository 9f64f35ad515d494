"""IMAP: what stands in a mailbox, as our own values. imapclient and imaplib stay inside."""

from troth.mailbox.account import Account
from troth.mailbox.errors import Kind, MailboxError, Stopped, backoff
from troth.mailbox.folders import Role
from troth.mailbox.mailbox import Mailbox
from troth.mailbox.rounds import Rounds
from troth.mailbox.stop import Stop
from troth.mailbox.values import Drafts, Fetched, Folder, Wake
from troth.mailbox.watch import Phase, Receiver, Source, State, Watch, Watermark

__all__ = [
    "Account",
    "Drafts",
    "Fetched",
    "Folder",
    "Kind",
    "Mailbox",
    "MailboxError",
    "Phase",
    "Receiver",
    "Role",
    "Rounds",
    "Source",
    "State",
    "Stop",
    "Stopped",
    "Wake",
    "Watch",
    "Watermark",
    "backoff",
]
