"""The footprint of a saved group, to tell later what the group shares with others.

Addresses and names only: nothing of the user's is kept alive by a footprint.
"""

from __future__ import annotations

import array
import dis
import functools
import gc
import io
import itertools
import pickle
import sys
import types
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .environment import names_in
from .importable import dict_of
from .memory import PrivateMemory
from .pickler import NamespacePickler
from .reducers.load_time import names_at_load
from .reducers.tensors import place_of
from .sharing import is_imported, kind_can_change

#: More addresses than these are kept sorted, in 8 bytes each, and not as a set.
_MANY = 4096
#: More arrays than these are not told apart by their places in memory.
_ARRAYS = 1000
#: Arrays over their memory do not refer to them in what is pickled.
_LENT = frozenset({bytearray, array.array})
#: With these a class chooses what is pickled of its instances.
_HIDES = ("__getstate__", "__reduce__", "__reduce_ex__")
Memo = dict[int, tuple[int, Any]]
_known: dict[types.CodeType, frozenset[str]] = {}


class Addresses:
    """A set of addresses that is small in memory."""

    def __init__(self, addresses: Collection[int]) -> None:
        self._few = frozenset(addresses) if len(addresses) <= _MANY else frozenset()
        self._many = array.array("Q", () if self._few else sorted(addresses))

    def __len__(self) -> int:
        return len(self._few) or len(self._many)

    def __iter__(self) -> Iterator[int]:
        return iter(self._few or self._many)

    def __contains__(self, address: int) -> bool:
        if self._few:
            return address in self._few
        place = bisect_left(self._many, address)
        return place < len(self._many) and self._many[place] == address

    def meets(self, other: Addresses) -> bool:
        """Tell whether an address is in both."""
        if self._few and other._few:
            return not self._few.isdisjoint(other._few)
        if not self or not other:
            return False
        small, large = sorted((self, other), key=len)
        return any(address in large for address in small)

    def has_any(self, addresses: Iterable[int]) -> bool:
        """Tell whether one of the addresses is in it."""
        if self._few:
            return not self._few.isdisjoint(addresses)
        return any(address in self for address in addresses)


@dataclass(frozen=True)
class Footprint:
    """What a group leaves behind.

    Attributes:
        addresses: of its objects that can change.
        owners: addresses of the arrays whose memory it shows.
        memory: where its arrays lie, as (first byte, byte after the last).
        imports: top-level modules that its code imports when it runs.
        environment: names that its code may read of the environment.
        blind: it refers to more than its pickle shows: caches of functions, classes that choose
            what is pickled of their instances.
        foreign: it has memory that others may write to, or memory of others.
        needed: global names that code of the notebook's may use while it is loaded.
    """

    addresses: Addresses
    owners: frozenset[int] = frozenset()
    memory: tuple[tuple[int, int], ...] = ()
    imports: frozenset[str] = frozenset()
    environment: frozenset[str] = frozenset()
    blind: bool = False
    foreign: bool = False
    needed: frozenset[str] = frozenset()

    def meets(self, other: Footprint) -> bool:
        """Tell whether both have the same object, or show the same array's memory."""
        return (
            not self.owners.isdisjoint(other.owners)
            or self.addresses.meets(other.addresses)
            or self.addresses.has_any(other.owners)
            or other.addresses.has_any(self.owners)
        )

    def overlaps(self, other: Footprint) -> bool:
        """Tell whether arrays of both lie at the same place."""
        return any(
            start < end_too and start_too < end
            for start, end in self.memory
            for start_too, end_too in other.memory
        )


NOTHING = Footprint(Addresses(()))


def together(footprints: Iterable[Footprint]) -> Footprint:
    """Return what meets all that one of the footprints meets."""
    parts = [one for one in footprints if one.addresses or one.owners]
    return Footprint(
        Addresses(tuple(itertools.chain.from_iterable(one.addresses for one in parts))),
        frozenset().union(*(one.owners for one in parts)),
    )


