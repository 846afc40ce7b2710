"""Keeps what our own work prints and warns of from the user."""

from __future__ import annotations

import os
import sys
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


def silence_process() -> None:
    """Let this process, which was forked, read and print nothing from now on."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    sys.stdin = sys.stdout = sys.stderr = open(os.devnull, "r+")  # noqa: SIM115, PTH123


def _show_nothing(*_: Any, **__: Any) -> None:
    """Take the place of ``warnings.showwarning``."""
