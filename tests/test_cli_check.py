"""`init`, `check` and `preview`: an owner's files, before anything runs on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import shop


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


def test_init_writes_a_configuration_that_check_finds_nothing_wrong_with(shell: Shell) -> None:
    ran = shell("init", "new")
    assert (ran.code, ran.err) == (0, "")
    for name in ("config.yaml", "clients.yaml", "rules", "templates"):
        assert (shell.folder / "new" / name).exists()
    assert shell("check", "--config", "new/config.yaml").code == 0
    assert shell("check", "--json", "--config", "new/config.yaml").objects == []


def test_init_leads_from_observing_to_sending(shell: Shell) -> None:
    out = shell("init", "new").out
    steps = ["check --connect", "rehearse --mail", "run --config", "mode: draft", "mode: send"]
    assert [out.index(step) for step in steps] == sorted(out.index(step) for step in steps)
    assert "mode: observe" in (shell.folder / "new/config.yaml").read_text()


def test_init_overwrites_nothing(shell: Shell) -> None:
    path = shop(shell.folder)
    before = path.read_text()
    assert "would be overwritten" in shell.refused("init", ".")
    assert path.read_text() == before
    assert [each.name for each in shell.folder.iterdir()] == ["config.yaml"]


def test_init_into_a_folder_with_other_things_leaves_them(shell: Shell) -> None:
    (shell.folder / "new").mkdir()
    (shell.folder / "new/notes.txt").write_text("mine")
    assert shell("init", "new").code == 0
    assert (shell.folder / "new/notes.txt").read_text() == "mine"


def test_init_where_nothing_can_be_made_says_so(shell: Shell) -> None:
    (shell.folder / "file").write_text("x")
    assert shell.refused("init", "file/new")


def test_check_names_every_mistake_at_its_place_and_ends_with_one(shell: Shell) -> None:
    path = shop(shell.folder)
    path.write_text(path.read_text().replace("mode: observe", "mode: obsrve").replace("languages:", "langages:"))
    ran = shell("check")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert all(line.startswith("config.yaml:") for line in lines[:-1])
    assert any(":14:11:" in line and "observe" in line for line in lines), lines
    assert lines[-1].endswith(("mistakes", "mistake"))


def test_check_json_has_the_keys_and_types_that_were_promised(shell: Shell) -> None:
    path = shop(shell.folder)
    path.write_text(path.read_text().replace("mode: observe", "mode: obsrve"))
    ran = shell("check", "--json")
    (found,) = ran.objects
    assert ran.code == 1
    assert list(found) == ["file", "line", "column", "severity", "message", "mend"]
    assert (found["file"], found["line"], found["column"], found["severity"]) == ("config.yaml", 14, 11, "mistake")
    assert found["message"]
    assert found["mend"]


def test_warnings_alone_are_fine(shell: Shell) -> None:
    (shell.folder / "templates").mkdir()
    (shell.folder / "templates/Stray Name.txt").write_text("hm")
    shop(shell.folder, more="templates: templates\n")
    ran = shell("check")
    assert ran.code == 0
    assert "warning: " in ran.out
    assert ran.out.endswith("1 warning\n")
    assert shell("check", "--json").objects[0]["severity"] == "warning"


def test_a_failing_rule_test_is_a_finding_at_its_place(shell: Shell) -> None:
    (shell.folder / "rules").mkdir()
    (shell.folder / "rules/own.test.yaml").write_text('- mail: "All is well."\n  tone: [complaint]\n')
    shop(shell.folder, more="rules: [shipped:en, rules/]\n")
    ran = shell("check")
    assert ran.code == 1
    assert "rules/own.test.yaml:2:" in ran.out


def test_a_letter_with_a_fact_that_does_not_exist_is_a_finding_at_its_place(shell: Shell) -> None:
    letter = shell.folder / "templates/praise/thank-you.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("Subject: Thank you\n\n{{ client.shoe_size }}\n")
    shop(shell.folder, more="templates: templates\n")
    ran = shell("check")
    assert ran.code == 1
    assert "templates/praise/thank-you.txt:3:" in ran.out


def test_check_of_a_file_that_is_not_there_is_a_finding_with_its_place(shell: Shell) -> None:
    ran = shell("check", "--json")
    assert ran.code in (1, 2)
    assert ran.objects[0]["file"] == "config.yaml"


def test_unset_secrets_are_mistakes_only_where_somebody_logs_in(shell: Shell) -> None:
    shop(shell.folder)
    assert shell("check").code == 0
    ran = shell("check", "--connect")
    assert ran.code == 1
    assert "config.yaml:15:" in ran.out
    assert "HELLO_PASSWORD is not set" in ran.out


def test_a_server_that_cannot_be_reached_is_out_of_reach(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELLO_PASSWORD", "secret")
    nowhere = "{host: 127.0.0.1, port: 1, tls: none, username: hello, password: {env: HELLO_PASSWORD}}"
    path = shop(shell.folder)
    path.write_text(re.sub(r"(imap|smtp): .*", rf"\1: {nowhere}", path.read_text()))
    ran = shell("check", "--connect")
    assert ran.code == 3
    assert "no  hello, imap 127.0.0.1:1" in ran.out
    assert "secret" not in ran.out + ran.err


def test_preview_lists_every_letter_and_renders_each(shell: Shell) -> None:
    shop(shell.folder)
    names = shell("preview").out.splitlines()
    assert {"complaint/acknowledgement", "praise/thank-you", "mixed/acknowledgement"} <= set(names)
    for name in names:
        ran = shell("preview", name)
        assert (ran.code, ran.err) == (0, ""), name
        assert ran.out.startswith("Subject: "), name
        assert "{{" not in ran.out
        assert len(ran.out) > 100, name


def test_preview_writes_html_where_it_is_told_to(shell: Shell) -> None:
    shop(shell.folder)
    ran = shell("preview", "complaint/acknowledgement", "--out", "letter.html")
    assert (ran.code, ran.out) == (0, "letter.html\n")
    assert (shell.folder / "letter.html").read_text().startswith("<!")


def test_preview_shows_a_stranger_none_of_his_own_words(shell: Shell) -> None:
    shop(shell.folder)
    known, stranger = (shell("preview", "complaint/acknowledgement", *more).out for more in ((), ("--stranger",)))
    assert known != stranger
    assert "Jo" not in stranger


def test_an_unknown_letter_is_a_finding_with_the_nearest_name(shell: Shell) -> None:
    shop(shell.folder)
    assert "did you mean praise/thank-you?" in shell.refused("preview", "praise/thankyou", code=1)
