"""``python -m jupyter_node_deploy.runtime BUNDLE``: serve a bundle, or run its cell once."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from ..errors import NodeDeployError
from .bundle import Bundle
from .front.instance import AlreadyRunning, Instance
from .front.launch import Launched, launch

# What takes long to import is imported later, while the zygote starts.

_TOUCHED = "touched"
_LAST_WORDS = 2.0  # seconds for answers on their way out


def main() -> int:
    """Parse the command line and do what it says; return the exit code."""
    options = _parse()
    try:
        bundle = Bundle.load(options.bundle)
    except NodeDeployError as error:
        if options.check:
            from .front import dry_run, result

            return result.tell(dry_run.refused(error.body()))
        sys.stderr.write(f"{error.message}\n")
        return 2
    python = options.python or bundle.python_executable or sys.executable
    try:
        instance = Instance(options.directory)
    except AlreadyRunning as error:
        sys.stderr.write(f"{error}\n")
        return 3
    try:
        instance.fill(bundle.files)
        if options.check:
            instance.write(_TOUCHED, "")  # the workers add to what is there
        launched: Launched | None = None
        with contextlib.suppress(OSError):  # tried again, and told of, when all is there
            launched = launch(python, bundle.directory, instance.work, bundle.hash_seed)
        if options.check:
            from .front import dry_run, notes, result

            body = options.input.read_bytes() if options.input else None
            known = json.loads(options.known.read_bytes()) if options.known else None
            work = dry_run.check(bundle, instance.work, python, body, launched, known)
            outcome = _run(work)
            outcome["touched"] = notes.read(instance.directory / _TOUCHED)
            return result.tell(outcome)
        size = options.workers or bundle.workers or max(2, os.cpu_count() or 1)
        _run(_serve(bundle, instance, python, size, options.listen, options.grace, launched))
        return 0
    finally:
        instance.close()


async def _serve(
    bundle: Bundle,
    instance: Instance,
    python: str,
    size: int,
    listen: str,
    grace: float,
    launched: Launched | None,
) -> None:
    import asyncio

    from ..web.server import Server
    from .front.front import Front
    from .front.log import JsonLog

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log = JsonLog()
    front = Front(bundle, instance.work, python, size, log, launched)
    server = Server(front.handle, body_limit=bundle.body_limit)
    front.pool.start()
    try:
        socket_path = Path(listen.removeprefix("unix:")) if listen.startswith("unix:") else None
        if socket_path is not None:
            socket_path.unlink(missing_ok=True)  # of a front that was killed
        address = str(await server.start(listen))
        instance.write("address", address)
        gc.collect()
        gc.freeze()  # what is there now stays: no reason to go through it again and again
        log.event("listening", address=address, pid=os.getpid(), node=bundle.node_name)
        await stop.wait()
        log.event("draining", grace=grace)
        done = await front.drain(grace)
        await front.pool.stop()
        await server.stop(_LAST_WORDS)
        if socket_path is not None:
            socket_path.unlink(missing_ok=True)
        log.event("stopped", finished_all=done)
    finally:
        await front.pool.stop()
        log.flush()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        import uvloop
    except ImportError:
        import asyncio

        return asyncio.run(work)
    return uvloop.run(work)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_node_deploy.runtime", description="Serve a cell node's bundle."
    )
    parser.add_argument("bundle", type=Path, help="the bundle's directory")
    parser.add_argument(
        "--listen",
        default="127.0.0.1:8000",
        metavar="ADDRESS",
        help="unix:PATH or HOST:PORT (default: %(default)s; port 0: any free one)",
    )
    parser.add_argument("--workers", type=int, help="worker processes (default: the bundle's)")
    parser.add_argument("--python", help="the interpreter that runs the cell")
    parser.add_argument(
        "--grace", type=float, default=30.0, help="seconds to finish requests after SIGTERM"
    )
    parser.add_argument(
        "--directory", type=Path, help="instance directory: lock, pid, address, work/"
    )
    parser.add_argument(
        "--check", action="store_true", help="run the cell once, print one line of JSON, exit"
    )
    parser.add_argument(
        "--input", type=Path, help="with --check: a file with the input object as JSON"
    )
    parser.add_argument(
        "--known",
        type=Path,
        help="with --check: a file with input and output of the notebook's run, to compare with",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
