"""Signing in by a code that the person enters elsewhere (RFC 8628)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from troth.signin.asking import ask
from troth.signin.granting import grant_of, identified, refusal, secret_of
from troth.signin.values import Client, Fault, Grant, SignInError

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL, _SLOWER, _SLOWEST = 5, 5, 60  # RFC 8628, 3.2 and 3.5; the last is ours
_LIFE, _LONGEST_LIFE = 900, 3600
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Code:
    """What the person is to enter, and where, within so many seconds."""

    user_code: str
    where: str
    seconds: int
    interval: int
    device_code: str = field(repr=False)


def code_for(client: Client) -> Code:
    """A code to show. Raises SignInError."""
    url = client.device_authorization_endpoint or ""
    answer = ask(client, url, {"client_id": client.client_id, **secret_of(client), "scope": " ".join(client.scopes)})
    if answer.error is not None:
        raise refusal(client, answer)
    user_code, device_code = answer.members.get("user_code"), answer.text("device_code")
    where = answer.text("verification_uri", 500) or answer.text("verification_url", 500)  # the draft's name for it
    if not isinstance(user_code, str) or not 0 < len(user_code) <= 64 or not user_code.isprintable():
        raise _unusable(client)
    if not device_code or not _is_page(where):
        raise _unusable(client)
    life = answer.seconds("expires_in", _LIFE, _LONGEST_LIFE)
    return Code(user_code, where, life, answer.seconds("interval", _INTERVAL, _SLOWEST), device_code)


def _is_page(where: str) -> bool:
    """Whether a person may be sent there: to a page over TLS, or of this machine."""
    try:
        parts = urlsplit(where)
    except ValueError:
        return False
    if parts.scheme == "http":
        return parts.hostname in _THIS_MACHINE
    return parts.scheme == "https" and bool(parts.hostname)


def _unusable(client: Client) -> SignInError:
    return SignInError(Fault.UNREACHABLE, f"{client.provider} gave no code that can be used")


def await_grant(
    client: Client,
    code: Code,
    now: Callable[[], datetime],
    waiting: Callable[[int], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
    steady: Callable[[], float] = time.monotonic,
) -> Grant:
    """Asks until the person has entered the code. `waiting` is told the seconds that are left. Raises SignInError."""
    until, interval = steady() + code.seconds, code.interval
    while (left := until - steady()) > 0:
        waiting(int(left))
        pause(min(interval, left))
        try:
            return _asked(client, code, now())
        except _NotYet as later:
            interval = min(_SLOWEST, interval + later.slower)
        except SignInError as why:
            if why.fault is not Fault.UNREACHABLE:
                raise
            interval = min(_SLOWEST, interval * 2)  # RFC 8628, 3.5: after a time-out, ask less often
    raise SignInError(Fault.LATE, "the code was not entered in time")


class _NotYet(Exception):  # noqa: N818 - nothing is wrong
    def __init__(self, slower: int) -> None:
        super().__init__()
        self.slower = slower


def _asked(client: Client, code: Code, now: datetime) -> Grant:
    form = {"grant_type": _GRANT, "device_code": code.device_code}
    answer = ask(client, client.token_endpoint, identified(client, form))
    if answer.error in ("authorization_pending", "slow_down"):
        raise _NotYet(_SLOWER if answer.error == "slow_down" else 0)
    if answer.error in ("access_denied", "authorization_declined"):  # the second is Microsoft's
        raise SignInError(Fault.DECLINED, f"the sign-in was declined at {client.provider}")
    if answer.error in ("expired_token", "code_expired"):
        raise SignInError(Fault.LATE, "the code was not entered in time")
    if answer.error is not None:
        raise refusal(client, answer)
    return grant_of(client, answer, now)
