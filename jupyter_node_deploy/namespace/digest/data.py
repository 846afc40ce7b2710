"""The parts of arrays, frames and tensors, whose packages are touched only if they are loaded."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from typing import Any

from ..importable import module_of, mro, name_of
from .parts import Parts, Taker, reader_for

#: Bytes of an array that are hashed as a whole; of a larger one as many samples as below are: its
#: memory comes from a blob that was checked.
_WHOLE = 16 * 1024**2
_SAMPLES, _SAMPLE = 16, 1024**2
#: Items of an array whose text is shown.
_FEW = 8
#: Items of a column of Arrow's that are looked at, at its beginning and at its end.
_ROWS = 2000


def data_taker(kind: type) -> Taker | None:
    """Return what takes instances of a data type apart, None for other types."""
    for base in mro(kind):
        key = module_of(base).partition(".")[0], name_of(base)
        if key in _TAKERS:
            return _TAKERS[key]
        if key in _TEXTS:
            return _text
    return None


def _text(obj: Any, calls: bool) -> Parts:
    return Parts(text=str(obj), shared=False)


def _array(obj: Any, calls: bool) -> Parts:
    numpy = sys.modules["numpy"]
    base = obj if type(obj) is numpy.ndarray else numpy.ndarray.view(obj, numpy.ndarray)
    parts = Parts(
        text=f"array of {base.dtype}, {base.shape}",
        inside=[
            (".dtype", base.dtype),
            (".shape", base.shape),
            (".flags.writeable", bool(base.flags.writeable)),
        ],
    )
    if base.flags.c_contiguous or base.flags.f_contiguous:
        parts.inside.append((".flags.f_contiguous", not base.flags.c_contiguous))
    if type(obj) is not numpy.ndarray:
        parts.attributes = reader_for(type(obj))(obj)
    if base.dtype.hasobject:
        parts.items = list(base.flat) if base.dtype.kind == "O" else []
        parts.skipped = int(base.dtype.kind != "O")
        return parts
    if base.size:
        low, high = numpy.lib.array_utils.byte_bounds(base) if _bounded(numpy) else (0, 0)
        parts.place = (low, high) if high > low else None
        parts.content = _hash(base)
        if base.size <= _FEW:
            parts.text = f"{base.tolist()}"
    return parts


def _bounded(numpy: Any) -> bool:
    return hasattr(getattr(numpy.lib, "array_utils", None), "byte_bounds")


def _hash_of_tensor(tensor: Any) -> bytes:
    # Not by an array: torch never resizes a storage again of which it has made one.
    size = tensor.numel() * tensor.element_size()
    memory = (ctypes.c_ubyte * size).from_address(tensor.data_ptr())
    return _hash_of_bytes(memoryview(memory).cast("B"))


def _hash(array: Any) -> bytes:
    """Return a hash of an array's bytes, in the order of memory where it is contiguous."""
    numpy = sys.modules["numpy"]
    if array.nbytes > _WHOLE and not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = array[:: max(array.shape[0] // 1000, 1)]  # not all of it is copied
    flat = numpy.ascontiguousarray(array.reshape(-1, order="A")).view(numpy.uint8)
    return _hash_of_bytes(memoryview(flat))


def _hash_of_bytes(memory: memoryview) -> bytes:
    found = hashlib.blake2b(digest_size=16)
    if memory.nbytes <= _WHOLE:
        found.update(memory)
    else:
        step = (memory.nbytes - _SAMPLE) // (_SAMPLES - 1)
        for number in range(_SAMPLES):
            found.update(memory[number * step : number * step + _SAMPLE])
    return found.digest()


def _scalar(obj: Any, calls: bool) -> Parts:
    numpy = sys.modules["numpy"]
    if obj.dtype.hasobject:
        return Parts(skipped=1, shared=False)
    base = numpy.asarray(obj)
    return Parts(
        text=str(base.tolist()), content=f"{base.dtype}".encode() + base.tobytes(), shared=False
    )


def _dtype(obj: Any, calls: bool) -> Parts:
    inside = [(".metadata", dict(obj.metadata))] if obj.metadata else []
    return Parts(text=str(obj), content=str(obj.descr).encode(), inside=inside, shared=False)


def _ufunc(obj: Any, calls: bool) -> Parts:
    return Parts(text=str(getattr(obj, "__name__", "")), shared=False)


def _bit_generator(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".state", obj.state)])


def _random_generator(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".bit_generator", obj.bit_generator)])


def _random_state(obj: Any, calls: bool) -> Parts:
    shared = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    if obj is shared:  # every process has its own
        return Parts(text="numpy's own generator", shared=False)
    return Parts(inside=[(".get_state()", obj.get_state())])


