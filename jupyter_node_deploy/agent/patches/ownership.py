"""Tells the notebook's objects from those of packages, without running any code of theirs."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from typing import Any

from ...namespace.importable import module_of

#: Levels of closures, methods and partial calls that are looked through.
_DEPTH = 3


class Notebook:
    """The notebook's objects: its functions, its classes and their instances, bound or wrapped.

    Args:
        namespace: the user's.

    Attributes:
        namespace: as given.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace

    def owns(self, value: Any, depth: int = _DEPTH) -> bool:
        """Tell whether a value is the notebook's, or made of what is."""
        kind = type(value)
        if kind is types.FunctionType:
            if value.__globals__ is self.namespace:
                return True
            return bool(depth and value.__closure__) and self._any(_contents(value), depth)
        if issubclass(kind, type):
            return module_of(value) == "__main__"
        if kind in (staticmethod, classmethod):
            return self.owns(value.__func__, depth)
        if depth and kind is property:
            return self._any((value.fget, value.fset, value.fdel), depth)
        if depth and kind is types.MethodType:
            return self._any((value.__func__, value.__self__), depth)
        if depth and kind is functools.partial:
            return self._any((value.func, *value.args), depth)
        if depth and kind is functools._lru_cache_wrapper:
            return self._any((value.__wrapped__,), depth)
        return module_of(kind) == "__main__"

    def _any(self, values: Any, depth: int) -> bool:
        return any(self.owns(one, depth - 1) for one in values)


def _contents(function: types.FunctionType) -> list[Any]:
    found = []
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not set yet
            continue
    return found
