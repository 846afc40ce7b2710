"""Keeps the garbage collector from running in the middle of our work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Leave it to what runs afterwards to collect.

    What we note of a million objects would be gone over again and again, and the user would wait
    for us while a collection, which takes 50 ms beside a million objects, is about his own.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
