"""What checkpoints cost the user, beside whole-namespace dumps by cloudpickle and dill.

Each notebook runs in real kernels: with the agent, and without it, where a contender dumps the
whole namespace after each cell. Printed are the seconds for which the user waits after the cells,
the bytes written, and how much slower a loop over globals runs with the agent. One command:
``python tests/bench/checkpoints.py [--scale 0.1] [--dill]``.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import jupyter_node_deploy

PACKAGE = Path(jupyter_node_deploy.__file__).parent

SMALL = ["import math", "total = 0", "numbers = list(range(100))", "config = {'a': 1, 'b': [1, 2]}"]
SMALL += [f"def f{n}(x):\n    return x + {n} + total" for n in range(10)]
SMALL += ["class Point:\n    def __init__(self, x):\n        self.x = x", "p = Point(3)"]
SMALL += [f"total += f{n % 10}({n})\nnumbers.append(total)" for n in range(14)]
SMALL = SMALL[:30]

# ``{r}`` rows: 410 MB live when it is a million.
SCIENCE = [
    "import numpy as np, pandas as pd",
    "rng = np.random.default_rng(0)",
    "frame = pd.DataFrame(rng.normal(size=({r}, 25)), columns=[f'c{{n}}' for n in range(25)])",
    "matrix = rng.normal(size=({r}, 12))",
    (
        "orders = pd.DataFrame({{'c': rng.integers(0, 1000, {r}), 'n': rng.integers(1, 9, {r}),"
        " 'price': rng.normal(size={r}) ** 2, 'day': rng.integers(0, 365, {r})}})"
    ),
    "names = pd.DataFrame({{'name': [f'customer {{n}}' for n in range({r} // 5)]}})",
    "frame['flag'] = (frame['c0'] > 0).astype('int8')",
    "frame.loc[:1000, 'c1'] = 0.0",
    "summary = frame.describe()",
    "by_day = orders.groupby('day')['price'].sum()",
    (
        "from sklearn.linear_model import LinearRegression\n"
        "model = LinearRegression().fit(matrix[:10_000, :5], matrix[:10_000, 5])"
    ),
    "score = model.score(matrix[:1000, :5], matrix[:1000, 5])",
    "matrix[0] = 1.0",
    "print(frame.shape, orders.shape)",
    "names.loc[5, 'name'] = 'somebody else'",
    "top = orders.nlargest(5, 'price')",
    "def predict(row):\n    return model.predict([row])[0]",
    "x = 1",
    "x += 1",
    "y = x * 2",
]

# ``{n}`` dictionaries.
OBJECTS = [
    "class Item:\n    def __init__(self, n):\n        self.n, self.tags = n, [n]",
    "rows = [{{'id': n, 'v': n * 0.5}} for n in range({n})]",
    "view = {{'rows': rows}}",
    "items = [Item(n) for n in range({n} // 20)]",
    "x = 1",
    "rows[5]['v'] = -1",
    "x += 1",
    "best = max(items, key=lambda item: item.n)",
    "items[3].tags.append(0)",
    "y = [x] * 10",
    "total = sum(row['v'] for row in rows[:1000])",
    "y.append(total)",
    "def shown(n):\n    return y[n]",
    "z = shown(0)",
    "del y",
]

CONTENDER = """
import time as _time
def _bench():
    import {module} as dumper
    ipython = ('In', 'Out', 'exit', 'quit', 'get_ipython', 'open')
    state = {{
        name: value for name, value in globals().items()
        if not name.startswith('_') and name not in ipython
    }}
    start = _time.perf_counter()
    size = len(dumper.dumps(state, protocol=5))
    return [_time.perf_counter() - start, size]
"""

LOOP = """
def step(n):
    global counter
    counter += n
def loop():
    import time
    best = 9e9
    for _ in range(9):
        start = time.perf_counter()
        for n in range(300_000):
            step(n)
        best = min(best, time.perf_counter() - start)
    return best
