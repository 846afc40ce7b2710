"""BundleStore made by hand, and real fronts that serve them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...support import bundles
from ...support.waiting import PATIENCE, until


def variable(name: str, kind: str = "any", **more: Any) -> dict[str, Any]:
    """Return a declared variable."""
    return {"name": name, "type": kind, **more}


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a bundle: cell source, variables, files, settings."""

    def make(
        cell: str,
        inputs: Sequence[dict[str, Any]] = (),
        outputs: Sequence[dict[str, Any]] = (),
        files: dict[str, str] | None = None,
        **settings: Any,
    ) -> Path:
        return bundles.write(tmp_path / "bundle", cell, inputs, outputs, files, **settings)

    return make


@pytest.fixture
def save_state() -> Callable[..., None]:
    """Return a function that runs setup code, as earlier cells, and saves what it defined."""
    return bundles.save_state


class Served:
    """A running front."""

    def __init__(self, directory: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.directory = directory
        self.process = process
        self.log_path = log
        address = directory / "address"
        until(lambda: address.exists() or process.poll() is not None)
        where = address.read_text() if address.exists() else "127.0.0.1:9"
        self.client = httpx.Client(base_url=f"http://{where}", timeout=PATIENCE)
        self._threads = ThreadPoolExecutor(32)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, inputs: Any, **headers: str) -> httpx.Response:
        """Send an input object without envelope."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/", json=inputs, headers=names)

    def execute(self, inputs: Any, **more: Any) -> httpx.Response:
        """Send an input object in the envelope."""
        return self.client.post("/v1/nodes/n1:execute", json={"input": inputs, **more})

    def send(self, inputs: Any) -> Future[httpx.Response]:
        """Send an input object, don't wait for the answer."""
        return self._threads.submit(self.post, inputs)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log's lines of one kind."""
        found = [json.loads(line) for line in self.log_path.read_text().splitlines()]
        return [line for line in found if line["event"] == event]

    def logged(self, request_id: str) -> dict[str, Any]:
        """Return the log line of one request."""
        return until(
            lambda: next(
                (one for one in self.lines("request") if one["request_id"] == request_id), None
            )
        )

    def stats(self) -> dict[str, Any]:
        return dict(self.get("/stats").json())

    def processes(self) -> list[int]:
        """Return the ids of the front's process, its zygote and workers."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    text = (entry / "stat").read_text()
                except OSError:
                    continue
                parents[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
        found = [self.process.pid]
        for one in found:
            found += [pid for pid, parent in parents.items() if parent == one]
        return found

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()
        self._threads.shutdown()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return a function that serves a bundle and waits until it is ready."""
    running: list[Served] = []

    def start(bundle: Path, *arguments: str, wait: bool = True, **environment: str) -> Served:
        number = len(running)
        directory = tmp_path / f"i{number}"
        log = tmp_path / f"log{number}"
        with log.open("wb") as out, (tmp_path / f"err{number}").open("wb") as err:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyter_node_deploy.runtime", str(bundle)),
                    *("--listen", "127.0.0.1:0", "--directory", str(directory)),
                    *arguments,
                ],
                stdout=out,
                stderr=err,
                env={**os.environ, **environment},
            )
        served = Served(directory, process, log)
        running.append(served)
        if wait:
            until(lambda: served.get("/readyz").status_code == 200)
        return served

    yield start
    for one in running:
        one.close()


@pytest.fixture
def check() -> Callable[..., dict[str, Any]]:
    """Return a function that makes a dry run and returns its result."""

    def run(bundle: Path, inputs: Any = None, *arguments: str) -> dict[str, Any]:
        if inputs is not None:
            path = bundle.parent / "input.json"
            path.write_text(json.dumps(inputs))
            arguments = (*arguments, "--input", str(path))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "jupyter_node_deploy.runtime",
                str(bundle),
                "--check",
                *arguments,
            ],
            stdout=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
        )
        assert len(done.stdout.splitlines()) == 1, done.stdout
        result = json.loads(done.stdout)
        assert done.returncode == (0 if result["ok"] else 1)
        return dict(result)

    return run
