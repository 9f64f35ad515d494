"""Where the store is: an SQLite file beside config.yaml, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from troth.config.secret import Secret
from troth.config.words import secret, text, under, wrong

SQLITE = "sqlite:///"
KINDS = "write sqlite:///state/troth.db or postgresql://user@host/name"


def sqlite_path(url: str) -> Path | None:
    """The file of a store's address; None for a store that is no file."""
    return Path(url.removeprefix(SQLITE).partition("?")[0]) if url.startswith(SQLITE) else None


@dataclass(frozen=True, slots=True)
class Store:
    """The address of the store, or the secret that holds it. SQLite paths are absolute."""

    url: str = ""
    secret: Secret | None = None

    def reveal(self, environ: Mapping[str, str]) -> str:
        """The address as SQLAlchemy takes it; raises SecretError. It may hold a password: never log it."""
        return self.secret.reveal(environ) if self.secret else self.url

    def __repr__(self) -> str:
        return f"Store({self})"

    def __str__(self) -> str:
        """The address without user and password."""
        if self.secret:
            return str(self.secret)
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"


def _store(value: object, info: ValidationInfo) -> Store:
    if isinstance(value, dict):
        return Store(secret=secret(value, info))
    said = text(value)
    if said.startswith(SQLITE):
        path = said.removeprefix(SQLITE).partition("?")[0]
        if not path or path == ":memory:":
            raise wrong("this store would forget everything", "name a file: sqlite:///state/troth.db")
        return Store(SQLITE + str((under(info) / path).absolute()))
    if is_postgresql(said):
        return Store("postgresql://" + said.partition("://")[2])
    raise wrong(f"`{said.partition(':')[0]}` is no kind of store", KINDS)


def is_postgresql(said: str) -> bool:
    """Whether it is the address of a PostgreSQL database."""
    try:
        parts = urlsplit(said)
        named = parts.path.strip("/") and (parts.port or 1) > 0
    except ValueError:
        return False
    return parts.scheme in ("postgresql", "postgresql+psycopg", "postgres") and bool(named)


StoreWords = Annotated[
    Store,
    PlainValidator(_store),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^(sqlite|postgres(ql)?)"}, {"type": "object"}]}),
]
