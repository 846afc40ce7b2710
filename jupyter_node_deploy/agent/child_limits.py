"""What a process forked to make a checkpoint may take, and what must not be done in one.

The kernel asks before it forks; the forked process bounds itself.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # not on every system
    resource = None  # type: ignore[assignment]

#: Share of the memory that is free which a checkpoint may take; its buffers take none.
MEMORY = 0.5
#: How much less urgent than the kernel a checkpoint is.
_NICE = 10
#: Bytes of addresses for the stack of deep structures, most of which is never touched.
_STACK = 5 << 28
#: Libraries whose objects must not be pickled in a forked process: their threads are not there.
_THREADED = frozenset(
    {
        "cudf",
        "cupy",
        "jax",
        "lightgbm",
        "polars",
        "pyspark",
        "ray",
        "tensorflow",
        "xgboost",
    }
)


def needs_threads() -> bool:
    """Tell whether variables must be pickled in the kernel itself."""
    if not _THREADED.isdisjoint(sys.modules):
        return True
    cuda: Any = getattr(sys.modules.get("torch"), "cuda", None)
    return bool(hasattr(cuda, "is_initialized") and cuda.is_initialized())


def crowded() -> bool:
    """Tell whether there is too little memory for one more process with a copy of this one's.

    Processes share pages until they are written to. However many there are, what this one writes
    from now on is copied once; the other half is for what the new process makes.
    """
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        return _free() < 2 * resident
    except Exception:  # another system
        return True


def set_bounds() -> None:
    """Bound this process, which was forked from a kernel; never fails.

    The user's cells go first. Should the machine run out of memory nevertheless, this process dies
    before the kernel.
    """
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    with contextlib.suppress(Exception):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(Exception):
        _limit_memory()
    torch = sys.modules.get("torch")
    if torch is not None:
        with contextlib.suppress(Exception):  # as torch's own forked processes do
            torch.set_num_threads(1)


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    bound = pages * resource.getpagesize() + int(_free() * MEMORY) + _STACK
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    for other in (soft, hard):
        if other != resource.RLIM_INFINITY:
            bound = min(bound, other)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _free() -> float:
    return min(_free_of_machine(), _free_of_group())


def _free_of_machine() -> float:
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * 1024
    return float("inf")


def _free_of_group() -> float:
    """Return what a container may still take."""
    group = Path("/sys/fs/cgroup")
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # no limit, or of the older kind
        return float("inf")
