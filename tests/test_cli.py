"""What all commands have in common: exit codes, errors of one line, and nothing but the output on a pipe."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import shop
from troth.cli import COMMANDS, main
from troth.cli.terminal import Terminal, program, visible

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


class Tty(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_without_a_command_the_line_says_what_is_missing(shell: Shell) -> None:
    assert "COMMAND" in shell.refused()


def test_a_word_that_is_no_command_is_wrong_usage_and_the_commands_are_named(shell: Shell) -> None:
    assert "'status'" in shell.refused("statsu")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_help_and_a_config(shell: Shell, name: str) -> None:
    ran = shell(name, "--help")
    assert ran.code == 0
    assert "--config" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["journal"],
        ["letters"],
        ["forget", "jo@client.example"],
        ["classify", "x.eml"],
        ["rehearse", "--mail", "x"],
        ["preview"],
        ["run"],
    ],
    ids=lambda words: words[0],
)
def test_a_missing_configuration_is_said_in_one_line_with_the_mend(shell: Shell, words: list[str]) -> None:
    assert shell.refused(*words) == "config.yaml is not there; `init .` writes a first one, --config FILE names another"


@pytest.mark.parametrize("words", [["status"], ["run"], ["preview"], ["classify", "x.eml"]], ids=lambda words: words[0])
def test_a_configuration_with_mistakes_names_the_first_and_counts_the_rest(shell: Shell, words: list[str]) -> None:
    path = shop(shell.folder)
    path.write_text(path.read_text().replace("name: Harbour", "nam: Harbour").replace("mode: observe", "mode: peek"))
    said = shell.refused(*words)
    assert said.startswith("config.yaml:")
    assert "more: `check` shows them all)" in said


@pytest.mark.parametrize("words", [["status"], ["journal"], ["letters"], ["forget", "jo@client.example"]])
def test_a_store_that_is_not_there_is_out_of_reach(shell: Shell, words: list[str]) -> None:
    shop(shell.folder)
    assert "there is no store yet" in shell.refused(*words, code=3)
    assert not (shell.folder / "state").exists()


def test_a_damaged_store_is_out_of_reach_and_left_alone(shell: Shell) -> None:
    shop(shell.folder)
    (shell.folder / "state").mkdir()
    (shell.folder / "state/troth.db").write_bytes(b"this is no database" * 100)
    assert "no SQLite database" in shell.refused("status", code=3)
    assert (shell.folder / "state/troth.db").read_bytes().startswith(b"this is no database")


def test_run_without_its_secrets_names_the_first_and_starts_nothing(shell: Shell) -> None:
    shop(shell.folder)
    said = shell.refused("run")
    assert "HELLO_PASSWORD is not set" in said
    assert not (shell.folder / "state").exists()


def test_what_nobody_foresaw_is_one_line_without_debug_and_a_traceback_with_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(shell.folder)

    def broken(*_: object, **__: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("troth.cli.preview.setting", broken)
    said = shell.refused("preview", code=1)
    assert said == "this should not have happened (KeyError); with --debug it is shown where"
    with pytest.raises(KeyError):
        main(["preview", "--debug"])


def test_a_reader_who_leaves_a_pipe_is_no_error(tmp_path: Path) -> None:
    shop(tmp_path)
    (tmp_path / "texts").write_text('{"id": 1, "subject": "", "text": "I want my money back"}\n' * 5000)
    command = f"{sys.executable} {ROOT / 'daemon.py'} classify --jsonl texts | head -1"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=tmp_path, env=environ, capture_output=True, check=False
    )
    assert ran.stderr == b""
    assert ran.returncode == 0
    assert ran.stdout.count(b"\n") == 1


def test_on_a_pipe_there_are_no_colours_and_no_progress(shell: Shell) -> None:
    shop(shell.folder)
    (shell.folder / "a.eml").write_bytes(
        b"From: jo@client.example\nTo: hello@harbour.example\n\nI want my money back.\n"
    )
    ran = shell("classify", "a.eml")
    assert "\x1b" not in ran.out
    assert ran.err == ""


def test_colours_are_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Terminal(Tty(), Tty()).style("x", "red") == "\x1b[31mx\x1b[0m"
    assert Terminal(io.StringIO(), Tty()).style("x", "red") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Terminal(Tty(), Tty()).style("x", "red") == "x"


def test_progress_is_wiped_before_anything_else_is_written() -> None:
    out, err = Tty(), Tty()
    terminal = Terminal(out, err)
    terminal.progress("1 of 2 mails")
    terminal.print("done")
    assert err.getvalue() == "\r1 of 2 mails\r            \r"
    assert out.getvalue() == "done\n"


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b31m", "a\rb", "\u202egpj.exe", "\u2066x", "\x07", "\u200b", "\x00"])
def test_hostile_text_cannot_move_the_cursor_or_turn_a_line_around(text: str) -> None:
    shown = visible(text)
    assert all(char.isprintable() for char in shown)
    assert "\u200b" not in shown


def test_a_text_for_one_line_stays_on_it() -> None:
    assert visible("one\n\ttwo", lines=False) == "one two"
    assert visible("one\n\ttwo") == "one\n\ttwo"


def test_a_command_loads_what_it_needs_itself_and_the_daemon_nothing_that_is_seldom_asked_for(tmp_path: Path) -> None:
    program = "import sys; from troth.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    shop(tmp_path)
    run = [sys.executable, "-c", program, "run"]
    environ = {key: value for key, value in os.environ.items() if key != "HELLO_PASSWORD"} | {"PYTHONPATH": str(ROOT)}
    loaded = subprocess.run(run, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True).stdout.split()
    assert "troth.app.daemon" in loaded
    others = {f"troth.cli.{name}" for name in COMMANDS if name != "run"}
    seldom = {"alembic", "psycopg", "prometheus_client", "holidays.countries.afghanistan", "multiprocessing.pool"}
    assert (others | seldom | {"troth.desk.playing", "troth.demo"}) & set(loaded) == set()


def test_without_its_modules_the_program_says_in_one_line_how_to_run_it() -> None:
    ran = subprocess.run(
        [sys.executable, "-S", ROOT / "daemon.py", "status"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "has no module" in ran.stderr
    assert "; run this with /" in ran.stderr or "README.md says how" in ran.stderr


@pytest.mark.parametrize(
    ("called", "named"),
    [("daemon.py", "daemon.py"), ("../daemon.py", "{above}/daemon.py"), ("/usr/bin/troth", "troth")],
)
def test_the_program_names_itself_so_that_it_can_be_typed(
    called: str, named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = tmp_path / "business"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", [called, "init", "x"])
    python = "" if named == "troth" else f"{sys.executable} "
    assert program() == python + named.format(above=tmp_path)
