"""Located YAML into rules, word lists and thresholds, with every mistake worded at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

from troth.model import Severity, Tone
from troth.place import Gravity, Mistake, Node, Place, nearest
from troth.rulebook.parts import BODY, SUBJECT, WORD_LISTS, Effects, Marks, Pack, Rule, Side
from troth.rulebook.phrase import Phrase, PhraseError, phrase

FILE_KEYS = ["tone", "language", "rules", "words", "thresholds", "effects"]
RULE_KEYS = ["name", "any", "weight", "in", "unless", "tags", "severity"]
MARK_KEYS = ["doubtful", "tone", "sure"]
EFFECT_KEYS = {one.name.replace("_", " "): one.name for one in fields(Effects)}
HEAVIEST = 100.0


@dataclass(slots=True)
class Drafts:
    """Packs in the making, by language, and the mistakes met on the way."""

    packs: dict[str | None, Pack] = field(default_factory=dict)
    replaced: list[tuple[Rule, Rule]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, place: Place, message: str, mend: str) -> None:
        self.mistakes.append(Mistake(place, message, mend))

    def warning(self, place: Place, message: str, mend: str) -> None:
        self.mistakes.append(Mistake(place, message, mend, Gravity.WARNING))

    def pack(self, language: str | None) -> Pack:
        return self.packs.setdefault(language, Pack(language))


def read_packs(packs: Sequence[Sequence[Node]]) -> Drafts:
    """Reads packs in order; what a later one names replaces what an earlier one did."""
    drafts = Drafts()
    for files in packs:
        names: dict[tuple[str | None, str], Place] = {}
        for file in files:
            _read_file(drafts, file, names)
    return drafts


def _read_file(drafts: Drafts, file: Node, names: dict[tuple[str | None, str], Place]) -> None:
    if file.value is None:
        return
    if not isinstance(file.value, dict):
        drafts.mistake(
            file.place,
            "a rules file is a mapping",
            "begin it with `tone: complaint` and `rules:`, as in docs/writing-rules.md",
        )
        return
    _unknown_keys(drafts, file, FILE_KEYS)
    language = _language(drafts, file)
    if file.get("rules") is not None or file.get("tone") is not None:
        _read_rules(drafts, file, language, names)
    pack = drafts.pack(language)
    words, marks, effects = file.get("words"), file.get("thresholds"), file.get("effects")
    pack = replace(pack, words=_read_words(drafts, words, pack.words)) if words else pack
    pack = replace(pack, marks=_read_marks(drafts, marks, pack.marks)) if marks else pack
    drafts.packs[language] = replace(pack, effects=_read_effects(drafts, effects, pack.effects)) if effects else pack


def _unknown_keys(drafts: Drafts, node: Node, known: Sequence[str]) -> None:
    for key in node.value if isinstance(node.value, dict) else ():
        if key not in known:
            guess = nearest(key, list(known))
            mend = f"did you mean `{guess}`?" if guess else f"known here: {', '.join(known)}"
            drafts.mistake(node.place_of(key), f"`{key}` is not known here", mend)


def _language(drafts: Drafts, file: Node) -> str | None:
    node = file.get("language")
    if node is None:
        return None
    if not isinstance(node.value, str) or not (
        node.value.isascii() and node.value.isalpha() and len(node.value) in {2, 3}
    ):
        written = node.written or str(node.value)
        mend = 'put it in quotes: "no"' if node.value is False else "write a code of two letters, as in `language: en`"
        drafts.mistake(node.place, f"`{written}` is no language", mend)
        return None
    return node.value.lower()


def _read_rules(drafts: Drafts, file: Node, language: str | None, names: dict[tuple[str | None, str], Place]) -> None:
    side = _choice(drafts, file, "tone", [side.value for side in Side])
    if file.get("tone") is None:
        drafts.mistake(
            file.place, "this file has rules but no tone", "add `tone: complaint`, `praise` or `neutral` at the top"
        )
    rules = file.get("rules")
    if rules is not None and rules.value is None:
        return
    if rules is None or not isinstance(rules.value, tuple):
        drafts.mistake(file.place_of("rules"), "`rules` is a list", "begin each rule with `- name:`")
        return
    for node in rules:
        rule = _read_rule(drafts, node, Side(side) if side else Side.NEUTRAL, language)
        if rule is not None:
            _add_rule(drafts, rule, names)


def _add_rule(drafts: Drafts, rule: Rule, names: dict[tuple[str | None, str], Place]) -> None:
    key = (rule.language, rule.name)
    if key in names:
        drafts.mistake(
            rule.place, f"a second rule named `{rule.name}`", f"give it another name; the first is at {names[key]}"
        )
        return
    names[key] = rule.place
    pack = drafts.pack(rule.language)
    earlier = next((old for old in pack.rules if old.name == rule.name), None)
    if earlier is not None:
        drafts.replaced.append((earlier, rule))
        rule = replace(rule, phrases=rule.phrases or earlier.phrases)
    rules = tuple(old for old in pack.rules if old is not earlier)
    drafts.packs[rule.language] = replace(pack, rules=(*rules, rule))


def _read_rule(drafts: Drafts, node: Node, side: Side, language: str | None) -> Rule | None:
    if not isinstance(node.value, dict):
        drafts.mistake(node.place, "a rule is a mapping", "write `- name: what it says` and below it `any: [...]`")
        return None
    _unknown_keys(drafts, node, RULE_KEYS)
    name = node.get("name")
    if name is None or not isinstance(name.value, str) or not name.value.strip():
        drafts.mistake(
            name.place if name else node.place,
            "a rule without a name",
            "add `name:` and say what the client does, as in `asks for the money back`",
        )
        return None
    weight = _number(drafts, node, "weight", 1.0, most=HEAVIEST)
    if node.get("any") is None and weight:
        drafts.mistake(node.place, f"the rule `{name.value}` has no phrases", 'add `any: ["...", "..."]`')
    severity = _choice(drafts, node, "severity", [severity.value for severity in Severity])
    return Rule(
        name=name.value.strip(),
        side=side,
        language=language,
        phrases=_phrases(drafts, node, "any"),
        place=node.place,
        unless=_phrases(drafts, node, "unless"),
        weight=weight,
        where=frozenset(_where(drafts, node)),
        tags=tuple(_strings(drafts, node, "tags")),
        severity=Severity(severity) if severity else None,
    )


def _choice(drafts: Drafts, node: Node, key: str, choices: Sequence[str]) -> str | None:
    chosen = node.get(key)
    if chosen is None:
        return None
    if isinstance(chosen.value, str) and chosen.value in choices:
        return chosen.value
    written = chosen.written or str(chosen.value)
    guess = nearest(written.lower(), list(choices))
    mend = f"did you mean `{guess}`?" if guess else f"write one of: {', '.join(choices)}"
    drafts.mistake(chosen.place, f"`{key}` cannot be `{written}`", mend)
    return None


def _number(drafts: Drafts, node: Node, key: str, default: float, *, most: float) -> float:
    found = node.get(key)
    if found is None:
        return default
    if isinstance(found.value, bool) or not isinstance(found.value, int | float) or not 0 <= found.value <= most:
        written = found.written or str(found.value)
        mend = f"write a number from 0 to {most:g}"
        if key == "weight" and written.startswith("-"):
            mend = "weights are never below 0; move the rule to a file whose tone it speaks for"
        drafts.mistake(found.place, f"`{key}` cannot be `{written}`", mend)
        return default
    return float(found.value)


def _where(drafts: Drafts, node: Node) -> Iterator[str]:
    if node.get("in") is None:
        yield from (SUBJECT, BODY)
        return
    for where in _nodes(drafts, node, "in"):
        if where.value in {SUBJECT, BODY}:
            yield str(where.value)
        else:
            drafts.mistake(
                where.place, f"`{where.written or where.value}` is no part of a mail", "write `subject`, `body` or both"
            )


def _nodes(drafts: Drafts, node: Node, key: str) -> Sequence[Node]:
    """The members of a list; one member alone may stand without brackets."""
    found = node.get(key)
    if found is None or found.value is None:
        return ()
    if isinstance(found.value, dict):
        drafts.mistake(found.place, f"`{key}` is a list", f'write `{key}: ["one", "two"]`')
        return ()
    return found.value if isinstance(found.value, tuple) else (found,)


def _strings(drafts: Drafts, node: Node, key: str) -> Iterator[str]:
    for member in _nodes(drafts, node, key):
        if isinstance(member.value, str):
            yield member.value
        else:
            drafts.mistake(member.place, f"`{member.written or member.plain()}` is not text here", "put it in quotes")


def _phrases(drafts: Drafts, node: Node, key: str) -> tuple[Phrase, ...]:
    return tuple(found for member in _nodes(drafts, node, key) if (found := _phrase(drafts, member)) is not None)


def _phrase(drafts: Drafts, node: Node) -> Phrase | None:
    if not isinstance(node.value, str):
        written = node.written or str(node.plain())
        drafts.mistake(node.place, f"YAML does not read `{written}` as text", f'put it in quotes: "{written}"')
        return None
    try:
        return phrase(node.value, node.place)
    except PhraseError as error:
        place = _within(node, error.at)
        drafts.mistake(place, f"{error.message}, in `{node.value}`", error.mend)
        return None


def _within(node: Node, at: int) -> Place:
    """The place of a character of a scalar that stands on one line, in quotes or not."""
    quoted = (node.written or "").startswith(('"', "'"))
    return replace(node.place, column=node.place.column + at + quoted)


def _read_words(drafts: Drafts, node: Node, known: dict[str, tuple[Phrase, ...]]) -> dict[str, tuple[Phrase, ...]]:
    """Word lists: a list replaces the earlier one, `{add: [...], without: [...]}` changes it."""
    if not isinstance(node.value, dict):
        drafts.mistake(node.place, "`words` is a mapping of lists", f"known lists: {', '.join(WORD_LISTS)}")
        return known
    _unknown_keys(drafts, node, list(WORD_LISTS))
    words = dict(known)
    for name in WORD_LISTS:
        found = node.get(name)
        if found is not None:
            words[name] = _word_list(drafts, node, name, words.get(name, ()))
    return words


def _word_list(drafts: Drafts, node: Node, name: str, known: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    found = node.get(name)
    if found is None or not isinstance(found.value, dict):
        return _phrases(drafts, node, name)
    _unknown_keys(drafts, found, ["add", "without"])
    without = {one.words for one in _phrases(drafts, found, "without")}
    return (*(one for one in known if one.words not in without), *_phrases(drafts, found, "add"))


def _read_marks(drafts: Drafts, node: Node, known: dict[Tone, Marks]) -> dict[Tone, Marks]:
    _unknown_keys(drafts, node, [tone.value for tone in Tone])
    marks = dict(known)
    for tone in Tone:
        found = node.get(tone.value)
        if found is not None:
            marks[tone] = _read_mark(drafts, found, marks.get(tone, Marks(1.0, 1.0)))
    return marks


def _read_mark(drafts: Drafts, node: Node, known: Marks) -> Marks:
    _unknown_keys(drafts, node, MARK_KEYS)
    doubtful = _number(drafts, node, "doubtful", known.doubtful, most=HEAVIEST)
    tone = _number(drafts, node, "tone", known.tone, most=HEAVIEST)
    sure_node = node.get("sure")
    never = sure_node is not None and sure_node.value == "never"
    sure = (
        None if never else _number(drafts, node, "sure", known.sure if known.sure is not None else -1.0, most=HEAVIEST)
    )
    if not 0 < doubtful <= tone or (sure is not None and 0 <= sure < tone):
        drafts.mistake(
            node.place, "the marks are out of order", "keep 0 < doubtful <= tone <= sure; `sure: never` for none"
        )
        return known
    return Marks(doubtful, tone, sure if sure is not None and sure >= 0 else None)


def _read_effects(drafts: Drafts, node: Node, known: Effects) -> Effects:
    _unknown_keys(drafts, node, list(EFFECT_KEYS))
    changed: dict[str, float] = {}
    for key, name in EFFECT_KEYS.items():
        if node.get(key) is not None:
            changed[name] = _number(drafts, node, key, getattr(known, name), most=1000.0)
    if changed.get("length_from", 1.0) < 1:
        drafts.mistake(node.place_of("length from"), "`length from` counts words", "write 1 or more")
        del changed["length_from"]
    return _with_effects(known, changed)


def _with_effects(known: Effects, changed: dict[str, float]) -> Effects:
    whole: Callable[[str], bool] = lambda name: name.startswith("negation_")  # noqa: E731 -- a name for one test
    return replace(known, **{name: int(value) if whole(name) else value for name, value in changed.items()})  # type: ignore[arg-type]  # whole numbers for counts of words
