"""An IMAP and an SMTP server on free loopback ports, in a thread of this process; what they hold dies with it."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata

HOST = "127.0.0.1"
_READY_WITHIN = 10.0

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Late(Exception):  # noqa: N818 - it reads as what it says
    """Something did not come in time; the words say what."""


class _Quiet(Config):  # type: ignore[misc]  # pymap's types are not read
    """pymap's settings, but for a greeting that asks no name server who we are."""

    @property
    def greeting(self) -> bytes:
        return b"ready"


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the SMTP server took."""

    envelope_from: str
    to: str
    raw: bytes


@dataclass
class Servers:
    """Both servers, from `with` to its end. `taken` grows with each mail sent through SMTP."""

    user: str
    password: str
    imap_port: int = 0
    smtp_port: int = 0
    taken: list[Taken] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # connections break off at the end, and nobody need know
        self._listening = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mail servers", daemon=True)
        self._thread.start()
        if not self._listening.wait(_READY_WITHIN):
            raise Late("the embedded mail servers")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    def make_folders(self) -> None:
        """Make Sent and Drafts, by whose names they are found: this server knows no special uses."""
        with self._logged_in() as imap:
            for folder in ("Sent", "Drafts"):
                imap.create(folder)

    def lay(self, folder: str, raw: bytes, at: datetime, *flags: str) -> None:
        """Lay a mail into a folder as if it had come at that moment (aware)."""
        with self._logged_in() as imap:
            imap.append(folder, " ".join(flags), at, raw)

    @contextmanager
    def _logged_in(self) -> Iterator[imaplib.IMAP4]:
        try:
            with imaplib.IMAP4(HOST, self.imap_port, timeout=_READY_WITHIN) as imap:
                imap.login(self.user, self.password)
                yield imap
        except (imaplib.IMAP4.error, OSError) as error:
            raise Late(f"an answer of the embedded IMAP server ({error})") from None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name and arguments
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        self.taken.append(Taken(envelope.mail_from or "", ", ".join(envelope.rcpt_tos), raw))
        return "250 2.0.0 taken"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0.05))
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        imap = await asyncio.start_server(await self._imap(), HOST, 0)
        smtp = await self._loop.create_server(
            lambda: SMTP(self, hostname="demo.example", loop=self._loop, enable_SMTPUTF8=True), HOST, 0
        )
        self.imap_port, self.smtp_port = (each.sockets[0].getsockname()[1] for each in (imap, smtp))
        self._listening.set()
        await self._over.wait()
        imap.close()
        smtp.close()

    async def _imap(self) -> Connected:
        settings = Namespace(
            host=HOST,
            port=0,
            debug=False,
            cert=None,
            key=None,
            tls=False,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=self.user,
            demo_password=self.password,
        )
        config = _Quiet.from_args(settings, reject_dnsbl=False)
        login = Login(config)
        hashed = await Passwords(config).hash_password(self.password)
        await login.demo_user_identity.set(UserMetadata(config, self.user, password=hashed))
        config.apply_context()
        connected: Connected = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
        return connected
