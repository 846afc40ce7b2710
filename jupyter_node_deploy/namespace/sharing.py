"""Which variables share objects that can change, seen in the memos of their picklers.

A memo holds every object of its stream alive, so as long as all picklers are kept, equal addresses
mean the same object: addresses of temporaries can't be taken for it.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Sequence
from typing import Any

from .immutable_types import PLAIN
from .importable import found_in, is_heap_type, module_of, mro
from .pickler import NamespacePickler
from .reducers.tensors import place_of

#: Immutable: that two variables hold the same one is no reason to save them together.
ATOMS: frozenset[type] = frozenset(
    {
        type(...),
        type(NotImplemented),
        int,
        str,
        bytes,
        tuple,
        frozenset,
        types.CodeType,
        types.BuiltinFunctionType,
        *PLAIN,
    }
)


#: Bytes of a stream from which on others do not go once more into what is in it.
_MANY = 16 * 1024
#: What shows memory is told apart by more than its address.
_SHOWS = frozenset({"numpy", "pandas", "polars", "pyarrow", "torch"})


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


def join_sharing(
    picklers: Sequence[NamespacePickler | None],
    addresses: Sequence[Iterable[int]],
    partition: Partition,
    lenders: dict[int, tuple[Any, int]],
) -> set[int]:
    """Join the streams that share objects.

    Args:
        picklers: what wrote each stream; None for one that shares nothing.
        addresses: of the objects in each stream that can change.
        partition: of the streams' numbers; gets joined.
        lenders: gets the arrays whose memory storages of tensors use; see ``Context``.

    Returns:
        The ids of arrays whose memory is shown by several arrays.
    """
    constants: set[int] = set()
    for pickler in picklers:
        if pickler is not None:
            constants |= pickler.constants
            constants |= pickler.seeds
    lenders.update(_lenders([pickler for pickler in picklers if pickler is not None]))
    holder: dict[int, int] = {}
    views: dict[int, tuple[set[int], set[int]]] = {}
    frames: dict[int, tuple[set[int], set[int]]] = {}
    for number, pickler in enumerate(picklers):
        if pickler is None:
            continue
        own = set(addresses[number]) - constants
        for address in holder.keys() & own:
            partition.join(holder[address], number)
        holder.update(dict.fromkeys(own, number))
        for owner, arrays in pickler.views.items():
            lender, _ = lenders.get(owner, (None, 0))
            key = owner if lender is None else id(lender)
            shown, streams = views.setdefault(key, (set(), set()))
            shown |= arrays
            streams.add(number)
        for owner, arrays in pickler.frames.items():
            shown, streams = frames.setdefault(owner, (set(), set()))
            shown |= arrays
            streams.add(number)
    for owner, (shown, streams) in frames.items():
        if shown == {owner} and len(streams) == 1:  # the very array, which others may hold, too
            for number, held in enumerate(addresses):
                if number not in streams and picklers[number] is not None and owner in set(held):
                    holder[owner] = number
        if len(shown) == 1 and (owner in views or owner in holder):
            showing, holding = views.setdefault(owner, (set(), set()))
            showing |= shown
            holding |= streams
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
    return shared | {storage for storage, (array, _) in lenders.items() if id(array) in shared}


def instances(pickler: NamespacePickler | None, addresses: Iterable[int]) -> set[int]:
    """Return the ids of the instances in a stream that a stream which shares one need not go into.

    Args:
        pickler: what wrote the stream.
        addresses: of the objects in it that can change.
    """
    if pickler is None or pickler.file.size < _MANY:
        return set()
    kinds: dict[type, bool] = {}
    memo = pickler.memo.copy()
    found = set()
    for address in addresses:
        kind = type(memo[address][1])
        if kind not in kinds:
            kinds[kind] = _is_plain_instance(kind)
        if kinds[kind]:
            found.add(address)
    return found


def _is_plain_instance(kind: type) -> bool:
    if issubclass(kind, type) or not is_heap_type(kind):
        return False
    return all(module_of(base).partition(".")[0] not in _SHOWS for base in mro(kind))


def _lenders(picklers: Iterable[NamespacePickler]) -> dict[int, tuple[Any, int]]:
    """Return for storages of tensors that do not own their memory the arrays that do, and where."""
    found: dict[int, tuple[Any, int]] = {}
    picklers = list(picklers)
    places = []
    for pickler in picklers:
        for storage in pickler.storages.values():
            place = None if storage.resizable() else place_of(storage)
            if place is not None:
                places.append((storage._cdata, *place))
    if not places:
        return found
    owners = {key: owner for pickler in picklers for key, owner in pickler.owners.items()}
    for owner in owners.values():
        flags = getattr(owner, "flags", None)
        if flags is None or owner.dtype.hasobject or not flags.writeable:
            continue
        if not (flags.c_contiguous or flags.f_contiguous):
            continue
        first = owner.__array_interface__["data"][0]
        for storage, start, end in places:
            if first <= start and end <= first + owner.nbytes:
                found[storage] = (owner, start - first)
    return found


def kind_can_change(kind: type) -> bool | None:
    """Tell whether objects of exactly this type may change; None: it depends on the object."""
    if kind in ATOMS:
        return False
    if issubclass(kind, type):
        return True  # carried by value: the others are constants
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, getattr(numpy, "generic", ())):
        return False
    for name in ("__qualname__", "__name__"):
        if any(type(cls.__dict__.get(name)) is types.GetSetDescriptorType for cls in mro(kind)):
            return None
    return True


def is_imported(obj: Any) -> bool:
    """Tell whether it is a function of an extension module, of whatever type: imported again."""
    name = "__qualname__" if hasattr(type(obj), "__qualname__") else "__name__"
    return found_in(getattr(obj, "__module__", None), getattr(obj, name, None), obj)
