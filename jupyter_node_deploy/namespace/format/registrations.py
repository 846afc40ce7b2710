"""Registrations: what the notebook entered in a register of an installed package.

Streams name ``make_registration``, so it is part of the saved format.
"""

from __future__ import annotations

from typing import Any

from ..places import resolve


class Registration:
    """A call that registers something, done again where the namespace is restored.

    Args:
        path: of the function or method, ``copyreg.dispatch_table.__setitem__``.
        arguments: for it.
    """

    def __init__(self, path: str, arguments: tuple[Any, ...]) -> None:
        self.path = path
        self.arguments = arguments

    def __reduce__(self) -> Any:
        return make_registration, (self.path, self.arguments)

    def repeat(self) -> None:
        """Do the call; it may raise anything."""
        resolve(self.path)(*self.arguments)


def make_registration(path: str, arguments: tuple[Any, ...]) -> Registration:
    """Return a registration that is to be done again."""
    return Registration(path, arguments)
