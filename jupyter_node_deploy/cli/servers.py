"""Finding the user's Jupyter server, and keeping one in the background when none runs."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from jupyter_core.paths import jupyter_runtime_dir

from ..lock import held, is_held
from .connection import Connection, Server
from .console import Console
from .failure import Failure

_ASK = 3.0  # seconds for one question to a server that may be stuck
_START = 90.0  # seconds for a new server
_STOP = 60.0  # seconds for a server that drains its nodes


def find(data_dir: Path, *, exact: bool = False) -> Server | None:
    """Return a running server with the extension, first of all one of this data directory.

    Args:
        exact: take no server of another data directory.

    Raises:
        Failure: the one that keeps the directory's nodes asks for a password.
    """
    other: Server | None = None
    closed: Server | None = None  # one that does not let us in
    for server in _running():
        try:
            health = Connection(server, _ASK).call("GET", "health")
        except Failure as failure:
            if failure.status in (302, 401, 403):
                closed = closed or server
            continue
        except ValueError:
            continue
        if Path(health["data_dir"]) == data_dir:
            return server
        other = other or server
    if closed is not None and is_held(data_dir / "reconciler.lock"):
        raise Failure(
            f"The Jupyter server at {closed.url} (process {closed.pid}), which keeps the nodes of "
            f"{data_dir}, asks for a password, which can't be given here. Start it with a token, "
            "too: c.IdentityProvider.token.",
            code=16,
        )
    return None if exact else other


def named(url: str, token: str | None) -> Server:
    """Return the server at a URL; of one of the user's own, more is known than that.

    Args:
        token: None for the one that is known, or that the variable ``JUPYTER_TOKEN`` has.
    """
    url = url.rstrip("/") + "/"
    own = next((server for server in _running() if server.url == url), None)
    if token is None:
        token = own.token if own is not None else os.environ.get("JUPYTER_TOKEN", "")
    return replace(own, token=token) if own is not None else Server(url, token)


def start(data_dir: Path, console: Console, *, exact: bool = False) -> Server:
    """Start a Jupyter server in the background and return it when it is healthy.

    Args:
        data_dir: where its log goes.
        console: tells the user what happens.
        exact: make it use ``data_dir`` whatever is configured.

    Raises:
        Failure: it ended, or the extension did not start.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(data_dir / "server.start"):  # two commands at once start one server
            found = find(data_dir, exact=exact)
            if found is not None:
                return found
            log = data_dir / "server.log"
            console.note(
                f"No Jupyter server runs; starting one in the background (log: {log}). "
                "It serves the nodes until you stop it: jupyter node server stop"
            )
            process = _started(data_dir if exact else None, log)
            with console.working("Starting the Jupyter server"):
                return _healthy(process, log)
    except OSError as error:
        raise Failure(
            f"No Jupyter server runs, and none can be started: {error.filename or data_dir} can't "
            f"be written to ({error.strerror}). Free it, or choose another place with --data-dir."
        ) from error


def _started(data_dir: Path | None, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            _command(data_dir),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | {"JUPYTER_TOKEN": secrets.token_hex(24)},
            start_new_session=True,
            cwd="/",
        )


def stop(server: Server) -> None:
    """Stop a server cleanly and wait until its process has ended.

    Raises:
        Failure: it refuses, or is not gone in a minute.
    """
    Connection(server, _STOP).jupyter("POST", "api/shutdown", {})
    until = time.monotonic() + _STOP
    while server.pid is not None and _alive(server.pid):
        if time.monotonic() > until:
            raise Failure(f"The Jupyter server (process {server.pid}) does not end.")
        time.sleep(0.1)


def _command(data_dir: Path | None) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "jupyter_server",
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        # All of the user's notebooks must lie below it.
        "--ServerApp.root_dir=/",
        "--ServerApp.jpserver_extensions=jupyter_node_deploy=True",
    ]
    if data_dir is not None:
        command.append(f"--NodeDeployApp.data_dir={data_dir}")
    return [*command, "--allow-root"] if os.geteuid() == 0 else command


def _healthy(process: subprocess.Popen[bytes], log: Path) -> Server:
    until = time.monotonic() + _START
    reason = "it does not answer"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failure(f"The Jupyter server ended with status {process.returncode}; see {log}.")
        server = next((server for server in _running() if server.pid == process.pid), None)
        if server is not None:
            try:
                Connection(server, _ASK).call("GET", "health")
            except Failure as failure:
                reason = failure.message
                if failure.reason == "EXTENSION_NOT_STARTED":
                    break
            else:
                return server
        time.sleep(0.1)
    process.terminate()
    raise Failure(f"The Jupyter server did not become healthy: {reason} (log: {log})")


def _running() -> Iterator[Server]:
    """The user's Jupyter servers, the youngest first.

    Reads the files that servers leave in the runtime directory; Jupyter's own function for this
    takes more than a second to import.
    """
    files = Path(jupyter_runtime_dir()).glob("jpserver-*.json")
    for path in sorted(files, key=_modified, reverse=True):
        try:
            info: dict[str, Any] = json.loads(path.read_text())
            if info.get("sock") or not _alive(info["pid"]):
                continue
            yield Server(info["url"], info["token"], Path(info["root_dir"]), info["pid"])
        except (OSError, ValueError, KeyError):
            continue  # half written, or gone meanwhile


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
