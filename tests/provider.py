"""A provider to sign in at, on this machine: device and authorization code grants, refreshing, introspection.

It is written after RFC 6749, 7636, 7662 and 8628 and has nothing of any real provider in it.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.servers import Dovecot, own_file

Json = dict[str, object]


@dataclass(frozen=True)
class Canned:
    """An answer that is given whatever was asked."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()


def error(code: str, words: str = "", status: int = 400) -> Canned:
    return Canned(status, json.dumps({"error": code, "error_description": words}).encode())


@dataclass
class Provider:
    """`asked` has the path and the form of each question; `canned` are answers that come before the true ones.

    Access tokens live `life` seconds. With `rotates` each refresh token serves once, and a used one ends all, as
    providers do that take it for stolen. Whoever signs in is `user`; what `person` does with a code he does at once.
    `ends` is how many seconds a sign-in lasts, if it says so.
    """

    user: str = "hello@harbour.example"
    client_id: str = "troth-client"
    secret: str | None = None
    life: float = 3600
    rotates: bool = True
    interval: int = 1
    ends: int | None = None
    person: str | None = None
    canned: deque[Canned] = field(default_factory=deque)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refreshes: int = 0
    before: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, float] = {}
        self._renewing: set[str] = set()
        self._used: set[str] = set()
        self._codes: dict[str, dict[str, str]] = {}
        self._devices: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.port = int(self._server.server_address[1])
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def yaml(self, *, device: bool = True, link: bool = True, more: str = "") -> str:
        """What `oauth:` says of it."""
        ways = [f'device_authorization_endpoint: "{self.at("device")}"'] if device else []
        ways += [f'authorization_endpoint: "{self.at("authorize")}"'] if link else []
        said = [f"provider: harbour-id, client_id: {self.client_id}", *ways, f'token_endpoint: "{self.at("token")}"']
        return "{" + ", ".join([*said, "scopes: [mail, offline_access]", *([more] if more else [])]) + "}"

    def approve(self, result: str = "approved") -> None:
        """The person enters the code that was shown last; or `declined`, or `expired`."""
        with self._lock:
            self._devices[next(reversed(self._devices))] = result

    def revoke(self, *, access: bool = True, refresh: bool = True) -> None:
        with self._lock:
            if access:
                self._tokens.clear()
            if refresh:
                self._renewing.clear()

    def knows(self, user: str, token: str) -> bool:
        """Whether that access token is good, as a mail server would ask."""
        with self._lock:
            return user == self.user and self._tokens.get(token, 0) > time.monotonic()

    def issue(self) -> tuple[str, str]:
        """An access token and a refresh token, as if somebody had signed in."""
        with self._lock:
            given = self._given()
        return str(given["access_token"]), str(given["refresh_token"])

    def count(self, grant: str) -> int:
        return sum(form.get("grant_type", "").endswith(grant) for _, form in self.asked)

    def answered(self, path: str, form: dict[str, str]) -> Canned:
        if path != "/introspect":
            self.asked.append((path, form))
            if self.canned:
                return self.canned.popleft()
            self.before()
        with self._lock:
            said = {"/device": self._device, "/token": self._token, "/introspect": self._introspect}[path](form)
        return said if isinstance(said, Canned) else Canned(200, json.dumps(said).encode())

    def authorized(self, query: dict[str, str]) -> str:
        """Where the browser is sent once the person has agreed."""
        self.asked.append(("/authorize", query))
        code = secrets.token_urlsafe(12)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def _device(self, _: dict[str, str]) -> Json | Canned:
        code = secrets.token_urlsafe(12)
        self._devices[code] = self.person
        shown = {"user_code": "WDJB-MJHT", "verification_uri": self.at("enter"), "expires_in": 900}
        return {**shown, "device_code": code, "interval": self.interval}

    def _token(self, form: dict[str, str]) -> Json | Canned:
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.secret:
            return error("invalid_client", "who are you", 401)
        grant = form.get("grant_type", "")
        if grant == "refresh_token":
            return self._refreshed(form)
        return self._exchanged(form) if grant == "authorization_code" else self._by_device(form)

    def _by_device(self, form: dict[str, str]) -> Json | Canned:
        state = self._devices.get(form.get("device_code", ""), "expired")
        said = {None: "authorization_pending", "declined": "access_denied", "expired": "expired_token"}
        return self._given() if state == "approved" else error(said[state])

    def _exchanged(self, form: dict[str, str]) -> Json | Canned:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (challenge, form.get("redirect_uri")) != (asked["code_challenge"], asked["redirect_uri"]):
            return error("invalid_grant", "the code is not good")
        return self._given()

    def _refreshed(self, form: dict[str, str]) -> Json | Canned:
        token = form.get("refresh_token", "")
        if token in self._used:
            self._renewing.clear()
        if token not in self._renewing:
            return error("invalid_grant", f"the token {token} has been revoked")
        self.refreshes += 1
        if not self.rotates:
            return {key: value for key, value in self._given().items() if key != "refresh_token"}
        self._renewing.discard(token)
        self._used.add(token)
        return self._given()

    def _given(self) -> Json:
        access, refresh = f"access-{secrets.token_urlsafe(400)}", f"refresh-{secrets.token_urlsafe(40)}"
        self._tokens[access] = time.monotonic() + self.life
        self._renewing.add(refresh)
        lasts: Json = {"token_type": "Bearer", "expires_in": self.life}
        lasts |= {"refresh_token_expires_in": self.ends} if self.ends else {}
        return {**lasts, "access_token": access, "refresh_token": refresh, "scope": "mail"}

    def _introspect(self, form: dict[str, str]) -> Json:
        good = self._tokens.get(form.get("token", ""), 0) > time.monotonic()
        return {"active": True, "username": self.user, "scope": "mail"} if good else {"active": False}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            where = provider.authorized(dict(parse_qsl(parts.query))) if parts.path == "/authorize" else "/"
            self._say(Canned(302, b"", (("Location", where),)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(provider.answered(urlsplit(self.path).path, dict(parse_qsl(body))))

        def _say(self, said: Canned) -> None:
            self.send_response(said.status)
            for name, value in [*said.headers, ("Content-Type", "application/json")]:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """No news."""

    return Handler


def browse(link: str) -> tuple[int, str]:
    """Open a link as a browser would, and go where it leads; the last page's status and text."""
    for _ in range(5):
        parts = urlsplit(link)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request("GET", f"{parts.path or '/'}?{parts.query}")
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 302:
            return answer.status, text
        link = answer.headers["Location"]
    raise AssertionError("a browser gives up there")


def landing(link: str) -> str:
    """The address that a browser ends at, when nobody answers there."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        return answer.headers["Location"]
    finally:
        connection.close()


def asked_for(link: str) -> dict[str, str]:
    """What a link says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


_DOVECOT = """
auth_mechanisms = plain login {mechanisms}
# a refused log-in makes the next one wait, for seconds: longer than the tokens of these tests live
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class OauthDovecot(Dovecot):
    """Dovecot that takes the access tokens of a provider, by these SASL mechanisms."""

    def __init__(self, provider: Provider, mechanisms: str = "xoauth2 oauthbearer") -> None:
        self._provider = provider
        self._mechanisms = mechanisms
        super().__init__()

    def _write_config(self) -> None:
        super()._write_config()
        path: Path = self.home / "dovecot.conf"
        own_file(path, (path.read_text() + _DOVECOT.format(home=self.home, mechanisms=self._mechanisms)).encode())
        own_file(self.home / "oauth2.conf", _INTROSPECTION.format(url=self._provider.at("introspect")).encode())
