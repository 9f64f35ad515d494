"""Everything that a configuration is made of, read at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from troth.config.cards import ClientCard
from troth.config.checks import each, given_twice, of_tree, text_of, warning
from troth.config.files import (
    SHIPPED,
    TEMPLATES,
    TEST,
    YAML,
    Stamp,
    below,
    pack,
    shipped,
    shipped_languages,
    stamp,
    stamps,
)
from troth.config.fitting import Parts, of_parts
from troth.config.located import read_yaml
from troth.config.reading import fatal, read_clients, read_config
from troth.config.secret import Origin, SecretError
from troth.config.signing import of_log_ins
from troth.config.store import KINDS, SQLITE, Store, is_postgresql
from troth.config.tree import Config
from troth.letters import Letters, Source, beside, source_at
from troth.place import Mistake, Node, Place
from troth.rulebook import Rulebook, read, run_tests


@dataclass(frozen=True)
class Loaded:
    """A configuration and all it is made of. With a mistake, warnings apart, `config` is None: nothing may run on it.

    `stamps` are the files it was made of, each as it was just before being read (None: not there); `folders` are where
    a new file would belong to it. `tests` counts the rule tests that were run, `trials` are the
    files of all there are.
    """

    config: Config | None
    mistakes: tuple[Mistake, ...]
    rulebook: Rulebook | None = None
    letters: Letters | None = None
    clients: tuple[ClientCard, ...] = ()
    stamps: Mapping[Path, Stamp] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    tests: int = 0
    trials: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file it was made of; secrets are not among them, they are read when they are needed."""
        return tuple(self.stamps)


def load(path: Path, *, environ: Mapping[str, str], tests: bool = False, letters: bool = True) -> Loaded:
    """Reads config.yaml, rules, templates and clients, and says everything that is wrong with them, by place.

    Places name files as `path` does, or from the working directory. `environ` is for a store that is named there. With
    `tests`, the rule tests are run too: those of one's own packs, or the shipped ones where there is nothing else.
    Without `letters` the templates are read but not examined, which takes most of the time.
    """
    return _Loading(path, environ).whole(tests=tests, letters=letters)


def unset_secrets(config: Config, environ: Mapping[str, str], file: str = "config.yaml") -> list[Mistake]:
    """What secrets cannot be had, one mistake each. Runs the commands that print them."""
    found = []
    for secret in config.secrets:
        try:
            secret.reveal(environ)
        except SecretError as error:
            place = secret.place or Place(file)
            found.append(Mistake(place, str(error), "set it for the program, or mend where it is kept"))
    return found


