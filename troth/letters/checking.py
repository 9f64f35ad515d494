"""What is wrong with the letters, found before any is sent: by reading every branch, and by rendering with samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import product
from types import NoneType, UnionType
from typing import Protocol, get_args, get_origin, get_type_hints

from jinja2 import TemplateSyntaxError, nodes

from troth.letters.facts import LetterFacts
from troth.letters.rendered import LetterError, Rendered, is_telling
from troth.letters.sample import sample_facts
from troth.letters.source import Parted, Source
from troth.letters.tellings import Facts, TellingFacts
from troth.place import Gravity, Mistake, Place, nearest

Shape = type | tuple[type] | None
"""What a name stands for: a class of facts, several of them in a row, or something we do not follow."""

_REMOTE = re.compile(
    r"""(?:src|background)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|<script|<link\b""",
    re.IGNORECASE,
)


class Press(Protocol):
    """What checking needs of `Letters`."""

    @property
    def sources(self) -> Mapping[str, Source]: ...

    @property
    def parted(self) -> Mapping[str, Parted]: ...

    def written_in(self, source: Source) -> str: ...

    def read(self, file: str, *, subject: bool = False) -> tuple[nodes.Template, frozenset[str]]: ...

    def render(self, name: str, facts: Facts, *, language: str | None = None) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A template read, with what each letter that it is a part of asks of it again."""

    undeclared: frozenset[str]
    names: tuple[nodes.Name, ...]
    loops: tuple[nodes.For, ...]
    keys: tuple[nodes.Getattr | nodes.Getitem, ...]
    parts: tuple[tuple[str, int], ...]


