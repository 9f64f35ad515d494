"""The tests of rules: mails in the owner's words, with what the rules must make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from troth.model import Severity, Tone, Verdict
from troth.place import Mistake, Node, Place, nearest

TEST_KEYS = ["mail", "subject", "language", "tone", "sure", "severity", "tags", "because"]
Classify = Callable[[str, str, str | None], Verdict]


def run(classify: Classify, rules: Sequence[str], files: Sequence[Node]) -> Iterator[Mistake]:
    """Runs the tests of each file; a failing one is a mistake at its place."""
    for file in files:
        if file.value is None:
            continue
        if not isinstance(file.value, tuple):
            yield Mistake(file.place, "a file of rule tests is a list", 'begin each test with `- mail: "..."`')
            continue
        for test in file:
            yield from _broken(test, rules) or _differences(classify, test)


def _broken(test: Node, rules: Sequence[str]) -> list[Mistake]:
    """What keeps a test from being run at all."""
    if not isinstance(test.value, dict):
        return [Mistake(test.place, "a rule test is a mapping", 'write `- mail: "..."` and below it `tone: [...]`')]
    found = [
        Mistake(test.place_of(key), f"`{key}` is not known in a rule test", _guess(key, TEST_KEYS))
        for key in test.value
        if key not in TEST_KEYS
    ]
    if test.get("mail") is None and test.get("subject") is None:
        found.append(Mistake(test.place, "a rule test without a mail", 'add `mail: "what the client writes"`'))
    if not test.value.keys() & {"tone", "sure", "severity", "tags", "because"}:
        found.append(
            Mistake(test.place, "a rule test that expects nothing", "add `tone: [complaint]`, `[praise]` or `[]`")
        )
    found += [_not_text(test, key) for key in ("mail", "subject", "language") if not _is_text(test.get(key))]
    for key in ("tone", "sure"):
        found += _outside(test, key, [tone.value for tone in Tone])
    found += _outside(test, "severity", [severity.value for severity in Severity])
    return found + _outside(test, "because", list(rules))


def _is_text(node: Node | None) -> bool:
    return node is None or isinstance(node.value, str)


def _not_text(test: Node, key: str) -> Mistake:
    return Mistake(test.place_of(key), f"`{key}` is not text", "put it in quotes")


def _guess(word: str, known: Sequence[str]) -> str:
    guess = nearest(word, list(known))
    if guess:
        return f"did you mean `{guess}`?"
    return f"write one of: {', '.join(known)}" if len(known) < 10 else "write the name as it stands in the rules"


def _members(test: Node, key: str) -> tuple[Node, ...]:
    node = test.get(key)
    if node is None or node.value is None:
        return ()
    return node.value if isinstance(node.value, tuple) else (node,)


def _outside(test: Node, key: str, known: Sequence[str]) -> list[Mistake]:
    return [
        Mistake(member.place, f"`{key}` cannot be `{member.plain()}`", _guess(str(member.plain()), known))
        for member in _members(test, key)
        if member.value not in known
    ]


def _differences(classify: Classify, test: Node) -> Iterator[Mistake]:
    subject, mail = _text(test, "subject"), _text(test, "mail")
    verdict = classify(subject, mail, _text(test, "language") or None)
    for key, said in (
        ("tone", {tone.value for tone in verdict.tone}),
        ("sure", {tone.value for tone in verdict.sure}),
        ("tags", set(verdict.tags)),
        ("severity", {verdict.severity.value} if verdict.severity else set()),
    ):
        wanted = {str(member.value) for member in _members(test, key)}
        if test.get(key) is not None and not (wanted <= said if key == "tags" else wanted == said):
            yield _differs(test.place_of(key), mail or subject, f"{key} is {_list(said)}, not {_list(wanted)}", verdict)
    counted = {match.rule for match in verdict.matches if not match.negated}
    for member in _members(test, "because"):
        if member.value not in counted:
            yield _differs(member.place, mail or subject, f"the rule `{member.value}` did not hit", verdict)


def _text(test: Node, key: str) -> str:
    node = test.get(key)
    return node.value if node is not None and isinstance(node.value, str) else ""


def _list(values: set[str]) -> str:
    return f"[{', '.join(sorted(values))}]"


def _differs(place: Place, mail: str, what: str, verdict: Verdict) -> Mistake:
    scores = ", ".join(f"{tone} {score:.2f}" for tone, score in verdict.scores.items())
    hits = [
        f"“{match.phrase}” in `{match.rule}` {match.weight:g}{' negated' if match.negated else ''}"
        for match in verdict.matches
    ]
    short = " ".join(mail.split())
    short = short if len(short) <= 60 else f"{short[:57]}..."
    return Mistake(
        place,
        f"“{short}”: {what} ({scores}; {'; '.join(hits) or 'no phrase hit'})",
        "mend the rules, or the test if the rules are right",
    )
