"""Keeps the garbage collector from running in the middle of our work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Whether it is off, but only because of us.
_paused = False


@contextmanager
def no_collection() -> Iterator[None]:
    """Leave it to what runs afterwards to collect.

    What we note of a million objects would be gone over again and again, and the user would wait
    for us while a collection, which takes 50 ms beside a million objects, is about his own.
    """
    global _paused  # noqa: PLW0603 - one process, one collector
    was_paused, is_on = _paused, gc.isenabled()
    _paused = was_paused or is_on
    gc.disable()
    try:
        yield
    finally:
        _paused = was_paused
        if is_on:
            gc.enable()


def collecting() -> bool:
    """Tell whether the collector runs, but for our having it wait."""
    return _paused or gc.isenabled()
