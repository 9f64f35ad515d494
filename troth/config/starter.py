"""What `init` writes: a first set of the owner's files, which teach by their comments."""

from __future__ import annotations

import json
from pathlib import Path

from troth.config.files import below
from troth.config.schema import NAME, schema

_START = Path(__file__).parent / "start"


class AlreadyThere(FileExistsError):  # noqa: N818 -- reads as what it says
    """Files that would have to be overwritten; nothing was written."""


def schema_text() -> str:
    """The JSON Schema as it lies beside config.yaml."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def starter(folder: Path) -> list[Path]:
    """Writes config.yaml, its JSON Schema, clients.yaml, rules/ and templates/ into a folder, which may be new.

    Returns what it wrote. Raises AlreadyThere, before anything is written, if one of them is there; or OSError.
    """
    paths = (_START / "config.yaml", *below(_START, (".yaml", ".md")))
    texts = {path.relative_to(_START): path.read_text(encoding="utf-8") for path in paths}
    texts[Path(NAME)] = schema_text()
    there = [folder / name for name in texts if (folder / name).exists()]
    if there:
        others = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise AlreadyThere(f"{there[0]}{others} would be overwritten; name another folder, or move it away")
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return [folder / name for name in texts]
