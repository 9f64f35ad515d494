"""What the documents say is held against the program."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.example import ROOT, example
from troth.cli import COMMANDS, parser
from troth.letters import preview, wrapped

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
SOURCES = sorted((ROOT / "troth").rglob("*.py"))
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_lists_every_command_and_no_other() -> None:
    table = README.partition("## Commands")[2].partition("Exit codes")[0]
    listed = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([name, "--help"])
    assert ended.value.code == 0
    assert "--config" in capsys.readouterr().out


def test_the_letter_in_the_readme_is_the_one_that_is_sent() -> None:
    shown = preview(example().letters, "complaint/acknowledgement", "en", known=True)
    block = README.partition("`python daemon.py preview complaint/acknowledgement`:")[2].split("```")[1]
    assert block.split() == f"Subject: {shown.subject}\n\n{wrapped(shown.text)}".split()


def test_the_make_targets_of_the_readme_exist_with_the_lines_behind_them() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)$", README, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for line in ("ruff format --check .", "ruff check .", "mypy", "lint-imports", "daemon.py check", "-m pytest"):
        assert line in makefile
        assert line in README


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_fifty_lines_and_no_module_outgrows_its_file(source: Path) -> None:
    tree = ast.parse(source.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {each.name: each.end_lineno - each.lineno + 1 for each in functions if each.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > 50} == {}
    assert len(source.read_text().splitlines()) <= 700


def test_nothing_names_a_package_index_or_a_home_on_some_machine() -> None:
    told = [path for path in ROOT.rglob("*") if path.is_file() and not _passed_over(path)]
    found = {str(path.relative_to(ROOT)): here[0] for path in told if (here := _OF_A_MACHINE.search(path.read_bytes()))}
    assert found == {}
    for path in ROOT.glob("requirements*.txt"):
        assert "://" not in path.read_text()


_OF_A_MACHINE = re.compile(rb"index-url [^*\n]*//|/simple/\w|(?<![\w.])/(?:root|home/\w+|Users/\w+)/[\w.]")


def _passed_over(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") and part not in (".ci", ".dockerignore", ".gitignore") for part in parts)
