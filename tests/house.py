"""A small business in a folder: the real daemon on a real Dovecot and a sink, for end-to-end tests and measuring."""

from __future__ import annotations

import imaplib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.servers import Dovecot
from tests.sink import Kept, Sink
from troth import clock

ROOT = Path(__file__).resolve().parent.parent

CONFIG = """\
business:
  name: Harbour Print
  timezone: Europe/London
  hours: {{mon-sun: "00:00-24:00"}}
  languages: [en]
  domains: [harbour.example]
colleagues:
  - {{name: Ada Byron, address: ada@harbour.example, owner: true}}
  - {{name: Sam Fox, address: sam@harbour.example, also: [sam.fox@home.example]}}
inboxes:
  - name: hello
    address: hello@harbour.example
    aliases: [info@harbour.example]
    mode: {mode}
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: {user}, password: {{env: HELLO_PASSWORD}}}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none}}
    poll: {poll} seconds
store: {store}
digest: {digest}
letters:
  at_most: {at_most} per hour
  return_path: optional
  {letters}
plans:
  complaint:
    - {{letter: complaint/acknowledgement, after: {after}, unless: [answered]}}
  praise:
    - {{letter: praise/thank-you, after: {after}}}
  mixed:
    - {{letter: mixed/acknowledgement, after: {after}, unless: [answered]}}
"""

COMPLAINT = "I was charged twice for order 1182 and I want my money back. This is unacceptable, I am very disappointed."
PRAISE = "Thank you so much, the brochures are absolutely beautiful. We are delighted, excellent work!"
MIXED = (
    "The brochures are absolutely beautiful, excellent work. But you charged me twice and I want my money back, "
    "this is unacceptable and I am very disappointed."
)
PLAIN = "Please find attached the file for the next job. Could you send me a quote for 200 copies?"

T = TypeVar("T")


@dataclass(frozen=True)
class Account:
    """What `status` says of one inbox."""

    seen: int
    acknowledged: int
    pending: int
    set_aside: int
    no_letter: dict[str, int]


def mail(
    text: str,
    *,
    sender: str = "Jo Marsh <jo@client.example>",
    to: str = "hello@harbour.example",
    subject: str = "Order 1182",
    **fields: str,
) -> bytes:
    """A person's mail as a mail program would write it; `fields` are more header fields, `_` for `-`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(clock.now())
    if "Message_ID" not in fields:
        message["Message-ID"] = make_msgid(domain="client.example")
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def until(check: Callable[[], T | None], seconds: float = 15.0) -> T:
    """The first truthy answer of `check`; AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"nothing came of it within {seconds} s"
        time.sleep(0.02)
    return found


@dataclass
class House:
    """The business of one test. `settings` go into CONFIG; the daemon runs from `start` to `stop`.

    `program` is what runs the daemon; `secrets` are further variables of its environment.
    """

    folder: Path
    dovecot: Dovecot
    sink: Sink
    user: str
    settings: Mapping[str, object] = field(default_factory=dict)
    daemon: subprocess.Popen[bytes] | None = None
    program: Path = ROOT / "daemon.py"
    secrets: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.password = self.dovecot.user(self.user)
        self.write()

    def write(self, **changes: object) -> None:
        """Write config.yaml, with these settings changed."""
        usual: dict[str, object] = {
            "mode": "send",
            "imap": self.dovecot.imap_port,
            "smtp": self.sink.port,
            "user": self.user,
            "poll": 2,
            "after": "0 seconds",
            "at_most": 100000,
            "store": "sqlite:///state/troth.db",
            "letters": "oldest: 12 hours",
            "digest": "none",
        }
        self.settings = {**self.settings, **changes}
        (self.folder / "config.yaml").write_text(CONFIG.format(**{**usual, **self.settings}))

    def edit(self, before: str, after: str) -> None:
        """Replace words that stand in config.yaml."""
        path = self.folder / "config.yaml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.daemon is not None:
            self.kill()
        if error is not None:
            print(self.log())

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HELLO_PASSWORD": self.password, "PYTHONPATH": str(ROOT), **self.secrets}

    def start(self, *options: str, wait: bool = True) -> None:
        """Start the daemon; with `wait`, until it watches both folders."""
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, str(self.program), "run", *options]
            self.daemon = subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=log, stdout=log)
        if wait:
            until(self._watching, 60)  # a busy machine takes its time to start a program

    def _watching(self) -> bool:
        assert self.daemon is not None
        assert self.daemon.poll() is None, self.log()
        return self.log().rpartition("started")[2].count("state=watching") >= 2

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(30)
        self.daemon = None
        return code

    def kill(self) -> None:
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Troth in this folder."""
        return subprocess.run(
            [sys.executable, str(ROOT / "daemon.py"), *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def status(self) -> dict[str, object]:
        done = self.command("status", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def inbox(self) -> dict[str, object]:
        """What status says of the one inbox."""
        found = self.status()["inboxes"]
        assert isinstance(found, list)
        first: dict[str, object] = found[0]
        return first

    def accounts(self) -> Account:
        """The accounting of the one inbox; that its sums agree is asserted here."""
        found = self.inbox()
        parts = {name: found[name] for name in ("seen", "acknowledged", "pending", "set_aside", "no_letter")}
        account = Account(**parts)  # type: ignore[arg-type]  # what JSON holds
        counted = account.acknowledged + account.pending + account.set_aside + sum(account.no_letter.values())
        assert account.seen == counted, account
        return account

    def counts(self, what: str) -> dict[str, int]:
        """How many cases, letters or follow-ups are in each state."""
        found = self.status()[what]
        assert isinstance(found, dict)
        return found

    def deliver(self, *mails: bytes) -> None:
        self.dovecot.deliver(self.user, *mails)

    def lying(self, folder: str) -> list[bytes]:
        """The mails in a folder, as they lie there."""
        return [part[1] for part in self._fetched(folder, "(BODY.PEEK[])") if isinstance(part, tuple)]

    def flags(self) -> list[str]:
        """The flags of each mail in the inbox."""
        return [part.decode() for part in self._fetched("INBOX", "(FLAGS)") if isinstance(part, bytes)]

    def _fetched(self, folder: str, items: str) -> list[tuple[bytes, bytes] | bytes]:
        with imaplib.IMAP4("127.0.0.1", self.dovecot.imap_port) as imap:
            imap.login(self.user, self.password)
            typ, found = imap.select(folder, readonly=True)
            if typ != "OK" or found == [b"0"]:
                return []
            return imap.fetch("1:*", items)[1]  # type: ignore[return-value]

    def letters(self, count: int = 1, seconds: float = 15) -> list[Kept]:
        """The mails in the sink once there are so many."""
        return until(lambda: self.sink.mails if len(self.sink.mails) >= count else None, seconds) or []
