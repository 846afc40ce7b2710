"""The state of the random generators that everybody shares: ``random``'s, NumPy's and torch's."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import pickle
import random
import sys
from typing import Any


def capture() -> bytes:
    """Return the state of the shared generators, pickled; a library's only where it is loaded."""
    states: dict[str, Any] = {"random": random.getstate()}
    numpy = _numpy()
    if numpy is not None:
        with contextlib.suppress(Exception):  # another kind of generator was put in its place
            name, keys, *rest = numpy.get_state(legacy=True)
            states["numpy"] = (name, keys.tolist(), *rest)
    torch = sys.modules.get("torch")
    if hasattr(torch, "get_rng_state"):  # not while it is being imported
        states["torch"] = _bytes_of(torch.get_rng_state())  # type: ignore[union-attr]
    return pickle.dumps(states, 5)


def restore(states: dict[str, Any]) -> None:
    """Set the shared generators to an unpickled state.

    Raises:
        ImportError: a library whose state it is, too, is not there.
    """
    random.setstate(states["random"])
    if "numpy" in states:
        import numpy.random

        numpy.random.set_state(states["numpy"])
    if "torch" in states:
        torch: Any = importlib.import_module("torch")
        torch.set_rng_state(torch.frombuffer(bytearray(states["torch"]), dtype=torch.uint8))


def _bytes_of(tensor: Any) -> bytes:
    return ctypes.string_at(tensor.data_ptr(), tensor.numel())


def _numpy() -> Any:
    return sys.modules.get("numpy.random")
