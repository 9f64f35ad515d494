"""An IMAP server on loopback that keeps to the RFC until it is told not to.

    with FakeImap() as server:
        server.answers["IDLE"] = ["* 2 EXISTS\\r\\n+ idling\\r\\n"]

`answers` has, by command (`UID` ones with their second word), what to do at its first, second, … use over all
connections; after the row's end the server is honest again. `{tag}` in a text is the command's tag.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

TLS_FILES = Path(__file__).parent / "tls"
AUTHORITY = str(TLS_FILES / "authority.pem")

OFFERS = "IMAP4rev1 IDLE UIDPLUS SPECIAL-USE"
FOLDERS = (r'* LIST (\HasNoChildren) "/" INBOX', r'* LIST (\HasNoChildren \Sent) "/" Sent')
SEARCHED = re.compile(r"(?:(?P<window>\S+) )?UID (?P<set>[\d:*,]+)")


class Act(Enum):
    """What a server may do instead of answering."""

    DROP = "close the connection"
    HANG = "never say anything more on this connection"


@dataclass
class Mail:
    """A mail in the folder. Where `sections` has a section, that is its text; else it is cut out of `raw`."""

    raw: bytes
    flags: str = ""
    date: str = "22-Nov-2026 10:00:00 +0100"
    structure: bytes = b""
    sections: dict[str, bytes] = field(default_factory=dict)
    size: int | None = None


class Connection:
    """One client's conversation."""

    def __init__(self, server: FakeImap, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.lines = sock.makefile("rb")
        self.idle_tag: str | None = None
        self.told = 0
        self.lock = threading.Lock()

    def send(self, text: str | bytes) -> None:
        with self.lock:
            self.sock.sendall(text.encode() if isinstance(text, str) else text)

    def serve(self) -> None:
        self.send(self.server.greeting)
        while line := self.lines.readline():
            self.server.lines.append(line)
            tag, verb, rest = _split(line.decode("latin-1"))
            row = self.server.answers.get(verb, [])
            action = row.pop(0) if row else None
            if action is Act.DROP:
                return
            if action is Act.HANG:
                self.server.closing.wait()
                return
            if callable(action):
                action(self, tag)
            elif isinstance(action, str | bytes):
                self.send(
                    action.replace("{tag}", tag) if isinstance(action, str) else action.replace(b"{tag}", tag.encode())
                )
                self._swallow_done(verb)
            else:
                self._answer(tag, verb, rest)

    def _swallow_done(self, verb: str) -> None:
        if verb == "IDLE":
            self.idle_tag = "?"

    def _answer(self, tag: str, verb: str, rest: str) -> None:
        method = getattr(self, "do_" + verb.lower().replace(" ", "_"), None)
        if method is None:
            self.send(f"{tag} BAD unknown command\r\n")
            return
        said = method(tag, rest)
        if said is not None:
            self.send(f"{said}{tag} OK done\r\n" if isinstance(said, str) else said + f"{tag} OK done\r\n".encode())

    def do_capability(self, _tag: str, _rest: str) -> str:
        return f"* CAPABILITY {self.server.offers}\r\n"

    def do_login(self, _tag: str, _rest: str) -> str:
        return ""

    def do_authenticate(self, _tag: str, _rest: str) -> str:
        self.send("+ \r\n")
        self.server.lines.append(self.lines.readline())
        return ""

    def do_starttls(self, tag: str, _rest: str) -> None:
        self.send(f"{tag} OK begin\r\n")
        self.wrap()

    def wrap(self) -> None:
        self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        self.lines = self.sock.makefile("rb")

    def do_id(self, _tag: str, _rest: str) -> str:
        return "* ID NIL\r\n"

    def do_list(self, _tag: str, _rest: str) -> str:
        return "".join(f"{line}\r\n" for line in self.server.folders)

    def do_select(self, tag: str, _rest: str) -> None:
        self._open(tag, "READ-WRITE", self.server.permanent)

    def do_examine(self, tag: str, _rest: str) -> None:
        self._open(tag, "READ-ONLY", "")

    def _open(self, tag: str, mode: str, permanent: str) -> None:
        server = self.server
        self.told = len(server.mails)
        self.send(
            f"* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS ({permanent})] these\r\n* {len(server.mails)} EXISTS\r\n"
            f"* 0 RECENT\r\n* OK [UIDVALIDITY {server.uidvalidity}] ok\r\n"
            f"{server.uidnext_line()}{tag} OK [{mode}] done\r\n"
        )

    def do_noop(self, _tag: str, _rest: str) -> str:
        return ""

    def do_uid_search(self, _tag: str, rest: str) -> str:
        found = SEARCHED.fullmatch(rest)
        if not found:
            return "* SEARCH " + " ".join(map(str, self.server.mails)) + "\r\n"
        uids = sorted(self.server.mails)
        if found["window"]:
            uids = [uids[i - 1] for i in _members(found["window"], range(1, len(uids) + 1))]
        return "* SEARCH" + "".join(f" {uid}" for uid in _members(found["set"], uids)) + "\r\n"

    def do_uid_fetch(self, _tag: str, rest: str) -> bytes:
        wanted, _, items = rest.partition(" ")
        uids = sorted(self.server.mails)
        return b"".join(self._fetched(uids.index(uid) + 1, uid, items) for uid in _members(wanted, uids))

    def _fetched(self, number: int, uid: int, items: str) -> bytes:
        mail = self.server.mails[uid]
        size = mail.size if mail.size is not None else len(mail.raw)
        parts = [f'UID {uid} FLAGS ({mail.flags}) INTERNALDATE "{mail.date}" RFC822.SIZE {size}'.encode()]
        if "BODYSTRUCTURE" in items and mail.structure:
            parts.append(b"BODYSTRUCTURE " + mail.structure)
        for section, length in re.findall(r"BODY\.PEEK\[([^\]]*)\](?:<0\.(\d+)>)?", items):
            text = _section(mail, section)[: int(length or 1 << 30)]
            origin = "<0>" if length else ""
            parts.append(f"BODY[{section}]{origin} {{{len(text)}}}\r\n".encode() + text)
        return f"* {number} FETCH (".encode() + b" ".join(parts) + b")\r\n"

    def do_uid_store(self, _tag: str, _rest: str) -> str:
        return ""

    def do_uid_expunge(self, _tag: str, rest: str) -> str:
        self.server.mails.pop(int(rest), None)
        return ""

    def do_append(self, tag: str, rest: str) -> None:
        self.send("+ go on\r\n")
        size = int(rest.rstrip("}").rpartition("{")[2])
        raw = self.lines.read(size)
        self.lines.readline()
        self.server.mails[uid := self.server.next_uid()] = Mail(raw)
        self.send(f"{tag} OK [APPENDUID {self.server.uidvalidity} {uid}] done\r\n")

    def do_idle(self, tag: str, _rest: str) -> None:
        self.idle_tag = tag
        self.send("+ idling\r\n")
        self.announce()

    def announce(self) -> None:
        if self.idle_tag and self.told != len(self.server.mails):
            self.told = len(self.server.mails)
            self.send(f"* {self.told} EXISTS\r\n")

    def do_done(self, _tag: str, _rest: str) -> None:
        if self.idle_tag and self.idle_tag != "?":
            self.send(f"{self.idle_tag} OK done\r\n")
        self.idle_tag = None

    def do_logout(self, _tag: str, _rest: str) -> str:
        return "* BYE\r\n"


Action = str | bytes | Act | Callable[[Connection, str], None] | None


class FakeImap:
    """The server: a port, what it keeps, and `lines`, all that clients have said."""

    def __init__(self, *, implicit_tls: bool = False) -> None:
        self.answers: dict[str, list[Action]] = {}
        self.mails: dict[int, Mail] = {}
        self.lines: list[bytes] = []
        self.offers = OFFERS
        self.greeting = "* OK ready\r\n"
        self.folders: tuple[str, ...] = FOLDERS
        self.permanent = r"\Seen \*"
        self.uidvalidity = 7
        self.uidnext: int | None = None
        self.tells_uidnext = True
        self.connections: list[Connection] = []
        self.closing = threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(TLS_FILES / "localhost.pem")
        self._implicit = implicit_tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join(5)

    def next_uid(self) -> int:
        return self.uidnext or max(self.mails, default=0) + 1

    def uidnext_line(self) -> str:
        return f"* OK [UIDNEXT {self.next_uid()}] ok\r\n" if self.tells_uidnext else ""

    def deliver(self, mail: Mail, *, announce: bool = True) -> int:
        self.mails[uid := self.next_uid()] = mail
        for each in self.connections if announce else []:
            with suppress(OSError):  # one that was dropped meanwhile
                each.announce()
        return uid

    def drop(self) -> None:
        """Ends every connection."""
        for each in self.connections:
            with suppress(OSError):
                each.sock.shutdown(socket.SHUT_RDWR)

    def said(self, word: str) -> list[bytes]:
        return [line for line in list(self.lines) if word.encode() in line]

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        connection: Connection | None = None
        with suppress(OSError, ValueError):
            if self._implicit:
                sock = self.context.wrap_socket(sock, server_side=True)
            connection = Connection(self, sock)
            self.connections.append(connection)
            connection.serve()
        for each in (connection.lines, connection.sock) if connection else (sock,):
            with suppress(OSError):
                each.close()


def _split(line: str) -> tuple[str, str, str]:
    words = line.strip().split(" ", 3)
    if words[0] == "DONE":
        return "", "DONE", ""
    if len(words) > 2 and words[1].upper() == "UID":
        return words[0], f"UID {words[2].upper()}", " ".join(words[3:])
    return words[0], words[1].upper() if len(words) > 1 else "", " ".join(words[2:])


def _members(numbers: str, existing: range | list[int]) -> list[int]:
    found: set[int] = set()
    highest = existing[-1] if existing else 0
    for piece in numbers.split(","):
        first, _, last = piece.partition(":")
        low, high = (highest if end == "*" else int(end) for end in (first, last or first))
        found.update(each for each in existing if min(low, high) <= each <= max(low, high))
    return sorted(found)


def _section(mail: Mail, section: str) -> bytes:
    header, blank, text = mail.raw.partition(b"\r\n\r\n")
    if section.startswith("HEADER.FIELDS"):
        return (
            b"".join(line + b"\r\n" for line in header.split(b"\r\n") if line.lower().startswith(b"message-id"))
            + b"\r\n"
        )
    usual = {"": mail.raw, "HEADER": header + blank, "TEXT": text, "1": text}
    return mail.sections.get(section, usual.get(section, b""))
