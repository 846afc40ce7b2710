"""What a saved group leaves behind, by which it is known whether code can have changed it."""

from __future__ import annotations

import mmap
import pickle

import pytest

from jupyter_node_deploy.namespace import memory, save


@pytest.mark.parametrize(
    ("memory", "foreign"),
    [
        (memory.empty(800), False),  # a cell that does not mention the array can't change it
        (mmap.mmap(-1, 800), True),
        (bytearray(800), True),
    ],
)
def test_memory_of_others(memory: mmap.mmap | bytearray, foreign: bool) -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.frombuffer(memoryview(memory), "f8")
    for value in (array, array[5:]):
        [group] = save({"value": value}, ["value"]).groups
        assert group.footprint.foreign is foreign


def test_memory_that_was_unpickled_is_nobody_elses() -> None:
    numpy = pytest.importorskip("numpy")
    array = pickle.loads(pickle.dumps(numpy.arange(5.0), 5))
    [group] = save({"value": array}, ["value"]).groups
    assert not group.footprint.foreign

    memory = array.base.base.obj
    [group] = save({"value": array}, ["value"]).groups
    assert group.footprint.foreign
    assert type(memory) is bytearray


class Item:
    def __init__(self) -> None:
        self.tags: list[int] = []


def test_addresses_are_of_the_users_objects_only() -> None:
    """What was made for the checkpoint is gone soon, and something else lies at its address."""
    items = [Item(), Item()]
    before = {id(items), *(id(one) for one in items), *(id(one.tags) for one in items)}
    [group] = save({"items": items}, ["items"]).groups
    assert set(group.footprint.addresses) - {id(Item)} == before
