"""Mistakes and warnings in rules and rule tests: what is said, where, and the mend."""

from __future__ import annotations

import pytest

from tests.rulebooks import COMPLAINT, PRAISE, WORDS, documents, rulebook, told
from troth.place import Gravity
from troth.rulebook import read, run_tests

HEAD = "tone: complaint\nlanguage: en\nrules:\n"


@pytest.mark.parametrize(
    ("text", "place", "message", "mend"),
    [
        ("- refund", "1:1", "a rules file is a mapping", "begin it with `tone: complaint`"),
        ("tone: praise\nlangage: en\nrules: []", "2:1", "`langage` is not known here", "did you mean `language`?"),
        ("tone: complain\nrules: []", "1:7", "`tone` cannot be `complain`", "did you mean `complaint`?"),
        ("rules: []", "1:1", "this file has rules but no tone", "add `tone: complaint`"),
        ("tone: praise\nrules: refund", "2:1", "`rules` is a list", "begin each rule with `- name:`"),
        ("tone: praise\nlanguage: english\nrules: []", "2:11", "`english` is no language", "a code of two letters"),
        ("tone: praise\nlanguage: no\nrules: []", "2:11", "`no` is no language", 'put it in quotes: "no"'),
        (HEAD + "  - refund", "4:5", "a rule is a mapping", "write `- name: what it says`"),
        (HEAD + "  - any: [a]", "4:5", "a rule without a name", "add `name:`"),
        (HEAD + "  - name: a", "4:5", "the rule `a` has no phrases", "add `any:"),
        (HEAD + "  - {name: a, any: {b: c}}", "4:20", "`any` is a list", 'write `any: ["one", "two"]`'),
        (HEAD + "  - {name: a, any: [b], wieght: 2}", "4:25", "`wieght` is not known here", "did you mean `weight`?"),
        (HEAD + "  - {name: a, any: [b], weight: -1}", "4:33", "`weight` cannot be `-1`", "weights are never below 0"),
        (
            HEAD + "  - {name: a, any: [b], weight: heavy}",
            "4:33",
            "`weight` cannot be `heavy`",
            "a number from 0 to 100",
        ),
        (HEAD + "  - {name: a, any: [b], weight: yes}", "4:33", "`weight` cannot be `yes`", "a number from 0 to 100"),
        (
            HEAD + "  - {name: a, any: [b], in: [head]}",
            "4:30",
            "`head` is no part of a mail",
            "write `subject`, `body`",
        ),
        (
            HEAD + "  - {name: a, any: [b], severity: hihg}",
            "4:35",
            "`severity` cannot be `hihg`",
            "did you mean `high`?",
        ),
        (HEAD + "  - {name: a, any: [b], tags: [7]}", "4:32", "`7` is not text here", "put it in quotes"),
        (HEAD + "  - {name: a, any: [no]}", "4:21", "YAML does not read `no` as text", 'put it in quotes: "no"'),
        (HEAD + "  - {name: a, any: [404]}", "4:21", "YAML does not read `404` as text", 'put it in quotes: "404"'),
        (HEAD + '  - {name: a, any: ["mon*ey"]}', "4:25", "`*` stands at the end of a word only", "ending out"),
        (HEAD + "  - {name: a, any: [mon*ey]}", "4:24", "`*` stands at the end of a word only", "ending out"),
        (HEAD + '  - {name: a, any: ["/(/"]}', "4:22", "RE2 refuses this: missing ): (, in `/(/`", "Syntax"),
        (HEAD + '  - {name: a, any: [b], unless: ["(c"]}', "4:35", "a bracket that is never closed", "(this|that)"),
        (
            HEAD + "  - {name: a, any: [b]}\n  - {name: a, any: [c]}",
            "5:5",
            "a second rule named `a`",
            "rules/0.yaml:4:5",
        ),
        ("words: [a]", "1:8", "`words` is a mapping of lists", "negations"),
        ("words: {negation: [a]}", "1:9", "`negation` is not known here", "did you mean `negations`?"),
        ("words: {negations: {plus: [a]}}", "1:21", "`plus` is not known here", "add, without"),
        ("thresholds: {prase: {tone: 1}}", "1:14", "`prase` is not known here", "did you mean `praise`?"),
        ("thresholds: {praise: {doubtful: 2, tone: 1}}", "1:22", "the marks are out of order", "keep 0 < doubtful"),
        ("thresholds: {praise: {tone: 2, sure: 1}}", "1:22", "the marks are out of order", "`sure: never` for none"),
        ("effects: {lenght power: 1}", "1:11", "`lenght power` is not known here", "did you mean `length power`?"),
        ("effects: {length from: 0}", "1:11", "`length from` counts words", "write 1 or more"),
    ],
)
def test_a_mistake_has_its_place_and_a_mend(text: str, place: str, message: str, mend: str) -> None:
    found = [one for one in told(text) if one.gravity is Gravity.MISTAKE]
    assert [str(one.place) for one in found] == [f"rules/0.yaml:{place}"]
    assert message in found[0].message
    assert mend in found[0].mend


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (HEAD + '  - {name: a, any: ["/Refund/"]}', "4:21", "can never match: the text is folded"),
        (HEAD + '  - {name: a, any: ["too late. Again"]}', "4:21", "reaches over the end of a sentence"),
        (HEAD + "  - {name: a, any: [thanks in advance]}", "4:21", "never counts: the courtesy `thanks in advance`"),
        (HEAD + "  - {name: a, any: [b], weight: 0.01}", "4:5", "a weight of 0.01 cannot matter"),
        (HEAD + "  - {name: a, weight: 0}", "4:5", "has no weight and switches nothing off"),
        (HEAD + "  - {name: a, any: [b, c]}\n  - {name: d, any: [B, e]}", "5:21", "`B` stands in `a` too"),
        (HEAD + "  - {name: a, any: [b, c]}\n  - {name: d, any: [c]}", "5:5", "the rule `d` is hidden"),
        ("tone: neutral\nlanguage: en\nrules: [{name: a, any: [b], tags: [c]}]", "3:9", "`tags` say nothing"),
        ("tone: praise\nlanguage: en\nrules: [{name: a, any: [b], severity: low}]", "3:9", "`severity` says nothing"),
    ],
)
def test_a_warning_teaches_what_cannot_work(text: str, place: str, message: str) -> None:
    found = told(text, WORDS)
    assert all(one.gravity is Gravity.WARNING for one in found)
    assert (f"rules/0.yaml:{place}", True) in [(str(one.place), message in one.message) for one in found]


