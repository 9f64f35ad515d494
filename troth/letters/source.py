"""A template as it was handed in, parted into its headers and its body without reading any file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from troth.place import Mistake, Place, nearest

_FILE = re.compile(r"(?P<name>[\w./-]*?[\w-]+)(?:\.(?P<language>[a-z]{2}(?:-[A-Za-z0-9]+)?))?\.(?P<kind>txt|html)")
_AHEAD = re.compile(r"(?:\s*\{#.*?#\})*\s*", re.DOTALL)
SHIPPED_IN = "en"
"""The language of shipped templates whose names say none."""

_HEADER = re.compile(r"(?P<name>[!-9;-~]+)[ \t]*:[ \t]*(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Source:
    """A template's text. `name` is "complaint/acknowledgement", `kind` "txt" or "html", `path` for naming its mistakes.

    A last part that begins with `_` makes it a part for other letters, not a letter. `written` is the language of the
    words where that is known and the name does not say it.
    """

    name: str
    kind: str
    language: str | None
    path: str
    text: str
    written: str | None = None

    @property
    def file(self) -> str:
        """How other templates name it: "complaint/acknowledgement.de.txt"."""
        return f"{self.name}.{self.language}.{self.kind}" if self.language else f"{self.name}.{self.kind}"

    @property
    def is_part(self) -> bool:
        return self.name.rpartition("/")[2].startswith("_")

    @property
    def is_letter(self) -> bool:
        return not self.is_part


def source_at(relative: str, text: str, path: str | None = None) -> Source | None:
    """The source of a file at `relative` below templates/, written with `/`; None where its name is no template's."""
    found = _FILE.fullmatch(relative)
    return Source(found["name"], found["kind"], found["language"], path or relative, text) if found else None


def beside(own: tuple[Source, ...], shipped: tuple[Source, ...]) -> tuple[Source, ...]:
    """One's own templates, and the shipped letters none of them is named as: no shipped .html joins an own .txt."""
    theirs = tuple(replace(source, written=source.language or SHIPPED_IN) for source in shipped)
    as_shipped = {source.file: source.text for source in theirs}
    mine = tuple(replace(s, written=SHIPPED_IN) if _untouched(s, as_shipped) else s for s in own)
    letters = {source.name for source in own if source.is_letter}
    parts = {source.file for source in own if source.is_part}
    kept = (s for s in theirs if (s.file not in parts if s.is_part else s.name not in letters))
    return (*mine, *kept)


def _untouched(source: Source, as_shipped: Mapping[str, str]) -> bool:
    return source.language is None and as_shipped.get(source.file) == source.text


@dataclass(frozen=True, slots=True)
class Parted:
    """A text letter in two. Both keep their lines where they stood, so that a line number is the file's."""

    subject: str | None
    body: str
    mistakes: tuple[Mistake, ...] = ()


def part(source: Source) -> Parted:
    """The headers and the body of a text letter; comments (`{# … #}`) may stand before the headers."""
    ahead = _AHEAD.match(source.text)
    start = ahead.end() if ahead else 0
    above = source.text.count("\n", 0, start)
    rows = source.text[start:].split("\n")
    end = next((i for i, row in enumerate(rows) if not row.strip()), len(rows))
    body = "\n" * (above + end) + "\n".join(rows[end:])
    subject: str | None = None
    mistakes: list[Mistake] = []
    for number, row in enumerate(rows[:end], above + 1):
        found = _HEADER.fullmatch(row.rstrip("\r"))
        place = Place(source.path, number, 1)
        if found is None:
            mistakes.append(_no_header(place))
            break
        if found["name"].lower() != "subject":
            mistakes.append(_other_header(place, found["name"]))
        elif subject is not None:
            mistakes.append(Mistake(place, "a second Subject", "keep one"))
        else:
            subject = "\n" * (number - 1) + found["value"]
    if subject is None and not any("header" in m.message for m in mistakes):
        mistakes.append(_no_subject(Place(source.path, above + 1, 1)))
    elif subject is not None and not subject.strip():
        mistakes.append(Mistake(Place(source.path, subject.count("\n") + 1, 1), "the Subject is empty", "write one"))
    return Parted(subject, body, tuple(mistakes))


def _no_header(place: Place) -> Mistake:
    mend = "begin the letter with `Subject: …` and an empty line, then write its text"
    return Mistake(place, "this is neither a header nor the empty line that ends the headers", mend)


def _other_header(place: Place, name: str) -> Mistake:
    meant = nearest(name.lower(), ["subject"])
    mend = "did you mean Subject?" if meant else "take it out: Troth writes the other headers itself"
    return Mistake(place, f"a letter sets no header {name}", mend)


def _no_subject(place: Place) -> Mistake:
    return Mistake(place, "the letter has no Subject", "begin it with `Subject: …` and an empty line")
