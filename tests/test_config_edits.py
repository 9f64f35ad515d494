"""Edits of the owner's files are seen, once each, when he has finished."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from troth.config import Edits, load, starter

ONCE = "- {addresses: [jo@client.example]}\n"


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    starter(tmp_path)
    return tmp_path


def edits(firm: Path) -> Edits:
    return Edits(load(firm / "config.yaml", environ={}, letters=False))


def replace(path: Path, text: str) -> None:
    """As editors write: a new file, then moved over the old one."""
    new = path.with_name(path.name + "~")
    new.write_text(text)
    new.replace(path)


WAYS: list[tuple[str, Callable[[Path], object]]] = [
    ("config.yaml is written", lambda firm: (firm / "config.yaml").write_text("x")),
    ("clients.yaml is replaced", lambda firm: replace(firm / "clients.yaml", ONCE)),
    ("clients.yaml is deleted", lambda firm: (firm / "clients.yaml").unlink()),
    ("a rules file is replaced", lambda firm: replace(firm / "rules/own.yaml", "tone: praise\n")),
    ("a rule test is written", lambda firm: (firm / "rules/own.test.yaml").write_text("")),
    ("a rules file is made", lambda firm: (firm / "rules/new.yaml").write_text("")),
    ("a folder of rules is made", lambda firm: shutil.copytree(firm / "rules", firm / "rules/more")),
    ("a letter is made", lambda firm: (firm / "templates/_foot.txt").write_text("")),
    ("a folder goes", lambda firm: shutil.rmtree(firm / "rules")),
]


@pytest.mark.parametrize("edit", [edit for _, edit in WAYS], ids=[name for name, _ in WAYS])
def test_an_edit_is_told_once_after_five_quiet_seconds(firm: Path, edit: Callable[[Path], object]) -> None:
    watch = edits(firm)
    assert not watch.changed(0.0)
    edit(firm)
    assert [watch.changed(at) for at in (1.0, 3.0, 5.9, 6.0, 7.0, 60.0)] == [False, False, False, True, False, False]


def test_each_further_edit_begins_the_five_seconds_anew(firm: Path) -> None:
    watch = edits(firm)
    for at in range(4):
        replace(firm / "clients.yaml", f"# {at}\n")
        assert not watch.changed(at * 4.0)
    assert not watch.changed(16.9)
    assert watch.changed(17.0)


def test_an_edit_that_is_taken_back_is_none(firm: Path) -> None:
    watch = edits(firm)
    (firm / "rules/new.yaml").write_text("x")
    assert not watch.changed(0.0)
    (firm / "rules/new.yaml").unlink()
    assert [watch.changed(at) for at in (1.0, 6.0, 60.0)] == [False, False, False]


def test_an_edit_while_the_files_were_being_read_is_not_missed(firm: Path) -> None:
    loaded = load(firm / "config.yaml", environ={}, letters=False)
    replace(firm / "rules/own.yaml", "tone: praise\n")
    watch = Edits(loaded)
    assert not watch.changed(0.0)
    assert watch.changed(5.0)


def test_what_is_no_part_of_the_configuration_is_not_watched(firm: Path) -> None:
    watch = edits(firm)
    (firm / "state").mkdir()
    (firm / "state/troth.db").write_text("x")
    (firm / "notes.txt").write_text("x")
    (firm / "rules/.own.yaml.swp").write_text("x")
    assert [watch.changed(at) for at in (0.0, 6.0)] == [False, False]


def test_files_of_a_refused_configuration_are_watched_too(firm: Path) -> None:
    (firm / "clients.yaml").write_text("- {}\n")
    loaded = load(firm / "config.yaml", environ={}, letters=False)
    assert loaded.config is None
    watch = Edits(loaded)
    (firm / "clients.yaml").write_text(ONCE)
    assert [watch.changed(at) for at in (0.0, 5.0)] == [False, True]


def test_a_look_costs_next_to_nothing(firm: Path) -> None:
    watch = edits(firm)
    start = perf_counter()
    for _ in range(200):
        watch.changed(0.0)
    assert (perf_counter() - start) / 200 < 0.003  # about 0.2 ms on a quiet machine
