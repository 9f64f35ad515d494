"""Logging in: once in a connection's life, and never before the connection is as safe as was asked for."""

from __future__ import annotations

import imaplib
import re

from troth.mailbox.account import Account
from troth.mailbox.errors import Kind, MailboxError, kind_of, one_line, text_of
from troth.mailbox.wire import Client, Wire

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CODE = re.compile(r"\[[A-Z-]+\]", re.IGNORECASE)


def log_in(client: Client, account: Account) -> frozenset[str]:
    """The capabilities after log-in. MailboxError where the server will not have us; or what imaplib and ssl raise."""
    wire = client.wire
    if account.tls == "starttls":
        wire.secure()
    if wire.state != "NONAUTH":
        raise MailboxError(Kind.MISCONFIGURED, account.inbox, "the server let us in before we said who we are")
    before = frozenset(wire.capabilities)
    if "LOGINDISABLED" in before and "AUTH=PLAIN" not in before and not account.oauth:
        raise MailboxError(Kind.MISCONFIGURED, account.inbox, "the server takes no password on this connection")
    _authenticate(wire, account, before)
    _introduce(client, capabilities := _capabilities(wire))
    return capabilities


def _authenticate(wire: Wire, account: Account, capabilities: frozenset[str]) -> None:
    secret = _secret(account)
    try:
        _show(wire, account, secret, capabilities)
    except MailboxError as why:
        if account.spent is None or why.kind is not Kind.REFUSED:
            raise
        account.spent(secret)
        another = _secret(account)
        if another == secret:
            raise
        _show(wire, account, another, capabilities)


def _show(wire: Wire, account: Account, secret: str, capabilities: frozenset[str]) -> None:
    if _CONTROL.search(account.username + secret):
        raise MailboxError(Kind.REFUSED, account.inbox, "user name or password holds a control character")
    try:
        if account.oauth:
            _with_token(wire, account, secret, capabilities)
        elif "AUTH=PLAIN" in capabilities or not (account.username + secret).isascii():
            plain = f"\0{account.username}\0{secret}".encode()
            wire.authenticate("PLAIN", lambda _: plain)
        else:
            wire.login(_escaped(account.username), secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as why:
        raise _refusal(account, why) from why


def _secret(account: Account) -> str:
    try:
        return account.password()
    except (OSError, ValueError) as why:
        if not account.oauth:
            raise MailboxError(Kind.REFUSED, account.inbox, "the password could not be read") from why
        raise MailboxError(_kind_without_token(why), account.inbox, one_line(str(why))) from None


def _kind_without_token(why: Exception) -> Kind:
    if isinstance(why, ConnectionError):
        return Kind.UNAVAILABLE
    return Kind.SIGNED_OUT if isinstance(why, PermissionError) else Kind.REFUSED


def _with_token(wire: Wire, account: Account, token: str, capabilities: frozenset[str]) -> None:
    if "AUTH=OAUTHBEARER" in capabilities and "AUTH=XOAUTH2" not in capabilities:
        named = account.username.replace("=", "=3D").replace(",", "=2C")
        first = f"n,a={named},\1host={account.host}\1port={account.port}\1auth=Bearer {token}\1\1"
    else:
        first = f"user={account.username}\1auth=Bearer {token}\1\1"
    answers = iter([first.encode()])
    # A refusal comes as a further challenge, to be answered with ^A (RFC 7628, 3.2.3), by XOAUTH2 with nothing.
    bearer = first.startswith("n,")
    wire.authenticate("OAUTHBEARER" if bearer else "XOAUTH2", lambda _: next(answers, b"\1" if bearer else b""))


def _escaped(username: str) -> str:
    """imaplib quotes the password only."""
    return '"' + username.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refusal(account: Account, why: imaplib.IMAP4.error) -> MailboxError:
    text = text_of(why)
    kind = kind_of(text, Kind.SERVER if "command error: BAD" in text else Kind.REFUSED)
    return MailboxError(kind, account.inbox, f"log-in failed: {one_line(_CODE.sub('', text)) or 'no reason given'}")


def _capabilities(wire: Wire) -> frozenset[str]:
    """Asked anew: more is offered after log-in, and what was said before TLS is worth nothing."""
    _, lines = wire.capability()
    words = b" ".join(line for line in lines if isinstance(line, bytes)).decode("ascii", "replace")
    return frozenset(words.upper().split())


def _introduce(client: Client, capabilities: frozenset[str]) -> None:
    """RFC 2971; some providers want to know who is calling, none has to."""
    if "ID" not in capabilities:
        return
    try:
        client.id_({"name": "Troth"})
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ValueError):
        return
