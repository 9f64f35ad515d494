"""The owner's files, read whole: every mistake in them with its place, and what they say as frozen values."""

from troth.config.located import parse_yaml, read_yaml
from troth.config.reading import read_config
from troth.config.schema import schema
from troth.config.secret import Origin, Secret, SecretError
from troth.config.store import Store
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
    "Business",
    "Colleague",
    "Config",
    "Digest",
    "Folders",
    "Form",
    "Health",
    "Imap",
    "Inbox",
    "Keep",
    "Letters",
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
    "parse_yaml",
    "read_config",
    "read_yaml",
    "schema",
]
