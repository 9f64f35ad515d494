"""What ends soon: the certificates of the mail servers, and of the authorities that vouch for them.

A password's end nobody can know; a certificate says its own. Each server is asked for it once, without logging in.
"""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from troth import config as written
from troth.config import Config, Tls
from troth.desk import Ending

SOON = timedelta(days=21)
"""So long before its end a certificate is named: authorities renew earlier, so nobody is told while all goes well."""

_PATIENCE = 5.0
"""Seconds for one server to answer, and for all of them together: the digest does not wait longer."""

_UNHEARD = (OSError, imaplib.IMAP4.error, smtplib.SMTPException, ValueError)
"""A server that cannot be asked is no matter of the digest: the watching and the sending tell of it."""


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    tls: Tls
    ca_file: Path | None
    imap: bool

    @property
    def name(self) -> str:
        return f"the certificate of {self.host}:{self.port}"

    def certificate_ends(self) -> datetime | None:
        """When the certificate that it shows ends; None where it shows none that can be trusted."""
        context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        ask = _implicit if self.tls is Tls.IMPLICIT else _imap_upgraded if self.imap else _smtp_upgraded
        return ask(self.host, self.port, context)


def endings(config: Config, now: datetime) -> tuple[Ending, ...]:
    """What ends within three weeks of `now`, the earliest first; servers that do not answer in time are left out."""
    found: list[Ending] = list(_of_authorities(config))
    threads = [_asking(server, found) for server in dict.fromkeys(_servers(config))]
    until = time.monotonic() + _PATIENCE
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return tuple(
        sorted((each for each in tuple(found) if each.at <= now + SOON), key=lambda each: (each.at, each.what))
    )


def _servers(config: Config) -> Iterator[_Server]:
    for inbox in config.inboxes:
        for server in (inbox.imap, inbox.smtp if inbox.sends else None):
            if server is not None and server.tls is not Tls.NONE:
                imap = isinstance(server, written.Imap)
                yield _Server(server.host, server.port, server.tls, server.ca_file, imap)


def _asking(server: _Server, found: list[Ending]) -> threading.Thread:
    def ask() -> None:
        try:
            ends = server.certificate_ends()
        except _UNHEARD:
            return
        if ends is not None:
            found.append(Ending(server.name, ends))

    thread = threading.Thread(target=ask, name=f"certificate {server.host}", daemon=True)
    thread.start()
    return thread


def _of_authorities(config: Config) -> Iterator[Ending]:
    """The ends of the private authorities: with one of them, every certificate it signed is refused."""
    for path in dict.fromkeys(server.ca_file for server in _servers(config) if server.ca_file):
        try:
            authorities = ssl.create_default_context(cafile=str(path)).get_ca_certs()
        except _UNHEARD:
            continue
        ends = [end for each in authorities if (end := _moment(each.get("notAfter"))) is not None]
        if ends:
            yield Ending(f"the certificate authority in {path.name}", min(ends))


def _implicit(host: str, port: int, context: ssl.SSLContext) -> datetime | None:
    with (
        socket.create_connection((host, port), timeout=_PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return _end_of(secured)


def _imap_upgraded(host: str, port: int, context: ssl.SSLContext) -> datetime | None:
    with imaplib.IMAP4(host, port, timeout=_PATIENCE) as imap:
        imap.starttls(context)
        return _end_of(imap.sock)


def _smtp_upgraded(host: str, port: int, context: ssl.SSLContext) -> datetime | None:
    with smtplib.SMTP(host, port, timeout=_PATIENCE) as smtp:
        smtp.starttls(context=context)
        return _end_of(smtp.sock)


def _end_of(secured: object) -> datetime | None:
    shown = secured.getpeercert() if isinstance(secured, ssl.SSLSocket) else None
    return _moment(shown.get("notAfter")) if shown else None


def _moment(text: object) -> datetime | None:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC) if isinstance(text, str) else None
