"""Saves a value that is no variable, beside the variables: options of packages."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable
from typing import Any

from .deep_recursion import bounded
from .definitions import definitions
from .garbage_collection import no_collection
from .pickler import Context, NamespacePickler
from .reasons import Unsavable
from .reducers.dispatch_table import reducer_for
from .silence import quiet_warnings

_PLAIN = (type(None), bool, int, float, complex, str, bytes, re.Pattern)
_CONTAINERS = (list, tuple, set, frozenset)


def save_apart(
    namespace: dict[str, Any], names: Iterable[str], value: Any
) -> tuple[bytes, frozenset[str]]:
    """Return the pickle of a value, and the global names that its code may use.

    Functions and classes of the notebook are referred to by name: the variables come first.

    Args:
        namespace: the user's.
        names: the variables that are saved.
        value: any.

    Raises:
        Exception: it can't be saved.
    """
    if is_plain(value):
        return pickle.dumps(value, 5), frozenset()
    own = {name: namespace[name] for name in names if name in namespace}
    with no_collection(), quiet_warnings(), bounded():
        pickler = NamespacePickler(Context(namespace, reducer_for, definitions(own)), frozenset())
        pickler.dump(value)
    if pickler.buffers:
        raise Unsavable("large", "set it in the cell", value)
    return pickler.file.getvalue(), frozenset(pickler.uses | pickler.references)


def is_plain(value: Any) -> bool:
    """Tell whether a value is made of plain data only."""
    kind = type(value)
    if kind is dict:
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    return kind in _PLAIN or (kind in _CONTAINERS and all(map(is_plain, value)))
