"""How arrays that share memory stay views, and which parts of frames are constants.

NumPy and pandas are never imported here: where nobody has, there is nothing of theirs.
"""

from __future__ import annotations

import sys
from typing import Any

from . import builders
from .pickler import NamespacePickler, Reducer


def array_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of NumPy's or pandas' are reduced, None if as usual."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if kind is getattr(numpy, "ndarray", None):
            return _reduce_array
        if issubclass(kind, getattr(numpy, "dtype", ())):
            return _note_constant
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if issubclass(kind, getattr(pandas, "Index", ())):
            return _note_index
        if issubclass(kind, (getattr(pandas, "DataFrame", ()), getattr(pandas, "Series", ()))):
            return _note_frame
    return None


def owner_of(array: Any) -> Any:
    """Return the array that owns the memory which ``array`` shows, None if it does itself.

    Memory that is not an array's (a mapped file, a bytes object) has no owner in this sense.
    """
    kind = type(array)
    owner = array.base
    while type(owner) is kind and type(owner.base) is kind:
        owner = owner.base
    return owner if type(owner) is kind and owner.base is None else None


def _reduce_array(pickler: NamespacePickler, array: Any) -> Any:
    owner = owner_of(array)
    if owner is None:
        return NotImplemented
    pickler.views.setdefault(id(owner), set()).add(id(array))
    if id(owner) not in pickler.context.bases:
        return NotImplemented
    flags = owner.flags
    if not (flags.c_contiguous or flags.f_contiguous):
        return NotImplemented
    offset = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    arguments = (owner, array.dtype, array.shape, array.strides, offset, array.flags.writeable)
    return builders.make_view, arguments


def _note_constant(pickler: NamespacePickler, obj: Any) -> Any:
    pickler.constants.add(id(obj))
    return NotImplemented


def _note_index(pickler: NamespacePickler, index: Any) -> Any:
    # Frames made of one another have the same index, which nobody can change.
    data = index.__dict__.get("_data")
    parts = [index, data, getattr(data, "_ndarray", None), getattr(data, "_dtype", None)]
    pickler.constants.update(id(part) for part in parts if part is not None)
    return NotImplemented


def _note_frame(pickler: NamespacePickler, frame: Any) -> Any:
    # A list of the class, which every frame's state refers to.
    pickler.constants.add(id(type(frame)._metadata))
    return NotImplemented
