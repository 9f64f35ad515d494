"""YAML is read with the place of every value, and no file makes the reader fall over."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.config import parse_yaml, read_yaml
from troth.place import Node, Place, not_text


def parsed(text: str) -> Node:
    node, found = parse_yaml(text, "f.yaml")
    assert found == []
    assert node is not None
    return node


def mistakes(text: str) -> list[str]:
    return [str(mistake) for mistake in parse_yaml(text, "f.yaml")[1]]


def test_every_value_and_key_knows_its_line_and_column() -> None:
    node = parsed("über: [ö, b]\nplans:\n  - {letter: x}\n")
    plans = node.get("plans")
    assert plans is not None
    assert (node.place_of("plans"), plans.place) == (Place("f.yaml", 2, 1), Place("f.yaml", 3, 3))
    [step] = plans
    assert step.place_of("letter") == Place("f.yaml", 3, 6)
    assert [each.place.column for each in node.get("über") or ()] == [8, 11]


WORDS: list[tuple[str, object]] = [
    ("17:00", 1020),
    ("no", False),
    ("On", True),
    ("010", 8),
    ("1.10", 1.1),
    ("0x1F", 31),
    ("1_000", 1000),
    ("~", None),
    ("", None),
    ("2026-12-24", "2026-12-24"),
    ("2026-12-27..2026-12-31", "2026-12-27..2026-12-31"),
    ('"17:00"', "17:00"),
    ("'no'", "no"),
    ("!!str no", "no"),
    ("refund*", "refund*"),
    ("=", "="),
]


@pytest.mark.parametrize(("word", "value"), WORDS, ids=[word for word, _ in WORDS])
def test_a_word_is_what_yaml_makes_of_it_except_that_dates_stay_text(word: str, value: object) -> None:
    node = parsed(f"a: {word}\n").get("a")
    assert node is not None
    assert node.value == value
    assert type(node.value) is type(value)


def test_what_was_written_is_kept_with_its_quotes() -> None:
    node = parsed("a: 17:00\nb: \"x\\ty\" # c\nc: 'it''s'\nd: |\n  two\n  lines\n")
    written = {key: value.written for key, value in node.value.items()} if isinstance(node.value, dict) else {}
    assert written == {"a": "17:00", "b": '"x\\ty"', "c": "'it''s'", "d": "two\nlines\n"}


MEANT_AS_TEXT: list[tuple[str, str]] = [
    ("17:00", 'f.yaml:1:4: `17:00` is read as the number 1020; write "17:00" in quotes'),
    ("no", 'f.yaml:1:4: `no` is read as false; write "no" in quotes'),
    ("null", 'f.yaml:1:4: `null` is read as nothing; write "null" in quotes'),
    ("[a]", "f.yaml:1:4: a list stands where a text is meant; write one text"),
    ("", "f.yaml:1:3: nothing stands here where a text is meant; write one, or leave the key out"),
]


@pytest.mark.parametrize(("word", "words"), MEANT_AS_TEXT, ids=[word or "nothing" for word, _ in MEANT_AS_TEXT])
def test_a_word_that_is_no_text_is_told_with_the_mend(word: str, words: str) -> None:
    node = parsed(f"a: {word}\n").get("a")
    assert node is not None
    assert str(not_text(node)) == words


def test_line_ends_of_every_system_count_alike() -> None:
    for text in ("a: 1\nb: '2'\nc: 3", "a: 1\r\nb: '2'\r\nc: 3", "a: 1\rb: '2'\rc: 3"):
        node = parsed(text)
        assert isinstance(node.value, dict)
        assert [value.place.line for value in node.value.values()] == [1, 2, 3]
        assert node.value["b"].written == "'2'"


def test_an_empty_file_is_nothing_rather_than_a_mistake() -> None:
    assert parsed("# only a comment\n").value is None


def test_an_alias_is_the_value_of_its_anchor() -> None:
    assert parsed("a: &x {b: 1}\nc: *x\n").plain() == {"a": {"b": 1}, "c": {"b": 1}}


def test_aliases_that_multiply_are_refused_before_anything_grows() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    assert mistakes("\n".join(lines)) == ["f.yaml:5:4: aliases make this too large; write the values out"]


def test_an_alias_inside_its_own_anchor_is_refused() -> None:
    assert mistakes("a: &x [*x]") == [
        "f.yaml:1:8: `*x` has no anchor &x above it; write the value out, or put it in quotes"
    ]


def test_depth_is_bounded_and_never_a_recursion() -> None:
    for deep in ("[" * 100_000, "{a: " * 100_000, "- " * 100_000):
        assert len(mistakes(deep)) == 1


def test_numbers_that_cannot_be_counted_with_are_refused() -> None:
    for number in ("9" * 5000, ".nan", "-.inf", "0x" + "f" * 5000):
        assert "is no number one can count with" in "".join(mistakes(f"a: {number}"))


def test_a_key_that_is_no_word_is_refused() -> None:
    assert mistakes("no: 1") == ['f.yaml:1:1: the key `no` is read as false; write "no" in quotes']
    assert mistakes("? [a]\n: 1") == ["f.yaml:1:3: a key must be a word; write one before the colon"]


FILES: list[tuple[str, bytes, str]] = [
    ("UTF-16", "a: ö".encode("utf-16"), "1:1: it is written in UTF-16; save it as UTF-8"),
    ("Latin-1", b"a: 1\nb: \xf6", "2:4: this character is not written in UTF-8; save the file as UTF-8"),
    ("a bell", b"a: 1\nb: x\x07", "2:5: an invisible character (U+0007) stands here; delete it"),
    ("a hidden line end", "a: x\u2028b".encode(), "1:5: an invisible character (U+2028) stands here; delete it"),
    ("too much", b"#" * (4 * 1024 * 1024 + 1), "1:1: it is larger than 4 MB; split it"),
]


@pytest.mark.parametrize(("raw", "words"), [(raw, words) for _, raw, words in FILES], ids=[name for name, *_ in FILES])
def test_a_file_that_is_no_plain_text_is_told_so(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(raw)
    node, found = read_yaml(path)
    assert (node, [str(mistake) for mistake in found]) == (None, [f"{path}:{words}"])


def test_the_mark_that_some_editors_put_first_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: x")
    node, found = read_yaml(path)
    assert found == []
    assert node is not None
    assert node.plain() == {"a": "x"}
    assert node.place_of("a") == Place(str(path), 1, 1)


def test_a_file_that_cannot_be_opened_is_one_mistake(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "x.yaml", "there is no such file"), (tmp_path, "this is a folder")):
        [found] = read_yaml(path)[1]
        assert (found.place, found.message) == (Place(str(path)), words)


@given(st.text(max_size=60) | st.text("abn:-[]{}&*!|>'\"#%@`?, \n\t0179.~<=", max_size=60))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    node, found = parse_yaml(text, "f.yaml")
    assert node is not None or found
    assert all(mistake.mend for mistake in found)


PLAIN = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(PLAIN, st.booleans())
def test_what_a_yaml_writer_writes_is_read_as_its_own_reader_reads_it(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    node, found = parse_yaml(text, "f.yaml")
    if not found:
        assert node is not None
        assert node.plain() == yaml.safe_load(text)
    else:
        assert any("invisible" in mistake.message or "count with" in mistake.message for mistake in found)
