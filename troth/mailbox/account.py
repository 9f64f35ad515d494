"""How to reach one mailbox on its server."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Account:
    """Where an inbox is kept and how to log in there.

    `password` is asked at each log-in, so that a changed secret is found; it raises OSError where there is none to be
    had. With `oauth` it gives an access token; ConnectionError means that it may give one later, PermissionError that
    somebody has to sign in first. `spent` is told of an access token that the server refused: another is tried once.
    `ca_file` holds the only authorities to trust; without it the system's are. `timeout` is how many seconds a server
    may be silent. `tls: none` is refused to any but a loopback address.
    """

    inbox: str
    host: str
    port: int
    username: str
    password: Callable[[], str] = field(repr=False)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: str | None = None
    timeout: float = 30.0
    oauth: bool = False
    spent: Callable[[str], None] | None = None


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A verifying context, TLS 1.2 at least; one and the same for all that trust the same file as it is now.

    Raises OSError (ssl.SSLError is one) where the file cannot be used.
    """
    return _context(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)


@lru_cache(maxsize=8)  # a context with the system's authorities takes about 0.5 MB
def _context(ca_file: str | None, _changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
