"""An SMTP server on loopback that keeps what it is given and can be told to misbehave, for tests and measuring.

    with Sink(answers={"RCPT": ["450 4.2.0 greylisted"]}) as sink:
        …
        assert len(sink.mails) == 1

`answers` has, by verb, what to do at its first, second, … use over all connections; None, or the end of the row, is the
normal answer. Verbs are those of SMTP, and GREETING, TEXT for what happens while the text comes, and END for the reply
to the dot.
"""

from __future__ import annotations

import base64
import binascii
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Literal, NoReturn, Self

TLS_FILES = Path(__file__).parent / "tls"
AUTHORITY = str(TLS_FILES / "authority.pem")
"""The certificate authority that signed the sink's certificate, which names `localhost` and nothing else."""


class Act(Enum):
    """What a server may do instead of answering. The mail of a dot is kept only where the name says so."""

    DROP = "close the connection without an answer"
    HANG = "never answer"
    KEEP_AND_DROP = "keep the mail, then close without an answer"
    KEEP_AND_HANG = "keep the mail, then never answer"


Action = str | float | Act | None
"""A reply (421 also closes, 2xx does what the normal one does), seconds to wait before the normal one, or an `Act`."""

PLAIN_OFFERS = ("PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8")


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail the sink took: its envelope as written in MAIL and RCPT, its bytes with dots unstuffed, and when (UTC)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime
    connection: int
    mail_options: tuple[str, ...] = ()
    rcpt_options: tuple[str, ...] = ()
    login: str | None = None
    encrypted: bool = False


