"""Queries about checkpoints."""

import pytest

from jupyter_node_deploy.catalog import blobs, rotation
from jupyter_node_deploy.catalog import checkpoints as queries
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.rotation import Open, Retention
from jupyter_node_deploy.errors import AlreadyExists, FailedPrecondition, NotFound


def row(number: int, **values):
    return {
        "id": f"c{number}",
        "operation": "Cell run",
        "status": "ok",
        "kernel_id": "k",
        "msg_id": None,
        "notebook": "a.ipynb",
        "cell_id": f"cell{number % 2}",
        "execution_count": number,
        "first_line": "x = 1",
        "code_hash": "x",
        "outputs": [],
        "created_at": float(number),
        "duration": 0.1,
        "size": 3_000_000_000,
        "name": None,
        "pinned_by": None,
        "manifest": {"code": "x = 1"},
    } | values


async def fill(catalog: Catalog, count: int) -> None:
    for number in range(count):
        assert await catalog.write(queries.add, row(number), {f"blob{number}": 10, "shared": 1000})


async def ids(catalog: Catalog, **filters) -> list[str]:
    return [found["id"] for found in await catalog.read(queries.summaries, **filters)]


async def test_the_same_checkpoint_twice_is_one(catalog):
    assert await catalog.write(queries.add, row(1), {"a": 1})
    assert not await catalog.write(queries.add, row(1, notebook="b.ipynb"), {"b": 1})
    assert (await catalog.read(queries.get, "c1"))["notebook"] == "a.ipynb"
    assert await catalog.read(blobs.referenced) == {"a"}


async def test_lists_are_newest_first_filtered_and_limited(catalog):
    await fill(catalog, 4)
    await catalog.write(queries.pin, "c0", "first", "me")
    assert await ids(catalog) == ["c3", "c2", "c1", "c0"]
    assert await ids(catalog, limit=2) == ["c3", "c2"]
    assert await ids(catalog, cell_id="cell0") == ["c2", "c0"]
    assert await ids(catalog, pinned=True) == ["c0"]
    assert await ids(catalog, pinned=False) == ["c3", "c2", "c1"]
    assert await ids(catalog, notebook="b.ipynb") == []
    assert await ids(catalog, kernel_id="k", cell_id="cell1") == ["c3", "c1"]
    assert "manifest" not in (await catalog.read(queries.summaries))[0]


async def test_rotation_leaves_the_newest_and_the_pinned(catalog):
    await fill(catalog, 6)
    await catalog.write(queries.pin, "c1", "kept", None)
    gone = await catalog.write(rotation.rotate, Retention(3, 10**9), Open())
    assert {old["id"] for old in gone} == {"c0", "c2"}
    assert await ids(catalog) == ["c5", "c4", "c3", "c1"]
    assert await catalog.read(blobs.referenced) == {
        "blob1", "blob3", "blob4", "blob5", "shared",
    }  # fmt: skip
    assert await catalog.write(rotation.rotate, Retention(3, 10**9), Open()) == []


async def test_pin_names_once_and_then_renames(catalog):
    await fill(catalog, 2)
    await catalog.write(queries.pin, "c0", "one", "ann")
    renamed = await catalog.write(queries.pin, "one", "two", "bob")
    assert (renamed["name"], renamed["pinned_by"]) == ("two", "ann")
    with pytest.raises(AlreadyExists, match="'two'"):
        await catalog.write(queries.pin, "c1", "two", None)
    assert (await catalog.read(queries.get, "two"))["id"] == "c0"
    await catalog.write(queries.unpin, "two")
    with pytest.raises(NotFound):
        await catalog.read(queries.get, "two")
    await catalog.write(queries.pin, "c1", "two", None)


async def test_rename_is_for_pinned_ones(catalog):
    await fill(catalog, 2)
    with pytest.raises(FailedPrecondition, match="not pinned"):
        await catalog.write(queries.rename, "c0", "x")
    await catalog.write(queries.pin, "c0", "x", None)
    await catalog.write(queries.pin, "c1", "y", None)
    with pytest.raises(AlreadyExists):
        await catalog.write(queries.rename, "c0", "y")
    assert (await catalog.write(queries.rename, "c0", "x"))["name"] == "x"


async def test_an_id_wins_over_a_name(catalog):
    await fill(catalog, 2)
    await catalog.write(queries.pin, "c0", "c1", None)
    assert (await catalog.read(queries.get, "c1"))["id"] == "c1"


async def test_what_is_not_there_is_not_found(catalog):
    for query in (queries.get, queries.remove, queries.unpin):
        with pytest.raises(NotFound, match="nothing-here"):
            await catalog.write(query, "nothing-here")


async def test_removing_drops_the_references(catalog):
    await fill(catalog, 2)
    await catalog.write(queries.remove, "c0")
    assert await catalog.read(blobs.referenced) == {"blob1", "shared"}


async def test_checkpoints_follow_their_notebook(catalog):
    await fill(catalog, 2)
    await catalog.write(queries.add, row(7, kernel_id="other"), {})
    moved = await catalog.write(queries.move_notebook, "k", "a.ipynb", "dir/b.ipynb")
    assert {(found["id"], found["notebook"]) for found in moved} == {
        ("c0", "dir/b.ipynb"),
        ("c1", "dir/b.ipynb"),
    }
    assert await ids(catalog, notebook="a.ipynb") == ["c7"]
    assert await catalog.read(queries.notebook_of, "k") == "dir/b.ipynb"
    assert await catalog.read(queries.notebook_of, "none") is None
