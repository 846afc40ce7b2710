"""The magics with which a user keeps variables out of checkpoints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def register_magics(shell: Any, excluded: set[str]) -> None:
    """Define ``%state_exclude`` and its kin.

    Args:
        shell: IPython's.
        excluded: the variables that are kept out; the magics change it.
    """
    for magic in (_exclude, _include, _include_all, _exclude_ls):
        name = f"state{magic.__name__}"
        shell.register_magic_function(_bound(magic, excluded, name), "line", name)


def _bound(
    magic: Callable[[set[str], str], None], excluded: set[str], name: str
) -> Callable[[str], None]:
    def run(line: str) -> None:
        magic(excluded, line)

    run.__name__ = name
    run.__doc__ = magic.__doc__
    return run


def _names(line: str) -> list[str]:
    names = line.replace(",", " ").split()
    wrong = [name for name in names if not name.isidentifier()]
    if not names or wrong:
        words = f"{wrong[0]!r} is not a variable's name" if wrong else "name the variables"
        # IPython shows it without a traceback.
        error = getattr(sys.modules.get("IPython.core.error"), "UsageError", ValueError)
        raise error(f"{words}, like: %state_exclude df model")
    return names


def _exclude(excluded: set[str], line: str) -> None:
    """Leave variables out of checkpoints: ``%state_exclude df model``.

    A node can't use a variable that is left out.
    """
    excluded.update(_names(line))


def _include(excluded: set[str], line: str) -> None:
    """Put variables back into checkpoints: ``%state_include df model``."""
    excluded.difference_update(_names(line))


def _include_all(excluded: set[str], line: str) -> None:
    """Put all variables back into checkpoints."""
    excluded.clear()


def _exclude_ls(excluded: set[str], line: str) -> None:
    """List the variables that are left out of checkpoints."""
    names = sorted(excluded)
    print("\n".join(names) if names else "No variables are left out of checkpoints.")  # noqa: T201
