"""Where mails are read from on a command line: .eml files, an mbox, a Maildir, a folder of .eml, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

LARGEST = 8 << 20
"""Bytes read of one mail; what parsing looks at is far less."""

_MBOX_LINE = b"From "


class SourceError(Exception):
    """A path that cannot be read: one line."""


def mails(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each mail with the name of where it stands: the path, or `path:N` for the Nth of an mbox. Raises SourceError."""
    for path in paths:
        yield from _standard_input() if path == "-" else _of_path(Path(path), path)


def count(paths: Iterable[str]) -> int | None:
    """How many mails there will be, where that is known without reading them."""
    total = 0
    for path in paths:
        found = Path(path)
        if path == "-" or (found.is_file() and _is_mbox(found)):
            return None
        total += len(_files(found)) if found.is_dir() else 1
    return total


def _standard_input() -> Iterator[tuple[str, bytes]]:
    yield "-", sys.stdin.buffer.read(LARGEST)


def _of_path(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            yield from ((str(file), _head(file)) for file in _files(path))
        elif _is_mbox(path):
            yield from _mbox(path, name)
        else:
            yield name, _head(path)
    except OSError as error:
        raise SourceError(f"{name}: {(error.strerror or 'it cannot be read').lower()}") from error


def _files(folder: Path) -> list[Path]:
    """The mails of a Maildir (its cur and new, and those of its subfolders), else all .eml files below."""
    found = [file for file in folder.rglob("*") if file.is_file()]
    maildir = [file for file in found if file.parent.name in ("cur", "new")]
    return sorted(maildir or [file for file in found if file.suffix.lower() == ".eml"])


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST)


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MBOX_LINE)) == _MBOX_LINE


def _mbox(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The mails of an mbox, one at a time in memory; `>From ` at a line's start loses its mark (mboxrd, RFC 4155)."""
    lines: list[bytes] = []
    number, size, blank = 0, 0, True
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(_MBOX_LINE):
                if number:
                    yield f"{name}:{number}", b"".join(lines)
                number, lines, size, blank = number + 1, [], 0, False
                continue
            blank = line in (b"\n", b"\r\n")
            size += len(line)
            if size <= LARGEST:
                lines.append(line[1:] if line.lstrip(b">").startswith(_MBOX_LINE) and line[:1] == b">" else line)
    if number:
        yield f"{name}:{number}", b"".join(lines)
