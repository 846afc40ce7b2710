"""Ends what a server has left that was killed: a process of its own, one per home.

A server that stops cleanly takes its instances and the gateway along, where ``stop_nodes_on_exit``
says so; one that is killed can't. The caretaker is started by the server and outlives it. It looks
at the lock that the home's acting server holds, and when nobody has held that for a while, it does
what the server would have done. What it does not get to is found by the next server.

Only what it needs for waiting is imported at the top: it does nothing else, mostly.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .home import Home
from .lock import acquire, is_held, is_ours

#: Seconds in which another server may take over what one has left: a service
#: manager starts it anew.
_GRACE = 120.0
#: Seconds after which nobody has taken over from a server that left nothing.
_HANDED_ON = 3.0
_LOOK = 1.0
#: Seconds that instances get to answer what they are at work on.
_DRAIN = 10.0


def hire(home: Home, backend: str, gateway: str, base_image: str) -> None:
    """Have a home looked after from now on; one that is there already waits anew.

    Args:
        backend: name of the backend whose instances are ended.
        gateway: ``process`` or ``container``.
        base_image: as the backend was made with.
    """
    # First: one that is just about to go looks at it once more when it has let go of the lock.
    home.caretaker.write_text(json.dumps([os.getpid(), backend, gateway, base_image]))
    if is_held(home.caretaker):
        return
    command = [sys.executable, "-m", __name__, str(home.root)]
    with (home.root / "caretaker.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # it outlives us, and our terminal's signals
            cwd="/",
        )
    process.returncode = 0  # nobody waits for its end: it comes after ours


def dismiss(home: Home) -> None:
    """Have a home looked after no more: what runs there is to outlive its servers."""
    home.caretaker.unlink(missing_ok=True)


def main(argv: list[str] | None = None) -> int:
    """Look after a home until nothing is left to look after.

    Returns:
        The exit status, which nobody looks at.
    """
    parser = argparse.ArgumentParser(prog="caretaker", description="Looks after a home.")
    parser.add_argument("home")
    parser.add_argument("--grace", type=float, default=_GRACE)
    args = parser.parse_args(argv)
    home = Home(Path(args.home))
    # With patience: somebody may just look whether it is held.
    while (lock := acquire(home.caretaker, patience=1.0)) is not None:
        try:
            announced = _look_after(home, lock, args.grace)
        finally:
            os.close(lock)
        if _announced(home) == announced:
            break
    return 0


def _look_after(home: Home, lock: int, grace: float) -> float:
    """Return which announcement was the last that was heeded, when nothing is left to do."""
    alone_since, seen = time.time(), 0.0
    server = None
    while is_ours(lock, home.caretaker):
        announced = _announced(home)
        server = _Server.read(home) or server
        if is_held(home.owner):
            alone_since, seen = time.time(), announced
        elif server is None:
            if time.time() - alone_since > grace:
                return announced  # nobody has said what to look after
        else:
            alone = time.time() - max(alone_since, announced)
            if alone > grace:
                asyncio.run(_end(home, server.backend, server.gateway, server.base_image))
                if _announced(home) == announced:
                    return announced
            elif (
                alone > _HANDED_ON
                and not _may_be_left(home, server.backend)
                # Else one has announced itself that has not begun to act.
                and (seen == announced or not server.lives())
            ):
                return announced
        time.sleep(_LOOK)
    return _announced(home)


@dataclass(frozen=True)
class _Server:
    """The server that has announced itself last: another one may have another backend."""

    pid: int
    backend: str
    gateway: str
    base_image: str

    @classmethod
    def read(cls, home: Home) -> _Server | None:
        try:
            return cls(*json.loads(home.caretaker.read_text()))
        except (OSError, ValueError, TypeError):
            return None  # it is just being written

    def lives(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        return True


def _announced(home: Home) -> float:
    """Return when a server has announced itself last."""
    try:
        return home.caretaker.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _may_be_left(home: Home, backend: str) -> bool:
    """Return whether something of the home may run; containers are not asked for."""
    if backend != "process" or is_held(home.gateway / "haproxy" / "lock"):
        return True
    try:
        return any(not place.name.startswith(".") for place in home.instances.iterdir())
    except FileNotFoundError:
        return False


async def _end(home: Home, backend: str, gateway: str, base_image: str) -> None:
    """End the instances and the gateway as a clean stop does, unless a server has come."""
    from .backends import choice as backends
    from .backends.base import BackendSettings
    from .gateway import choice as gateways

    owner = acquire(home.owner)
    if owner is None:
        return
    try:
        found, _ = await backends.choose(backend, home, BackendSettings(base_image))
        instances = await found.observe()
        await asyncio.gather(*(found.remove(one.instance_id, grace=_DRAIN) for one in instances))
        await found.close()
        await gateways.retire(home, gateway, base_image)
    finally:
        os.close(owner)


if __name__ == "__main__":
    sys.exit(main())
