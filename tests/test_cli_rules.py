"""`rules suggest`: what the corrections in the store teach, on a terminal and as JSON; it writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import PLAIN, PRAISE, Shop, written
from troth.model import Address, Correct, Tone

ADA = Address("ada@harbour.example")
LIFTS = [f"The foil on the {thing} lifts when Zofia opens it." for thing in ("cover", "folder", "menu", "label")]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as made:
        yield made


def corrected(shop: Shop, *texts: str) -> None:
    """Mails came in, and a colleague said of each that it is a complaint."""
    shop.take(*(written(text, sender="Zofia Nowak <zofia@client.example>") for text in texts))
    steps = [Correct(mail.mail, frozenset({Tone.COMPLAINT}), ADA, "Ada says so") for mail in shop.store.uncorrected()]
    with shop.store.writing() as book:
        book.carry_out(None, steps, (), shop.now)


def test_it_shows_what_would_mend_and_the_rules_to_copy(shell: Shell, open_shop: Shop) -> None:
    corrected(open_shop, *LIFTS)
    open_shop.take(written(PLAIN), written(PRAISE, sender="mo@third.example"))
    before = {path: path.read_bytes() for path in shell.folder.glob("*.yaml")}
    ran = shell("rules", "suggest")
    assert (ran.code, ran.err) == (0, "")
    assert "4 corrected mails, 4 of them misjudged" in ran.out
    assert re.search(r"for complaint, weight \S+: would mend \d of 4, breaks none", ran.out)
    assert "all together: 4 of 4 mended; 0 of 2 mails that nobody corrected" in ran.out
    assert "tone: complaint\nlanguage: en\nrules:\n  - name: " in ran.out
    assert "these are few" in ran.out
    assert "ofia" not in ran.out.partition("To copy")[2]
    assert before == {path: path.read_bytes() for path in shell.folder.glob("*.yaml")}


def test_what_is_shown_can_be_copied_as_it_is_and_mends(shell: Shell, open_shop: Shop) -> None:
    corrected(open_shop, *LIFTS)
    copied = shell("rules", "suggest").out.partition("# a file of its own")[2]
    (shell.folder / "rules").mkdir()
    (shell.folder / "rules" / "own.yaml").write_text("#" + copied)
    config = shell.folder / "config.yaml"
    config.write_text(config.read_text() + "rules: [shipped:en, rules/]\n")
    assert shell("check").code == 0
    assert "4 corrected mails, 0 of them misjudged" in shell("rules", "suggest").out


def test_json_has_one_object_for_the_sums_each_misleading_phrase_and_each_change(shell: Shell, open_shop: Shop) -> None:
    corrected(open_shop, *LIFTS)
    sums, *rest = shell("rules", "suggest", "--json").objects
    assert (sums["corrected"], sums["misjudged"], sums["misjudged_after"]) == (4, 4, 0)
    changes = [each for each in rest if "change" in each]
    assert changes
    assert {"rule", "phrase", "weight", "mends", "of", "spoils", "yaml"} <= changes[0].keys()


def test_where_nobody_has_corrected_anything_it_says_so(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(PLAIN))
    ran = shell("rules", "suggest")
    assert (ran.code, ran.out) == (0, "nobody has corrected a verdict yet\n")


def test_without_a_store_it_ends_in_one_line(shell: Shell, open_shop: Shop) -> None:
    open_shop.store.close()
    (shell.folder / "state" / "troth.db").unlink()
    shell.refused("rules", "suggest", code=3)
