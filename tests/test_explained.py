"""docs/explained.md shows what `classify` says, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rulebooks import shipped_rulebook
from troth.rulebook import render

PAGE = (Path(__file__).parent.parent / "docs" / "explained.md").read_text(encoding="utf-8")
RIGHT, WRONG = PAGE.split("\n# What it gets wrong\n")
BLOCKS = re.findall(r"## (.*?)\n.*?```\n(.*?)```", PAGE, re.DOTALL)


def mail_of(block: str) -> tuple[str, str]:
    """The subject and body above an explanation: they end where its indented lines or its sums begin."""
    mail = re.split(r"\n\n(?= |complaint: )", block, maxsplit=1)[0]
    first, _, rest = mail.partition("\n")
    return (first.removeprefix("Subject: "), rest) if first.startswith("Subject: ") else ("", mail)


def test_ten_mails_are_judged_rightly_and_three_wrongly() -> None:
    assert len(re.findall("^## ", RIGHT, re.MULTILINE)) == 10
    assert len(re.findall("^## ", WRONG, re.MULTILINE)) == 3
    assert len(BLOCKS) == 13


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_the_page_shows_what_classify_says(title: str, block: str) -> None:
    subject, text = mail_of(block)
    shown = ["".join(one.text for one in line) for line in render(shipped_rulebook().explain(subject, text, "en"))]
    assert block.splitlines() == shown, title
