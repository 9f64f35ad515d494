"""From config.yaml to a Config."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from troth.config.cards import CARDS, ClientCard
from troth.config.located import read_yaml
from troth.config.placing import mistakes
from troth.config.schema import bare, bare_clients
from troth.config.tree import Config
from troth.config.usual import usual_plans
from troth.config.words import Placed
from troth.place import Gravity, Mistake, Node
from troth.plan import Plans, read_plans


def fatal(found: Iterable[Mistake]) -> bool:
    return any(mistake.gravity is Gravity.MISTAKE for mistake in found)


def read_config(path: Path) -> tuple[Config | None, Node | None, list[Mistake]]:
    """What the file says, None where a mistake stops it, with its located tree and all that is wrong in it alone."""
    root, found = read_yaml(path)
    if root is None:
        return None, None, found
    plans, wrong = _plans(root)
    config, more = build(root, plans, path.parent)
    found += wrong + more
    return (None if fatal(found) else config), root, found


def _plans(root: Node) -> tuple[Plans, list[Mistake]]:
    node = root.get("plans")
    if node is None or node.value is None:
        return usual_plans(), []
    return read_plans(node)


def build(root: Node, plans: Plans, folder: Path) -> tuple[Config | None, list[Mistake]]:
    said = plain(root)
    if not isinstance(said, dict):
        return None, [Mistake(root.place, "there is no configuration here", "begin with `business:`")]
    said["plans"] = plans
    try:
        return Config.model_validate(said, context=folder), []
    except ValidationError as error:
        return None, list(mistakes(error, root, bare()))


def plain(node: Node) -> object:
    """The value as pydantic takes it; a key with nothing behind it counts as left out."""
    if isinstance(node.value, dict):
        kept = {key: plain(value) for key, value in node.value.items() if value.value is not None}
        return Placed(kept, node.place)
    if isinstance(node.value, tuple):
        return [plain(each) for each in node.value]
    return node.value


def read_clients(path: Path) -> tuple[tuple[ClientCard, ...], Node | None, list[Mistake]]:
    """The cards of clients.yaml, none where a mistake stops it, with its located tree; an empty file has no clients."""
    root, found = read_yaml(path)
    if root is None or root.value is None:
        return (), root, found
    if not isinstance(root.value, tuple):
        return (), root, [*found, Mistake(root.place, "clients stand in a list", "begin each client with a dash")]
    try:
        cards = CARDS.validate_python(plain(root))
    except ValidationError as error:
        return (), root, [*found, *mistakes(error, root, bare_clients())]
    return (() if fatal(found) else cards), root, found
