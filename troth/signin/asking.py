"""One question to an authorization server: a form posted over https, and a bounded answer in JSON.

http.client is used, not urllib: a redirect is never followed, and no proxy or password of the environment is met.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlencode, urlsplit

from troth.signin.values import Client, Fault, SignInError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 18
"""Bytes of an answer; real ones have 5,000."""

PATIENCE = 10.0
"""Seconds that the server may be silent."""

TOGETHER = 20.0
"""Seconds for the whole question; who drips his answer has no more."""

_UNPRINTABLE = {*range(32), *range(127, 160), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The members of the JSON object that came, of whatever types, and what went wrong according to it."""

    members: Mapping[str, object]
    error: str | None = None
    words: str = ""

    def text(self, name: str, longest: int = 16_384) -> str:
        """A member that is printable ASCII without blanks, as tokens and codes are; empty for anything else."""
        value = self.members.get(name)
        usable = isinstance(value, str) and len(value) <= longest and value.isascii() and value.isprintable()
        return value if usable and isinstance(value, str) and " " not in value else ""

    def seconds(self, name: str, otherwise: int, longest: int) -> int:
        """A member that is a number of seconds, also one written as text; `otherwise` for anything else."""
        value = self.members.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e10:
            return otherwise
        return max(1, min(longest, int(value)))


def ask(client: Client, url: str, form: Mapping[str, str]) -> Answer:
    """The answer, which may be an error of RFC 6749, 5.2. Raises SignInError where there is none that can be read."""
    host = urlsplit(url).hostname or url
    secrets = [form[name] for name in ("refresh_token", "client_secret", "device_code", "code") if form.get(name)]
    try:
        status, raw = _posted(client, urlsplit(url), urlencode(form).encode())
    except ssl.SSLCertVerificationError as why:
        raise _nothing(host, f"its certificate is not trusted: {why.verify_message}") from None
    except ssl.SSLError as why:
        raise _nothing(host, f"TLS failed: {why.reason or 'connection ended'}") from None
    except socket.gaierror:
        raise _nothing(host, "its name was not found") from None
    except TimeoutError:
        raise _nothing(host, "it did not answer in time") from None
    except OSError as why:
        raise _nothing(host, why.strerror or "the connection broke off") from None
    except (http.client.HTTPException, ValueError):  # their words may quote what was read or sent
        raise _nothing(host, "what it says is no HTTP") from None
    return _understood(host, status, raw, secrets)


def _nothing(host: str, why: str) -> SignInError:
    return SignInError(Fault.UNREACHABLE, f"no answer from {host}: {why}")


def _posted(client: Client, url: SplitResult, form: bytes) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "User-Agent": "Troth"}
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    with closing(_connection(client, url)) as connection:
        connection.connect()
        if url.scheme != "https" and not ip_address(connection.sock.getpeername()[0]).is_loopback:
            raise OSError(0, "it is another machine, and is to be asked without TLS")
        with _deadline(connection.sock):
            connection.request("POST", target, form, headers)
            with closing(connection.getresponse()) as answer:
                return answer.status, _read(answer)


def _connection(client: Client, url: SplitResult) -> http.client.HTTPConnection:
    if url.scheme != "https":
        return http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
    context = ssl.create_default_context(cafile=client.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=PATIENCE, context=context)


@contextmanager
def _deadline(sock: socket.socket) -> Iterator[None]:
    """Ends the connection under whoever waits on it when the time for all of it has passed."""
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(OSError):  # SSLSocket.shutdown would take the session from under the reader
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(TOGETHER, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError


def _read(answer: http.client.HTTPResponse) -> bytes:
    raw = answer.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise OSError(0, "its answer is too long")
    return raw


def _understood(host: str, status: int, raw: bytes, secrets: list[str]) -> Answer:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _nothing(host, f"HTTP {status}, and no JSON object with it")
    error = said.get("error")
    if isinstance(error, str) and error:
        return Answer(said, _shown(error, secrets, 60), _shown(said.get("error_description"), secrets, 200))
    if status != 200:
        raise _nothing(host, f"HTTP {status}")
    return Answer(said)


def _shown(said: object, secrets: list[str], longest: int) -> str:
    """The first line of somebody else's text, fit for a terminal and a log; what we keep secret is taken out."""
    lines = said[:4000].splitlines() if isinstance(said, str) else []
    line = "".join(" " if ord(char) in _UNPRINTABLE else char for char in (lines or [""])[0])
    for secret in secrets:
        line = line.replace(secret, "…")
    return " ".join(line.split())[:longest]
