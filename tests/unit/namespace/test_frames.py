"""Frames and arrays: saved apart where only what nobody can change is shared, and stable."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from jupyter_node_deploy.namespace import save

pd = pytest.importorskip("pandas")


def test_frames_made_of_one_another_are_saved_apart() -> None:
    """A node that needs the five best rows does not get the whole table."""
    orders = pd.DataFrame(
        {"n": [1, 2, 3], "day": [4, 5, 6], "price": [0.5, 2.0, 1.0], "c": [7] * 3}
    )
    frames = {
        "orders": orders,
        "top": orders.nlargest(1, "price"),
        "some": orders[orders.price > 0.7],
        "sorted": orders.sort_values("price"),
    }
    assert [group.names for group in save(frames, [*frames]).groups] == [[name] for name in frames]


def test_what_was_restored_is_saved_as_before() -> None:
    """So Apply knows it for the same."""
    numpy = pytest.importorskip("numpy")
    values: dict[str, Any] = {"x": {"row": numpy.arange(3.0), "last": numpy.float64(0.5)}}
    [before] = save(values, ["x"]).groups
    restored = pickle.loads(before.stream, buffers=before.buffers)
    assert restored["x"]["row"].dtype is restored["x"]["last"].dtype is numpy.dtype("f8")
    [after] = save(restored, ["x"]).groups
    assert after.stream == before.stream
