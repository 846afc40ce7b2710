"""What the streams call for torch's tensors when they are loaded.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

import importlib
from typing import Any

from .. import memory


def make_storage(content: Any, device: str) -> Any:
    """Make a storage; a large one uses the memory of its content.

    Args:
        content: its bytes, that can be written to; what was in the stream itself is copied.
        device: where it was; where there is no such device, it stays in this machine's memory.
    """
    torch = _torch()
    size = memoryview(content).nbytes
    storage = torch.UntypedStorage(size)
    if size:
        given = torch.frombuffer(content, dtype=torch.uint8).untyped_storage()
        # Only memory of torch's own can be resized: a small one gets that.
        large = type(content) is memoryview and not memory.resized
        storage = given if large else storage.copy_(given)
    if torch.device(device).type == "cuda" and torch.cuda.is_available():
        return storage.cuda(device)
    return storage


def make_typed_storage(storage: Any, dtype: str) -> Any:
    """Make what torch's own functions take for a storage."""
    torch = _torch()
    return torch.storage.TypedStorage(
        wrap_storage=storage, dtype=getattr(torch, dtype), _internal=True
    )


def make_lent_storage(array: Any, offset: int, size: int) -> Any:
    """Make a storage in the memory of an array: what is written to one is seen in the other.

    Args:
        array: a NumPy array without gaps.
        offset: of the storage's first byte.
        size: in bytes.
    """
    torch = _torch()
    memory = memoryview(array.reshape(-1, order="A")).cast("B")
    return torch.frombuffer(memory, dtype=torch.uint8, count=size, offset=offset).untyped_storage()


def fill_gradient(tensor: Any, gradient: Any) -> None:
    """Give a tensor its gradient."""
    tensor.grad = gradient


def fill_computed(tensor: Any, _: bool) -> None:
    """Make a tensor one that was computed, by a graph that is no longer there.

    It has its values and no gradient of its own, and going back through it is an error: without
    one, parameters that should get a gradient would silently stay without.
    """
    torch = _torch()
    function: Any = torch.autograd.Function

    class ComputedInNotebook(function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, values: Any, _: Any) -> Any:
            context.mark_dirty(values)
            return values

        @staticmethod
        def backward(context: Any, *_: Any) -> Any:
            raise RuntimeError(
                "how this tensor was computed is not saved in checkpoints: compute it again "
                "(in the service cell, if it is needed there) before backward()"
            )

    tensor.requires_grad_(False)
    ComputedInNotebook.apply(tensor, torch.empty((), requires_grad=True))


def _torch() -> Any:
    return importlib.import_module("torch")
