"""What colleagues ask for by reply: promises, tokens, what may be undone, corrections, snoozing and silence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("cases", sa.Column("snoozed_until", INSTANT, nullable=True))
    op.add_column("clients", sa.Column("hushed_at", INSTANT, nullable=True))
    op.add_column("follow_ups", sa.Column("promise", sa.Text(), nullable=True))
    op.add_column("mails", sa.Column("header", sa.Text(), nullable=True))
    _promises()
    _tokens()
    _undoings()
    _corrections()


def _promises() -> None:
    op.create_table(
        "promises",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_promises_client", "promises", ["client"], unique=False)
    op.create_index("ix_promises_state", "promises", ["state", "due_at"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"], unique=False)


def _undoings() -> None:
    op.create_table(
        "undoings",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("corrected_by", sa.Text(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mail"),
    )