counter = 0
"""


class Kernel:
    """A kernel, with the agent when it is given a home."""

    def __init__(self, home: Path | None = None, path: Path | None = None) -> None:
        self.manager = KernelManager(kernel_name="python3")
        environment, arguments = dict(os.environ), []
        if home is not None:
            settings = {"home": str(home), "kernel_id": "bench", "pythonpath": None}
            environment["PYTHONPATH"] = str(PACKAGE / "kernel_path")
            environment["JUPYTER_NODE_DEPLOY_AGENT"] = json.dumps(settings)
            arguments = ["--InteractiveShellApp.extra_extensions=_jupyter_node_deploy.agent"]
        elif path is not None:
            environment["PYTHONPATH"] = str(path)
        self.manager.start_kernel(
            env=environment, extra_arguments=arguments, stderr=subprocess.DEVNULL
        )
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> None:
        """Run a cell; the bench ends when it fails."""
        reply = self.client.execute_interactive(
            code, timeout=900, store_history=True, output_hook=lambda _: None
        )
        if reply["content"]["status"] != "ok":
            sys.exit(f"the cell failed: {code}\n{reply['content']}")

    def value(self, expression: str) -> Any:
        """Return what an expression is in the kernel."""
        reply = self.client.execute(
            "", silent=True, user_expressions={"x": expression}, reply=True, timeout=900
        )
        outcome = reply["content"]["user_expressions"]["x"]
        if outcome["status"] != "ok":
            sys.exit(f"{expression}: {outcome}")
        return ast.literal_eval(outcome["data"]["text/plain"])

    def ask(self, do: str) -> dict[str, Any]:
        """Ask the agent as the server does."""
        order = json.dumps({"do": do})
        package = "__import__('_jupyter_node_deploy.agent', fromlist=['x'])"
        return dict(json.loads(self.value(f"{package}.request({order!r})")))


@contextmanager
def kernel(home: Path | None = None, path: Path | None = None) -> Iterator[Kernel]:
    """Start a kernel, and end it."""
    started = Kernel(home, path)
    try:
        yield started
    finally:
        started.client.stop_channels()
        started.manager.shutdown_kernel(now=True)


@contextmanager
def empty_home() -> Iterator[Path]:
    """Make a data directory."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        home = Path(scratch)
        for place in ("blobs", "spool"):
            (home / place).mkdir()
        yield home


def with_agent(cells: list[str]) -> tuple[list[float], int, float]:
    """Return the seconds waited after each cell, the bytes stored, the seconds until all was."""
    seconds, behind = [], 0.0
    with empty_home() as home:
        with kernel(home) as one:
            for cell in cells:
                one.run(cell)
                seconds.append(one.ask("ping")["delay"])
                started = time.monotonic()
                one.ask("settle")  # a user thinks, before the next cell
                behind += time.monotonic() - started
        found = list((home / "spool" / "bench").glob("*.json"))
        if (home / "spool" / "bench" / "error.json") in found or len(found) != len(cells) + 1:
            sys.exit(f"{len(cells)} cells, but these checkpoints: {found}")
        stored = sum(path.stat().st_size for path in (home / "blobs").glob("??/*"))
    return seconds, stored, behind


def with_contender(
    module: str, cells: list[str], path: Path | None, patience: float
) -> tuple[list[float], int, float]:
    """Return the seconds of a whole-namespace dump after each cell, and the bytes of all dumps."""
    seconds, stored = [], 0
    with kernel(path=path) as one:
        one.run(CONTENDER.format(module=module))
        for cell in cells:
            one.run(cell)
            cost, size = one.value("_bench()")
            seconds.append(cost)
            stored += size
            if sum(seconds) > patience:
                print(f"  {module}: stopped after {len(seconds)} cells")
                break
    return seconds, stored, 0.0


def slowdown() -> float:
    """Return by which factor a loop over globals runs slower with the agent."""
    with empty_home() as home, kernel(home) as ours, kernel() as plain:
        ratios = []
        for one in (ours, plain):
            one.run(LOOP)
        for _ in range(5):
            times = []
            for one in (ours, plain):
                one.run("seconds = loop()")
                times.append(one.value("seconds"))
            ratios.append(times[0] / times[1])
    return statistics.median(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the notebooks' data")
    parser.add_argument("--dill", action="store_true", help="beside dill, too (from PyPI)")
    parser.add_argument("--patience", type=float, default=120, help="seconds for a contender")
    parser.add_argument("--each", action="store_true", help="show each cell")
    options = parser.parse_args()
    notebooks = {
        "small": SMALL,
        "data science": [cell.format(r=int(1_000_000 * options.scale)) for cell in SCIENCE],
        "object graph": [cell.format(n=int(1_000_000 * options.scale)) for cell in OBJECTS],
    }
    with tempfile.TemporaryDirectory(prefix="bench-packages-") as packages:
        contenders = ["cloudpickle", *(["dill"] if options.dill else [])]
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", packages, *contenders]
        subprocess.run(command, check=True)
        for title, cells in notebooks.items():
            print(f"\n{title}: {len(cells)} cells", flush=True)
            ours, stored, behind = with_agent(cells)
            if options.each:
                for cell, waited in zip(cells, ours, strict=True):
                    print(f"    {waited * 1e3:8.2f} ms  {cell.splitlines()[0][:70]}")
            show("checkpoints", ours, stored)
            print(f"  (and {behind:.2f} s behind the kernel)")
            for module in contenders:
                theirs, dumped, _ = with_contender(module, cells, Path(packages), options.patience)
                show(module, theirs, dumped)
                count = len(theirs)
                print(f"  ratio to {module}: 1/{sum(theirs) / sum(ours[:count]):.1f} of the time")
    print(f"\na loop over globals: {(slowdown() - 1) * 100:+.1f} % with the agent")


def show(name: str, seconds: list[float], size: int) -> None:
    """Print one line."""
    median = statistics.median(seconds) * 1e3
    print(
        f"  {name:12} total {sum(seconds):8.3f} s   median {median:8.2f} ms"
        f"   max {max(seconds) * 1e3:8.1f} ms   written {size / 1e6:9.2f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
