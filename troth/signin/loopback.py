"""Signing in by a link, whose answer comes back to this machine (RFC 8252, 7.3), bound to us by PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from troth.signin.granting import granted
from troth.signin.values import Client, Fault, Grant, SignInError

SECONDS = 900
"""How long a link is waited for."""

_LONGEST = 16_384
_MOST = 16
"""Connections at once; browsers open some that they never use."""

_HEADER = "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nCache-Control: no-store"


class Doorway:
    """Waits on this machine for what the provider sends the person's browser back with; a context manager.

    `typed` is a file descriptor on which the address that the browser ended at may be pasted instead, for a browser on
    another machine; None where there is nobody to paste. `puzzled` is called for a line that is no such address.
    `port` 0 is any that is free.
    """

    def __init__(
        self,
        client: Client,
        port: int = 0,
        typed: int | None = None,
        puzzled: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._puzzled = puzzled
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._heard: dict[socket.socket, bytes] = {}
        self._typed, self._line = typed, b""
        if typed is not None:
            with suppress(PermissionError):  # epoll takes no plain file; nobody types there
                self._selector.register(typed, selectors.EVENT_READ)
        self._state = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        for each in [self._listener, *self._heard]:
            each.close()
        self._selector.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def redirect_uri(self) -> str:
        """Without a path: it must match `http://localhost` as it is registered, but for the port."""
        return f"http://{self._client.redirect_host}:{self.port}"

    @property
    def link(self) -> str:
        """What the person is to open."""
        digest = hashlib.sha256(self._verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self._client.scopes),
            "state": self._state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "login_hint": self._client.username,
            **dict(self._client.asks),
        }
        at = self._client.authorization_endpoint or ""
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"

    def await_grant(
        self,
        now: Callable[[], datetime],
        waiting: Callable[[int], None] = lambda _: None,
        steady: Callable[[], float] = time.monotonic,
    ) -> Grant:
        """Waits for the answer and turns it into tokens. `waiting` is told the seconds left. Raises SignInError."""
        until, code = steady() + SECONDS, ""
        while not code:
            left = until - steady()
            if left <= 0:
                raise SignInError(Fault.LATE, "nobody signed in within a quarter of an hour")
            waiting(int(left))
            code = self._heard_next(min(1.0, left))
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return granted(self._client, {**form, "code_verifier": self._verifier}, now())

    def _heard_next(self, seconds: float) -> str:
        """The code, once it has come; empty as long as it has not. Raises SignInError for a refusal."""
        for key, _ in self._selector.select(seconds):
            code = ""
            if key.fileobj is self._listener:
                self._let_in()
            elif isinstance(key.fileobj, socket.socket):
                code = self._listened(key.fileobj)
            else:
                code = self._read_typed()
            if code:
                return code
        return ""

    def _let_in(self) -> None:
        with suppress(OSError):
            visitor, _ = self._listener.accept()
            visitor.setblocking(False)
            if len(self._heard) >= _MOST:
                self._show_out(next(iter(self._heard)))
            self._heard[visitor] = b""
            self._selector.register(visitor, selectors.EVENT_READ)

    def _show_out(self, visitor: socket.socket) -> None:
        self._selector.unregister(visitor)
        del self._heard[visitor]
        visitor.close()

    def _listened(self, visitor: socket.socket) -> str:
        try:
            got = visitor.recv(_LONGEST)
        except OSError:
            got = b""
        said = self._heard[visitor] = self._heard[visitor] + got
        if b"\r\n\r\n" not in said and got and len(said) <= _LONGEST:
            return ""
        try:
            method, _, target = said.partition(b"\r\n")[0].decode("ascii", "replace").partition(" ")
            code = self._code(target.partition(" ")[0]) if method == "GET" else ""
            words = "You are signed in. You can close this page and go back to the terminal."
            self._say(visitor, "200 OK" if code else "404 Not Found", words if code else "There is nothing here.")
        except SignInError:
            self._say(visitor, "200 OK", "The sign-in was refused. The terminal says more.")
            raise
        finally:
            self._show_out(visitor)
        return code

    def _say(self, visitor: socket.socket, status: str, words: str) -> None:
        with suppress(OSError):
            visitor.send(f"HTTP/1.1 {status}\r\n{_HEADER}\r\n\r\n{words}\n".encode())

    def _read_typed(self) -> str:
        got = os.read(self._typed or 0, _LONGEST)
        if not got and self._typed is not None:
            self._selector.unregister(self._typed)
        *lines, self._line = (self._line + got).split(b"\n")
        self._line = self._line[-_LONGEST:]
        for line in lines:
            pasted = line.decode("utf-8", "replace").strip()
            if code := self._code(pasted):
                return code
            if pasted:
                self._puzzled()
        return ""

    def _code(self, address: str) -> str:
        """The code in an address, or in its end; empty if it is none of an answer to our link."""
        try:
            said = parse_qs(urlsplit(address).query, max_num_fields=50)
        except ValueError:
            return ""
        state, code = said.get("state", [""])[0], said.get("code", [""])[0]
        if not hmac.compare_digest(state.encode(), self._state.encode()):
            return ""
        if error := said.get("error", [""])[0]:
            raise self._refused(error)
        return code if code.isascii() and code.isprintable() else ""

    def _refused(self, error: str) -> SignInError:
        if error == "access_denied":
            return SignInError(Fault.DECLINED, f"the sign-in was declined at {self._client.provider}")
        said = "".join(char for char in error if char.isascii() and (char.isalnum() or char in "_-. "))[:60]
        return SignInError(Fault.REFUSED, f"{self._client.provider} refuses this client ({said}); look at `oauth:`")
