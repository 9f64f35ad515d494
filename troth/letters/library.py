"""The letters of a business: templates in, subject, text and html out. Nothing is rendered with a fact missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, MutableMapping
from dataclasses import fields
from types import CodeType, TracebackType

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from troth.letters.checking import examine
from troth.letters.cleaning import one_line, one_re
from troth.letters.plain import plain_telling
from troth.letters.rendered import LetterError, Rendered, is_telling
from troth.letters.source import SHIPPED_IN, Parted, Source, part
from troth.letters.tellings import Facts, TellingFacts
from troth.place import Mistake, Place, nearest

SUBJECT_LIMIT = 200
_SUBJECT = "#subject"
_ASK = "ask for it first, with {% if … %}"
_WORDS_FOR = {
    "Business": "business",
    "Client": "client",
    "Mail": "message",
    "Case": "case",
    "Colleague": "colleague",
    "Promised": "promise",
    "About": "letter",
    "TheClient": "matter.client",
    "TheirMail": "matter.message",
    "TheCase": "matter.case",
    "Matter": "matter",
    "Notice": "notice",
    "Pledge": "matter.promise",
    "Confirmation": "confirmation",
    "Unsent": "confirmation.unsent",
    "Word": "word",
}


class Letters:
    """All letters of one configuration; may be used by several threads.

    `language` is the first of the business, and that of sources that say none. Of two with one name the later counts.
    """

    def __init__(self, sources: Iterable[Source], *, language: str = "en") -> None:
        self.sources = {source.file: source for source in sources}
        self.language = language
        self.parted = {s.file: part(s) for s in self.sources.values() if s.is_letter and s.kind == "txt"}
        self._env = _House(self._text_of)
        self._compiled: dict[str, Template] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The letters there are, in order."""
        return tuple(sorted({source.name for source in self.sources.values() if source.is_letter}))

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def language_of(self, name: str, wanted: str | None) -> str:
        """The language the letter will be in for somebody who wants `wanted`: facts are to be worded in it."""
        return self.written_in(self.sources[f"{self._stem(name, wanted)}.txt"])

    def written_in(self, source: Source) -> str:
        """The language of a template. One without a language beside one in ours is taken to be the shipped one."""
        beside = f"{source.name}.{self.language}.{source.kind}" in self.sources
        return source.language or source.written or (SHIPPED_IN if beside else self.language)

    def _stem(self, name: str, wanted: str | None) -> str:
        """The letter's file without its ending: in the language wanted, in that of the business, in any."""
        base = self.sources.get(f"{name}.txt")
        here: tuple[str, ...] = (name,) if base and self.written_in(base) == wanted else ()
        near: tuple[str, ...] = (f"{name}.{wanted}", *here, f"{name}.{self.language}", name)
        others = (file.removesuffix(".txt") for file in self.parted if self.sources[file].name == name)
        found = next((stem for stem in (*near, *others) if f"{stem}.txt" in self.parted), None)
        if found is None:
            meant = nearest(name, list(self.names))
            raise LetterError(name, "there is none of that name" + (f"; did you mean {meant}?" if meant else ""))
        return found

    def render(self, name: str, facts: Facts, *, language: str | None = None) -> Rendered:
        """The letter in that language, or in the business's own. Raises LetterError, and nothing may be sent then."""
        if is_telling(name) != isinstance(facts, TellingFacts):
            raise LetterError(name, "it was given the facts of the other kind: colleague/ is for tellings alone")
        stem = self._stem(name, language)
        values = {field.name: getattr(facts, field.name) for field in fields(facts)}
        subject = self._run(name, f"{stem}.txt{_SUBJECT}", values)
        text = self._run(name, f"{stem}.txt", values)
        html = self._run(name, f"{stem}.html", values) if f"{stem}.html" in self.sources else None
        return Rendered(self._subject(name, subject), _tidy(text), html.strip() + "\n" if html else None)

    def tell(self, name: str, facts: TellingFacts, *, language: str | None = None) -> Rendered:
        """A telling, which always leaves: where its template cannot be written it is plain and says so."""
        try:
            return self.render(name, facts, language=language)
        except LetterError as error:
            return plain_telling(name, facts, str(error))

    def plainly_told(self) -> Letters:
        """The same, with tellings in plain text alone: for where many are written that nobody gets."""
        kept = (each for each in self.sources.values() if each.kind != "html" or not is_telling(each.name))
        return Letters(kept, language=self.language)

    def check(self, spoken: Collection[str] = ()) -> list[Mistake]:
        """Every mistake and warning in the templates, by place.

        Shipped letters that no business which speaks these languages ever sends are left out; without any, none is.
        """
        return examine(self, [each for each in self.sources.values() if self._is_sent(each, spoken)])

    def _is_sent(self, source: Source, spoken: Collection[str]) -> bool:
        if source.written is None or not spoken:
            return True
        if source.is_part:
            return source.language in (None, *spoken)
        return source.file.rpartition(".")[0] in {self._stem(source.name, language) for language in spoken}

    def read(self, file: str, *, subject: bool = False) -> tuple[nodes.Template, frozenset[str]]:
        """A template as a tree, with the names it asks for and does not set. Raises TemplateSyntaxError."""
        return self._env.read(file + _SUBJECT if subject else file)

    def _run(self, letter: str, template: str, values: dict[str, object]) -> str:
        try:
            compiled = self._compiled.get(template)
            if compiled is None:
                compiled = self._compiled[template] = self._env.get_template(template)
            return compiled.render(values)
        except TemplateSyntaxError as error:
            place = Place(error.filename or letter, error.lineno)
            raise LetterError(letter, error.message or "it cannot be read", place) from error
        except TemplateNotFound as error:
            raise LetterError(letter, f"there is no {(error.message or template).partition('#')[0]}") from error
        except (
            TemplateError,
            ArithmeticError,
            TypeError,
            ValueError,
            LookupError,
            AttributeError,
            RecursionError,
        ) as error:
            raise LetterError(letter, _worded(error), self._place(error.__traceback__)) from error

    def _place(self, trace: TracebackType | None) -> Place | None:
        """The innermost template line of a traceback: Jinja puts templates' own lines into it."""
        paths = {source.path for source in self.sources.values()}
        found = None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in paths:
                found = Place(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
            trace = trace.tb_next
        return found

    def _subject(self, letter: str, text: str) -> str:
        subject = one_line(one_re(one_line(text, SUBJECT_LIMIT * 2)), SUBJECT_LIMIT)
        if not subject:
            raise LetterError(letter, "its subject came out empty")
        return subject

    def _text_of(self, file: str) -> tuple[str, str]:
        """Text and path of a template; raises KeyError where there is none."""
        whole, _, subject = file.partition("#")
        source, parted = self.sources[whole], self.parted.get(whole)
        if parted is None:
            return source.text, source.path
        return _half(parted, subject=bool(subject)), source.path


def _half(parted: Parted, *, subject: bool) -> str:
    return (parted.subject or "") if subject else parted.body


class _Handed(BaseLoader):
    """Knows the sources handed in and nothing else. What was compiled before is taken from `ready`, once."""

    def __init__(self, text_of: Callable[[str], tuple[str, str]]) -> None:
        self.text_of = text_of
        self.ready: dict[str, CodeType] = {}

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, object] | None = None,  # noqa: A002 - Jinja calls it so
    ) -> Template:
        try:
            text, path = self.text_of(name)
        except KeyError:
            raise TemplateNotFound(name) from None
        code = self.ready.pop(name, None) or environment.compile(text, name, path)
        return environment.template_class.from_code(environment, code, globals or {})


