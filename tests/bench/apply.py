"""Time travel: seconds to put a checkpoint of 410 MB back into its kernel.

The data science notebook of ``checkpoints.py`` runs; then its last checkpoint is applied after all
variables were deleted, after one of its matrices was changed, and when nothing differs. Beside it:
``cloudpickle.load`` of the four large variables, which makes new ones.

The user looks for the checkpoint for some seconds, in which the agent finds out that the last one
is complete; with ``--pause 0`` the checkpoint before the change has to look at everything. One
command: ``python tests/bench/apply.py [--scale 0.1] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench import checkpoints

#: What the user does before he goes back.
CHANGES = {
    "everything deleted": "del frame, matrix, orders, names, summary, by_day, model, ridge, top",
    "one matrix changed": "matrix[5] = 2.0",
    "nothing changed": "pass",
}
LOAD = """
def _load(path):
    import time, cloudpickle
    start = time.perf_counter()
    with open(path, 'rb') as file:
        cloudpickle.load(file)
    return time.perf_counter() - start
def _dump(path, names):
    import cloudpickle
    with open(path, 'wb') as file:
        cloudpickle.dump({name: globals()[name] for name in names}, file, protocol=5)
"""
TIMED = """
def _apply(path):
    import json, time
    from _jupyter_node_deploy.agent import request
    start = time.perf_counter()
    answer = json.loads(request(json.dumps({'do': 'apply', 'manifest': path})))
    return [time.perf_counter() - start, answer.get('error')]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the notebook's data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds before; see above")
    options = parser.parse_args()
    size = str(int(1_000_000 * options.scale))
    with checkpoints.empty_home() as home, checkpoints.kernel(home) as kernel:
        for cell in checkpoints.SCIENCE:
            kernel.run(cell.replace("{size}", size))
        kernel.ask("settle")
        found = (home / "spool" / "bench").glob("*.json")
        last = max((path for path in found if path.stem != "agent"), key=changed)
        manifest = shutil.copy(last, home / "last.json")
        kernel.value(f"[exec({TIMED!r}, __import__('builtins').__dict__)]")
        for title, change in CHANGES.items():
            times = []
            for _ in range(options.rounds):
                kernel.run(change)
                kernel.ask("settle")
                time.sleep(options.pause)
                seconds, error = kernel.value(f"_apply({str(manifest)!r})")
                if error:
                    sys.exit(f"{title}: {error}")
                times.append(seconds)
                kernel.ask("settle")
            print(
                f"{title}: {statistics.median(times):.3f} s ({min(times):.3f} to {max(times):.3f})"
            )
        kernel.value(f"[exec({LOAD!r}, globals())]")
        file = str(home / "dump")
        kernel.value(f"_dump({file!r}, ['frame', 'matrix', 'orders', 'names'])")
        times = [kernel.value(f"_load({file!r})") for _ in range(options.rounds)]
        print(f"cloudpickle.load: {statistics.median(times):.3f} s")


def changed(path: Path) -> float:
    """Return when a file was changed."""
    return path.stat().st_mtime


if __name__ == "__main__":
    main()
