"""The owner's files, read whole: every mistake in them with its place, and what they say as frozen values."""

from troth.config.located import parse_yaml, read_yaml

__all__ = ["parse_yaml", "read_yaml"]
