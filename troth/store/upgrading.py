"""Alembic, run by Troth itself. Imported only where there is something to upgrade."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def older(revision: str, migrations: Path) -> bool:
    """Whether a revision is one that the migrations start from."""
    return revision in {script.revision for script in ScriptDirectory(str(migrations)).walk_revisions()}


def upgrade(connection: Connection, migrations: Path, to: str = "head") -> None:
    """Run what is missing, inside the transaction of this connection."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
