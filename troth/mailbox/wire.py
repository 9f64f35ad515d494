"""One connection: imaplib's protocol over reading and waiting of our own.

imapclient's `idle_check` takes an ended connection for "no news", splits lines and misses what was read ahead
(mjs/imapclient#565). Here nothing is read but through one buffer, so what has come is always seen, and each wait can be
ended by a Stop.
"""

from __future__ import annotations

import imaplib
import ipaddress
import select
import socket
import ssl
from time import monotonic
from typing import cast

from imapclient import IMAPClient

from troth.mailbox.account import Account, tls_context
from troth.mailbox.errors import Kind, MailboxError, Stopped
from troth.mailbox.stop import Stop

LONGEST_CONNECT = 10.0  # a wait that no Stop can end
MAX_LINE = 1_000_000
MAX_LITERAL = 1 << 20
_RECEIVE = 1 << 16


class Wire(imaplib.IMAP4):
    """A connection before log-in. `silence` is for how many seconds the server may send nothing when we wait for it."""

    def __init__(self, account: Account, stop: Stop | None) -> None:
        self._account = account
        self._stop = stop
        self._held = bytearray()
        self._exists = 0
        self.news = False
        self.silence = account.timeout
        super().__init__(account.host, account.port, account.timeout)

    # What imaplib lets subclasses override: all that touches the socket.

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:  # noqa: ARG002 - imaplib's signature
        self.host, self.port = host, port
        self.sock = socket.create_connection((host, port), min(self._account.timeout, LONGEST_CONNECT))
        try:
            self._prepare()
        except BaseException:
            self.sock.close()
            raise

    def readline(self) -> bytes:
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            if searched > MAX_LINE:
                return self._overlong_line()
            self._receive(monotonic() + self.silence)
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        while len(self._held) < min(size, MAX_LITERAL):
            self._receive(monotonic() + self.silence)
        kept = self._take(min(size, MAX_LITERAL))
        self._discard(size - len(kept))
        return kept

    def send(self, data: object) -> None:
        self.sock.settimeout(self._account.timeout)
        self.sock.sendall(cast(bytes, data))
        self.sock.settimeout(0)

    def shutdown(self) -> None:
        self.sock.close()

    def secure(self) -> None:
        """STARTTLS, fail-closed: any answer but OK, or a byte after the OK, ends it (nostarttls.secvuln.info)."""
        if self.state != "NONAUTH" or "STARTTLS" not in self.capabilities:
            raise self._misconfigured("the server does not offer STARTTLS")
        typ, _ = self._simple_command("STARTTLS")
        if typ != "OK" or self._held:
            raise self._misconfigured("the server did not keep to STARTTLS")
        self.sock.settimeout(self._account.timeout)
        self._wrap()
        self._get_capabilities()

    # What imaplib cannot do.

    def fresh(self) -> None:
        """Forgets what the server said unasked, lest it be taken for the answer to the next command."""
        self.untagged_responses.clear()

    def begin_idle(self) -> bytes:
        """IDLE; its tag. Untagged answers may come before the `+` (RFC 2177, 3)."""
        self.fresh()
        tag = cast(bytes, self._command("IDLE"))
        while self._get_response() is not None:
            if self.tagged_commands[tag]:
                self._command_complete("IDLE", tag)
                raise self.error("IDLE was refused")
        return tag

    def end_idle(self, tag: bytes) -> None:
        if not self.tagged_commands[tag]:
            self.send(b"DONE\r\n")
        self._command_complete("IDLE", tag)

    def listen(self, until: float, tag: bytes | None = None) -> bool:
        """Waits until mail is announced, or the server ends the IDLE (True), or the moment has come (False)."""
        while True:
            while b"\n" in self._held:
                self._get_response()
            self._check_bye()
            if self.news or (tag and self.tagged_commands[tag]):
                return True
            if monotonic() >= until:
                return False
            try:
                self._receive(until)
            except TimeoutError:
                return False

    def forget_news(self) -> None:
        self.news = False

    def _append_untagged(self, typ: str, dat: bytes | tuple[bytes, bytes] | None) -> None:
        """Keeps count, since some servers repeat an unchanged EXISTS with every command."""
        if typ == "EXISTS" and isinstance(dat, bytes):
            count = int(dat.split()[0])
            self.news = self.news or count > self._exists
            self._exists = count
        elif typ == "EXPUNGE":
            self._exists -= 1
        super()._append_untagged(typ, dat)  # type: ignore[misc]  # typeshed leaves out imaplib's inner methods

    def _prepare(self) -> None:
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._account.tls == "none" and not allowed_in_clear(self.sock.getpeername()[0]):
            raise self._misconfigured("without TLS only a loopback address is spoken to")
        if self._account.tls == "implicit":
            self._wrap()
        self.sock.settimeout(0)

    def _wrap(self) -> None:
        context = tls_context(self._account.ca_file)
        self.sock = context.wrap_socket(self.sock, server_hostname=self._account.host)
        self.sock.settimeout(0)

    def _misconfigured(self, words: str) -> MailboxError:
        return MailboxError(Kind.MISCONFIGURED, self._account.inbox, words)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _discard(self, size: int) -> None:
        """Reads on without keeping: for a server that sends a whole mail where a part of it was asked for."""
        while size > 0:
            if not self._held:
                self._receive(monotonic() + self.silence)
            size -= len(self._take(min(size, len(self._held))))

    def _overlong_line(self) -> bytes:
        """The line without its middle. Its end stays: it may announce a literal, after which the talk goes on."""
        head = self._take(MAX_LINE // 2)
        while (end := self._held.find(b"\n")) < 0:
            del self._held[:-64]
            self._receive(monotonic() + self.silence)
        return head + b" " + self._take(end + 1)[-64:]

    def _receive(self, until: float) -> None:
        """Takes what is there, or waits for it until that moment: TimeoutError, Stopped, or abort at the end of all."""
        while True:
            try:
                data = self.sock.recv(_RECEIVE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._await(until)
                continue
            except ssl.SSLEOFError:
                data = b""
            if not data:
                raise self.abort("socket error: EOF")
            self._held += data
            return

    def _await(self, until: float) -> None:
        poller = select.poll()
        poller.register(self.sock, select.POLLIN)
        if self._stop:
            poller.register(self._stop, select.POLLIN)
        ready = poller.poll(max(0.0, until - monotonic()) * 1000)
        if self._stop and self._stop.is_set():
            raise Stopped
        if not ready:
            raise TimeoutError


def allowed_in_clear(peer: str) -> bool:
    return ipaddress.ip_address(peer).is_loopback


class Client(IMAPClient):  # type: ignore[misc]  # imapclient ships no types
    """imapclient on such a connection."""

    def __init__(self, account: Account, stop: Stop | None) -> None:
        self._account = account
        self._stop = stop
        super().__init__(account.host, account.port, ssl=account.tls == "implicit")
        self.wire.debug = 0  # imapclient sets 5: each mail would be formatted for a log that nobody may keep

    @property
    def wire(self) -> Wire:
        return cast(Wire, self._imap)

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name for it
        return Wire(self._account, self._stop)

    def _set_read_timeout(self) -> None:
        """The connection waits by itself; imapclient would make its socket blocking."""
