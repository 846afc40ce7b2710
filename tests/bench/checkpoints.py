"""What checkpoints cost the user, beside whole-namespace dumps by cloudpickle and dill, and Kishu.

Each notebook runs in real kernels: with the agent, and without it, where a contender makes its
checkpoint, a file, after each cell. Printed are the seconds for which the user waits for the
checkpoints, the bytes written, and how much slower a loop over globals runs with the agent. One
command: ``python tests/bench/checkpoints.py [--scale 0.1]``.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import jupyter_node_deploy

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench import contenders

PACKAGE = Path(jupyter_node_deploy.__file__).parent

SMALL = ["import math", "total = 0", "numbers = list(range(100))", "config = {'a': 1, 'b': [1, 2]}"]
SMALL += [f"def f{n}(x):\n    return x + {n} + total" for n in range(10)]
SMALL += ["class Point:\n    def __init__(self, x):\n        self.x = x", "p = Point(3)"]
SMALL += [f"total += f{n % 10}({n})\nnumbers.append(total)" for n in range(14)]
SMALL = SMALL[:30]

# ``{size}`` rows: 410 MB live when it is a million.
SCIENCE = [
    "import numpy as np, pandas as pd",
    "rng = np.random.default_rng(0)",
    "frame = pd.DataFrame(rng.normal(size=({size}, 25)), columns=[f'c{n}' for n in range(25)])",
    "matrix = rng.normal(size=({size}, 20))",
    (
        "orders = pd.DataFrame({'c': rng.integers(0, 1000, {size}),"
        " 'n': rng.integers(1, 9, {size}), 'price': rng.normal(size={size}) ** 2,"
        " 'day': rng.integers(0, 365, {size})})"
    ),
    "names = pd.DataFrame({'name': [f'customer {n}' for n in range({size} // 5)]})",
    "frame['flag'] = (frame['c0'] > 0).astype('int8')",
    "frame.loc[:1000, 'c1'] = 0.0",
    "summary = frame.describe()",
    "by_day = orders.groupby('day')['price'].sum()",
    (
        "from sklearn.linear_model import LinearRegression, Ridge\n"
        "model = LinearRegression().fit(matrix[:10_000, :5], matrix[:10_000, 5])\n"
        "ridge = Ridge().fit(matrix[:10_000, :5], matrix[:10_000, 6])"
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

# ``{size}`` dictionaries.
OBJECTS = [
    "class Item:\n    def __init__(self, n):\n        self.n, self.tags = n, [n]",
    "rows = [{'id': n, 'v': n * 0.5} for n in range({size})]",
    "view = {'rows': rows}",
    "items = [Item(n) for n in range({size} // 20)]",
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


NOTEBOOKS = {"small": SMALL, "data science": SCIENCE, "object graph": OBJECTS}


class Kernel:
    """A kernel, with the agent when it is given a home."""

    def __init__(self, home: Path | None = None, python: Path | None = None) -> None:
        self.manager = KernelManager(kernel_name="python3")
        if python is not None:
            assert self.manager.kernel_spec is not None
            self.manager.kernel_spec.argv[0] = str(python)
        environment, arguments = dict(os.environ), []
        if home is not None:
            settings = {"home": str(home), "kernel_id": "bench", "pythonpath": None}
            environment["PYTHONPATH"] = str(PACKAGE / "kernel_path")
            environment["JUPYTER_NODE_DEPLOY_AGENT"] = json.dumps(settings)
            arguments = ["--InteractiveShellApp.extra_extensions=_jupyter_node_deploy.agent"]
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
def kernel(home: Path | None = None, python: Path | None = None) -> Iterator[Kernel]:
    """Start a kernel, and end it."""
    started = Kernel(home, python)
    try:
        yield started
    finally:
        started.client.stop_channels()
        started.manager.shutdown_kernel(now=True)


@contextmanager
def empty_home() -> Iterator[Path]:
    """Make a data directory."""
    # A checkpoint's process outlives its kernel, and may still write when the directory goes.
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch)
        for place in ("blobs", "spool"):
            (home / place).mkdir()
        yield home


@dataclass
class Run:
    """What the checkpoints of a notebook cost.

    Attributes:
        seconds: for which the user waited, by cell.
        stored: bytes written.
        behind: seconds until all was written after the cells.
        work: seconds of work in the kernel's child processes.
    """

    seconds: list[float]
    stored: int
    behind: float = 0.0
    work: float = 0.0

    def show(self, name: str) -> None:
        """Print one line."""
        median, longest = statistics.median(self.seconds), max(self.seconds)
        print(
            f"  {name:12} total {sum(self.seconds):8.3f} s   median {median * 1e3:8.2f} ms"
            f"   max {longest * 1e3:8.1f} ms   written {self.stored / 1e6:9.2f} MB",
            flush=True,
        )


def with_agent(cells: list[str]) -> Run:
    """Return what our checkpoints cost."""
    run = Run([], 0)
    with empty_home() as home:
        with kernel(home) as one:
            for cell in cells:
                one.run(cell)
                run.seconds.append(one.ask("ping")["delay"])
                started = time.monotonic()
                one.ask("settle")  # a user thinks, before the next cell
                run.behind += time.monotonic() - started
            children = "__import__('resource').getrusage(__import__('resource').RUSAGE_CHILDREN)"
            run.work = sum(one.value(f"list({children}[:2])"))
        found = list((home / "spool" / "bench").glob("*.json"))
        if (home / "spool" / "bench" / "error.json") in found or len(found) != len(cells) + 1:
            sys.exit(f"{len(cells)} cells, but these checkpoints: {found}")
        run.stored = sum(path.stat().st_size for path in (home / "blobs").glob("??/*"))
    return run


def with_contender(name: str, python: Path, cells: list[str], patience: float) -> Run:
    """Return what checkpoints cost with another tool; it is stopped when patience is over."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, kernel(python=python) as one:
        one.run(contenders.preparation(name, Path(directory)))
        one.value("_bench()")  # it is loaded, and what came before the first cell does not count
        run = Run([], 0)
        for cell in cells:
            one.run(cell)
            cost, size = one.value("_bench()")
            run.seconds.append(cost)
            run.stored = size if contenders.stores_the_sum(name) else run.stored + size
            if sum(run.seconds) > patience:
                print(f"  {name}: stopped after {len(run.seconds)} of {len(cells)} cells")
                break
    return run