class Missing(StrictUndefined):
    """A name that does not exist, named as its writer knows it."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is None:
            return f"what .{self._undefined_name} is asked of is not there for every letter: {_ASK}"
        owner = _WORDS_FOR.get(type(self._undefined_obj).__name__)
        return f"there is no {owner}.{self._undefined_name}" if owner else f"there is no {self._undefined_name}"


class _Noting(CodeGenerator):
    """Notes on its way which names are asked for and never set, as jinja2.meta does on a way of its own."""

    environment: _House

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        asked = {name for action, name in frame.symbols.loads.values() if action == "resolve" and name}
        self.environment.asked.setdefault(self.name or "", set()).update(asked - self.environment.globals.keys())


class _House(ImmutableSandboxedEnvironment):
    """Jinja with what could turn a client's text into markup taken out."""

    code_generator_class = _Noting

    def __init__(self, text_of: Callable[[str], tuple[str, str]]) -> None:
        self.handed = _Handed(text_of)
        self.asked: dict[str, set[str]] = {}
        super().__init__(
            loader=self.handed,
            undefined=Missing,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            finalize=_present,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        del self.filters["safe"]

    def read(self, name: str) -> tuple[nodes.Template, frozenset[str]]:
        """Parses and compiles a template once, for whoever looks at it and for whoever loads it then."""
        text, path = self.handed.text_of(name)
        tree = self.parse(text, name, path)
        self.handed.ready[name] = self.compile(tree, name, path)
        return tree, frozenset(self.asked.get(name, ()))

    def join_path(self, template: str, parent: str) -> str:
        if parent.endswith(".html") and not template.endswith(".html"):
            raise TemplateNotFound(template, f"{template}: a .html letter is made of .html parts only")
        return template

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.ScopedEvalContextModifier, nodes.EvalContextModifier)):
            raise TemplateSyntaxError("escaping cannot be switched off", node.lineno, name, filename)
        return tree


def _present(value: object) -> object:
    """What is printed must be there: Jinja would print None as the word "None"."""
    if value is None:
        raise UndefinedError(f"this fact is not there for every letter: {_ASK}")
    return value


def _worded(error: Exception) -> str:
    if isinstance(error, SecurityError):
        return "a template may only say facts"
    return str(getattr(error, "message", None) or error) or type(error).__name__


def _tidy(text: str) -> str:
    """Text without empty lines at its ends, and never more than one between two paragraphs."""
    kept = "\n".join(line if line == "-- " else line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n") + "\n"
