"""One connection to a mail server: made, made safe, logged in on, talked over. smtplib is met here only.

smtplib's own `data`, `login` and TLS defaults are not used: `data` hides whether the dot had been sent when the
connection broke, `login` cannot send a password outside ASCII, and the default context verifies nothing.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from troth.courier.replies import Reply, clean, refusal, reply
from troth.model import Address
from troth.outbox import At, Delivery, Halt, Outcome

_LONGEST_COMMAND = 510  # RFC 5321, 4.5.3.1.4, without the end of the line


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for the connection and TLS, for each reply, for taking the text, and for the reply to the dot.

    RFC 5321, 4.5.3.2; one that is too short at the dot makes a letter arrive twice.
    """

    connect: float = 30
    command: float = 300
    text: float = 180
    end: float = 600
    quit: float = 5


@dataclass(frozen=True, slots=True)
class Account:
    """How an inbox's letters leave. `address` is the inbox's own, for where `<>` is refused.

    `password` is asked at each log-in and raises OSError where there is none to be had. With `oauth` it gives an access
    token; ConnectionError means that it may give one later, PermissionError that somebody has to sign in first. `spent`
    is told of an access token that the server refused: another is tried once. `idle` is how many seconds a connection
    may rest, `per_connection` how many letters it may carry.
    """

    inbox: str
    address: Address
    host: str
    port: int = 465
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    username: str | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)
    oauth: bool = False
    spent: Callable[[str], None] | None = None
    ca_file: str | None = None
    timeouts: Timeouts = Timeouts()
    idle: float = 30
    per_connection: int = 100


