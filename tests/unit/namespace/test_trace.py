"""What a saved group leaves behind, by which it is known whether code can have changed it."""

from __future__ import annotations

import mmap

import pytest

from jupyter_node_deploy.namespace import loaded, save


@pytest.mark.parametrize(
    ("memory", "foreign"),
    [
        (loaded.empty(800), False),  # a cell that does not mention the array can't change it
        (mmap.mmap(-1, 800), True),
        (bytearray(800), True),
    ],
)
def test_memory_of_others(memory: mmap.mmap | bytearray, foreign: bool) -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.frombuffer(memoryview(memory), "f8")
    for value in (array, array[5:]):
        [group] = save({"value": value}, ["value"]).groups
        assert group.trace.foreign is foreign
