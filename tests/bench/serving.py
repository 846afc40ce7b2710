"""Requests per second and latency of a node, and the time from Create to the first answer.

Contenders on the randomizer cell, two workers each: the runtime called directly, the node through
the gateway, and FastAPI written by hand with the same contract. Then one instance by
itself (``instance.py``): slow runs, start, memory, isolation. The processor time per request is the
steadiest figure on a machine with other work to do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench import instance
from tests.support.randomizer import INPUT, NOTEBOOK

HERE = Path(__file__).parent
FASTAPI = ["fastapi==0.*", "uvicorn[standard]==0.*", "pyjwt[crypto]==2.*"]


@dataclass
class Target:
    """A URL to call, and the body and token to call it with."""

    name: str
    url: str
    body: str
    token: str
    pid: int | None = None  # of its first process, for the processor time of all of them

    def call(self) -> int:
        """Call it once; return the HTTP status, 0 when nothing answers."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        request = urllib.request.Request(self.url, self.body.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait(self) -> None:
        """Wait until it answers 200."""
        end = time.monotonic() + 60
        while self.call() != 200:
            if time.monotonic() > end:
                sys.exit(f"{self.name} does not answer")
            time.sleep(0.02)


def node(*arguments: str, environment: dict[str, str]) -> str:
    """Run ``jupyter node`` and return what it prints."""
    command = [sys.executable, "-m", "jupyter_node_deploy.cli", *arguments]
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[int]:
    """Keep a process running, its output thrown away; yields its id."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def fastapi(folder: str, token: str, body: str, public_key: Path) -> Iterator[Target]:
    """The contender by hand, in an environment of its own that is kept between runs."""
    home = Path(tempfile.gettempdir()) / "node-deploy-bench-fastapi"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *FASTAPI], check=True)
        (home / "ready").touch()
    port = instance.free_port()
    command = [str(python), "-m", "uvicorn", "fastapi_service:app", "--port", str(port)]
    options = ["--workers", "2", "--no-access-log", "--log-level", "error"]
    environment = {**os.environ, "PUBLIC_KEY": str(public_key)}
    with running(command + options, cwd=HERE, env=environment) as pid:
        target = Target(
            "FastAPI by hand, 2 workers", f"http://127.0.0.1:{port}/execute", body, token, pid
        )
        target.wait()
        yield target


@contextmanager
def direct(archive: Path, body: str, token: str, scratch: Path) -> Iterator[Target]:
    """The runtime, serving the exported bundle."""
    with tarfile.open(archive) as packed:
        packed.extractall(scratch)
    (bundle,) = (path.parent for path in scratch.rglob("node.json"))
    port = instance.free_port()
    command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(bundle)]
    with running([*command, "--listen", f"127.0.0.1:{port}", "--workers", "2"]) as pid:
        target = Target(
            "runtime directly, 2 workers",
            f"http://127.0.0.1:{port}/v1/nodes/x:execute",
            body,
            token,
            pid,
        )
        target.wait()
        yield target


def processor_seconds(pid: int | None) -> float:
    """Return what a process and all below it have taken so far."""
    if pid is None:
        return 0.0
    first = psutil.Process(pid)
    total = 0.0
    for process in [first, *first.children(recursive=True)]:
        times = process.cpu_times()
        total += times.user + times.system
    return total


def load(target: Target, connections: int, seconds: int) -> dict[str, float]:
    """Load a target with ``connections`` keep-alive connections; return wrk's summary."""
    environment = {
        **os.environ,
        "BENCH_BODY": target.body,
        "BENCH_AUTHORIZATION": f"Bearer {target.token}",
    }
    before = processor_seconds(target.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    result = subprocess.run(
        [*command, "-s", str(HERE / "wrk_report.lua"), target.url],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    report: dict[str, float] = json.loads(result.stdout.strip().splitlines()[-1])
    report["cpu"] = (processor_seconds(target.pid) - before) / max(1, report["requests"])
    report["rate"] = report["requests"] / report["microseconds"] * 1e6
    return report


def throughput(
    targets: list[Target],
    rounds: int,
    seconds: int,
    *,
    bases: int = 1,
    connections: Sequence[int] = (1, 16, 64),
) -> None:
    """Print requests per second and latency, contenders in turn.

    Args:
        bases: how many of the last targets the others are compared with.
    """
    for count in connections:
        reports: dict[str, list[dict[str, float]]] = {target.name: [] for target in targets}
        for _ in range(rounds):
            for target in targets:
                load(target, count, 1)
                reports[target.name].append(load(target, count, seconds))
        print(f"\n{count} connections, median of {rounds} rounds")
        for name, rows in reports.items():
            rate = statistics.median(row["rate"] for row in rows)
            ratios = ""
            for base in targets[-bases:]:
                beside = zip(rows, reports[base.name], strict=True)
                ratio = statistics.median(row["rate"] / other["rate"] for row, other in beside)
                ratios += f"  {ratio:5.2f} x {base.name.split(',')[0]}"
            p50 = statistics.median(row["p50"] for row in rows) / 1000
            p99 = statistics.median(row["p99"] for row in rows) / 1000
            cpu = statistics.median(row["cpu"] for row in rows) * 1e6
            errors = sum(int(row["errors"]) for row in rows)
            print(
                f"  {name:32} {rate:8.0f} req/s{ratios}"
                f"   p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  errors {errors}"
                + (f"  CPU {cpu:4.0f} us per request" if cpu else "")
            )


def create_to_first_200(form: dict[str, Any], call: Any, token: str, rounds: int) -> None:
    """Print the time from ``POST nodes`` to the first 200 of the new node's URL."""
    times = []
    for n in range(rounds):
        form = {**form, "name": f"created-{n}"}
        start = time.perf_counter()
        created = call("POST", "nodes", form)
        body = json.dumps({"input": INPUT})
        target = Target("new node", created["execute_url"], body, token)
        while target.call() != 200:
            time.sleep(0.002)
        times.append(time.perf_counter() - start)
        call("DELETE", f"nodes/{created['id']}", None)
    print(
        f"\ncreate to first 200: median {statistics.median(times):.2f} s"
        f"  (min {min(times):.2f}, max {max(times):.2f}, {rounds} nodes)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: install Debian's package of that name")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(scratch / "data"),
            "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
            "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        }
        settings = {"NodeDeployApp": {"backend": "process"}}  # also where an engine answers
        (scratch / "config").mkdir()
        configuration = scratch / "config" / "jupyter_node_deploy_config.json"
        configuration.write_text(json.dumps(settings))
        stack.callback(node, "server", "stop", "--yes", environment=environment)
        deployed = json.loads(
            node("deploy", str(NOTEBOOK), "--cell", "2", "--name", "randomizer", "--json",
                 environment=environment)
        )  # fmt: skip
        token = node("token", "create", environment=environment).strip()
        folder = deployed["folder"]
        body = json.dumps({"folder_id": folder, "input": INPUT})
        archive = scratch / "bundle.tar.gz"
        node("export", "randomizer", "--output", str(archive), environment=environment)
        public_key = scratch / "data" / "node_deploy" / "gateway" / "public.pem"
        targets = [
            stack.enter_context(direct(archive, body, token, scratch / "bundle")),
            Target("through the gateway, 2 workers", deployed["execute_url"], body, token),
            stack.enter_context(fastapi(folder, token, body, public_key)),
        ]
        throughput(targets, args.rounds, args.seconds)

        (record,) = (scratch / "runtime").glob("jpserver-*.json")
        server = json.loads(record.read_text())

        def call(method: str, path: str, form: Any) -> Any:
            request = urllib.request.Request(
                f"{server['url'].rstrip('/')}/jupyter-node-deploy/v1/{path}",
                None if form is None else json.dumps(form).encode(),
                {"authorization": f"token {server['token']}", "content-type": "application/json"},
                method=method,
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")

        form = {"type": "cell", "cell": deployed["cell"]}
        create_to_first_200(form, call, token, args.rounds * 2)
    print()
    instance.measure(args.rounds)


if __name__ == "__main__":
    main()
