"""Where a sign-in is kept: one file for each inbox, for its owner's eyes alone, and a lock beside it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from troth.signin.values import Client, Fault, Grant, SignInError

_LARGEST = 1 << 18
_LONGEST_WAIT = 45.0
"""Seconds for another process to end what it does with the file: a question to the provider takes 20 at most."""

Stamp = tuple[int, int] | None


class Kept:
    """The file of one inbox's sign-in. Another client's, another user's or another provider's does not count."""

    def __init__(self, folder: Path, client: Client) -> None:
        self._client = client
        self.path = folder / f"signin-{quote(client.inbox, safe='')}.json"
        asked = [client.client_id, client.username, client.token_endpoint, *sorted(client.scopes)]
        self._made_for = hashlib.sha256("\n".join(asked).encode()).hexdigest()

    def stamp(self) -> Stamp:
        """By which it is seen that the file was written anew; None where there is none."""
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def read(self) -> Grant:
        """What is kept. Raises SignInError: ENDED where somebody has to sign in first."""
        said = self._said()
        if said is None:
            raise SignInError(Fault.ENDED, f"nobody has signed in at {self._client.provider} yet; {self._client.mend}")
        if said.get("made_for") != self._made_for:
            words = f"the sign-in that is kept was made with other settings; {self._client.mend}"
            raise SignInError(Fault.ENDED, words)
        try:
            until = datetime.fromisoformat(str(said.get("until")))
            ends = datetime.fromisoformat(str(said["ends"])) if said.get("ends") else None
        except ValueError:
            raise self._unreadable() from None
        access, refresh = said.get("access_token"), said.get("refresh_token")
        if not isinstance(access, str) or not isinstance(refresh, str) or not refresh or until.tzinfo is None:
            raise self._unreadable()
        return Grant(access, refresh, until, ends if ends and ends.tzinfo else None)

    def signed_in(self) -> str | None:
        """When somebody signed in last, for telling one sign-in from another; refreshing does not change it."""
        try:
            said = self._said()
        except SignInError:
            return None
        return str(said.get("signed_in")) if said is not None else None

    def write(self, grant: Grant, signed_in: datetime | None = None) -> None:
        """Keep it in place of what was there; without `signed_in` it is a renewal. OSError: nothing has changed."""
        said = {
            "made_for": self._made_for,
            "signed_in": signed_in.isoformat() if signed_in else self.signed_in(),
            "until": grant.until.isoformat(),
            "ends": grant.ends.isoformat() if grant.ends else None,
            "access_token": grant.access,
            "refresh_token": grant.refresh,
        }
        self._make_folder()
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            beside.unlink()
        try:
            self._lay(beside, json.dumps(said).encode())
            beside.replace(self.path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(self.path.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While this lasts no other process renews the sign-in. Raises SignInError where that cannot be had."""
        try:
            lock = self._opened(self.path.with_name(f"{self.path.name}.lock"))
        except OSError as why:
            raise self._out_of_reach(why) from None
        try:
            self._await(lock)
            yield
        finally:
            os.close(lock)

    def _await(self, lock: int) -> None:
        until = time.monotonic() + _LONGEST_WAIT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise SignInError(Fault.UNREACHABLE, "another process holds the sign-in and does not end") from None
                time.sleep(0.05)
            else:
                return

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _lay(self, path: Path, raw: bytes) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as out:
            self._give_away(out.fileno())
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())

    def _opened(self, path: Path) -> int:
        self._make_folder()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._give_away(file)
        return file

    def _give_away(self, file: int) -> None:
        """What root writes in the folder of the daemon's user must be readable by that user."""
        if os.geteuid() == 0:
            whose = self.path.parent.stat()
            os.fchown(file, whose.st_uid, whose.st_gid)

    def _said(self) -> dict[str, object] | None:
        try:
            with self.path.open("rb") as file:
                raw = file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as why:
            raise self._out_of_reach(why) from None
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            raise self._unreadable() from None
        if not isinstance(said, dict):
            raise self._unreadable()
        return said

    def _unreadable(self) -> SignInError:
        return SignInError(Fault.ENDED, f"what is kept of the sign-in cannot be read; {self._client.mend}")

    def _out_of_reach(self, why: OSError) -> SignInError:
        return SignInError(Fault.REFUSED, f"{self.path.name} cannot be used: {why.strerror}; look at its folder")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
