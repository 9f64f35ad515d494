"""YAML as nodes that know their place, built from the parser's events so that no file can make it recurse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import cast

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from troth.place import Mistake, Node, Place, Scalar

LARGEST_FILE = 4 * 1024 * 1024
DEEPEST = 40
MOST_NODES = 200_000  # every alias counted as often as it stands

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# U+2028 and U+2029 are line ends to YAML but to no editor: every place below would be off by one
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_WORDS = (
    ("cannot start any token", "a tab, or a character with a meaning of its own, begins this value"),
    ("could not find expected ':'", "this line has no colon after its key"),
    ("mapping values are not allowed", "a colon stands where none is expected"),
    ("did not find expected key", "this line does not fit the lines above it"),
    ("expected <block end>", "this line does not fit the lines above it"),
    ("did not find expected '-' indicator", "this line does not fit the list above it"),
    ("did not find expected ',' or", "the bracket opened here is not closed, or a comma is missing in it"),
    ("unexpected end of stream", "the quote opened here is never closed"),
    ("alphabetic or numeric character", "a word that begins with * or & means something else to YAML"),
)


class _RefusedError(Exception):
    """Ends the reading of a file; carries the finding."""

    def __init__(self, place: Place, message: str, mend: str) -> None:
        super().__init__(message)
        self.mistake = Mistake(place, message, mend)


def read_yaml(path: Path) -> tuple[Node | None, list[Mistake]]:
    """The one document of a file with the place of every value; None where it cannot be read as YAML at all.

    Places name the file as `path` does. An empty file is a node of None. Dates stay text; any other word that YAML 1.1
    turns into something else has what it makes of it as `value`, and the word itself as `written`.
    """
    try:
        text = _text(path)
    except _RefusedError as refused:
        return None, [refused.mistake]
    return parse_yaml(text, str(path))


def parse_yaml(text: str, file: str) -> tuple[Node | None, list[Mistake]]:
    """As `read_yaml`, of a text; `file` is the name that the places carry."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    build = _Build(file, text.split("\n"))
    try:
        _refuse_unprintable(text, file)
        for event in _events(text, file):
            build.take(event)
    except _RefusedError as refused:
        return None, [*build.mistakes, refused.mistake]
    return build.root or Node(None, Place(file), written=""), build.mistakes


def _text(path: Path) -> str:
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise _RefusedError(place, "there is no such file", "write it, or mend the path") from None
    except IsADirectoryError:
        raise _RefusedError(place, "this is a folder", "name a file in it") from None
    except OSError as error:
        raise _RefusedError(place, f"it cannot be read ({error.strerror})", "mend its permissions") from None
    if len(raw) > LARGEST_FILE:
        raise _RefusedError(place, "it is larger than 4 MB", "split it")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _RefusedError(place, "it is written in UTF-16", "save it as UTF-8")
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        at = _place_at(raw[: error.start].decode("utf-8", "replace"), str(path))
        raise _RefusedError(at, "this character is not written in UTF-8", "save the file as UTF-8") from None


