"""Where the files are that a configuration is made of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import troth
from troth.place import nearest

SHIPPED = "shipped:"
TEST = ".test.yaml"
YAML = (".yaml", ".yml")
TEMPLATES = (".txt", ".html")
_ENDINGS = YAML + TEMPLATES
_DEEPEST = 8  # a folder may be a link to one above it
Stamp = tuple[int, int, int] | None
"""Modification time, size and inode of a file; None where there is none."""


def shipped(kind: str) -> Path:
    """The folder `rules` or `templates` that came with the program, shown from the working directory if it is below."""
    package = Path(troth.__file__).resolve().parent
    installed = package / "shipped"
    folder = (installed if installed.is_dir() else package.parent) / kind
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def shipped_languages() -> list[str]:
    """The languages that rules are shipped for."""
    folder = shipped("rules")
    return sorted(path.name for path in folder.iterdir() if any(below(path, YAML))) if folder.is_dir() else []


def pack(word: str, folder: Path) -> Path:
    """The folder or file that an entry of `rules:` means. Raises ValueError, worded for the owner."""
    if not word.startswith(SHIPPED):
        path = folder / word
        if not path.exists():
            raise ValueError("there is no such file or folder; mend the path, which counts from config.yaml")
        return path
    language = word.removeprefix(SHIPPED)
    known = shipped_languages()
    if language not in known:
        meant = nearest(language, known)
        mend = f"did you mean `{SHIPPED}{meant}`" if meant else f"there are {', '.join(SHIPPED + one for one in known)}"
        raise ValueError(f"no rules are shipped for `{language}`; {mend}")
    return shipped("rules") / language


def below(path: Path, endings: tuple[str, ...], depth: int = 0) -> Iterator[Path]:
    """The files with such endings in a folder and those in it, in order; the path itself if it is a file."""
    if not path.is_dir():
        yield from [path] if path.name.endswith(endings) else []
        return
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from below(Path(entry.path), endings, depth + 1) if depth < _DEEPEST else ()
        elif entry.name.endswith(endings):
            yield Path(entry.path)


def stamps(named: Iterable[Path], folders: Iterable[Path]) -> dict[str, Stamp]:
    """The stamps of files, and of whatever in folders a configuration may be made of, by their paths."""
    found = {str(path): stamp(path) for path in named}
    for folder in folders:
        _look(str(folder), found, 0)
    return found


def _look(folder: str, found: dict[str, Stamp], depth: int) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    if depth < _DEEPEST:
                        _look(entry.path, found, depth + 1)
                elif entry.name.endswith(_ENDINGS) and entry.path not in found:
                    found[entry.path] = _stamp(entry)
    except OSError:  # a file, noted by its own name, or a folder that has gone
        return


def stamp(path: Path) -> Stamp:
    return _stamp(path)


def _stamp(path: os.DirEntry[str] | Path) -> Stamp:
    try:
        stat = os.stat(path)  # noqa: PTH116 -- an entry's own stat() is a cached one
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
