"""Who signs in where, what comes of it, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What kind of thing stands in the way, by who can mend it."""

    UNREACHABLE = "unreachable"  # it may answer later
    ENDED = "ended"  # somebody must sign in (again)
    REFUSED = "refused"  # the provider does not take this client, or what it asks for
    DECLINED = "declined"  # the person said no
    LATE = "late"  # the person took too long


class SignInError(Exception):
    """No access. `words` is one line, without anything secret; what the provider says of it included."""

    def __init__(self, fault: Fault, words: str) -> None:
        super().__init__(words)
        self.fault = fault
        self.words = words


@dataclass(frozen=True, slots=True)
class Client:
    """This program as the provider knows it, for one inbox, and where that provider is asked.

    `secret` is asked at each use and raises OSError where there is none to be had. `asks` is what else the
    authorization request says. A link's answer is awaited at `redirect_host`, a name of this machine. `ca_file` holds
    the only authorities to trust; without it the system's are. Plain http is spoken to a loopback address alone.
    """

    inbox: str
    provider: str
    client_id: str
    username: str
    scopes: tuple[str, ...]
    token_endpoint: str
    device_authorization_endpoint: str | None = None
    authorization_endpoint: str | None = None
    secret: Callable[[], str] | None = field(default=None, repr=False)
    asks: tuple[tuple[str, str], ...] = ()
    redirect_host: str = "127.0.0.1"
    ca_file: str | None = None

    @property
    def mend(self) -> str:
        """What somebody has to do when the sign-in has ended."""
        return f"run `troth login {self.inbox}`"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gave: an access token, not to be used after `until` (UTC), and the one that renews it.

    `ends` is when the latter ends whatever is done with it, where the provider says so.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: datetime
    ends: datetime | None = None