def footprint_of(pickler: NamespacePickler) -> Footprint:
    """Return the footprint of what a pickler has written."""
    memo = pickler.memo.copy()
    own = pickler.constants | pickler.seeds | _temporary(memo)
    addresses: list[int] = []
    arrays: list[Any] = []
    imports: set[str] = set()
    environment: set[str] = set()
    blind = foreign = False
    array_type = getattr(sys.modules.get("numpy"), "ndarray", types.NoneType)
    kinds: dict[type, bool | None] = {}
    needed = set(pickler.needed)
    for address, (_, obj) in memo.items():
        kind = type(obj)
        try:
            changes = kinds[kind]
        except KeyError:
            changes = kinds[kind] = kind_can_change(kind)
            needed |= names_at_load(kind)
        if kind is array_type:
            arrays.append(obj)
        elif kind in _LENT:
            foreign = True
        if changes is False:
            if kind is types.CodeType:
                imports |= _imports(obj)
                environment |= names_in(obj)
        elif address in own:
            pass
        elif changes or not is_imported(obj):
            addresses.append(address)
            if kind is functools._lru_cache_wrapper or (
                issubclass(kind, type) and any(name in dict_of(obj) for name in _HIDES)
            ):
                blind = True
    many = len(arrays) + len(pickler.storages) > _ARRAYS
    return Footprint(
        Addresses(addresses),
        frozenset(pickler.views),
        () if many else (*_places(arrays), *_storages(pickler)),
        frozenset(imports),
        frozenset(environment),
        blind,
        foreign or many or any(_is_foreign(one, array_type) for one in arrays),
        frozenset(needed),
    )


def _temporary(memo: Memo) -> set[int]:
    """Return the addresses of objects that were only made for the pickler.

    They die with it, and the next object at their address would be taken for them.
    """
    count = sys.getrefcount
    found = [address for address, (_, obj) in memo.items() if count(obj) <= _ALONE]
    if not found:
        return set()
    counts = _counts(memo)
    for address in found:
        for part in gc.get_referents(memo[address][1]):
            if id(part) in counts:
                counts[id(part)] -= 1
                if counts[id(part)] == _ALONE:
                    found.append(id(part))
    return set(found)


def _counts(memo: Memo) -> dict[int, int]:
    count = sys.getrefcount
    return {address: count(obj) for address, (_, obj) in memo.items()}


def _alone() -> int:
    """Return what is counted for an object that only a pickler and its memo's copy refer to."""
    pickler = pickle.Pickler(io.BytesIO(), 5)
    pickler.dump([])
    return next(iter(_counts(pickler.memo.copy()).values()))


_ALONE = _alone()


def _imports(code: types.CodeType) -> frozenset[str]:
    """Return the top-level modules that the code imports, without the code inside of it."""
    found = _known.get(code)
    if found is None:
        if len(_known) >= 10_000:
            _known.clear()
        found = _known[code] = frozenset(
            str(step.argval).partition(".")[0]
            for step in dis.get_instructions(code)
            if step.opname == "IMPORT_NAME"
        )
    return found


def _is_foreign(array: Any, array_type: type) -> bool:
    """Tell whether the memory is somebody else's, who may write to it unseen."""
    base: Any = array.base
    while issubclass(type(base), array_type):
        base = base.base
    if type(base) is memoryview:
        if type(base.obj) is bytearray:
            return _holders(base) > _ONE  # else it was unpickled with the array
        base = base.obj
    return base is not None and type(base) is not PrivateMemory


def _holders(view: memoryview) -> int:
    """Count who refers to the memory that a view shows."""
    return sys.getrefcount(view.obj)


#: What is counted where only the view does.
_ONE = _holders(memoryview(bytearray(1)))


def _storages(pickler: NamespacePickler) -> Iterator[tuple[int, int]]:
    for storage in pickler.storages.values():
        place = place_of(storage)
        if place is not None:
            yield place


def _places(arrays: Iterable[Any]) -> tuple[tuple[int, int], ...]:
    found = set()
    for one in arrays:
        first = end = one.__array_interface__["data"][0]
        if not one.size:
            continue
        for length, stride in zip(one.shape, one.strides, strict=True):
            if stride < 0:
                first += (length - 1) * stride
            else:
                end += (length - 1) * stride
        found.add((first, end + one.itemsize))
    return tuple(sorted(found))