def run_all(cells: list[str]) -> tuple[float, float]:
    """Return seconds until all cells, sent at once, have run, with the agent and without it."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        for place, ours in zip(times, (True, False), strict=True):
            with empty_home() as home, kernel(home if ours else None) as one:
                started = time.monotonic()
                for cell in cells:
                    last = one.client.execute(cell)
                while one.client.get_shell_msg(timeout=900)["parent_header"]["msg_id"] != last:
                    pass
                place.append(time.monotonic() - started)
                if ours:
                    one.ask("settle")  # else it would write on into a home that is gone
    return statistics.median(times[0]), statistics.median(times[1])


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
    parser.add_argument("--patience", type=float, default=120, help="seconds for a contender")
    parser.add_argument("--each", action="store_true", help="show each cell")
    parser.add_argument("--notebook", choices=NOTEBOOKS, action="append", help="only this one")
    parser.add_argument("--rounds", type=int, default=1, help="of our own runs; the median counts")
    parser.add_argument(
        "--contender", choices=contenders.PACKAGES, action="append", help="only this one"
    )
    parser.add_argument("--environments", type=Path, help="keep the contenders' packages here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-packages-") as packages:
        pythons = {
            name: contenders.install(name, options.environments or Path(packages))
            for name in options.contender or contenders.PACKAGES
        }
        for title in options.notebook or NOTEBOOKS:
            size = int(1_000_000 * options.scale)
            cells = [cell.replace("{size}", str(size)) for cell in NOTEBOOKS[title]]
            print(f"\n{title}: {len(cells)} cells", flush=True)
            rounds = [with_agent(cells) for _ in range(options.rounds)]
            ours = sorted(rounds, key=lambda run: sum(run.seconds))[len(rounds) // 2]
            if options.each:
                for cell, waited in zip(cells, ours.seconds, strict=True):
                    print(f"    {waited * 1e3:8.2f} ms  {cell.splitlines()[0][:70]}")
            ours.show("checkpoints")
            print(f"  behind the kernel: {ours.behind:.2f} s, of which {ours.work:.2f} s of work")
            together, alone = run_all(cells)
            print(f"  all cells at once: {together:.2f} s, without the agent {alone:.2f} s")
            for name, python in pythons.items():
                theirs = with_contender(name, python, cells, options.patience)
                theirs.show(name)
                count = len(theirs.seconds)
                ratio = sum(theirs.seconds) / sum(ours.seconds[:count])
                print(f"  ratio to {name}: {ratio:.1f} times the time")
    if not options.notebook:
        print(f"\na loop over globals: {(slowdown() - 1) * 100:+.1f} % with the agent")


if __name__ == "__main__":
    main()
