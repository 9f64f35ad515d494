"""A small business in a folder, without any server: for commands, and for playing mails through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Self

from troth.app.wiring import setting_of
from troth.config import load
from troth.desk import Came, Folder, Receiving, Reviewing, Setting
from troth.maillog import Maillog
from troth.store import Watermark, open_store

CONFIG = """\
business:
  name: Harbour Print
  timezone: Europe/London
  hours: {mon-fri: "09:00-17:30"}
  languages: [en]
  domains: [harbour.example]
colleagues:
  - {name: Ada Byron, address: ada@harbour.example, owner: true}
  - {name: Sam Fox, address: sam@harbour.example}
inboxes:
  - name: hello
    address: hello@harbour.example
    aliases: [info@harbour.example]
    mode: observe
    imap: {host: imap.harbour.example, port: 993, tls: implicit, username: hello, password: {env: HELLO_PASSWORD}}
    smtp: {host: smtp.harbour.example, port: 465, tls: implicit, username: hello, password: {env: HELLO_PASSWORD}}
store: sqlite:///state/troth.db
letters: {return_path: optional}
"""

COMPLAINT = "I was charged twice for order 1182 and I want my money back. This is unacceptable, I am very disappointed."
PRAISE = "Thank you so much, the brochures are absolutely beautiful. We are delighted, excellent work!"
PLAIN = "Please find attached the file for the next job. Could you send me a quote for 200 copies?"

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""Ten in the morning at Harbour Print, open until 17:30."""

_numbers = count(1)


def shop(folder: Path, *, more: str = "", change: tuple[str, str] = ("", "")) -> Path:
    """Write config.yaml there, with more lines at its end and one text replaced by another."""
    path = folder / "config.yaml"
    path.write_text(CONFIG.replace(*change) + more if change[0] else CONFIG + more)
    return path


def setting(folder: Path, *, more: str = "", change: tuple[str, str] = ("", "")) -> Setting:
    """What that configuration sets the house up with."""
    found = load(shop(folder, more=more, change=change), environ={}, letters=False)
    assert found.config is not None, found.mistakes
    return setting_of(found.config, found)


def written(
    text: str,
    at: datetime = FRIDAY,
    *,
    sender: str = "Jo Marsh <jo@client.example>",
    to: str = "hello@harbour.example",
    subject: str = "Order 1182",
    **fields: str,
) -> bytes:
    """A person's mail; `fields` are more header fields, `_` for `-`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = fields.pop("Message_ID", f"<{next(_numbers)}@client.example>")
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def reply(to: bytes, text: str, at: datetime, *, sender: str = "Ada Byron <ada@harbour.example>") -> bytes:
    """A colleague's answer to a client's mail, as it lies in Sent."""
    head = {
        line.partition(b": ")[0]: line.partition(b": ")[2].decode() for line in to.partition(b"\n\n")[0].splitlines()
    }
    return written(
        text,
        at,
        sender=sender,
        to=head[b"From"],
        subject="Re: " + head[b"Subject"],
        In_Reply_To=head[b"Message-ID"],
        References=head[b"Message-ID"],
    )


@dataclass
class Shop:
    """A shop with a store on disk, which takes in mails and reviews what is due at the moments it is given."""

    folder: Path
    change: tuple[str, str] = ("mode: observe", "mode: send")
    more: str = ""
    now: datetime = FRIDAY

    def __post_init__(self) -> None:
        self.setting = setting(self.folder, more=self.more, change=self.change)
        self.store = open_store(f"sqlite:///{self.folder}/state/troth.db", create=True)
        self._receiving = Receiving(self.store, lambda: self.setting, lambda: self.now, Maillog())
        self._reviewing = Reviewing(self.store, lambda: self.setting, lambda: self.now, Maillog())
        self._uid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def take(self, *mails: bytes, sent: bool = False) -> None:
        """Mails come in, or lie in Sent, now."""
        folder = Folder("hello", "Sent" if sent else "INBOX", 1, sent=sent)
        for raw in mails:
            self._uid += 1
            self._receiving.receive(
                folder, Watermark("hello", folder.name, 1, self._uid), [Came(self._uid, raw, self.now)]
            )

    def wait(self, length: timedelta) -> None:
        """Time passes, and what is due by then is reconsidered."""
        self.now += length
        self._reviewing.review()
