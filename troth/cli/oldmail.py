"""Old mail in the order in which it came: the mails stay where they lie, only their moments and places are held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from troth import clock
from troth.cli.lain import Lain, lain
from troth.cli.sources import SourceError, Spot, spots
from troth.config import Config, Watch
from troth.message import addressing, header

_HEAD = 64 * 1024
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=366)
"""Clocks that run ahead exist; a mail from further in the future has a date that says nothing."""

_RECIPIENTS = ("delivered-to", "x-original-to", "to", "cc")


@dataclass(frozen=True, slots=True)
class Old:
    """An old mail. `inboxes` are the inboxes it belongs to, one for each configuration it is played under."""

    at: datetime
    spot: Spot
    sent: bool
    inboxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """All old mails, earliest first; `undated` had no date of their own and stand beside their neighbours.

    `aside` are drafts and spam: no daemon would have seen them.
    """

    mails: tuple[Old, ...]
    undated: int
    aside: int = 0


def in_order(
    received: Sequence[str], sent: Sequence[str], configs: Sequence[Config], progress: Callable[[int], None]
) -> Archive:
    """Look at the header of every mail and sort them by their moments. Raises SourceError."""
    found: list[Old] = []
    undated = aside = looked = 0
    answers = [path for path in sent if not _bare(Path(path))]
    for paths, ours in ((received, False), (answers, True)):
        rows = list(_looked_at(paths, configs, sent=ours, done=looked, progress=progress))
        looked += len(rows)
        played = [row for row in rows if row.lain is not Lain.ASIDE]
        aside += len(rows) - len(played)
        undated += sum(row.at is None for row in played)
        found += _beside_neighbours(played)
    return Archive(tuple(sorted(found, key=attrgetter("at"))), undated, aside)


def _bare(path: Path) -> bool:
    """Whether nothing at all lies there: who has answered nobody has an empty folder to show."""
    try:
        return path.is_dir() and next(path.iterdir(), None) is None
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Row:
    at: datetime | None
    spot: Spot
    lain: Lain
    inboxes: tuple[str, ...]


def _looked_at(
    paths: Sequence[str], configs: Sequence[Config], *, sent: bool, done: int, progress: Callable[[int], None]
) -> Iterator[_Row]:
    once: dict[tuple[str, ...], tuple[str, ...]] = {}
    every = ((path, spot) for path in paths for spot in spots(path))
    for number, (below, spot) in enumerate(every, done + 1):
        head = _head(spot)
        lay = lain(head, spot.path, Path(below))
        if sent and lay is Lain.INBOX:
            lay = Lain.SENT
        inboxes = tuple(_owner(head, config, sent=lay is Lain.SENT) for config in configs)
        yield _Row(arrival(head), spot, lay, once.setdefault(inboxes, inboxes))
        progress(number)


def _beside_neighbours(rows: Sequence[_Row]) -> Iterator[Old]:
    """A mail without a date counts as come with the one that stands before it."""
    last = next((row.at for row in rows if row.at is not None), None)
    if rows and last is None:
        raise SourceError(f"{rows[0].spot.path}: {_undated(rows[0])}")
    for row in rows:
        last = row.at or last or _EARLIEST
        yield Old(last, row.spot, row.lain is Lain.SENT, row.inboxes)


def _undated(row: _Row) -> str:
    head = _head(row.spot)
    if not any(head.has(name) for name in ("from", "to", "subject", "message-id")):
        return "no mail is in it; an mbox, a Maildir, or files ending in .eml are read"
    return "no mail there has a date, so when they came cannot be told"


def _head(spot: Spot) -> header.Header:
    for most in (8 * 1024, _HEAD):
        raw = spot.read(most).replace(b"\r\n", b"\n")
        if b"\n\n" in raw or len(raw) < most // 2:
            break
    return header.split(raw)[0]


def arrival(head: header.Header) -> datetime | None:
    """When a mail arrived: what the last server wrote down, else when it says it was written; None if neither is sane.

    `Received` counts first, for a sender's clock may be years off.
    """
    stamps = (value.rpartition(b";")[2] for value in head.all("received")[:1])
    moments = (addressing.date(value.strip()) for value in (*stamps, head.first("date")))
    return next((moment for moment in moments if moment is not None and _sane(moment)), None)


def _sane(moment: datetime) -> bool:
    return _EARLIEST <= moment <= clock.now() + _AHEAD


def _owner(head: header.Header, config: Config, *, sent: bool) -> str:
    """The inbox a mail lay in: by its recipients, or its sender where it was sent; else the first that is watched."""
    folder = Watch.SENT if sent else Watch.INBOX
    watched = [inbox for inbox in config.inboxes if folder in inbox.watch] or list(config.inboxes)
    if len(watched) == 1:
        return watched[0].name
    fields = ("from",) if sent else _RECIPIENTS
    who = [party.address for name in fields for party in addressing.parties(head.all(name))]
    owners = {address: inbox.name for inbox in reversed(watched) for address in inbox.addresses}
    return next((owners[address] for address in who if address in owners), watched[0].name)
