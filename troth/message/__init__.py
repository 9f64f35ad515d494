"""Bytes to a Message. What is wrong with a mail is named in its defects and never raised."""

from troth.message.language import detect_language
from troth.message.reading import parse
from troth.message.reply import NewText, new_text

__all__ = ["NewText", "detect_language", "new_text", "parse"]
