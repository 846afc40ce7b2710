"""How arrays that share memory stay views, and which parts of frames are constants.

NumPy and pandas are never imported here: where nobody has, there is nothing of theirs.
"""

from __future__ import annotations

import array as python_array
import sys
from typing import Any

from ..format import builders
from ..format.instances import fill_rest
from ..importable import module_of, mro
from ..pickler import LARGE_BUFFER, NamespacePickler, Reducer
from .attributes import attributes_of
from .tensors import storage_of


def array_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of NumPy's or pandas' are reduced, None if as usual."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        array = getattr(numpy, "ndarray", None)
        if array is not None and issubclass(kind, array) and _pickled_by(array, kind):
            return _reduce_map if issubclass(kind, numpy.memmap) else _reduce_array
        if issubclass(kind, getattr(numpy, "dtype", ())):
            return _reduce_dtype
        if kind is getattr(sys.modules.get("numpy.random"), "RandomState", None):
            return _reduce_generator
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if issubclass(kind, getattr(pandas, "Index", ())):
            return _note_index
        if any(module_of(base).startswith(_CONSTANTS) for base in mro(kind)):
            return _note_constant
        if issubclass(kind, (getattr(pandas, "DataFrame", ()), getattr(pandas, "Series", ()))):
            return _note_frame
    return None


def has_attributes(kind: type) -> bool:
    """Tell whether instances may have attributes that by themselves they are pickled without."""
    pandas = sys.modules.get("pandas")
    mine = tuple(getattr(pandas, name, ()) for name in ("DataFrame", "Series", "Index"))
    array = getattr(sys.modules.get("numpy"), "ndarray", ())
    return bool(kind.__dictoffset__) and (issubclass(kind, mine) or issubclass(kind, array))


def _reduce_generator(pickler: NamespacePickler, obj: Any) -> Any:
    """NumPy's own generator, which models keep that were given none: every process has its own."""
    module = sys.modules.get("numpy.random.mtrand")
    if obj is not getattr(module, "_rand", None):
        return NotImplemented
    pickler.constants.add(id(obj))
    return getattr, (module, "_rand")


def owner_of(array: Any) -> Any:
    """Return what owns the memory that ``array`` shows; None: the array itself.

    It is an array, bytes that can change, or the storage of a tensor.
    """
    kind = sys.modules["numpy"].ndarray
    owner = None
    base = array.base
    while base is not None:
        if type(base) is memoryview:
            base = base.obj
        if type(base) in _MEMORY:
            return base
        if type(base).__name__ == "DummyArray" and module_of(type(base)).startswith("numpy."):
            base = base.base  # of ``as_strided`` and ``sliding_window_view``
            continue
        if not issubclass(type(base), kind):
            return (storage_of(base) if _is_tensor(base) else None) or owner
        owner, base = base, base.base
    return owner


def _is_tensor(obj: Any) -> bool:
    return issubclass(type(obj), getattr(sys.modules.get("torch"), "Tensor", ()))


#: What arrays may show the memory of without owning it.
_MEMORY = (bytearray, python_array.array)


def _pickled_by(array: type, kind: type) -> bool:
    """Tell whether a subclass of ``ndarray`` leaves it to that how it is pickled."""
    return all(
        getattr(kind, name, None) is getattr(array, name)
        for name in ("__reduce__", "__reduce_ex__", "__setstate__")
    )


def _reduce_array(pickler: NamespacePickler, array: Any) -> Any:
    owner = owner_of(array)
    if id(array) in pickler.constants:
        return NotImplemented
    if "torch" in sys.modules:  # a tensor may use an array's memory, and doesn't know whose it is
        owned = array if owner is None else owner
        pickler.owners[id(owned)] = owned
    if owner is None:
        return _reduce_owner(array)
    key = getattr(owner, "_cdata", id(owner))
    pickler.shows(key, array)
    if key not in pickler.context.bases:
        return NotImplemented if attributes_of(array) else large_array(array) or NotImplemented
    if key != id(owner):
        start = owner.data_ptr()
    elif type(owner) in _MEMORY:
        start = sys.modules["numpy"].frombuffer(owner, "u1").__array_interface__["data"][0]
    else:
        flags = owner.flags
        if not (flags.c_contiguous or flags.f_contiguous):
            return NotImplemented
        start = owner.__array_interface__["data"][0]
    offset = array.__array_interface__["data"][0] - start
    arguments = (owner, array.dtype, array.shape, array.strides, offset, array.flags.writeable)
    kind = type(array)
    if kind is sys.modules["numpy"].ndarray:
        return builders.make_view, arguments
    return builders.make_view, (*arguments, kind), array.__dict__ or None