def test_a_phrase_that_speaks_for_both_sides_is_warned_of() -> None:
    other = "tone: praise\nlanguage: en\nrules: [{name: fine, any: [broken]}]"
    messages = [one.message for one in told(WORDS, COMPLAINT, other)]
    assert "`broken` speaks for complaint in `broken` and for praise here" in messages


def test_a_language_without_thresholds_is_warned_of() -> None:
    messages = [one.message for one in told("tone: praise\nlanguage: nl\nrules: [{name: a, any: [mooi]}]")]
    assert "there is no threshold for praise in the language `nl`, so it is never called" in messages


def test_all_mistakes_are_told_at_once_and_there_is_no_rulebook() -> None:
    made, mistakes = read([documents("tone: complain\nrules: [{name: a, any: [404], weight: x}]", "words: 7")])
    assert made is None
    assert len(mistakes) == 4


def test_an_empty_file_and_an_empty_list_of_rules_are_no_mistake() -> None:
    assert told("", "tone: praise\nlanguage: en\nrules:\n", WORDS) == []


# --- the tests of rules


def failing(text: str) -> list[str]:
    return [str(one) for one in run_tests(rulebook(), documents(text))]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("mail: a", "1:1", "a file of rule tests is a list"),
        ("- broken", "1:3", "a rule test is a mapping"),
        ("- {mail: a, tone: [], ton: b}", "1:23", "`ton` is not known in a rule test; did you mean `tone`?"),
        ("- {tone: []}", "1:3", "a rule test without a mail"),
        ("- {mail: a}", "1:3", "a rule test that expects nothing"),
        ("- {mail: 404, tone: []}", "1:4", "`mail` is not text; put it in quotes"),
        ("- {mail: a, tone: [complain]}", "1:20", "`tone` cannot be `complain`; did you mean `complaint`?"),
        ("- {mail: a, because: brokn}", "1:22", "`because` cannot be `brokn`; did you mean `broken`?"),
    ],
)
def test_a_rule_test_that_cannot_be_run_says_why(text: str, place: str, message: str) -> None:
    (found,) = failing(text)
    assert found.startswith(f"rules/0.yaml:{place}: {message}")


def test_a_failing_rule_test_shows_the_difference_and_what_made_it() -> None:
    (found,) = failing("- mail: It is not good, and broken.\n  tone: [praise]")
    assert found == (
        "rules/0.yaml:2:3: “It is not good, and broken.”: tone is [complaint], not [praise] "
        "(complaint 4.00, praise 0.00; “good” in `calls it good` 2 negated; “broken” in `broken` 2); "
        "mend the rules, or the test if the rules are right"
    )


@pytest.mark.parametrize(
    ("expectation", "failures"),
    [
        ("tone: [complaint], severity: normal, tags: [broken], because: broken, sure: []", 0),
        ("tone: []", 1),
        ("severity: high", 1),
        ("tags: [money]", 1),
        ("because: money back", 1),
        ("because: [broken, money back]", 1),
        ("sure: [complaint]", 1),
        ("tone: [praise], severity: low, tags: [money], because: calls it good", 4),
    ],
)
def test_a_rule_test_asks_for_tone_sure_severity_tags_and_rule(expectation: str, failures: int) -> None:
    assert len(failing(f"- {{mail: It is broken., {expectation}}}")) == failures


def test_the_packs_used_here_are_read_without_a_warning() -> None:
    assert told(WORDS, COMPLAINT, PRAISE) == []
