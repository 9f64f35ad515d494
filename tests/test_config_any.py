"""Whatever stands in config.yaml, it is read or refused in words, never a crash."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.config import read_yaml
from troth.config.checks import of_tree
from troth.config.reading import read_clients, read_config

ROOT = Path(__file__).parents[1]
VALUES = st.recursive(
    st.sampled_from(
        ["x", "", " ", "a@b.example", "17:00", "5", "none", "owner", "60 seconds", "\n", "1 per day", "é", "=", "<<"]
    )
    | st.sampled_from([None, True, False, 0, -1, 99999, 1.5, 10**30])
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def paths(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a tree of plain values."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [at, *(path for key, inner in items for path in paths(inner, (*at, key)))]


def put(value: object, path: tuple[str | int, ...], new: object, *, drop: bool) -> object:
    """The tree with another value in one place, or without what stands there."""
    if not path:
        return new
    changed = copy.copy(value)
    assert isinstance(changed, dict | list)
    if drop and len(path) == 1:
        del changed[path[0]]  # type: ignore[arg-type]  # the key is of the tree's own kind, by `paths`
    else:
        changed[path[0]] = put(changed[path[0]], path[1:], new, drop=drop)  # type: ignore[index]  # as above
    return changed


def plain(name: str) -> object:
    node, _ = read_yaml(ROOT / name)
    assert node is not None
    return node.plain()


CONFIG, CLIENTS = plain("config.yaml"), plain("clients.yaml")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(paths(CONFIG)), VALUES, st.booleans())
def test_any_value_anywhere_in_the_configuration_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str | int, ...], new: object, drop: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(yaml.safe_dump(put(CONFIG, path, new, drop=drop), allow_unicode=True), encoding="utf-8")
    config, root, found = read_config(file)
    assert config is not None or found
    more = list(of_tree(root)) if root is not None else []
    lines = file.read_text(encoding="utf-8").count("\n") + 1
    for mistake in found + more:
        assert mistake.message
        assert mistake.mend
        assert 1 <= mistake.place.line <= lines


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(paths(CLIENTS)), VALUES, st.booleans())
def test_any_value_anywhere_among_the_clients_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str | int, ...], new: object, drop: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "clients.yaml"
    file.write_text(yaml.safe_dump(put(CLIENTS, path, new, drop=drop), allow_unicode=True), encoding="utf-8")
    _, _, found = read_clients(file)
    assert all(mistake.message and mistake.mend for mistake in found)
