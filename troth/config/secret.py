"""Secrets: how to get one, never what it is."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from troth.place import Place

PATIENCE = 30.0
"""Seconds that a command may take: a password manager may have to ask a person first."""
_LARGEST = 64 * 1024


class SecretError(Exception):
    """A secret cannot be had: one line that names where it should have come from."""


class Origin(StrEnum):
    ENV = "env"
    FILE = "file"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept: the name of a variable, a path, or a command that prints it; never the secret itself."""

    origin: Origin
    where: str
    place: Place | None = field(default=None, compare=False, repr=False)

    def reveal(self, environ: Mapping[str, str]) -> str:
        """The secret itself: the variable, the file's or the output's first line. Raises SecretError."""
        said = {Origin.ENV: self._from_env, Origin.FILE: self._from_file, Origin.COMMAND: self._from_command}
        lines = said[self.origin](environ).splitlines()
        if not lines or not lines[0].strip():
            self._fail("is empty")
        return lines[0].rstrip("\r\n")

    def __str__(self) -> str:
        return {
            Origin.ENV: f"the environment variable {self.where}",
            Origin.FILE: f"the file {self.where}",
            Origin.COMMAND: f"the command `{self._program}`",
        }[self.origin]

    @property
    def _program(self) -> str:
        """The command's first word: what follows it may be telling."""
        return self.where.split(maxsplit=1)[0]

    def _fail(self, what: str) -> NoReturn:
        raise SecretError(f"{self} {what}") from None

    def _from_env(self, environ: Mapping[str, str]) -> str:
        if self.where not in environ:
            self._fail("is not set")
        return environ[self.where]

    def _from_file(self, _: Mapping[str, str]) -> str:
        try:
            with Path(self.where).open("rb") as file:
                return file.read(_LARGEST).decode()
        except UnicodeDecodeError:
            self._fail("is not written in UTF-8")
        except OSError as error:
            self._fail(f"cannot be read: {error.strerror}")

    def _from_command(self, environ: Mapping[str, str]) -> str:
        try:
            done = subprocess.run(  # noqa: S603 -- the owner's own command, from his configuration, without a shell
                shlex.split(self.where),
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            self._fail(f"printed nothing within {PATIENCE:.0f} seconds")
        except (OSError, ValueError) as error:
            self._fail(f"cannot be run: {error.strerror if isinstance(error, OSError) else error}")
        if done.returncode != 0:
            self._fail(f"ended with {done.returncode}")
        try:
            return done.stdout[:_LARGEST].decode()
        except UnicodeDecodeError:
            self._fail("printed what is not UTF-8")
