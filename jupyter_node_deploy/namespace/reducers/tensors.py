"""How tensors that share storage go on sharing it, and what else torch's own pickling leaves out.

Torch is never imported for saving: where nobody has, there is nothing of its. What torch makes of a
tensor is used as it is, but for the storage, which becomes an object of the stream with its bytes
beside it, the gradient, and the graph that a tensor was computed by.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from typing import Any

from ..format.storages import (
    fill_computed,
    fill_gradient,
    make_lent_storage,
    make_storage,
    make_typed_storage,
)
from ..pickler import NamespacePickler, Reducer


def tensor_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of torch's are reduced, None if as usual."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    tensor = getattr(torch, "Tensor", None)
    if tensor is None:  # being imported
        return None
    if issubclass(kind, tensor):
        return _reduce_tensor if _pickled_by_torch(torch, kind) else None
    if kind is getattr(torch, "UntypedStorage", None):
        return _reduce_storage
    if issubclass(kind, getattr(getattr(torch, "storage", None), "TypedStorage", ())):
        return _reduce_typed_storage
    if issubclass(kind, tuple(getattr(torch, name) for name in _CONSTANTS)):
        return _reduce_constant
    return None


#: Types of which torch has each object once.
_CONSTANTS = ("dtype", "layout", "memory_format")


def storage_of(tensor: Any) -> Any:
    """Return the storage of a tensor, None when it has none (sparse, meta and wrapped ones)."""
    try:
        storage = tensor.untyped_storage()
    except (RuntimeError, NotImplementedError):
        return None
    return storage if storage.device.type != "meta" else None


def place_of(storage: Any) -> tuple[int, int] | None:
    """Return the first byte of a storage in this machine's memory and the one after its last."""
    if storage.device.type != "cpu" or not storage.nbytes():
        return None
    start = storage.data_ptr()
    return start, start + storage.nbytes()


def _pickled_by_torch(torch: Any, kind: type) -> bool:
    parameter = torch.nn.parameter.Parameter
    return getattr(kind, "__reduce_ex__", None) in (
        torch.Tensor.__reduce_ex__,
        parameter.__reduce_ex__,
    )


def _reduce_tensor(pickler: NamespacePickler, tensor: Any) -> Any:
    storage = storage_of(tensor)
    if storage is not None and id(tensor) not in pickler.constants:
        pickler.shows(storage._cdata, tensor)
    make, arguments, *state = tensor.__reduce_ex__(4)
    torch = sys.modules["torch"]
    if state or not issubclass(type(tensor), torch.Tensor):
        return (make, arguments, *state)
    for part in arguments:
        if type(part) is torch.Tensor:  # the same tensor, without what makes it a parameter
            pickler.constants.add(id(part))
    if not tensor.is_leaf:
        return make, arguments, True, None, None, fill_computed
    gradient = tensor.grad
    if gradient is None:
        return make, arguments
    return make, arguments, gradient, None, None, fill_gradient


def _reduce_typed_storage(pickler: NamespacePickler, typed: Any) -> Any:
    untyped = typed._untyped_storage
    if untyped.device.type == "meta":
        return NotImplemented
    # Older versions of torch make a new Python object for a storage whenever they are asked.
    storage = pickler.storages.setdefault(untyped._cdata, untyped)
    return make_typed_storage, (storage, str(typed.dtype).rpartition(".")[2])


def _reduce_storage(pickler: NamespacePickler, storage: Any) -> Any:
    device = str(storage.device)
    if device == "meta":
        return NotImplemented
    lender = pickler.context.lenders.get(storage._cdata)
    if lender is not None:
        array, offset = lender
        return make_lent_storage, (array, offset, storage.nbytes())
    held = storage if storage.device.type == "cpu" else storage.cpu()
    size = held.nbytes()
    memory = (ctypes.c_char * size).from_address(held.data_ptr()) if size else bytearray()
    if size:
        memory.storage = held  # type: ignore[union-attr]  # as long as its bytes are used
    return make_storage, (pickle.PickleBuffer(memory), device)


def _reduce_constant(pickler: NamespacePickler, obj: Any) -> Any:
    pickler.constants.add(id(obj))
    pickler.modules.add("torch")
    return getattr, (sys.modules["torch"], str(obj).rpartition(".")[2])
