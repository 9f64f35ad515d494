"""How long a letter takes from the delivery of the mail, beside the server's own word to a bare connection in IDLE."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.mails import complaints
from benchmarks.rig import Rig
from tests.house import House

_HOST = "127.0.0.1"
_PATIENCE = 10.0
_QUIET = 0.8


@dataclass(frozen=True, slots=True)
class Latency:
    """Medians in milliseconds, from the server's 250 after the mail; `over` is the median of the differences."""

    samples: int
    announced: float
    letter: float
    over: float
    worst: float


def measured(rig: Rig, samples: int) -> Latency:
    """Deliver so many complaints, one at a time, to an idle daemon."""
    with rig.house(poll=60) as house:
        house.start()
        with _idling(rig, house) as idle:
            rows = [_one(rig, house, idle, mail) for mail in complaints(samples, house.user)]
        house.stop()
    announced, letter = [row[0] for row in rows], [row[1] for row in rows]
    over = [later - sooner for sooner, later in rows]
    return Latency(samples, *(each * 1000 for each in (median(announced), median(letter), median(over), max(over))))


def _one(rig: Rig, house: House, idle: _Idle, mail: bytes) -> tuple[float, float]:
    before = len(rig.sink.moments)
    idle.forget()
    house.deliver(mail)
    delivered = time.time()  # LMTP has said 250 and good-bye; the announcement may have come first
    announced = idle.exists() - delivered
    return announced, rig.sink.wait(before + 1, _PATIENCE) - delivered


class _Idle:
    """A connection that has sent IDLE and reads what comes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def forget(self) -> None:
        """Wait until nothing more comes of the mail before: Dovecot holds its word back for half a second."""
        self._connection.settimeout(_QUIET)
        try:
            while self._connection.recv(65536):
                pass
        except TimeoutError:
            self._connection.settimeout(_PATIENCE)

    def exists(self) -> float:
        """The moment at which EXISTS had come."""
        said = b""
        while b" EXISTS" not in said:
            said += self._connection.recv(4096)
        return time.time()


@contextmanager
def _idling(rig: Rig, house: House) -> Iterator[_Idle]:
    with socket.create_connection((_HOST, rig.dovecot.imap_port), timeout=_PATIENCE) as connection:
        login = f"a LOGIN {house.user} {house.password}\r\n"
        for command in (login, "b SELECT INBOX\r\n", "c IDLE\r\n"):
            connection.sendall(command.encode())
            _until(connection, b"+ " if "IDLE" in command else f"\n{command[0]} OK".encode())
        yield _Idle(connection)


def _until(connection: socket.socket, mark: bytes) -> None:
    said = b"\n"
    while mark not in said:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        said += more
