"""Which variables share objects that can change, seen in the memos of their picklers.

A memo holds every object of its stream alive, so as long as all picklers are kept, equal addresses
mean the same object: addresses of temporaries can't be taken for it.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import re
import sys
import types
import uuid
from collections.abc import Sequence
from typing import Any

from .importable import found_in, mro
from .pickler import NamespacePickler

#: Immutable: that two variables hold the same one is no reason to save them together.
ATOMS: frozenset[type] = frozenset(
    {
        type(None),
        type(...),
        type(NotImplemented),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        range,
        slice,
        tuple,
        frozenset,
        types.CodeType,
        types.BuiltinFunctionType,
        types.ModuleType,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        datetime.timezone,
        decimal.Decimal,
        fractions.Fraction,
        uuid.UUID,
        re.Pattern,
        pathlib.PosixPath,
        pathlib.WindowsPath,
        pathlib.PurePosixPath,
        pathlib.PureWindowsPath,
    }
)


class Partition:
    """A partition of the numbers below ``size``, joined pair by pair."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """Return the number that stands for the item's set."""
        while self._parent[item] != item:
            self._parent[item] = item = self._parent[self._parent[item]]
        return item

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        self._parent[self.find(other)] = self.find(one)

    def sets(self) -> list[list[int]]:
        """Return the sets, each sorted, in the order of their smallest numbers."""
        found: dict[int, list[int]] = {}
        for item in range(len(self._parent)):
            found.setdefault(self.find(item), []).append(item)
        return list(found.values())


def join_sharing(picklers: Sequence[NamespacePickler | None], partition: Partition) -> set[int]:
    """Join the streams that share objects.

    Args:
        picklers: what wrote each stream; None for one that shares nothing.
        partition: of the streams' numbers; gets joined.

    Returns:
        The ids of arrays whose memory is shown by several arrays.
    """
    constants: set[int] = set()
    for pickler in picklers:
        if pickler is not None:
            constants |= pickler.constants
            constants |= pickler.seeds
    holder: dict[int, int] = {}
    views: dict[int, tuple[set[int], set[int]]] = {}
    for number, pickler in enumerate(picklers):
        if pickler is None:
            continue
        memo = pickler.memo.copy()
        for address in (holder.keys() & memo.keys()) - constants:
            if _can_change(memo[address][1]):
                partition.join(holder[address], number)
        holder.update(dict.fromkeys(memo, number))
        for owner, arrays in pickler.views.items():
            shown, streams = views.setdefault(owner, (set(), set()))
            shown |= arrays
            streams.add(number)
    shared = set()
    for owner, (shown, streams) in views.items():
        if owner in holder:
            streams.add(holder[owner])
        elif len(shown) == 1:
            continue
        shared.add(owner)
        first, *others = streams
        for other in others:
            partition.join(first, other)
    return shared


def _can_change(obj: Any) -> bool:
    kind = type(obj)
    if kind in ATOMS:
        return False
    if issubclass(kind, type):
        return True  # carried by value: the others are constants
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, getattr(numpy, "generic", ())):
        return False
    # Functions of extension modules, whatever their type: they are imported again.
    for name in ("__qualname__", "__name__"):
        if any(type(cls.__dict__.get(name)) is types.GetSetDescriptorType for cls in mro(kind)):
            return not found_in(getattr(obj, "__module__", None), getattr(obj, name, None), obj)
    return True