class _Loading:
    """One reading; notes each file before it is opened, so that an edit meanwhile is not missed."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path, self.environ = path, environ
        self.found: list[Mistake] = []
        self.stamps: dict[Path, Stamp] = {}
        self.folders: list[Path] = []
        self.trials: list[Path] = []

    def whole(self, *, tests: bool, letters: bool) -> Loaded:
        self._note(self.path)
        config, root, found = read_config(self.path)
        self.found += found
        if root is None or not isinstance(root.value, dict):
            return Loaded(None, tuple(self.found), stamps=self.stamps)
        self.found += [*of_tree(root), *of_log_ins(root)]
        library = self._letters(root)
        if letters:
            self.found += library.check(self._languages(root))
        rulebook, count = self._rulebook(root, tests=tests)
        clients, cards = self._clients(root)
        if config is not None:
            self.found += of_parts(Parts(config, root, library, rulebook, clients))
            self.found += self._store(config.store, root)
        for name, now in stamps((), self.folders).items():
            self.stamps.setdefault(Path(name), now)
        found = sorted(set(self.found), key=self._order)
        return Loaded(
            None if fatal(found) else config,
            tuple(found),
            rulebook,
            library,
            cards,
            self.stamps,
            tuple(self.folders),
            count,
            tuple(self.trials),
        )

    def _order(self, mistake: Mistake) -> tuple[bool, Place, str]:
        return mistake.place.file != str(self.path), mistake.place, mistake.message

    def _note(self, path: Path) -> None:
        self.stamps[path] = stamp(path)

    def _yaml(self, path: Path) -> list[Node]:
        self._note(path)
        node, found = read_yaml(path)
        self.found += found
        return [] if node is None else [node]

    def _store(self, store: Store, root: Node) -> Iterator[Mistake]:
        """A store named in the environment, where it is set; unset secrets are for `unset_secrets`."""
        if store.secret is not None and store.secret.origin is Origin.ENV and store.secret.where in self.environ:
            said = self.environ[store.secret.where]
            if not said.startswith(SQLITE) and not is_postgresql(said):
                yield Mistake(root.place_of("store"), f"{store} holds no address of a store", KINDS)

    def _rulebook(self, root: Node, *, tests: bool) -> tuple[Rulebook | None, int]:
        packs: list[list[Node]] = []
        trials: dict[bool, list[Path]] = {True: [], False: []}  # by whether the pack is shipped
        for word, path in self._packs(root):
            files = self._below(path, YAML)
            packs.append([node for file in files if not file.name.endswith(TEST) for node in self._yaml(file)])
            trials[word.startswith(SHIPPED)] += [file for file in files if file.name.endswith(TEST)]
        before = len(self.found)
        rulebook, found = read(packs)
        self.found += found
        if rulebook is None or fatal(self.found[before:]):
            return None, 0
        # one's own rules may rightly break what the shipped ones promise
        self.trials = [*trials[False], *trials[True]]
        return rulebook, self._tests(rulebook, trials[False] or trials[True]) if tests else 0

    def _packs(self, root: Node) -> Iterator[tuple[str, Path]]:
        named = list(each(root, "rules", "*"))
        if not named:
            known = shipped_languages()
            spoken = (one for one in self._languages(root) if one in known)
            yield from ((SHIPPED + one, self._folder(shipped("rules") / one)) for one in spoken)
        for node in named:
            try:
                path = pack(text_of(node), self.path.parent)
            except ValueError as wrong:
                message, _, mend = str(wrong).partition("; ")
                self.found.append(Mistake(node.place, message, mend))
            else:
                yield text_of(node), self._folder(path)

    def _below(self, path: Path, endings: tuple[str, ...]) -> list[Path]:
        try:
            return list(below(path, endings))
        except OSError as error:
            message = f"it cannot be read ({error.strerror})"
            self.found.append(Mistake(Place(str(error.filename or path)), message, "mend its permissions"))
            return []

    def _folder(self, path: Path) -> Path:
        if path not in self.folders:
            self.folders.append(path)
        return path

    def _tests(self, rulebook: Rulebook, files: Sequence[Path]) -> int:
        nodes = [node for file in files for node in self._yaml(file)]
        self.found += run_tests(rulebook, nodes)
        return sum(len(node.value) for node in nodes if isinstance(node.value, tuple))

    def _letters(self, root: Node) -> Letters:
        own: tuple[Source, ...] = ()
        for node in each(root, "templates"):
            folder = self.path.parent / text_of(node)
            if text_of(node) and not folder.is_dir():
                self.found.append(Mistake(node.place, "there is no such folder", "make it, or leave templates out"))
            elif text_of(node):
                own = tuple(self._sources(folder))
        theirs = tuple(self._sources(shipped("templates")))
        return Letters(beside(own, theirs), language=self._languages(root)[0])

    def _languages(self, root: Node) -> list[str]:
        """Those the business speaks, its own first; as far as they can be read."""
        spoken = (text_of(node) for node in each(root, "business", "languages", "*"))
        return [one for one in spoken if one] or ["en"]

    def _sources(self, folder: Path) -> Iterator[Source]:
        for path in self._below(self._folder(folder), TEMPLATES):
            self._note(path)
            try:
                text = path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError):
                self.found.append(Mistake(Place(str(path)), "it cannot be read as UTF-8", "save it as UTF-8"))
                continue
            source = source_at(path.relative_to(folder).as_posix(), text, str(path))
            if source is None:
                self.found.append(warning(Place(str(path)), "its name is no letter's, so it is left out", "rename it"))
            else:
                yield source

    def _clients(self, root: Node) -> tuple[Node | None, tuple[ClientCard, ...]]:
        node = root.get("clients")
        if node is None or not text_of(node):
            return None, ()
        path = self.path.parent / text_of(node)
        self._note(path)
        if not path.exists():
            self.found.append(Mistake(node.place, "there is no such file", "write it, or leave clients out"))
            return None, ()
        cards, clients, found = read_clients(path)
        self.found += found
        addresses = list(each(clients, "*", "addresses", "*"))
        self.found += given_twice(addresses, "{} is given twice", "one address belongs to one client")
        return clients, cards
