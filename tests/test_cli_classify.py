"""`classify`: what is thought of mails and texts, from wherever they come."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import COMPLAINT, PLAIN, PRAISE, shop, written

ROOT = Path(__file__).resolve().parent.parent
KEYS = [
    "source",
    "message_id",
    "from",
    "subject",
    "language",
    "text",
    "answer",
    "reason",
    "tone",
    "sure",
    "scores",
    "severity",
    "tags",
    "matches",
]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    shop(tmp_path)
    return Shell(tmp_path, capsys)


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From x@client.example Fri Nov 20 10:00:00 2026\n" + mail + b"\n" for mail in mails)


def test_an_object_has_the_keys_and_types_that_were_promised(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(written(COMPLAINT))
    ran = shell("classify", "--json", "a.eml")
    (found,) = ran.objects
    assert ran.code == 0
    assert list(found) == KEYS
    assert found["source"] == "a.eml"
    assert found["from"] == "jo@client.example"
    assert found["message_id"].startswith("<")
    assert (found["answer"], found["reason"]) == (True, None)
    assert (found["tone"], found["sure"], found["severity"]) == (["complaint"], ["complaint"], "high")
    assert list(found["scores"]) == ["complaint", "praise"]
    assert isinstance(found["scores"]["complaint"], float)
    assert "money" in found["tags"]
    assert all(list(match) == ["rule", "phrase", "in", "weight", "negated"] for match in found["matches"])


def test_a_mail_of_no_tone_has_no_severity(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(written(PLAIN))
    (found,) = shell("classify", "--json", "a.eml").objects
    assert (found["tone"], found["severity"]) == ([], None)


def test_what_the_gate_holds_has_its_reason_and_its_tone_all_the_same(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(written(COMPLAINT, Auto_Submitted="auto-generated"))
    (found,) = shell("classify", "--json", "a.eml").objects
    assert (found["answer"], found["reason"]) == (False, "automatic")
    assert found["tone"] == ["complaint"]


def test_an_mbox_names_each_of_its_mails_by_number(shell: Shell) -> None:
    (shell.folder / "box").write_bytes(mbox(written(COMPLAINT), written(PRAISE)))
    found = shell("classify", "--json", "box").objects
    assert [(each["source"], each["tone"]) for each in found] == [("box:1", ["complaint"]), ("box:2", ["praise"])]


def test_a_line_of_a_mails_text_that_begins_with_from_does_not_cut_it(shell: Shell) -> None:
    text = "Hello,\n\nFrom what we saw, all is well.\n\n>From the other side too.\n"
    raw = written("x").partition(b"\n\n")[0] + b"\n\n" + text.encode()
    (shell.folder / "box").write_bytes(mbox(raw, written(PRAISE)))
    found = shell("classify", "--json", "box").objects
    assert len(found) == 2
    assert "From what we saw" in found[0]["text"]
    assert "\nFrom the other side" in found[0]["text"]


@pytest.mark.parametrize(
    "separator",
    [
        b"From ",
        b"From -",
        b"From - Fri Nov 20 10:00:00 2026",
        b"From ???@??? Fri Nov 20 10:00:00 2026",
        b"From 1849@xxx Fri Nov 20 10:00:00 +0000 2026",
        b"From jo@client.example 2026-11-20 10:00",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lines end in LF", "lines end in CRLF"])
def test_the_separators_of_every_program_part_the_mails(shell: Shell, separator: bytes, end: bytes) -> None:
    box = b"".join(separator + b"\n" + mail + b"\n" for mail in (written(COMPLAINT), written(PRAISE)))
    (shell.folder / "box").write_bytes(box.replace(b"\n", end))
    found = shell("classify", "--json", "box").objects
    assert [(each["source"], each["tone"]) for each in found] == [("box:1", ["complaint"]), ("box:2", ["praise"])]


@pytest.mark.parametrize("lie", ["From 9:30 on I am in.", "From -", "From Jo, 20 November 10:00:"])
def test_what_looks_like_a_separator_needs_a_header_behind_it(shell: Shell, lie: str) -> None:
    raw = written("x").partition(b"\n\n")[0] + f"\n\nHello,\n\n{lie}\nPlease call me then.\n".encode()
    (shell.folder / "box").write_bytes(mbox(raw, written(PRAISE)))
    found = shell("classify", "--json", "box").objects
    assert len(found) == 2
    assert lie in found[0]["text"]


@pytest.mark.parametrize("inside", ["cur/1:2,S", "new/1", ".Archive/cur/1:2,S"])
def test_a_maildir_gives_the_mails_of_cur_and_new_and_of_its_folders(shell: Shell, inside: str) -> None:
    path = shell.folder / "Maildir" / inside
    path.parent.mkdir(parents=True)
    path.write_bytes(written(COMPLAINT))
    (path.parent.parent / "dovecot-uidlist").write_text("3 V1")
    (found,) = shell("classify", "--json", "Maildir").objects
    assert found["source"].endswith(inside)


def test_a_folder_gives_every_eml_below_it_in_order(shell: Shell) -> None:
    for name in ("b/2.eml", "a/1.EML", "notes.txt"):
        (shell.folder / "mails" / name).parent.mkdir(parents=True, exist_ok=True)
        (shell.folder / "mails" / name).write_bytes(written(PLAIN))
    found = shell("classify", "--json", "mails").objects
    assert [each["source"] for each in found] == ["mails/a/1.EML", "mails/b/2.eml"]


def test_an_empty_maildir_has_no_mails_but_an_empty_folder_is_a_mistake(shell: Shell) -> None:
    (shell.folder / "Maildir/cur").mkdir(parents=True)
    (shell.folder / "nothing").mkdir()
    assert shell("classify", "Maildir").out == ""
    assert shell.refused("classify", "nothing").startswith("nothing: no mail is in it")


def test_a_dash_is_one_mail_on_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written(PRAISE))))
    (found,) = shell("classify", "--json", "-").objects
    assert (found["source"], found["tone"]) == ("-", ["praise"])


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe" * 100, b"\n\n\n", b"From: <<<\nSubject: =?x?b?@@?=\n\nhm"])
def test_a_mail_that_cannot_be_parsed_still_gives_a_line(shell: Shell, raw: bytes) -> None:
    (shell.folder / "a.eml").write_bytes(raw)
    ran = shell("classify", "--json", "a.eml")
    assert ran.code == 0
    assert list(ran.objects[0]) == KEYS


def test_texts_give_a_line_each_under_their_own_id_and_without_answer(shell: Shell) -> None:
    lines = [
        {"id": "a", "subject": "Order", "text": COMPLAINT, "from": "jo@client.example"},
        {"id": 7, "subject": "", "text": PRAISE},
    ]
    (shell.folder / "texts").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    found = shell("classify", "--jsonl", "texts").objects
    assert [list(each) for each in found] == [[key for key in KEYS if key not in ("answer", "reason")]] * 2
    assert [(each["source"], each["from"], each["tone"]) for each in found] == [
        ("a", "jo@client.example", ["complaint"]),
        ("7", None, ["praise"]),
    ]


@pytest.mark.parametrize("line", ["no json", "[1]", '{"id": 1}', '"text"', "[" * 100_000])
def test_a_bad_line_is_named_by_file_and_line_after_what_was_judged_before_it(shell: Shell, line: str) -> None:
    (shell.folder / "texts").write_text('{"id": 1, "subject": "", "text": "fine"}\n' + line + "\n")
    ran = shell("classify", "--jsonl", "texts")
    assert ran.code == 2
    assert len(ran.objects) == 1
    assert ran.err == 'troth: texts:2: this is no {"id", "subject", "text"} object\n'


def test_a_text_with_a_lone_surrogate_is_judged_like_any_other(shell: Shell) -> None:
    (shell.folder / "texts").write_text('{"id": 1, "subject": "\\ud800", "text": "I want my money back \\udfff"}\n')
    assert shell("classify", "--jsonl", "texts").objects[0]["source"] == "1"


def test_paths_and_texts_are_not_taken_together(shell: Shell) -> None:
    assert "either" in shell.refused("classify", "a.eml", "--jsonl", "texts")
    assert "either" in shell.refused("classify")


def test_people_read_the_words_that_made_it_so(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(written(COMPLAINT, subject="Order \x1b[2J"))
    ran = shell("classify", "a.eml")
    assert "money back" in ran.out
    assert "gate     may be answered" in ran.out
    assert "\x1b" not in ran.out


def test_bulk_is_streamed_in_flat_memory(tmp_path: Path) -> None:
    shop(tmp_path)
    line = json.dumps({"id": "x", "subject": "Order", "text": "Where is my parcel?", "html": "<p>" * 10_000}) + "\n"
    (tmp_path / "few").write_text(line * 20)
    (tmp_path / "many").write_text(line * 1500)
    assert peak(tmp_path, "many") < peak(tmp_path, "few") + 10 * 1024  # of 45 MB


def peak(folder: Path, texts: str) -> int:
    """The most memory, in KiB, that judging these texts takes."""
    code = (
        "import resource, sys; from troth.cli import main; main(['classify', '--jsonl', sys.argv[1]]);"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    command = [sys.executable, "-c", code, texts]
    ran = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    return int(ran.stderr) // (1024 if sys.platform == "darwin" else 1)
