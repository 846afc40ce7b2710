"""Keeps warnings that our own work causes from the user."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Show no warnings meanwhile.

    Not ``warnings.catch_warnings``: it makes Python forget which warnings it has shown already, and
    the user would see them again after every cell.
    """
    show = warnings.showwarning
    warnings.showwarning = _show_nothing
    try:
        yield
    finally:
        if warnings.showwarning is _show_nothing:
            warnings.showwarning = show


def _show_nothing(*_: Any, **__: Any) -> None:
    """Take the place of ``warnings.showwarning``."""
