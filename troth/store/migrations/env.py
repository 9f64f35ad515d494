"""Run by Alembic: migrates inside the transaction it is handed, so that an upgrade happens whole or not at all."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="troth_version",
)
with context.begin_transaction():
    context.run_migrations()
