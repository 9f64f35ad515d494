"""The owner's files, read whole: every mistake in them with its place, and what they say as frozen values."""

from troth.config.cards import ClientCard
from troth.config.edits import Edits
from troth.config.loading import Loaded, load, unset_secrets
from troth.config.located import parse_yaml, read_yaml
from troth.config.schema import schema
from troth.config.secret import Origin, Secret, SecretError
from troth.config.signing import sign_in_places
from troth.config.starter import AlreadyThere, schema_text, starter
from troth.config.store import Store, sqlite_path
from troth.config.tree import (
    Business,
    Colleague,
    Config,
    Digest,
    Folders,
    Form,
    Health,
    Imap,
    Inbox,
    Keep,
    Letters,
    PerClient,
    ReturnPath,
    Server,
    Smtp,
    Tls,
    Watch,
)

__all__ = [
    "AlreadyThere",
    "Business",
    "ClientCard",
    "Colleague",
    "Config",
    "Digest",
    "Edits",
    "Folders",
    "Form",
    "Health",
    "Imap",
    "Inbox",
    "Keep",
    "Letters",
    "Loaded",
    "Origin",
    "PerClient",
    "ReturnPath",
    "Secret",
    "SecretError",
    "Server",
    "Smtp",
    "Store",
    "Tls",
    "Watch",
    "load",
    "parse_yaml",
    "read_yaml",
    "schema",
    "schema_text",
    "sign_in_places",
    "sqlite_path",
    "starter",
    "unset_secrets",
]