class Stopped(Exception):  # noqa: N818  # carries an outcome; nothing is wrong with the program
    """The attempt ended here."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(str(delivery))
        self.delivery = delivery


class Line:
    """An open connection. `set_up` makes it ready for MAIL; its maker closes it, also when that failed."""

    def __init__(self, account: Account, sock: socket.socket) -> None:
        self._smtp = smtplib.SMTP(local_hostname=_literal(sock))
        self._smtp.sock = sock
        self._sock = sock
        self._timeouts = account.timeouts
        self.standing: object | None = None  # the envelope whose transaction is open
        self.carried = 0
        self.last_used = time.monotonic()

    @property
    def open(self) -> bool:
        return self._smtp.sock is not None

    def offers(self, extension: str) -> bool:
        return self._smtp.has_extn(extension)

    @property
    def size_limit(self) -> int | None:
        """The greatest size the server takes, in bytes (RFC 1870); None where it sets none."""
        limit = self._smtp.esmtp_features.get("size", "").strip()
        return int(limit) or None if limit.isascii() and limit.isdigit() else None

    def say(self, command: str, at: At) -> Reply:
        """Send a command and give its reply. Raises Stopped if the line breaks."""
        self.put([command], at)
        return self.hear(at)

    def put(self, commands: list[str], at: At) -> None:
        """Send commands without waiting for their replies (RFC 2920). Raises Stopped if the line breaks."""
        self._send("".join(f"{command}\r\n" for command in commands).encode(), at, self._timeouts.command)

    def hear(self, at: At) -> Reply:
        """The next reply. Raises Stopped if the line breaks."""
        return self._reply(at, self._timeouts.end if at is At.END else self._timeouts.command)

    def send_text(self, wire: bytes) -> Reply:
        """Send a text that 354 has asked for, and give the reply to the dot. Raises Stopped if the line breaks.

        The dot goes apart from the text: as long as it has not been handed over, a broken line means "not delivered".
        """
        self._send(wire, At.DATA, self._timeouts.text)
        self._send(b".\r\n", At.END, self._timeouts.text)
        return self.hear(At.END)

    def break_off(self) -> None:
        """End the connection under the thread that waits on it; the one thing another thread may do."""
        with suppress(OSError):  # SSLSocket.shutdown would take the session from under the reader
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Say QUIT and close. What goes wrong in it changes nothing."""
        with suppress(OSError, Stopped):
            if self.open and self.standing is None:
                self._send(b"QUIT\r\n", At.CONNECT, self._timeouts.quit)
                self._reply(At.CONNECT, self._timeouts.quit)
        with suppress(OSError):
            self._smtp.close()

    def set_up(self, account: Account) -> None:
        """Greeting, EHLO, STARTTLS and AUTH, as the account wants them. Raises Stopped."""
        said = self.hear(At.GREETING)
        if said.code != 220:
            raise Stopped(refusal(said, At.GREETING))
        self._greet()
        if account.tls == "starttls":
            self._secure(trust(account.ca_file), account.host)
            self._greet()
        if account.username is not None and account.password is not None:
            self._log_in(account, account.username, account.password)

    def _greet(self) -> None:
        self._sock.settimeout(self._timeouts.command)
        said = self._guarded(self._smtp.ehlo, At.EHLO)
        if said.code != 250:
            raise Stopped(refusal(said, At.EHLO))

    def _secure(self, context: ssl.SSLContext, host: str) -> None:
        """STARTTLS, or nothing at all: no word goes on in the clear."""
        if not self.offers("starttls"):
            raise Stopped(_unsafe(At.STARTTLS, "the server does not offer STARTTLS"))
        said = self.say("STARTTLS", At.STARTTLS)
        if said.code != 220:
            raise Stopped(refusal(said, At.STARTTLS))
        self._sock.settimeout(self._timeouts.connect)
        self._sock = _wrapped(self._sock, context, host, At.STARTTLS)
        self._smtp.sock = self._sock
        self._smtp.file = None  # what was said before TLS is thrown away with its buffer (RFC 3207, 4.2)

    def _log_in(self, account: Account, username: str, password: Callable[[], str]) -> None:
        """AUTH by an access token, or by the first of PLAIN and LOGIN that is offered."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        secret = _secret(password, oauth=account.oauth)
        said = self._auth(account, offered, username, secret)
        if said is not None and said.code == 535 and account.spent is not None:
            account.spent(secret)
            another = _secret(password, oauth=True)
            said = self._auth(account, offered, username, another) if another != secret else said
        if said is None:
            words = f"the server offers no log-in known here (it offers: {clean(' '.join(offered)) or 'none'})"
            raise Stopped(Delivery(Outcome.DEFERRED, At.AUTH, None, words, Halt.CREDENTIALS))
        if said.code not in (235, 503):
            raise Stopped(refusal(said, At.AUTH))

    def _auth(self, account: Account, offered: list[str], username: str, secret: str) -> Reply | None:
        if account.oauth:
            return self._with_token(account, offered, username, secret)
        if "PLAIN" in offered:
            return self.say("AUTH PLAIN " + _base64(f"\0{username}\0{secret}"), At.AUTH)
        if "LOGIN" not in offered:
            return None
        said = self.say("AUTH LOGIN", At.AUTH)
        for word in (username, secret):
            said = self.say(_base64(word), At.AUTH) if said.code == 334 else said
        return said

    def _with_token(self, account: Account, offered: list[str], username: str, token: str) -> Reply | None:
        if "XOAUTH2" in offered:
            said = self._first("XOAUTH2", f"user={username}\1auth=Bearer {token}\1\1")
            return self.say("", At.AUTH) if said.code == 334 else said  # 334: the error as JSON, then the 535
        if "OAUTHBEARER" not in offered:
            return None
        named = username.replace("=", "=3D").replace(",", "=2C")
        where = f"host={account.host}\1port={account.port}"
        said = self._first("OAUTHBEARER", f"n,a={named},\1{where}\1auth=Bearer {token}\1\1")
        return self.say("AQ==", At.AUTH) if said.code == 334 else said  # as above, with ^A (RFC 7628, 3.2.3)

    def _first(self, mechanism: str, response: str) -> Reply:
        """AUTH with its first response, beside the command where the line is short enough (RFC 4954, 4)."""
        command = f"AUTH {mechanism} {_base64(response)}"
        if len(command) <= _LONGEST_COMMAND:
            return self.say(command, At.AUTH)
        said = self.say(f"AUTH {mechanism}", At.AUTH)
        return self.say(_base64(response), At.AUTH) if said.code == 334 else said

    def _send(self, what: bytes, at: At, seconds: float) -> None:
        self._sock.settimeout(seconds)
        try:
            self._smtp.send(what)
        except OSError as error:
            raise Stopped(self._broken(at, error)) from error

    def _reply(self, at: At, seconds: float) -> Reply:
        self._sock.settimeout(seconds)
        return self._guarded(self._smtp.getreply, at)

    def _guarded(self, hear: Callable[[], tuple[int, bytes]], at: At) -> Reply:
        try:
            return reply(*hear())
        except OSError as error:
            raise Stopped(self._broken(at, error)) from error

    def _broken(self, at: At, error: OSError) -> Delivery:
        self._smtp.close()
        outcome = Outcome.UNKNOWN if at is At.END else Outcome.DEFERRED
        late = isinstance(error.__context__, TimeoutError)  # smtplib raises its own error over it
        words = "the server did not answer in time" if late else clean(f"the connection broke off: {error}")
        return Delivery(outcome, at, None, words, Halt.UNREACHABLE)


def dial(account: Account) -> Line:
    """A connection on which nothing has been said yet. Raises Stopped, with nothing left open."""
    return Line(account, _connected(account))


def _connected(account: Account) -> socket.socket:
    try:
        sock = socket.create_connection((account.host, account.port), account.timeouts.connect)
    except (OSError, UnicodeError) as error:
        words = clean(f"no connection to {account.host}:{account.port}: {error}")
        raise Stopped(Delivery(Outcome.DEFERRED, At.CONNECT, None, words, Halt.UNREACHABLE)) from error
    try:
        return _prepared(sock, account)
    except BaseException:
        sock.close()
        raise


def _prepared(sock: socket.socket, account: Account) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot must not wait for the text's acknowledgement
    if account.tls == "implicit":
        return _wrapped(sock, trust(account.ca_file), account.host, At.CONNECT)
    if account.tls == "none" and not ip_address(sock.getpeername()[0]).is_loopback:
        raise Stopped(_unsafe(At.CONNECT, f"{account.host} is another machine, and tls is none"))
    return sock


def _wrapped(sock: socket.socket, context: ssl.SSLContext, host: str, at: At) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, TimeoutError, ConnectionError) as error:
        words = clean(f"the connection broke off while it was made safe: {error}")
        raise Stopped(Delivery(Outcome.DEFERRED, at, None, words, Halt.UNREACHABLE)) from error
    except (OSError, ValueError) as error:
        raise Stopped(_unsafe(at, str(error))) from error


def trust(ca_file: str | None) -> ssl.SSLContext:
    """A verifying context, TLS 1.2 or later, shared by all accounts of the same authority.

    Raises Stopped where `ca_file` cannot be read.
    """
    try:
        return _context(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
    except OSError as error:
        raise Stopped(_unsafe(At.CONNECT, f"ca_file {ca_file}: {error}")) from error


@lru_cache(maxsize=8)
def _context(ca_file: str | None, _as_of: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _secret(password: Callable[[], str], *, oauth: bool) -> str:
    try:
        return password()
    except OSError as error:
        if oauth:
            raise Stopped(_without_token(error)) from None
        words = clean(f"the password cannot be read: {error}")
        raise Stopped(Delivery(Outcome.DEFERRED, At.AUTH, None, words, Halt.CREDENTIALS)) from error


def _without_token(error: OSError) -> Delivery:
    pause = Halt.SIGNED_OUT if isinstance(error, PermissionError) else Halt.CREDENTIALS
    pause = Halt.UNREACHABLE if isinstance(error, ConnectionError) else pause
    return Delivery(Outcome.DEFERRED, At.AUTH, None, clean(str(error)), pause)


def _unsafe(at: At, words: str) -> Delivery:
    return Delivery(Outcome.DEFERRED, at, None, clean(words), Halt.UNTRUSTED)


def _literal(sock: socket.socket) -> str:
    """Our own end as an address literal (RFC 5321, 4.1.3): true, and asks no DNS, where smtplib would."""
    own = sock.getsockname()[0].partition("%")[0]
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