def _reduce_map(pickler: NamespacePickler, array: Any) -> Any:
    """Reduce an array over a file: its content, and where that was."""
    if array.__dict__.get("mode") in ("r+", "w+"):
        how = "what is written to it stays in the node's memory, and does not reach its file"
        pickler.lost.append((array, "", how))
    make, arguments, *state = large_array(array) or array.__reduce__()
    rest = {name: value for name, value in array.__dict__.items() if name != "_mmap"}
    return make, arguments, (*(state or [None]), None, rest, {}), None, None, fill_rest


def large_array(array: Any) -> Any:
    """Reduce a large array of a subclass with its content beside the stream; None: as usual."""
    numpy = sys.modules["numpy"]
    if not isinstance(array, numpy.ndarray) or array.nbytes < LARGE_BUFFER:
        return None
    if not _pickled_by(numpy.ndarray, type(array)):
        return None
    make, arguments, *state = array.view(numpy.ndarray).__reduce_ex__(5)
    return None if state else (builders.make_derived_array, (type(array), make, *arguments))


def _reduce_owner(array: Any) -> Any:
    """Reduce an array that has its memory for itself, so that it can be resized, or not written."""
    if type(array) is not sys.modules["numpy"].ndarray:
        return NotImplemented if attributes_of(array) else large_array(array) or NotImplemented
    if not array.flags.owndata:
        return NotImplemented
    make, arguments, *state = array.__reduce_ex__(5)
    if not state:
        return builders.make_owned, (make, *arguments)
    if not array.flags.writeable:
        return make, arguments, *state, None, None, builders.fill_constant_array
    return make, arguments, *state


def _reduce_dtype(pickler: NamespacePickler, dtype: Any) -> Any:
    pickler.constants.add(id(dtype))
    make = sys.modules["numpy"].dtype
    if dtype.isbuiltin == 1 and make(dtype.char) is dtype:
        return make, (dtype.char,)  # NumPy would make one of its own, and pickle that otherwise
    return NotImplemented


def _note_constant(pickler: NamespacePickler, obj: Any) -> Any:
    pickler.constants.add(id(obj))
    return NotImplemented


def _note_index(pickler: NamespacePickler, index: Any) -> Any:
    # Frames made of one another have the same index, which nobody can change.
    pickler.constants.add(id(index))
    attributes = index.__dict__
    for part in (attributes.get("_data"), *attributes.get("_codes", ()), attributes.get("_freq")):
        _note_values(pickler, part)
    return NotImplemented


def _note_frame(pickler: NamespacePickler, frame: Any) -> Any:
    # A list of the class, which every frame's state refers to.
    pickler.constants.add(id(type(frame)._metadata))
    shared = _copies_on_write(sys.modules["pandas"])
    for block in frame._mgr.blocks:
        # Frames made of one another say with the same array where their columns are.
        columns = block.mgr_locs.indexer
        if type(columns) is not slice:
            pickler.constants.add(id(columns))
        if shared:
            _note_block(pickler, block.values)
    return NotImplemented


def _note_block(pickler: NamespacePickler, values: Any) -> None:
    # Frames that share memory do so until one is written to. What keeps count of that is not
    # pickled, so as views they would see each other's changes. A frame alone may share memory
    # with arrays: nobody keeps count of those.
    if type(values) is sys.modules["numpy"].ndarray:
        owner = owner_of(values)
        key = id(values) if owner is None else getattr(owner, "_cdata", id(owner))
        pickler.frames.setdefault(key, set()).add(id(values))
        if key in pickler.context.bases:
            return
    _note_values(pickler, values)


def _note_values(pickler: NamespacePickler, values: Any) -> None:
    for part in (values, *(getattr(values, name, None) for name in _PARTS)):
        if part is not None:
            pickler.constants.add(id(part))


#: Where pandas' immutable types come from: time stamps, offsets, periods; data types.
_CONSTANTS = ("pandas._libs.tslibs.", "pandas.core.dtypes.")
#: Where pandas' extension arrays keep their data.
_PARTS = ("_ndarray", "_dtype", "_data", "_mask", "_pa_array", "_codes")


def _copies_on_write(pandas: Any) -> bool:
    major = str(pandas.__version__).partition(".")[0]
    return not major.isdigit() or int(major) >= 3 or pandas.options.mode.copy_on_write is True
