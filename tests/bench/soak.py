"""Thousands of cells in one kernel: what the agent's memory and the store grow to.

The cells come round: the same work over and over, so that nothing but checkpoints can grow. The
newest checkpoints are kept, and the blobs of the others collected, as the server does. Exits with
an error when the kernel's memory or the store grows in the second half, or a checkpoint is missing.
One command:
``python tests/bench/soak.py [--cells 2000]``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import deque
from pathlib import Path

from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.namespace.manifest import Manifest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench import checkpoints

#: What one round does: new values, changes in place, functions, classes, a frame, an error.
ROUND = [
    "import numpy as np\nrows = [{'id': n, 'v': n * 0.5} for n in range(2_000)]",
    "array = np.zeros(100_000)",
    "array[{n} % 100_000] = {n}",
    "rows[{n} % 2_000]['v'] = {n}",
    "view = array[10:20]",
    "def f(x):\n    return x + {n} % 7",
    "class Point:\n    def __init__(self, x):\n        self.x = x",
    "points = [Point(f(n)) for n in range(100)]",
    "points[3].x = {n} % 7",
    "1 / 0 if {n} % 40 == 9 else None",
]
#: Checkpoints that are kept.
_KEPT = 20
#: Kilobytes of memory and bytes of the store that may come and go.
_MEMORY, _STORE = 20_000, 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=2000)
    count = parser.parse_args().cells
    memory: list[int] = []
    store: list[int] = []
    delays: list[float] = []
    missing = 0
    with checkpoints.empty_home() as home, checkpoints.kernel(home) as kernel:
        spool = home / "spool" / "bench"
        kept: deque[set[str]] = deque(maxlen=_KEPT)
        for number in range(count):
            cell = ROUND[number % len(ROUND)].replace("{n}", str(number))
            kernel.client.execute_interactive(cell, timeout=60, output_hook=lambda _: None)
            delays.append(kernel.ask("ping")["delay"])
            kernel.ask("settle")
            found = [path for path in spool.glob("*.json") if path.stem != "agent"]
            missing += len(found) != 1
            for path in found:
                kept.append(Manifest.read(json.loads(path.read_bytes())).blobs())
                path.unlink()
            if number % 20 == 19:
                BlobStore(home / "blobs").collect(set().union(*kept), grace=0)
                memory.append(resident(kernel))
                store.append(stored(home))
    half = len(memory) // 2
    grown = memory[-1] - memory[half], store[-1] - store[half]
    print(
        f"{count} cells: median {statistics.median(delays) * 1e3:.2f} ms, most"
        f" {max(delays) * 1e3:.1f} ms; memory {memory[0] >> 10} to {memory[-1] >> 10} MiB,"
        f" {grown[0] >> 10} in the second half; store {store[0] / 1e6:.1f} to"
        f" {store[-1] / 1e6:.1f} MB, {grown[1] / 1e6:.1f} in the second half; {missing} missing"
    )
    if missing or grown[0] > _MEMORY or grown[1] > _STORE:
        sys.exit("checkpoints are missing, or the kernel or the store grows")


def resident(kernel: checkpoints.Kernel) -> int:
    """Return the kernel's resident memory in kilobytes."""
    return int(kernel.value("int(open('/proc/self/statm').read().split()[1])")) * 4


def stored(home: Path) -> int:
    """Return the bytes in the store."""
    return sum(path.stat().st_size for path in (home / "blobs").glob("??/*"))


if __name__ == "__main__":
    main()
