"""Running commands of Troth in this process, as a shell would see them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from troth.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Stands in a folder and runs commands there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> Ran:
        try:
            code = main(words)
        except SystemExit as end:  # how argparse ends
            code = int(end.code or 0)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def refused(self, *words: str, code: int = 2) -> str:
        """The one line on standard error of a command that ends with this code and prints nothing else."""
        ran = self(*words)
        assert (ran.code, ran.out) == (code, ""), ran
        assert ran.err.startswith("troth: "), ran.err
        assert ran.err.count("\n") == 1, ran.err
        return ran.err.removeprefix("troth: ").rstrip("\n")