#: What pandas keeps of a frame or series beside the user's attributes.
_OWN = frozenset(
    {"._attrs", "._flags", "._is_copy", "._item_cache", "._metadata", "._mgr", "._name", "._typ"}
)


def _frame(obj: Any, calls: bool) -> Parts:
    pandas = sys.modules["pandas"]
    frame = pandas.DataFrame
    columns = frame.columns.__get__(obj)
    parts = _pandas(obj)
    parts.text = f"{columns.size} columns, {frame.__len__(obj)} rows"
    parts.inside += [(".columns", columns), (".index", frame.index.__get__(obj))]
    names = list(columns) if columns.size <= 1000 else range(columns.size)
    found = zip(names, frame._iter_column_arrays(obj), strict=False)
    seen: set[str] = set()
    for number, (name, values) in enumerate(found):
        plain = type(name) in (str, int, tuple)
        label = f"[{name!r}]" if plain else f".iloc[:, {number}]"
        if label in seen:
            label = f".iloc[:, {number}]"
        seen.add(label)
        parts.inside.append((label, _Values(values)))
    return parts


def _series(obj: Any, calls: bool) -> Parts:
    series = sys.modules["pandas"].Series
    parts = _pandas(obj)
    parts.text = f"series of {obj._mgr.array.dtype}, {series.__len__(obj)} rows"
    parts.inside += [
        (".name", series.name.__get__(obj)),
        (".index", series.index.__get__(obj)),
        (".array", _Values(obj._mgr.array)),
    ]
    return parts


def _pandas(obj: Any) -> Parts:
    kind = type(obj)
    own = [one for one in reader_for(kind)(obj) if one[0] not in _OWN]
    parts = Parts(attributes=own)
    parts.attributes.append((".attrs", dict(obj._attrs)))
    allows = bool(obj._flags._allows_duplicate_labels)
    parts.attributes.append((".flags.allows_duplicate_labels", allows))
    return parts


class _Values:
    """Stands for the values of a column: what they share with others does not matter to pandas."""

    def __init__(self, values: Any) -> None:
        self.values = values


def _values(obj: _Values, calls: bool) -> Parts:
    """The values of a column, as pandas shows them."""
    values = obj.values
    parts = data_taker(type(values))
    found = parts(values, calls) if parts is not None else Parts(inside=[("", values)])
    found.place, found.shared = None, False
    # How they lie in memory is pandas' own affair.
    found.inside = [one for one in found.inside if not one[0].startswith(".flags")]
    if "numpy" in sys.modules and isinstance(values, sys.modules["numpy"].ndarray):
        found.text = f"values of {values.dtype}"
        if values.dtype.kind != "O":
            array = sys.modules["numpy"].ascontiguousarray(values)
            found.content = _hash(array) if array.size else b""
            if array.size <= _FEW:
                found.text = f"{array.tolist()}"
    return found


def _index(obj: Any, calls: bool) -> Parts:
    pandas = sys.modules["pandas"]
    mine = mro(type(obj))
    parts = Parts(text=f"{len(obj)} labels", shared=False)
    if pandas.MultiIndex in mine:
        parts.inside = [
            (".levels", [_Values(one._data) for one in obj._levels]),
            (".codes", [_Values(one) for one in obj._codes]),
            (".names", list(obj.names)),
        ]
        return parts
    parts.inside = [(".name", obj._name)]
    if pandas.RangeIndex in mine:
        parts.text = repr(obj._range)
        return parts
    parts.inside.append((".array", _Values(obj._data)))
    return parts


def _extension(obj: Any, calls: bool) -> Parts:
    parts = Parts(text=f"{len(obj)} values of {obj.dtype}", shared=False)
    for name in ("_ndarray", "_pa_array"):
        if hasattr(obj, name):
            parts.inside.append((".values", _Values(getattr(obj, name))))
            parts.inside.append((".dtype", obj.dtype))
            parts.inside.append((".freq", getattr(obj, "_freq", None)))
            return parts
    parts.attributes = [
        (name.replace("._", "."), _Values(value) if name in ("._data", "._mask") else value)
        for name, value in reader_for(type(obj))(obj)
    ]
    return parts


def _categories(obj: Any, calls: bool) -> Parts:
    return Parts(
        inside=[(".categories", obj._categories), (".ordered", obj._ordered)], shared=False
    )