@dataclass
class Sink:
    """The server. `mails` is what it kept, `commands` each line it was sent (never a mail's own).

    `answer_to(verb, argument)` is asked before `answers`, for what depends on the address. `login` makes AUTH
    necessary, and so does `knows`, asked whether a user's access token is good. `per_connection`: after so many mails
    the next MAIL gets 421. `port` 0 takes a free one.
    """

    answers: Mapping[str, Iterable[Action]] = field(default_factory=dict)
    answer_to: Callable[[str, str], Action] | None = None
    offers: tuple[str, ...] = PLAIN_OFFERS
    tls: Literal["none", "implicit", "starttls"] = "none"
    login: tuple[str, str] | None = None
    knows: Callable[[str, str], bool] | None = None
    mechanisms: str = "PLAIN LOGIN"
    per_connection: int | None = None
    host: str = "127.0.0.1"
    port: int = 0
    backlog: int = 128
    mails: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        self.came = threading.Condition()
        self._script: dict[str, Iterator[Action]] = {verb: iter(row) for verb, row in self.answers.items()}
        self._context = None if self.tls == "none" else _server_context()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, self.port), backlog=self.backlog)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        _hang_up(self._listener)
        for connection in list(self._open):
            _hang_up(connection)
        for thread in list(self._threads):
            thread.join(5)

    def wait(self, count: int, seconds: float = 10) -> list[Kept]:
        """The mails, as soon as there are `count` of them.

        Raises AssertionError if there are fewer after `seconds`.
        """
        with self.came:
            if not self.came.wait_for(lambda: len(self.mails) >= count, seconds):
                raise AssertionError(f"{len(self.mails)} mails after {seconds} s, not {count}")
        return self.mails

    def cut(self) -> None:
        """Closes every connection, as a server does that is restarted; the next one is accepted."""
        for connection in list(self._open):
            _hang_up(connection)

    def scripted(self, verb: str, argument: str) -> Action:
        """What to do at this use of a verb; None is the normal answer."""
        action = self.answer_to(verb, argument) if self.answer_to else None
        if action is None and verb in self._script:
            action = next(self._script[verb], None)
        return action

    def keep(self, mail: Kept) -> None:
        with self.came:
            self.mails.append(mail)
            self.came.notify_all()

    def secured(self, plain: socket.socket) -> socket.socket:
        """The connection behind TLS. Raises OSError where the other side does not trust us."""
        if self._context is None:
            raise OSError("TLS is not set up")
        self._open.discard(plain)
        wrapped = self._context.wrap_socket(plain, server_side=True)
        self._open.add(wrapped)
        return wrapped

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with self._listener:
            while not self.closing.is_set():
                try:
                    connection, _ = self._listener.accept()
                except OSError:
                    return
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._open.add(connection)
                self._start(_Session(self, connection, self.connections).run)

    def forget(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        connection.close()


class _Over(Exception):  # noqa: N818  # the end of a connection, not an error
    """This connection is over."""


class _Session:
    """One connection, in a thread of its own."""

    def __init__(self, sink: Sink, connection: socket.socket, number: int) -> None:
        self.sink = sink
        self.connection = connection
        self.number = number
        self.pending = bytearray()
        self.login: str | None = None
        self.encrypted = False
        self.taken = 0
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.mail_options: tuple[str, ...] = ()
        self.rcpt_options: tuple[str, ...] = ()
        self.verbs: dict[str, Callable[[str], str]] = {
            "EHLO": self.ehlo, "HELO": lambda _: "250 sink", "STARTTLS": lambda _: "220 2.0.0 go ahead",
            "AUTH": self.auth, "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data, "RSET": self.rset,
            "NOOP": lambda _: "250 2.0.0 OK", "QUIT": lambda _: "221 2.0.0 bye",
        }  # fmt: skip

    def run(self) -> None:
        try:
            if self.sink.tls == "implicit":
                self.secure()
            self.answer("GREETING", "", lambda _: "220 sink ESMTP")
            while True:
                self.obey(self.line())
        except (_Over, OSError):
            pass
        finally:
            self.sink.forget(self.connection)

    def obey(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        self.sink.commands.append(text)
        verb, _, argument = text.partition(" ")
        verb = verb.upper()
        reply = self.answer(verb, argument, self.verbs.get(verb, lambda _: "502 5.5.2 not known here"))
        if verb == "DATA" and reply.startswith("354"):
            self.content()
        if verb == "STARTTLS" and reply.startswith("220"):
            self.secure()
        if verb == "QUIT":
            raise _Over

    def answer(self, verb: str, argument: str, normal: Callable[[str], str]) -> str:
        action = self.sink.scripted(verb, argument)
        if isinstance(action, Act):
            self.misbehave(action)
        if isinstance(action, int | float):
            self.sink.closing.wait(action)
        refused = isinstance(action, str) and not action.startswith("2")
        usual = "" if refused else normal(argument)
        reply = action if isinstance(action, str) else usual
        self.connection.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise _Over
        return reply

    def misbehave(self, act: Act) -> NoReturn:
        if act in (Act.HANG, Act.KEEP_AND_HANG):
            while self.connection.recv(65536):
                pass
        raise _Over

    def ehlo(self, argument: str) -> str:
        offers = list(self.sink.offers)
        if self.sink.tls == "starttls" and not self.encrypted:
            offers.append("STARTTLS")
        if self._guarded and (self.encrypted or self.sink.tls == "none"):
            offers.append(f"AUTH {self.sink.mechanisms}")
        lines = [f"sink greets {argument}", *offers]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    @property
    def _guarded(self) -> bool:
        return self.sink.login is not None or self.sink.knows is not None

    def auth(self, argument: str) -> str:
        mechanism, _, first = argument.partition(" ")
        user, password = _credentials(mechanism.upper(), first, self.ask)
        if self.sink.knows is not None and not self.sink.knows(user, password):
            self.ask(b'{"status":"401","schemes":"bearer"}')
            return "535 5.7.8 access token not accepted"
        if self.sink.knows is None and (user, password) != self.sink.login:
            return "535 5.7.8 username and password not accepted"
        self.login = user
        return "235 2.7.0 welcome"

    def ask(self, challenge: bytes) -> bytes:
        self.connection.sendall(b"334 " + base64.b64encode(challenge) + b"\r\n")
        return _decoded(self.line().decode("ascii", "replace"))

    def mail(self, argument: str) -> str:
        if self._guarded and self.login is None:
            return "530 5.7.0 authentication required"
        if self.sender is not None:
            return "503 5.5.1 nested MAIL"
        if self.sink.per_connection is not None and self.taken >= self.sink.per_connection:
            return "421 4.7.0 too many mails on this connection"
        self.sender, self.mail_options = _path(argument)
        return "250 2.1.0 OK"

    def rcpt(self, argument: str) -> str:
        if self.sender is None:
            return "503 5.5.1 MAIL first"
        recipient, self.rcpt_options = _path(argument)
        self.recipients.append(recipient)
        return "250 2.1.5 OK"

    def data(self, _argument: str) -> str:
        return "354 go on" if self.recipients else "503 5.5.1 RCPT first"

    def rset(self, _argument: str) -> str:
        self.sender, self.recipients = None, []
        self.mail_options = self.rcpt_options = ()
        return "250 2.0.0 OK"

    def content(self) -> None:
        if isinstance(act := self.sink.scripted("TEXT", ""), Act):
            self.misbehave(act)
        raw = self.until_the_dot()
        act = self.sink.scripted("END", (self.recipients or [""])[0])
        if act in (Act.DROP, Act.HANG) or (isinstance(act, str) and not act.startswith("2")):
            self.reply_to_dot(act)
        else:
            self.keep(raw)
            self.reply_to_dot(act)
        self.rset("")

    def keep(self, raw: bytes) -> None:
        self.taken += 1
        kept = Kept(
            self.sender or "", tuple(self.recipients), raw, datetime.now(UTC), self.number,
            self.mail_options, self.rcpt_options, self.login, self.encrypted,
        )  # fmt: skip
        self.sink.keep(kept)

    def reply_to_dot(self, action: Action) -> None:
        if isinstance(action, Act):
            self.misbehave(action)
        if isinstance(action, int | float):
            self.sink.closing.wait(action)
        reply = action if isinstance(action, str) else f"250 2.0.0 Ok: queued as S{len(self.sink.mails):06d}"
        self.connection.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise _Over

    def line(self) -> bytes:
        while (end := self.pending.find(b"\r\n")) < 0:
            self.fill()
        line = bytes(self.pending[:end])
        del self.pending[: end + 2]
        return line

    def until_the_dot(self) -> bytes:
        searched = 0
        while not self.pending.startswith(b".\r\n") and (end := self.pending.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self.pending) - 4)
            self.fill()
        if self.pending.startswith(b".\r\n"):
            end = -2
        raw = bytes(self.pending[: end + 2])
        del self.pending[: end + 5]
        stuffed = raw.startswith(b".") or b"\r\n." in raw
        return b"\r\n".join(line.removeprefix(b".") for line in raw.split(b"\r\n")) if stuffed else raw

    def fill(self) -> None:
        got = self.connection.recv(65536)
        if not got:
            raise _Over
        self.pending += got

    def secure(self) -> None:
        self.pending.clear()  # RFC 3207, 4.2: nothing said before TLS counts
        self.connection = self.sink.secured(self.connection)
        self.encrypted = True


def _path(argument: str) -> tuple[str, tuple[str, ...]]:
    """The address and the parameters of MAIL FROM:<…> or RCPT TO:<…>."""
    inside, _, options = argument.partition("<")[2].partition(">")
    return inside, tuple(options.split())


def _credentials(mechanism: str, first: str, ask: Callable[[bytes], bytes]) -> tuple[str, str]:
    if mechanism == "LOGIN":
        user = _decoded(first) if first else ask(b"Username:")
        return user.decode(), ask(b"Password:").decode()
    words = _decoded(first) if first else ask(b"")
    if mechanism == "OAUTHBEARER":
        who, *rest_of = words.split(b"\x01")
        bearer = dict(pair.partition(b"=")[::2] for pair in rest_of if pair).get(b"auth", b"")
        return who.split(b",")[1].removeprefix(b"a=").decode(), bearer.decode().removeprefix("Bearer ")
    if mechanism == "XOAUTH2":
        pairs = dict(pair.partition(b"=")[::2] for pair in words.split(b"\x01") if pair)
        return pairs.get(b"user", b"").decode(), pairs.get(b"auth", b"").decode().removeprefix("Bearer ")
    _, _, rest = words.partition(b"\0")
    user, _, password = rest.partition(b"\0")
    return user.decode(), password.decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS_FILES / "localhost.pem")
    return context


def _hang_up(connection: socket.socket) -> None:
    # not SSLSocket.shutdown: it would take the session from under the thread that reads
    with suppress(OSError):  # it was closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def main() -> None:
    """A sink of its own process, for measuring: prints its port, then each second how many mails it has."""
    with Sink() as sink:
        print(sink.port, flush=True)
        while not sink.closing.wait(1):
            print(len(sink.mails), flush=True)


if __name__ == "__main__":
    main()
