"""What the program gives its owner to begin with has no mistake in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from troth.config import AlreadyThere, Loaded, Tls, load, read_yaml, schema, schema_text, starter
from troth.config.usual import usual_plans
from troth.model import Mode, Occasion
from troth.place import Node
from troth.plan import Role

ROOT = Path(__file__).parents[1]


def said(loaded: Loaded) -> list[str]:
    return [str(mistake) for mistake in loaded.mistakes]


def test_the_example_at_the_top_has_no_mistake_and_no_warning() -> None:
    loaded = load(ROOT / "config.yaml", environ={}, tests=True)
    assert said(loaded) == []
    assert loaded.tests > 0
    assert [client.name for client in loaded.clients] == ["Jo Marsh", "Priya Nair", None]


def test_the_example_at_the_top_says_what_it_says() -> None:
    found = load(ROOT / "config.yaml", environ={}, letters=False).config
    assert found is not None
    inbox, [owner, sam] = found.inboxes[0], found.colleagues
    assert (found.owner, sam.also, sam.away) == (
        owner,
        ("sam.fox@home.example",),
        ((date(2026, 12, 1), date(2026, 12, 12)),),
    )
    assert (inbox.mode, inbox.imap.port, inbox.imap.tls, inbox.authserv_id) == (
        Mode.OBSERVE,
        993,
        Tls.IMPLICIT,
        "mx.harbour.example",
    )
    assert found.hours.is_open(datetime(2026, 11, 20, 10, tzinfo=UTC))
    assert not found.hours.is_working_day(date(2026, 12, 25))
    assert not found.hours.is_working_day(date(2026, 12, 30))
    assert found.digest is not None
    assert (found.digest.at, found.digest.to) == (time(17), (Role.OWNER,))
    assert found.health is not None
    assert found.health.listen == ("127.0.0.1", 9125)
    assert found.forms[0].from_ == "web@harbour.example"
    assert found.not_clients == ("*@supplier.example",)


def test_the_usual_plans_are_those_of_the_example() -> None:
    example = load(ROOT / "config.yaml", environ={}, letters=False).config
    assert example is not None
    assert usual_plans() == example.plans
    assert {plan.occasion for plan in usual_plans().all} == set(Occasion)


def test_a_new_configuration_passes_check_with_its_rule_tests(tmp_path: Path) -> None:
    written = starter(tmp_path / "new")
    loaded = load(tmp_path / "new/config.yaml", environ={}, tests=True)
    assert said(loaded) == []
    assert loaded.tests == 2
    assert loaded.config is not None
    assert {inbox.mode for inbox in loaded.config.inboxes} == {Mode.OBSERVE}
    assert written[0].name == "config.yaml"
    assert all(path.is_file() for path in written)


def test_what_the_new_configuration_shows_in_comments_is_right_too(tmp_path: Path) -> None:
    starter(tmp_path)
    text = (tmp_path / "config.yaml").read_text()
    _, left_out = text.split("# Left out here")
    shown = "".join(line.removeprefix("# ") + "\n" for line in left_out.splitlines()[1:])
    colleague = re.sub(r"^  # (?=- \{name: Sam)", "  ", text, flags=re.MULTILINE)
    own_mailbox = re.sub(r"^  # (?=- name: sam|  )", "  ", colleague, flags=re.MULTILINE)
    (tmp_path / "config.yaml").write_text(own_mailbox + shown)
    loaded = load(tmp_path / "config.yaml", environ={}, letters=False)
    assert said(loaded) == []
    assert loaded.config is not None
    assert [inbox.name for inbox in loaded.config.inboxes] == ["hello", "sam"]
    assert loaded.config.forms
    assert [colleague.name for colleague in loaded.config.colleagues] == ["Your Name", "Sam Fox"]


def test_the_cards_that_the_new_clients_file_shows_in_comments_are_right_too(tmp_path: Path) -> None:
    starter(tmp_path)
    path = tmp_path / "clients.yaml"
    shown = re.findall(r"^# ([- ] .*)$", path.read_text(), flags=re.MULTILINE)
    path.write_text("\n".join(line for line in shown) + "\n")
    loaded = load(tmp_path / "config.yaml", environ={}, letters=False)
    assert said(loaded) == []
    assert len(loaded.clients) == 2


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text("mine\n")
    with pytest.raises(AlreadyThere, match=r"clients\.yaml would be overwritten"):
        starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["clients.yaml"]
    assert (tmp_path / "clients.yaml").read_text() == "mine\n"


def test_the_schema_beside_the_example_is_that_of_the_program() -> None:
    # to write it anew: python -c 'import troth.config as c; print(c.schema_text(), end="")' > config.schema.json
    assert (ROOT / "config.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_knows_every_key_that_the_example_and_the_new_configuration_use() -> None:
    for path in (ROOT / "config.yaml", ROOT / "troth/config/start/config.yaml"):
        node, _ = read_yaml(path)
        assert node is not None
        assert unknown_keys(node, schema(), schema()) == []


def unknown_keys(node: Node, part: dict[str, Any], whole: dict[str, Any]) -> list[str]:
    """The keys below a node that a schema has no word for."""
    ways = part.get("anyOf", [part])
    ways = [whole["$defs"][way["$ref"].rpartition("/")[2]] if "$ref" in way else way for way in ways]
    if isinstance(node.value, dict):
        for way in ways:
            keys, others = way.get("properties", {}), way.get("additionalProperties")
            found = [
                f"{value.place}: {key}" if key not in keys and not isinstance(others, dict) else ""
                for key, value in node.value.items()
            ]
            inner = [unknown_keys(value, keys.get(key, {}), whole) for key, value in node.value.items() if key in keys]
            if "properties" in way or others:
                return [key for key in found if key] + [key for keys in inner for key in keys]
        return [f"{node.place}: a mapping"]
    lists = [way["items"] for way in ways if "items" in way]
    return [key for item in node for key in unknown_keys(item, lists[0] if lists else {}, whole)]


def test_the_schema_has_a_help_text_for_what_needs_one() -> None:
    text = schema_text()
    for word in ("As letters sign it.", "client wrote", "best friend", "before_close", "Left out, nothing listens."):
        assert word in text
    assert schema()["required"] == ["business", "colleagues", "inboxes"]
