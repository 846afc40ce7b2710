"""The processes that answer as plain IPython does, and what their answers have in common."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .difference import Path as Place
from .difference import differences

_SEEDS = ("11", "12", "11")  # of hashes; the last run is made only where the first two differ
#: Native threads would not be there in a copy of a process, which then waits for them for ever.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)

Give = Callable[[dict[str, Any]], None]


@dataclass
class Expected:
    """What plain IPython makes of a notebook.

    Attributes:
        errors: of set-up cells, with their numbers.
        first: the outputs after the service cell's first run.
        answers: to each request, ``output`` or ``error``.
        noise: places in outputs that differ from run to run: clocks and draws.
        hashed: places that differ with the hash seed.
    """

    errors: list[tuple[int, str]]
    first: dict[str, Any]
    answers: list[dict[str, Any]]
    noise: set[Place] = field(default_factory=set)
    hashed: set[Place] = field(default_factory=set)


class Oracles:
    """Two processes with the packages imported, of different hash seeds.

    Args:
        packages: modules that notebooks import.
    """

    def __init__(self, packages: Iterable[str]) -> None:
        program = Path(__file__).with_name("oracle.py")
        # MPLBACKEND and the like: the user's, not of whoever started us.
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PYTEST", "JUPYTER"))
        }
        self._processes = {
            seed: subprocess.Popen(
                [sys.executable, "-W", "ignore", program, *packages],
                stdin=subprocess.PIPE,
                env=env | _ONE_THREAD | {"PYTHONHASHSEED": seed, "IPYTHONDIR": "/nonexistent"},
                stderr=subprocess.DEVNULL,
            )
            for seed in dict.fromkeys(_SEEDS)
        }
        self._writing = threading.Lock()

    def stop(self) -> None:
        """End them; what they forked was ended before."""
        for process in self._processes.values():
            assert process.stdin
            process.stdin.close()
            process.wait(30)

    def ask(
        self,
        folders: Sequence[Path],
        cells: Sequence[str],
        requests: Sequence[str],
        names: Sequence[str],
        seconds: float,
    ) -> Expected:
        """Return what plain IPython answers.

        Args:
            folders: three with the notebook's files, one for each run.
            requests: sources of cells with literals.
            names: of the outputs.

        Raises:
            TimeoutError: it takes longer than ``seconds``.
        """
        end = time.monotonic() + seconds
        orders: list[_Order] = []

        def run(number: int) -> dict[str, Any]:
            give = self._give(_SEEDS[number])
            orders.append(_Order(give, folders[number], list(cells), list(requests), list(names)))
            return orders[-1].result(end)

        try:
            one, other = run(0), run(1)
            hashed = _places(one, other)
            noise = _places(one, run(2)) if hashed else set()
        finally:
            for order in orders:
                order.end()
        return Expected(one["errors"], one["first"], one["answers"], noise, hashed)

    def _give(self, seed: str) -> Give:
        process = self._processes[seed]

        def give(order: dict[str, Any]) -> None:
            if process.poll() is not None:
                raise RuntimeError(f"the oracle ended with status {process.returncode}")
            assert process.stdin
            with self._writing:
                process.stdin.write(json.dumps(order).encode() + b"\n")
                process.stdin.flush()

        return give


def _places(one: dict[str, Any], other: dict[str, Any]) -> set[Place]:
    pairs = [(one["first"], other["first"])]
    for mine, its in zip(one["answers"], other["answers"], strict=True):
        pairs.append((mine.get("output", {}), its.get("output", {})))
    return {found.place for pair in pairs for found in differences(*pair)}


class _Order:
    """One that was given to a process."""

    def __init__(
        self,
        give: Give,
        folder: Path,
        cells: list[str],
        requests: list[str],
        names: list[str],
    ) -> None:
        self._hand = give
        self._requests = requests
        self._order = {"folder": str(folder), "cells": cells, "names": names}
        self._base = folder.with_name(folder.name + ".answer")
        self._give(requests)

    def result(self, end: float) -> dict[str, Any]:
        found = self._wait(end)
        while len(found["answers"]) < len(self._requests):  # see the oracle's first lines
            self._give(self._requests[len(found["answers"]) :])
            found["answers"] += self._wait(end)["answers"]
        return found

    def end(self) -> None:
        """End what still runs of it."""
        with contextlib.suppress(OSError, ValueError):
            os.killpg(int(self._base.with_suffix(".group").read_text()), signal.SIGKILL)

    def _give(self, requests: list[str]) -> None:
        self._target = self._base.with_suffix(f".{len(requests)}")
        self._hand(self._order | {"requests": requests, "target": str(self._target)})

    def _wait(self, end: float) -> dict[str, Any]:
        while not self._target.exists():
            if time.monotonic() > end:
                raise TimeoutError("plain IPython has no answer")
            time.sleep(0.02)
        found: dict[str, Any] = json.loads(self._target.read_text())
        return found
