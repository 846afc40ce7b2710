"""The gateway's own process: ``python -m jupyter_node_deploy.gateway HOME``.

It needs neither Jupyter nor the catalog: it lives by the files in ``HOME/gateway``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import logging
import os
import resource
import signal
import sys
import time
from pathlib import Path

import uvloop

from .. import __version__
from ..home import Home
from ..lock import acquire, is_held, is_ours
from ..web.address import Address
from ..web.server import Server
from .embedded import Gateway
from .files import replace
from .log import Log
from .source import Source

log = logging.getLogger(__name__)

POLL = 0.1  # seconds between looks at the files
LOCKED = 3  # exit code: another gateway serves this home


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_node_deploy.gateway")
    parser.add_argument("home", type=Path, help="the data directory")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=0, help="0: the last one, or any that is free")
    parser.add_argument("--grace", type=float, default=30.0, help="seconds to finish requests in")
    parser.add_argument("--log", type=Path, help="file to log to, instead of standard error")
    options = parser.parse_args()
    home = Home(options.home.absolute())
    home.create()
    records = Log(options.log)
    lock = _lock(home.gateway / "lock")
    if lock is None:
        log.warning("another gateway serves %s", home.root)
        return LOCKED
    facts = home.gateway / "gateway.json"
    facts.unlink(missing_ok=True)  # of a predecessor that was killed
    _allow_many_connections()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(home, options, records, lock))
        except OSError as error:
            log.error("can't listen at %s: %s", options.host, error)  # noqa: TRY400
            return 1
        finally:
            facts.unlink(missing_ok=True)
            os.close(lock)
    return 0


async def _serve(home: Home, options: argparse.Namespace, records: Log, lock: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    source = Source(home)
    gateway = Gateway(options.host, records.request)
    server = Server(gateway.handle)

    def look() -> None:
        if source.poll():
            gateway.load(source.routes, source.verifier)
            server.body_limit = source.routes.body_limit
            log.info("routes generation %s", source.routes.generation)
        records.rotate()

    look()
    where = await _listen(server, options.host, options.port, home.gateway / "port")
    _announce(home, where, options)
    log.info("listening at %s", where)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL)
        look()
        if not is_ours(lock, home.gateway / "lock"):
            # Nobody could find or stop this process any more, and another one may start.
            log.warning("%s was deleted or replaced", home.gateway)
            break
    log.info("stopping")
    await server.stop(options.grace)


async def _listen(server: Server, host: str, port: int, memory: Path) -> Address:
    """Listen at the port that was asked for or else the remembered one, or else at any."""
    remembered = _remembered(memory)
    for candidate in dict.fromkeys((port or remembered, remembered, 0)):
        try:
            where = await server.start(str(Address(host=host, port=candidate)))
        except OSError as error:
            if candidate == 0 or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            log.warning(
                "can't listen at port %s (%s), taking another: clients must use the new one",
                candidate,
                error.strerror,
            )
        else:
            replace(memory, f"{where.port}\n".encode())
            return where
    raise AssertionError("port 0 is always tried last")


def _remembered(memory: Path) -> int:
    try:
        port = int(memory.read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65536 else 0


def _announce(home: Home, where: Address, options: argparse.Namespace) -> None:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(where.host, where.host)  # noqa: S104
    facts = {
        "pid": os.getpid(),
        "host": where.host,
        "port": where.port,
        "url": f"http://{Address(host=name, port=where.port)}",
        # By these the next control plane sees whether it would have started it otherwise.
        "asked": {"host": options.host, "port": options.port},
        "version": __version__,
    }
    replace(home.gateway / "gateway.json", json.dumps(facts).encode())


def _lock(path: Path) -> int | None:
    while (descriptor := acquire(path)) is None:
        if is_held(path):
            # Don't wait for it: a gateway that is stopped would come back to life as this one.
            return None
        time.sleep(0.01)  # somebody was only looking whether it is held
    return descriptor


def _allow_many_connections() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