def _place_at(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _refuse_unprintable(text: str, file: str) -> None:
    found = _UNPRINTABLE.search(text)
    if found:
        place = _place_at(text[: found.start()], file)
        raise _RefusedError(place, f"an invisible character (U+{ord(found[0]):04X}) stands here", "delete it")


def _events(text: str, file: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _RefusedError(*_in_words(error, file, text)) from None
    except yaml.YAMLError as error:
        raise _RefusedError(Place(file), f"this is no YAML ({str(error).splitlines()[0]})", "mend it") from None


_WHERE_IT_BEGAN = ("did not find expected ',' or", "unexpected end of stream")
_MEND = "mend the indentation, colons, brackets or quotes here or just above"


def _in_words(error: yaml.MarkedYAMLError, file: str, text: str) -> tuple[Place, str, str]:
    problem = error.problem or "it cannot be read"
    began = any(part in problem for part in _WHERE_IT_BEGAN)
    mark = (error.context_mark if began else None) or error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    line = [*text.split("\n"), ""][place.line - 1] if place.line <= text.count("\n") + 1 else ""
    blank = line[: len(line) - len(line.lstrip())]
    if "\t" in blank:
        tab = Place(file, place.line, blank.index("\t") + 1)
        return tab, "a tab indents this line", "indent with spaces"
    said = next((words for part, words in _IN_WORDS if part in problem), problem)
    return place, said, "put it in quotes" if "* or &" in said else _MEND


@dataclass
class _Open:
    """A mapping or list still being read. `size` counts its nodes with what aliases repeat."""

    event: yaml.CollectionStartEvent
    children: list[Node] = field(default_factory=list)
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    key: Node | None = None
    size: int = 1


class _Build:
    """Takes the events of one document and ends with its root."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self._lines = lines
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), 1, event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root:
            raise _RefusedError(self._place(event), "a second document begins here", "delete the --- above it")

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) >= DEEPEST:
            raise _RefusedError(self._place(event), f"this is nested more than {DEEPEST} deep", "flatten it")
        if event.tag:
            self._refuse_tag(event.tag, self._place(event))
        self._open.append(_Open(event))

    def _end(self) -> None:
        done = self._open.pop()
        place = self._place(done.event)
        if isinstance(done.event, yaml.MappingStartEvent):
            node = Node(done.values, place, keys=done.keys)
        else:
            node = Node(tuple(done.children), place)
        self._put(node, done.size, done.event.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if name not in self._anchors:
            message = f"`*{name}` has no anchor &{name} above it"
            raise _RefusedError(self._place(event), message, "write the value out, or put it in quotes")
        self._put(*self._anchors[name], None)

    def _put(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += size
        if parent.size > MOST_NODES:
            raise _RefusedError(node.place, "aliases make this too large", "write the values out")
        if isinstance(parent.event, yaml.SequenceStartEvent):
            parent.children.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            self._pair(parent, parent.key, node)
            parent.key = None

    def _pair(self, parent: _Open, key: Node, value: Node) -> None:
        if not isinstance(key.value, str):
            word = key.written or ""
            if isinstance(key.value, tuple | dict) or not word:
                self._say(key.place, "a key must be a word", "write one before the colon")
                return
            self._say(key.place, f"the key `{word}` is read as {str(key.value).lower()}", f'write "{word}" in quotes')
        name = key.value if isinstance(key.value, str) else word
        if name == "<<" and key.written == "<<":
            self._say(key.place, "merge keys (<<) are not read here", "write the keys out")
        elif name in parent.values:
            first = parent.keys[name]
            self._say(key.place, f"`{name}` is given twice (first in line {first.line})", "keep one of them")
        else:
            parent.values[name] = value
            parent.keys[name] = key.place

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        place = self._place(event)
        if event.tag and event.tag not in ("!", _TAG + "str"):
            self._refuse_tag(event.tag, place)
        if event.tag or not event.implicit[0]:
            return Node(event.value, place, written=self._as_written(event))
        return Node(self._made(event, place), place, written=event.value)

    def _as_written(self, event: yaml.ScalarEvent) -> str:
        """A quoted text with its quotes, where it stands in one line."""
        start, end = event.start_mark, event.end_mark
        if start is None or end is None or start.line != end.line:
            return event.value
        return self._lines[start.line][start.column : end.column]

    def _made(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        try:
            made = _value(event.value)
            if isinstance(made, str | bool | None) or isfinite(made):
                return made
        except (ValueError, OverflowError):
            pass  # more digits than int() takes, or than a float holds
        self._say(
            place, f"`{event.value[:40]}` is no number one can count with", "write it in quotes, or a smaller one"
        )
        return event.value

    def _refuse_tag(self, tag: str, place: Place) -> None:
        shown = "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
        self._say(place, f"tags ({shown}) are not read here", "write the plain value")

    def _say(self, place: Place, message: str, mend: str) -> None:
        self.mistakes.append(Mistake(place, message, mend))


_construct = SafeConstructor()
_MAKERS = {
    "null": _construct.construct_yaml_null,
    "bool": _construct.construct_yaml_bool,
    "int": _construct.construct_yaml_int,
    "float": _construct.construct_yaml_float,
}


def _value(word: str) -> Scalar:
    """What YAML 1.1 makes of a plain word, dates excepted."""
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(word[:1], []):
        maker = _MAKERS.get(tag.removeprefix(_TAG))
        if maker and pattern.match(word):
            return cast(Scalar, maker(yaml.ScalarNode(tag, word)))
    return word
