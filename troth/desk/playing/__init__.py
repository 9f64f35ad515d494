"""Mails and a clock of one's own: the very ways through the house, on a store that passes, with nothing sent."""

from troth.desk.playing.entries import Entry, What, tone_words
from troth.desk.playing.play import Play, in_mode

__all__ = ["Entry", "Play", "What", "in_mode", "tone_words"]
