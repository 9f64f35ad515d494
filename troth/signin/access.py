"""An access token whenever one is asked for: renewed in time, once, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from troth.signin.keeping import Kept
from troth.signin.values import Client, Fault, Grant, SignInError


class Access:
    """The access tokens of one inbox; any thread may ask. `now` gives the time in UTC."""

    def __init__(self, client: Client, kept: Kept, now: Callable[[], datetime]) -> None:
        self._client = client
        self._kept = kept
        self._now = now
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._unsaved: Grant | None = None
        self._refused = ""
        self._stamp = kept.stamp()
        self._signed_in = kept.signed_in()

    def token(self) -> str:
        """A token that is believed to be good, renewed where need be. Raises SignInError."""
        with self._lock:
            if self._grant is None or not self._is_good(self._grant):
                self._grant = self._renewed()
            return self._grant.access

    def spent(self, token: str) -> None:
        """A mail server does not take this token, though its time is not over: the next is another one."""
        with self._lock:
            self._refused = token

    def signed_in_anew(self) -> bool:
        """Whether somebody has signed in since this was made."""
        stamp = self._kept.stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        return stamp is not None and self._kept.signed_in() != self._signed_in

    def ends(self) -> datetime | None:
        """When the sign-in ends whatever is done, where the provider has said so; None without a sign-in."""
        try:
            return self._kept.read().ends
        except SignInError:
            return None

    def _is_good(self, grant: Grant) -> bool:
        return self._now() < grant.until and grant.access not in ("", self._refused)

    def _renewed(self) -> Grant:
        """What another process has renewed meanwhile, or what the provider gives now."""
        self._kept.read()  # without a sign-in there is nothing to lock
        with self._kept.locked():
            before = self._unsaved or self._kept.read()
            if self._unsaved is None and self._is_good(before):
                return before
            try:
                from troth.signin.granting import refreshed  # noqa: PLC0415 - it costs memory, and is seldom needed

                grant = refreshed(self._client, before, self._now())
            except SignInError as why:
                if why.fault is Fault.ENDED:
                    self._unsaved = None
                raise
            self._keep(grant)
            return grant

    def _keep(self, grant: Grant) -> None:
        """A provider may have taken back the token it replaced: what cannot be written is kept in memory."""
        try:
            self._kept.write(grant)
            self._unsaved = None
        except OSError:
            self._unsaved = grant


class Once:
    """The access that a sign-in just gave, for proving it before it is kept."""

    def __init__(self, grant: Grant) -> None:
        self._grant = grant

    def token(self) -> str:
        return self._grant.access

    def spent(self, token: str) -> None:
        """There is no other."""
