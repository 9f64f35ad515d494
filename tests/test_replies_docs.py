"""Every word that docs/replies.md tells people to write is read, and means the same in each language."""

from __future__ import annotations

import re

import pytest

from tests.example import ROOT
from tests.test_commands import FRIDAY
from tests.test_hours import PRINTER
from troth.commands import Command, MakePromise, Reply, read
from troth.commands.tongue import Verb

PAGE = (ROOT / "docs" / "replies.md").read_text()
WORDS, TIMES = (PAGE.partition(f"## {name}\n")[2].partition("\n## ")[0] for name in ("The words", "Times"))
CODE = re.compile(r"`([^`]+)`")


def rows(table: str) -> list[list[list[str]]]:
    """The code in each cell of each row below the head."""
    lines = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| `")]
    return [[CODE.findall(cell) for cell in line] for line in lines]


def heard(line: str, language: str = "de") -> Reply:
    return read(line, [language], FRIDAY, PRINTER)


def asked(line: str, language: str) -> Command:
    reply = heard(line, language)
    assert len(reply.commands) == 1, line
    return reply.commands[0].command


@pytest.mark.parametrize("row", rows(WORDS), ids=lambda row: row[0][0])
def test_the_words_of_a_row_ask_for_the_same_in_both_languages(row: list[list[str]]) -> None:
    english = [asked(line, "en") for line in row[0]]
    german = [asked(line, "de") for line in row[1]]
    assert len({type(each) for each in (*english, *german)}) == 1
    if row[0][0] in ("complaint", "praise", "neither"):
        assert english + german == [english[0]] * len(english + german)


def test_the_page_tells_of_every_word_that_there_is() -> None:
    first = {CODE.findall(line)[0].split()[0] for line in WORDS.splitlines() if line.startswith("| `")}
    assert first == set(Verb)


@pytest.mark.parametrize("row", rows(TIMES), ids=lambda row: row[0][0])
def test_every_time_on_the_page_is_one(row: list[list[str]]) -> None:
    found = [asked(line, "de") for line in row[0]]
    assert all(isinstance(each, MakePromise) for each in found)


def test_numbers_are_written_as_the_page_says() -> None:
    [line] = [line for line in PAGE.splitlines() if "Put the number in front" in line]
    for example in CODE.findall(line):
        assert all(each.number is not None for each in heard(example, "en").commands), example
        assert heard(example, "en").commands


def test_what_the_page_calls_prose_does_nothing() -> None:
    assert "Answered her mail? No idea" in PAGE
    assert heard("Answered her mail? No idea").commands == ()
    assert heard("promise at 5").commands == heard("promise Monday 24 December").commands == ()
