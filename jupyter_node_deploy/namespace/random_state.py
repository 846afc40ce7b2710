"""The state of the random generators that everybody shares: ``random``'s and ``numpy.random``'s."""

from __future__ import annotations

import contextlib
import pickle
import random
import sys
from typing import Any


def capture() -> bytes:
    """Return the state of the shared generators, pickled; numpy's only where numpy is loaded."""
    states: dict[str, Any] = {"random": random.getstate()}
    numpy = _numpy()
    if numpy is not None:
        with contextlib.suppress(Exception):  # another kind of generator was put in its place
            name, keys, *rest = numpy.get_state(legacy=True)
            states["numpy"] = (name, keys.tolist(), *rest)
    return pickle.dumps(states, 5)


def restore(states: dict[str, Any]) -> None:
    """Set the shared generators to an unpickled state.

    Raises:
        ImportError: the state is numpy's, too, and numpy is not there.
    """
    random.setstate(states["random"])
    if "numpy" in states:
        import numpy.random

        numpy.random.set_state(states["numpy"])


def _numpy() -> Any:
    return sys.modules.get("numpy.random")
