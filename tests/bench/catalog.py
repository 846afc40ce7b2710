"""What the catalog takes for the checkpoints of a long notebook: milliseconds and bytes.

Each of its cells makes a variable and a checkpoint of all of them. One command:
``python tests/bench/catalog.py [--cells 1000]``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_node_deploy.catalog import blobs, checkpoints, rotation, runs
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.rotation import Open, Retention
from jupyter_node_deploy.checkpoints.rows import code_hash, to_row
from jupyter_node_deploy.namespace.manifest import Group, Manifest, VariableInfo

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.support import manifests

OPEN = Open(frozenset({"k"}), frozenset({"long.ipynb"}))


def manifest(number: int, kernel: str, run: int) -> Manifest:
    """Return that of the checkpoint after a cell, all variables before it being as they were."""
    found = manifests.manifest(
        {"source": f"v{number} = {number}"},
        id=f"{kernel}{run}c{number}",
        kernel_id=kernel,
        code=f"v{number} = {number}",
        cell_id=f"cell-{number}",
        execution_count=number,
        created_at=1e9 + 1e5 * run + number,
    )
    for index in range(number + 1):
        name = f"v{index}"
        blob = hashlib.sha256(f"{kernel} {name}".encode()).hexdigest()
        found.groups.append(Group(names=[name], pickle=blob, size=1000))
        found.variables.append(
            VariableInfo(
                name=name,
                type="int",
                size=1000,
                preview=str(index),
                declared="integer",
                schema={"type": "integer"},
                example=index,
            )
        )
    return found


class Timer:
    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    async def __call__(self, what: str, work: Callable[..., Any], *args: Any, **kw: Any) -> None:
        took = []
        for _ in range(9):
            began = time.perf_counter()
            await self.catalog.read(work, *args, **kw)
            took.append(1000 * (time.perf_counter() - began))
        _figure(what, took)


def _figure(what: str, took: list[float]) -> None:
    print(f"{what:52}{statistics.median(took):8.1f} ms")


async def main(cells: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.sqlite"
        catalog = Catalog(f"sqlite:///{path}")
        await catalog.upgrade()
        retention = Retention(500, 10**12)
        added, rotated = [], []

        async def make(kernel: str, run: int, number: int) -> None:
            row = to_row(one := manifest(number, kernel, run), [], "long.ipynb", 1000 * number)
            began = time.perf_counter()
            await catalog.write(checkpoints.add, row, dict.fromkeys(one.blobs(), 1000))
            added.append(1000 * (time.perf_counter() - began))
            began = time.perf_counter()
            await catalog.write(rotation.rotate, retention, OPEN)
            rotated.append(1000 * (time.perf_counter() - began))

        for number in range(cells):
            await make("k", 0, number)
        print(f"{cells} cells, each run once:")
        _figure("the last 50: take one in", added[-50:])
        _figure("the last 50: rotate, nothing to go", rotated[-50:])
        for number in range(cells):
            await make("k", 1, number)
        print(f"each run twice, and {retention.number} are kept beyond the last runs:")
        _figure("the last 50: rotate, one goes", rotated[-50:])
        timed = Timer(catalog)
        rows = len(await catalog.read(checkpoints.told))
        print(f"{'checkpoints':52}{rows:8}")
        await timed("list the newest 100", checkpoints.summaries)
        await timed("what is kept", rotation.kept)
        await timed("blobs that are referred to", blobs.referenced)
        await timed("what events tell", checkpoints.told)
        await timed(
            "a cell's runs",
            runs.of_cell,
            kernel_id="k",
            notebook="long.ipynb",
            cell_id="cell-4",
            code_hash=code_hash("v4 = 4"),
        )
        _, _, size = await catalog.read(rotation.kept)
        retention = Retention(500, size - 3 * 10**6)
        began = time.perf_counter()
        gone = await catalog.write(rotation.rotate, retention, OPEN)
        _figure(f"rotate for the budget, {len(gone)} go", [1000 * (time.perf_counter() - began)])
        catalog.close()
        print(f"{'catalog':52}{path.stat().st_size / 1e6:8.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1000)
    asyncio.run(main(parser.parse_args().cells))
