"""What a checkpoint costs per cell, beside a whole-namespace cloudpickle after the same cell.

Each notebook runs in a real kernel with the agent; the agent's own figure (``capture_seconds`` of
each manifest) is printed with the bytes that the store grew by. The contender runs in a second
kernel without the agent and is timed there, so that both see the same objects.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import jupyter_node_deploy

PACKAGE = Path(jupyter_node_deploy.__file__).parent

SMALL = ["import math", "total = 0", "numbers = list(range(100))", "config = {'a': 1, 'b': [1, 2]}"]
SMALL += [f"def f{n}(x):\n    return x + {n} + total" for n in range(10)]
SMALL += ["class Point:\n    def __init__(self, x):\n        self.x = x", "p = Point(3)"]
SMALL += [f"total += f{n}({n})\nnumbers.append(total)" for n in range(10)]

FRAMES = [
    "import numpy as np, pandas as pd",
    "rng = np.random.default_rng(0)",
    "matrix = rng.normal(size=(2_000_000, 5))",
    "frame = pd.DataFrame(rng.normal(size=(1_000_000, 10)), columns=list('abcdefghij'))",
    "names = pd.DataFrame({'name': [f'customer {n}' for n in range(100_000)]})",
    "frame['k'] = (frame['a'] > 0).astype('int8')",
    "summary = frame.describe()",
    "frame.loc[:1000, 'b'] = 0.0",
    *[f"x{n} = {n}" for n in range(8)],
]

OBJECTS = [
    "rows = [{'id': n, 'v': n * 0.5} for n in range(200_000)]",
    "alias = rows",
    "rows[5]['v'] = -1",
    *[f"y{n} = {n}" for n in range(5)],
]

CLOUDPICKLE = """
import time as _time, types as _types
def _bench():
    import cloudpickle
    start = _time.perf_counter()
    ipython = ('In', 'Out', 'exit', 'quit', 'get_ipython', 'open')
    state = {
        name: value for name, value in globals().items()
        if not name.startswith('_') and name not in ipython
    }
    size = len(cloudpickle.dumps(state, protocol=5))
    return [_time.perf_counter() - start, size]
"""


def run(client: BlockingKernelClient, code: str) -> None:
    """Run a cell; the bench ends when it fails."""
    reply = client.execute_interactive(code, timeout=600, store_history=True)
    if reply["content"]["status"] != "ok":
        sys.exit(f"the cell failed: {code}\n{reply['content']}")


def ask(client: BlockingKernelClient, **order: object) -> dict[str, Any]:
    """Ask the agent as the server does."""
    call = (
        f"__import__('_jupyter_node_deploy.agent', fromlist=['x']).request({json.dumps(order)!r})"
    )
    reply = client.execute(
        "", silent=True, user_expressions={"reply": call}, reply=True, timeout=600
    )
    return json.loads(
        ast.literal_eval(reply["content"]["user_expressions"]["reply"]["data"]["text/plain"])
    )


def with_agent(cells: list[str], home: Path) -> tuple[list[float], int]:
    """Return the seconds of each checkpoint, and the bytes of all blobs."""
    (home / "blobs").mkdir(parents=True)
    (home / "spool").mkdir()
    manager = KernelManager(kernel_name="python3")
    settings = {"home": str(home), "kernel_id": "bench", "pythonpath": None, "mode": "standard"}
    environment = {
        **os.environ,
        "PYTHONPATH": str(PACKAGE / "kernel_path"),
        "JUPYTER_NODE_DEPLOY_AGENT": json.dumps(settings),
    }
    manager.start_kernel(
        env=environment,
        extra_arguments=["--InteractiveShellApp.extra_extensions=_jupyter_node_deploy.agent"],
    )
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        seconds = []
        for cell in cells:
            run(client, cell)
            seconds.append(ask(client, do="ping")["delay"])
            print(f"{1e3 * seconds[-1]:8.1f} {cell[:60]!r}")
        ask(client, do="settle")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    manifests = [
        json.loads(path.read_text())
        for path in (home / "spool" / "bench").glob("*.json")
        if path.name not in ("agent.json", "error.json")
    ]
    manifests.sort(key=lambda manifest: manifest["created_at"])
    if len(manifests) != len(cells):
        sys.exit(f"{len(cells)} cells, but {len(manifests)} checkpoints")
    stored = sum(path.stat().st_size for path in (home / "blobs").rglob("*") if path.is_file())
    return seconds, stored


def with_cloudpickle(cells: list[str]) -> tuple[list[float], int]:
    """Return the seconds of a whole-namespace dump after each cell, and the bytes of all dumps."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    seconds, stored = [], 0
    try:
        client.wait_for_ready(timeout=60)
        run(client, CLOUDPICKLE)
        for cell in cells:
            run(client, cell)
            reply = client.execute(
                "", silent=True, user_expressions={"cost": "_bench()"}, reply=True, timeout=600
            )
            cost, size = json.loads(
                reply["content"]["user_expressions"]["cost"]["data"]["text/plain"]
            )
            seconds.append(cost)
            stored += size
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return seconds, stored


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    for title, cells in (("small", SMALL), ("frames", FRAMES), ("objects", OBJECTS)):
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            ours, stored = with_agent(cells, Path(scratch) / "home")
        theirs, dumped = with_cloudpickle(cells)
        print(f"\n{title}: {len(cells)} cells")
        for name, seconds, size in (("checkpoint", ours, stored), ("cloudpickle", theirs, dumped)):
            median = statistics.median(seconds) * 1e3
            print(
                f"  {name:12} total {sum(seconds):8.3f} s   median {median:8.2f} ms"
                f"   max {max(seconds) * 1e3:8.1f} ms   stored {size / 1e6:9.2f} MB"
            )
        print(f"  ratio of the totals: {sum(ours) / sum(theirs):.2f}")


if __name__ == "__main__":
    main()
