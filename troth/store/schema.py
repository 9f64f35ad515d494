"""The tables. Their words are those of the model; what every column means is said there."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)

REVISION = "0002"
"""The migration that the tables below stand at."""

LONGEST_IDENTIFIER = 500


def plain(text: str) -> str:
    """The text as both databases can hold it: PostgreSQL has no NUL, neither takes a lone surrogate."""
    if "\x00" in text:
        text = text.replace("\x00", "�")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def bounded(identifier: str) -> str:
    """An identifier short enough for an index of PostgreSQL, which refuses a row of over 2,704 bytes."""
    if len(identifier) <= LONGEST_IDENTIFIER:
        return plain(identifier)
    return "sha256:" + hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()


class Words(TypeDecorator[str]):
    """Text that a stranger may have written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base's
        return value if value is None else plain(value)


class Identifier(TypeDecorator[str]):
    """A Message-ID or what is made of one: its sender chose its length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base's
        return value if value is None else bounded(value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds: TIMESTAMPTZ, and sortable text on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's
        if value is None or value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime is no instant: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

# as Alembic would make it
version = Table(
    "troth_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="troth_version_pkc"),
)

clients = Table(
    "clients",
    metadata,
    Column("key", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("name", Words, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("stage", Text, nullable=False),
    Column("last_colleague", Text),
    Column("silence_asked_at", Instant),
    Column("bounced", Text, nullable=False),
    Column("first_seen", Instant),
    Column("absent_until", Instant),
    Column("hushed_at", Instant),
)

client_addresses = Table(
    "client_addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("client", Text, ForeignKey("clients.key"), nullable=False, index=True),
)

mails = Table(
    "mails",
    metadata,
    Column("identity", Identifier, primary_key=True),
    Column("inbox", Text, nullable=False),
    Column("folder", Words, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("arrived", Instant, nullable=False),
    Column("thread", Identifier, nullable=False),
    Column("ours", Boolean, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("learnt", Boolean, nullable=False),
    Column("authenticated", Boolean, nullable=False),
    Column("standing", Text, nullable=False),
    Column("because", Words, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("nature", Text, nullable=False),
    Column("message_id", Identifier, index=True),
    Column("author", Text),
    Column("author_name", Words, nullable=False),
    Column("client", Text),
    Column("case_key", Text),
    Column("language", Text),
    Column("refusal", Words),
    Column("subject", Words, nullable=False),
    Column("recipients", Words, nullable=False),
    Column("references", Words, nullable=False),
    Column("verdict", Words),
    Column("text", Words, nullable=False),  # late: what stands before it is read without its pages
    Column("header", Words),
    Index("ix_mails_accounting", "ours", "inbox", "standing", "because"),
    Index("ix_mails_client", "client"),
    Index("ix_mails_arrived", "arrived"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("address", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("mail", Identifier, primary_key=True),
    sqlite_with_rowid=False,
)

threads = Table(
    "threads",
    metadata,
    Column("message_id", Identifier, primary_key=True),
    Column("thread", Identifier, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_threads_at", "at"),
    sqlite_with_rowid=False,
)

cases = Table(
    "cases",
    metadata,
    Column("key", Text, primary_key=True),
    Column("client", Text, ForeignKey("clients.key"), nullable=False, index=True),
    Column("inbox", Text, nullable=False),
    Column("thread", Identifier, nullable=False),
    Column("mail", Identifier, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("severity", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("tags", Text, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", Text),
    Column("closed_at", Instant),
    Column("assignee", Text),
    Column("round", Integer, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("sure", Boolean, nullable=False),
    Column("snoozed_until", Instant),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("key", Text, primary_key=True),
    Column("occasion", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("inbox", Text, nullable=False),
    Column("client", Text, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("mail", Identifier, nullable=False),
    Column("anchor", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("case_key", Text),
    Column("round", Integer, nullable=False),
    Column("planned_at", Instant),
    Column("done_at", Instant),
    Column("promise", Text),
    Index("ix_follow_ups_due", "done_at", "due_at"),
)

letters = Table(
    "letters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("inbox", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("subject", Words, nullable=False),
    Column("message_id", Identifier, nullable=False, index=True),
    Column("envelope_from", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("mode", Text, nullable=False),
    Column("because", Words, nullable=False),
    Column("client", Text, index=True),
    Column("case_key", Text),
    Column("mail", Identifier, index=True),
    Column("expires", Instant),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Instant),
    Column("sent_at", Instant, index=True),
    Column("provider_id", Identifier, index=True),
    Column("filed", Boolean, nullable=False),
    Column("filed_uid", BigInteger),
    Column("claim", Text),
    Column("claimed_at", Instant),
    Column("raw", LargeBinary, nullable=False),
    Index("ix_letters_state", "state", "filed", "inbox"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("inbox", Text),
    Column("message_id", Identifier, index=True),
    Column("client", Text, index=True),
    Column("what", Words, nullable=False),
    Column("because", Words, nullable=False),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("inbox", Text, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("learn_until", BigInteger, nullable=False),
    Column("first_start", Instant),
)

inbox_states = Table(
    "inbox_states",
    metadata,
    Column("inbox", Text, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("state", Text, nullable=False),
    Column("last_sync", Instant),
    Column("error", Words),
)

faults = Table(
    "faults",
    metadata,
    Column("inbox", Text, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("words", Words, nullable=False),
)

memory = Table(
    "memory",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Words, nullable=False),
)

promises = Table(
    "promises",
    metadata,
    Column("key", Text, primary_key=True),
    Column("client", Text, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("inbox", Text, nullable=False),
    Column("mail", Identifier, nullable=False),
    Column("what", Words, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("case_key", Text),
    Column("closed_at", Instant),
    Index("ix_promises_state", "state", "due_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("about", Words, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("revoked_at", Instant),
)

undoings = Table(
    "undoings",
    metadata,
    Column("token", Text, primary_key=True),
    Column("changes", Words, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("mail", Identifier, primary_key=True),
    Column("tone", Text, nullable=False),
    Column("corrected_by", Text),
    Column("at", Instant, nullable=False),
)

silences = Table("silences", metadata, Column("hash", Text, primary_key=True))
