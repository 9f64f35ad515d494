"""What can go wrong between us and a mail server, in the few kinds that are answered differently."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Kind(StrEnum):
    REFUSED = "credential refused"  # another try with the same secret gets the account locked
    SIGNED_OUT = "signed out"  # somebody has to sign in again
    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    LOST = "lost"
    SILENT = "silent"  # the connection stands, and nobody answers
    SERVER = "server"
    MISCONFIGURED = "misconfigured"


class MailboxError(Exception):
    """A mail server did not do what was asked. `words` is one line without any of a client's words."""

    def __init__(self, kind: Kind, inbox: str, words: str) -> None:
        super().__init__(f"{inbox}: {words}")
        self.kind = kind
        self.inbox = inbox
        self.words = words


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The wait was ended by a Stop."""


_FIRST_AND_CAP = {
    Kind.LOST: (0.2, 60),
    Kind.SILENT: (0.2, 60),
    Kind.UNAVAILABLE: (1, 60),
    Kind.SERVER: (5, 300),
    Kind.MISCONFIGURED: (30, 600),
    Kind.THROTTLED: (60, 1800),
    Kind.REFUSED: (300, 3600),
    Kind.SIGNED_OUT: (300, 3600),
}


def backoff(kind: Kind, attempt: int, random: float) -> float:
    """Seconds to wait before trying again. `attempt` counts from 1; `random` in [0, 1) spreads half of the wait."""
    first, cap = _FIRST_AND_CAP[kind]
    return min(float(cap), first * 2.0 ** min(attempt - 1, 30)) * (0.5 + random / 2)


_OF_IMAPLIB = re.compile(r"^command: \S+ =>")
_QUOTED_BYTES = re.compile(r"\[?b(['\"])(.*?)\1\]?")

# RFC 5530 response codes, and the words of servers that send none; the first that is found decides.
_SAID = [
    (r"\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\]|invalid credentials", Kind.REFUSED),
    (r"\[(?:LIMIT|THROTTLED)\]|too many|try again later|exceeded .*limit|bandwidth", Kind.THROTTLED),
    (r"\[(?:UNAVAILABLE|INUSE)\]|authenticated but not connected", Kind.UNAVAILABLE),
    (
        r"\[(?:NONEXISTENT|TRYCREATE|NOPERM|PRIVACYREQUIRED)\]|(?:doesn't|does not) exist|no such mailbox",
        Kind.MISCONFIGURED,
    ),
    (r"\[(?:CONTACTADMIN|CORRUPTION|SERVERBUG|OVERQUOTA)\]", Kind.SERVER),
]
_KINDS = [(re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _SAID]


def kind_of(said: str, otherwise: Kind) -> Kind:
    """The kind of a NO, BAD or BYE by its text."""
    return next((kind for pattern, kind in _KINDS if pattern.search(said)), otherwise)


@contextmanager
def edge(inbox: str) -> Iterator[None]:
    """Turns what imapclient, imaplib, ssl and sockets raise into a MailboxError (mail-standards C18)."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ValueError) as why:
        kind, words = _meaning(why)
        raise MailboxError(kind, inbox, one_line(words)) from why


def one_line(text: str) -> str:
    """At most 200 printable characters of a server's text."""
    return "".join(c if c.isprintable() else " " for c in text[:1000]).strip()[:200]


def _meaning(why: Exception) -> tuple[Kind, str]:
    if isinstance(why, imaplib.IMAP4.error):
        return _protocol(why)
    if isinstance(why, ssl.SSLCertVerificationError):
        return Kind.MISCONFIGURED, f"the server's certificate is not trusted: {why.verify_message}"
    if isinstance(why, ssl.SSLError):
        wrong = why.reason in {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"}
        return (Kind.MISCONFIGURED if wrong else Kind.LOST), f"TLS failed: {why.reason or 'connection ended'}"
    if isinstance(why, socket.gaierror):
        return Kind.UNAVAILABLE, "the server's name was not found"
    if isinstance(why, TimeoutError):
        return Kind.SILENT, "the server did not answer in time"
    if isinstance(why, OSError):
        return Kind.UNAVAILABLE, f"no connection: {why.strerror or type(why).__name__}"
    return Kind.SERVER, "the server's answer could not be read"


def text_of(why: Exception) -> str:
    """What an error of imaplib says, which it gives as text, as bytes, or as text with bytes quoted in it."""
    said = why.args[0] if why.args else ""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    return _QUOTED_BYTES.sub(r"\2", _OF_IMAPLIB.sub("", text)).strip()


def _protocol(why: imaplib.IMAP4.error) -> tuple[Kind, str]:
    said = text_of(why)
    lost = isinstance(why, imaplib.IMAP4.abort)
    if "EOF" in said:
        return Kind.LOST, "the server ended the connection"
    if re.search("unexpected |unterminated|more than", said):  # imaplib quotes what it read there: maybe a mail
        return (Kind.LOST if lost else Kind.SERVER), "the server's answer could not be read"
    return kind_of(said, Kind.LOST if lost else Kind.SERVER), said or "the server ended the connection"
