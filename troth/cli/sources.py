"""Where mails are read from on a command line: .eml files, an mbox, a Maildir, a folder of .eml, standard input."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LARGEST = 8 << 20
"""Bytes read of one mail; what parsing looks at is far less."""

_LONGEST_LINE = 1 << 16
_MBOX_LINE = b"From "
# a line of a mail's text may begin with "From " too, and not every program marks it; Thunderbird writes no date at all
_DATED = re.compile(rb"From .{0,300}? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d{1,2}:\d\d:\d\d ")
_LIKELY = re.compile(rb"From (?:-?[ \t]*\r?\n|.{0,300}?\d{1,2}:\d\d)")
_FIELD = re.compile(rb"[!-9;-~]{1,77}[ \t]*:")


class SourceError(Exception):
    """A path that cannot be read: one line."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mail stands: a whole file, or with a `number` so many bytes of an mbox."""

    path: Path
    offset: int = 0
    length: int = LARGEST
    number: int = 0

    @property
    def name(self) -> str:
        """The path, or `path:N` for the Nth of an mbox."""
        return f"{self.path}:{self.number}" if self.number else str(self.path)

    def read(self, most: int = LARGEST) -> bytes:
        """The mail's bytes, at most so many; in an mbox `>From ` at a line's start loses its mark (RFC 4155)."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                found = file.read(min(most, self.length))
        except OSError as error:
            raise SourceError(f"{self.path}: {_reason(error)}") from error
        return re.sub(rb"(?m)^>(>*From )", rb"\1", found) if self.number and b">From " in found else found


def mails(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each mail with the name of where it stands, one at a time in memory. Raises SourceError."""
    for path in paths:
        if path == "-":
            yield "-", sys.stdin.buffer.read(LARGEST)
        else:
            yield from ((spot.name, spot.read()) for spot in spots(path))


def spots(path: str) -> Iterator[Spot]:
    """Where the mails of a file or folder stand. Raises SourceError."""
    found = Path(path)
    try:
        if found.is_dir():
            yield from _of_folder(found)
        elif _is_mbox(found):
            yield from _of_mbox(found)
        else:
            yield Spot(found)
    except OSError as error:
        raise SourceError(f"{path}: {_reason(error)}") from error


def count(paths: Iterable[str]) -> int | None:
    """How many mails there will be, where that is known without reading them. Raises SourceError."""
    total = 0
    for path in paths:
        found = Path(path)
        try:
            if path == "-" or (not found.is_dir() and _is_mbox(found)):
                return None
            total += len(_files(found)) if found.is_dir() else 1
        except OSError as error:
            raise SourceError(f"{path}: {_reason(error)}") from error
    return total


def _reason(error: OSError) -> str:
    return (error.strerror or "it cannot be read").lower()


def _of_folder(folder: Path) -> Iterator[Spot]:
    files = _files(folder)
    maildir = any((folder / name).is_dir() for name in ("cur", "new"))
    if not files and not maildir:
        raise SourceError(f"{folder}: no mail is in it; a Maildir, an mbox file, or files ending in .eml are read")
    for file in files:
        yield from _of_mbox(file) if file.suffix == ".mbox" else (Spot(file),)


def _files(folder: Path) -> list[Path]:
    """The mails of a Maildir (its cur and new, and those of its subfolders), else all .eml and .mbox files below."""
    found = [file for file in folder.rglob("*") if file.is_file()]
    maildir = [file for file in found if file.parent.name in ("cur", "new")]
    return sorted(maildir or [file for file in found if file.suffix.lower() in (".eml", ".mbox")])


def _is_mbox(path: Path) -> bool:
    if path.suffix.lower() == ".eml":
        return False  # a saved mail may begin with its mbox line and is one mail all the same
    with path.open("rb") as file:
        return file.read(len(_MBOX_LINE)) == _MBOX_LINE


def _of_mbox(path: Path) -> Iterator[Spot]:
    """The mails of an mbox: each begins after a separator that follows a blank line or the file's beginning."""
    start, number = 0, 0
    with path.open("rb") as file:
        for before, after in _separators(file):
            if number:
                yield Spot(path, start, before - start, number)
            start, number = after, number + 1
        if number:
            yield Spot(path, start, file.tell() - start, number)


def _separators(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each separator begins and ends; one that is not dated as it should be needs a header behind it."""
    at, blank = 0, True
    doubtful: tuple[int, int] | None = None
    while line := file.readline(_LONGEST_LINE):
        if doubtful and _FIELD.match(line):
            yield doubtful
        doubtful = None
        if blank and line.startswith(_MBOX_LINE):
            if not at or _DATED.match(line):
                yield at, at + len(line)
            elif _LIKELY.match(line):
                doubtful = (at, at + len(line))
        at += len(line)
        blank = line in (b"\n", b"\r\n")
