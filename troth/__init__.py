"""Troth keeps a business's word to its clients, by email."""

__version__ = "0.1.0"
