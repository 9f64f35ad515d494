"""Giving memory back to the system."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Give back what reading the configuration has left unused: glibc keeps it otherwise, about 7 MB."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl and others have none
    if trim is not None:
        trim(0)