def _arrow(obj: Any, calls: bool) -> Parts:
    length = len(obj)
    parts = Parts(text=f"{length} values of {obj.type}", shared=False)
    if length <= _ROWS:
        parts.items = obj.to_pylist()
    else:
        half = _ROWS // 2
        parts.items = [*obj.slice(0, half).to_pylist(), *obj.slice(length - half).to_pylist()]
        parts.skipped = 1
    return parts


def _table(obj: Any, calls: bool) -> Parts:
    names = obj.schema.names
    return Parts(
        text=f"{obj.num_rows} rows",
        inside=[
            (".schema", str(obj.schema)),
            *((f"[{name!r}]", obj.column(number)) for number, name in enumerate(names)),
        ],
        shared=False,
    )


def _polars(obj: Any, calls: bool) -> Parts:
    """Polars' own threads are not there in a forked process, so nothing is computed."""
    parts = Parts(skipped=1, shared=False)
    if name_of(type(obj)) == "DataFrame":
        parts.text = f"{obj.height} rows"
        parts.inside = [(f"[{name!r}]", str(kind)) for name, kind in obj.schema.items()]
    elif name_of(type(obj)) == "Series":
        parts.text = f"{len(obj)} values of {obj.dtype}"
        parts.inside = [(".name", obj.name)]
    parts.attributes = [one for one in reader_for(type(obj))(obj) if one[0] not in _POLARS]
    return parts


_POLARS = frozenset({"._df", "._s", "._ldf", "._accessors", "._pyexpr", "._opt_toggle_state"})


def _tensor(obj: Any, calls: bool) -> Parts:
    torch = sys.modules["torch"]
    parts = Parts(
        text=f"tensor of {obj.dtype}, {tuple(obj.shape)}",
        inside=[
            (".dtype", str(obj.dtype)),
            (".shape", tuple(obj.shape)),
            (".device", str(obj.device)),
            (".requires_grad", bool(obj.requires_grad)),
        ],
        attributes=reader_for(type(obj))(obj),
    )
    if obj.layout is not torch.strided or obj.device.type != "cpu" or obj.is_quantized:
        parts.skipped = 1
        return parts
    plain = torch.Tensor.detach(obj).resolve_conj().resolve_neg()
    if plain.numel():
        size = plain.element_size()
        low = plain.data_ptr()
        reach = sum((n - 1) * s for n, s in zip(plain.shape, plain.stride(), strict=True))
        parts.place = low, low + (reach + 1) * size
        parts.content = _hash_of_tensor(plain.contiguous())
        if plain.numel() <= _FEW:
            parts.text = str(plain.tolist())
    if obj.is_leaf and obj.grad is not None:
        parts.inside.append((".grad", obj.grad))
    return parts


def _torch_generator(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".get_state()", obj.get_state())])


#: (top-level module, type's name): of instances, also of types that derive from them.
_TAKERS: dict[tuple[str, str], Taker] = {
    (__name__.partition(".")[0], "_Values"): _values,
    ("numpy", "bool"): _scalar,
    ("numpy", "dtype"): _dtype,
    ("numpy", "generic"): _scalar,
    ("numpy", "ndarray"): _array,
    ("numpy", "ufunc"): _ufunc,
    ("numpy", "BitGenerator"): _bit_generator,
    ("numpy", "Generator"): _random_generator,
    ("numpy", "RandomState"): _random_state,
    ("pandas", "CategoricalDtype"): _categories,
    ("pandas", "DataFrame"): _frame,
    ("pandas", "ExtensionArray"): _extension,
    ("pandas", "Index"): _index,
    ("pandas", "Series"): _series,
    ("polars", "DataFrame"): _polars,
    ("polars", "Expr"): _polars,
    ("polars", "LazyFrame"): _polars,
    ("polars", "Series"): _polars,
    ("pyarrow", "Array"): _arrow,
    ("pyarrow", "ChunkedArray"): _arrow,
    ("pyarrow", "RecordBatch"): _table,
    ("pyarrow", "Table"): _table,
    ("torch", "Generator"): _torch_generator,
    ("torch", "Tensor"): _tensor,
}
#: Immutable types of packages that have a text for each value.
_TEXTS = frozenset(
    {
        ("pandas", "ExtensionDtype"),
        ("pandas", "Interval"),
        ("pandas", "NAType"),
        ("pandas", "NaTType"),
        ("pandas", "BaseOffset"),
        ("pandas", "_Timedelta"),
        ("pandas", "_Timestamp"),
        ("pandas", "_Period"),
        ("polars", "DataType"),
        ("pyarrow", "DataType"),
        ("pyarrow", "Field"),
        ("pyarrow", "Schema"),
        ("pytz", "BaseTzInfo"),
        ("torch", "Size"),
        ("torch", "device"),
        ("torch", "dtype"),
    }
)