class _Shelf:
    """The templates of a press, each read once. Raises TemplateSyntaxError where one cannot be."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self._leaves: dict[tuple[str, bool], _Leaf] = {}

    def body(self, source: Source) -> _Leaf:
        return self._leaf(source, subject=False)

    def subject(self, source: Source) -> _Leaf:
        return self._leaf(source, subject=True)

    def _leaf(self, source: Source, *, subject: bool) -> _Leaf:
        known = self._leaves.get((source.file, subject))
        if known is None:
            known = self._leaves[source.file, subject] = _leaf(*self.press.read(source.file, subject=subject))
        return known


def _leaf(tree: nodes.Template, undeclared: frozenset[str]) -> _Leaf:
    every = list(tree.find_all(nodes.Node))
    return _Leaf(
        undeclared,
        tuple(node for node in every if isinstance(node, nodes.Name)),
        tuple(node for node in every if isinstance(node, nodes.For)),
        tuple(node for node in every if isinstance(node, nodes.Getattr | nodes.Getitem)),
        tuple(_parts_of(every)),
    )


def examine(press: Press, sources: Sequence[Source]) -> list[Mistake]:
    """All mistakes and warnings in these sources of a press, by place; each one once."""
    found: list[Mistake] = []
    shelf = _Shelf(press)
    for source in sources:
        own = [*press.parted[source.file].mistakes] if source.file in press.parted else []
        own += _unread(shelf, source)
        if not own and source.is_letter:
            own += _Reader(shelf, source).mistakes()
        found += [*own, *_around(press, source)]
    read = {(mistake.place.file, mistake.place.line) for mistake in found}
    broken = {mistake.place.file for mistake in found if mistake.gravity is Gravity.MISTAKE}
    for mistake in _rendered(press, sources, broken):
        if (mistake.place.file, mistake.place.line) not in read:
            found.append(mistake)
    return sorted(set(found), key=lambda mistake: (mistake.place, mistake.message))


def _unread(shelf: _Shelf, source: Source) -> list[Mistake]:
    """What Jinja cannot read at all."""
    for half in (shelf.body, shelf.subject) if source.file in shelf.press.parted else (shelf.body,):
        try:
            half(source)
        except TemplateSyntaxError as error:
            return [_syntax(source, error)]
    return []


def _syntax(source: Source, error: TemplateSyntaxError) -> Mistake:
    quoted = re.search(r"'([^']+)'", error.message or "")
    place = _place(source, error.lineno, quoted[1] if quoted else "{")
    return Mistake(
        place,
        (error.message or "this cannot be read").rstrip("."),
        "see docs/writing-letters.md for how letters are written",
    )


def _around(press: Press, source: Source) -> Iterator[Mistake]:
    """What is wrong with a letter beside its names."""
    start = Place(source.path)
    if source.kind == "html" and source.is_letter:
        text = source.file.removesuffix("html") + "txt"
        if text not in press.sources:
            yield Mistake(start, "the letter has no text beside its html", f"write {text}: it is what many people see")
        if re.match(r"\s*subject\s*:", source.text, re.IGNORECASE):
            yield Mistake(start, "a .html letter has no Subject", "the Subject of the .txt stands for both")
    if source.kind == "html" and (remote := _REMOTE.search(source.text)):
        mend = "leave it out: mail clients block it, or tell its owner who reads"
        line = source.text.count("\n", 0, remote.start()) + 1
        yield Mistake(_place(source, line, remote[0]), "something is fetched from elsewhere", mend, Gravity.WARNING)


def _rendered(press: Press, sources: Sequence[Source], broken: set[str]) -> Iterator[Mistake]:
    """What only shows when the letters are written, for those that can be read."""
    for source in sources:
        if source.is_letter and source.kind == "txt" and not _broken(press, source, broken):
            yield from _tried(press, source)


def _broken(press: Press, source: Source, broken: set[str]) -> bool:
    beside = press.sources.get(source.file.removesuffix("txt") + "html")
    return source.path in broken or (beside is not None and beside.path in broken)


def _tried(press: Press, source: Source) -> Iterator[Mistake]:
    language = press.written_in(source)
    for facts in _samples(source.name, language):
        try:
            press.render(source.name, facts, language=language)
        except LetterError as error:
            place = error.place or Place(source.path)
            yield Mistake(place, error.missing, "docs/writing-letters.md has all the facts there are")
            return


def _samples(name: str, language: str) -> Iterator[Facts]:
    if is_telling(name):
        for many, full in product((False, True), repeat=2):
            yield sample_facts(name, language, many=many, sentence=full)
        return
    for known, full, answered, automatic in product((True, False), repeat=4):
        yield sample_facts(
            name, language, known=known, sentence=full, answered=answered, automatic=automatic, open_now=full
        )


class _Reader:
    """Reads a letter, and the parts it is made of, for names that do not exist, in branches not taken too."""

    def __init__(self, shelf: _Shelf, source: Source) -> None:
        self._shelf = shelf
        self._press = shelf.press
        self._source = source
        self._roots = _shapes(TellingFacts if is_telling(source.name) else LetterFacts)
        self._found: list[Mistake] = []
        self._read: set[str] = set()

    def mistakes(self) -> list[Mistake]:
        if self._source.file in self._press.parted:
            self._tree(self._source, self._shelf.subject(self._source), self._roots)
        self._template(self._source, self._roots)
        return self._found

    def _template(self, source: Source, scope: dict[str, Shape]) -> None:
        if source.file in self._read:
            return
        self._read.add(source.file)
        try:
            leaf = self._shelf.body(source)
        except TemplateSyntaxError:
            return  # said already, of that part itself
        inner = self._tree(source, leaf, scope)
        for name, line in leaf.parts:
            self._part(source, name, line, inner)

    def _part(self, source: Source, name: str, line: int, scope: dict[str, Shape]) -> None:
        part = self._press.sources.get(name)
        if part is None:
            meant = nearest(name, [s.file for s in self._press.sources.values() if s.is_part])
            mend = f"did you mean {meant}?" if meant else "its path begins at templates/"
            self._found.append(Mistake(_place(source, line, name), f"there is no {name}", mend))
        elif source.kind == "html" and part.kind != "html":
            message = f"{name} is text, and would stand in the html unescaped"
            self._found.append(Mistake(_place(source, line, name), message, "a .html letter is made of .html parts"))
        else:
            self._template(part, scope)

    def _tree(self, source: Source, leaf: _Leaf, scope: dict[str, Shape]) -> dict[str, Shape]:
        inner = {**scope, **_set_within(leaf, scope)}
        unknown = leaf.undeclared - set(scope)
        for node in leaf.names:
            if node.ctx == "load" and node.name in unknown:
                self._unknown(source, node.lineno, node.name, sorted(self._roots), "")
        for key in leaf.keys:
            self._attribute(source, key, inner)
        return inner

    def _attribute(self, source: Source, node: nodes.Getattr | nodes.Getitem, scope: dict[str, Shape]) -> None:
        owner, name = _shape(node.node, scope), _key(node)
        if name is None or owner is None:
            return
        if isinstance(owner, type) and name not in _shapes(owner):
            self._unknown(source, node.lineno, name, sorted(_shapes(owner)), _written(node.node) + ".")
        elif isinstance(owner, tuple):
            message = f"{_written(node.node)} are several"
            mend = f"go through them: {{% for each in {_written(node.node)} %}}"
            self._found.append(Mistake(_place(source, node.lineno, name), message, mend))

    def _unknown(self, source: Source, line: int, name: str, known: list[str], owner: str) -> None:
        meant = nearest(name, known)
        mend = f"did you mean {owner}{meant}?" if meant else f"there are: {', '.join(owner + word for word in known)}"
        self._found.append(Mistake(_place(source, line, name), f"there is no {owner}{name}", mend))


def _parts_of(every: Iterable[nodes.Node]) -> Iterator[tuple[str, int]]:
    for node in every:
        if isinstance(node, nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport):
            named = node.template
            if isinstance(named, nodes.Const) and isinstance(named.value, str):
                yield named.value, node.lineno


def _set_within(leaf: _Leaf, scope: Mapping[str, Shape]) -> dict[str, Shape]:
    """The names a template sets itself, with what they stand for where that is plain."""
    inner: dict[str, Shape] = {name.name: None for name in leaf.names if name.ctx != "load"}
    for loop in leaf.loops:
        over = _shape(loop.iter, {**scope, **inner})
        if isinstance(loop.target, nodes.Name) and isinstance(over, tuple):
            inner[loop.target.name] = over[0]
    return inner


def _shape(node: nodes.Node, scope: Mapping[str, Shape]) -> Shape:
    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        owner, name = _shape(node.node, scope), _key(node)
        if isinstance(owner, type) and name is not None:
            return _shapes(owner).get(name)
        if isinstance(owner, tuple) and isinstance(node, nodes.Getitem):
            return owner[0]
    if isinstance(node, nodes.Filter) and node.name in {"first", "last"} and node.node is not None:
        owner = _shape(node.node, scope)
        return owner[0] if isinstance(owner, tuple) else None
    return None


def _key(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else None


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return f"{_written(node.node)}[…]" if isinstance(node, nodes.Getitem) else "…"


@cache
def _shapes(kind: type) -> dict[str, Shape]:
    """The facts a class holds, by name; a plain one (str, bool) is None, it is followed no further."""
    if not is_dataclass(kind):
        return {}
    hints = get_type_hints(kind)
    return {field.name: _followed(hints[field.name]) for field in fields(kind)}


def _followed(hint: object) -> Shape:
    if isinstance(hint, UnionType):
        return next((_followed(each) for each in get_args(hint) if each is not NoneType), None)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return (inner,) if is_dataclass(inner) and isinstance(inner, type) else None
    return hint if isinstance(hint, type) and is_dataclass(hint) else None


def _place(source: Source, line: int, word: str) -> Place:
    """The place of a word on a line of a template, or on the next few: Jinja knows a tag's first line only."""
    rows = source.text.split("\n")
    for number in range(line, min(line + 4, len(rows) + 1)):
        found = re.search(rf"(?<!\w){re.escape(word)}", rows[number - 1])
        if found:
            return Place(source.path, number, found.start() + 1)
    return Place(source.path, max(1, min(line, len(rows))), 1)
