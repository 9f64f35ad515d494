"""`digest` as a shell sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import COMPLAINT, Shop, written
from tests.shop import shop as configured
from troth import clock
from troth.model import LetterState


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path, change=("", ""), now=clock.now()) as made:
        yield made


def test_it_is_printed_and_nothing_is_sent(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT, open_shop.now))
    ran = shell("digest", "--print")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Subject: 1 complaint waits for an answer (")
    assert "1. Jo Marsh: Order 1182" in ran.out
    assert "Reply with" not in ran.out
    assert all(len(line) <= 72 for line in ran.out.splitlines()[1:])
    assert open_shop.store.letters() == []


def test_a_client_s_words_cannot_move_the_cursor(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT, open_shop.now, subject="Order \x1b[2J\x1b]0;gone\x07 \u202eback"))
    out = shell("digest", "--print").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out


def test_it_is_queued_for_the_running_daemon(shell: Shell, open_shop: Shop) -> None:
    ran = shell("digest")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "queued for ada@harbour.example: the running daemon sends it\n"
    (letter,) = open_shop.store.letters()
    assert (letter.purpose, letter.state, letter.to) == ("colleague/digest", LetterState.QUEUED, "ada@harbour.example")
    assert shell("digest").code == 0
    assert len(open_shop.store.letters()) == 2


def test_it_goes_to_the_owner_where_no_daily_one_is_wanted(shell: Shell, open_shop: Shop) -> None:
    configured(open_shop.folder, more="digest: none\n")
    assert "queued for ada@harbour.example" in shell("digest").out


def test_it_needs_a_store_and_a_configuration(shell: Shell, tmp_path: Path) -> None:
    assert "config.yaml is not there" in shell.refused("digest", "--print", code=2)
    configured(tmp_path)
    assert "there is no store yet" in shell.refused("digest", "--print", code=3)


def test_a_broken_template_is_told_as_its_place(shell: Shell, open_shop: Shop) -> None:
    folder = open_shop.folder / "templates" / "colleague"
    folder.mkdir(parents=True)
    (folder / "digest.txt").write_text("Subject: x\n\n{{ digest.wating }}\n")
    configured(open_shop.folder, more="templates: templates/\n")
    assert "templates/colleague/digest.txt:3:11: there is no digest.wating" in shell.refused("digest", "--print")
