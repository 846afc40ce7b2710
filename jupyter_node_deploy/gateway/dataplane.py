"""The running HAProxy, brought to what the routes say: through its runtime API or by a reload."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from ..errors import Unavailable
from ..files import replace
from .configuration.backend import backend, maximum, server, server_name
from .configuration.document import configuration, digest, error_files
from .configuration.maps import PUBLISHED, maps
from .launchers.launcher import Launcher
from .routes import InstanceRoute, NodeRoute, Routes
from .runtime_api import CommandFailed, RuntimeApi

log = logging.getLogger(__name__)

CONFIRM = 20.0  # seconds that a started or reloaded process gets to serve
STOP = 35.0  # seconds to finish requests in
GONE = 2.0  # seconds without a sign of it; it gives none in the middle of a reload
LOG_LINES = 20  # of the end of the log, in an error
SETTLE = 0.3  # seconds that requests under way get to reach an instance
_SOCKETS = ("admin", "master", "handover", "elsewhere")
_FORCED_MAINTENANCE = 0x01  # of a server's administrative state


class NotConfirmed(Unavailable):
    """HAProxy runs, and does not take what it is told."""


@dataclass(frozen=True)
class Published:
    """What a running process says that it serves."""

    generation: int
    digest: str


class DataPlane:
    """One HAProxy with its directory. Calls block: run them in a thread.

    It is level-triggered: ``apply`` compares what the process has with what it should have, so
    whatever was cut off is carried out by the next call.

    Args:
        directory: of its files.
        launcher: runs it.
    """

    def __init__(self, directory: Path, launcher: Launcher) -> None:
        self._directory = directory
        self._launcher = launcher
        self._admin = RuntimeApi(directory / "run" / "admin.sock")
        self._master = RuntimeApi(directory / "run" / "master.sock")

    def start(self, routes: Routes, public_key: bytes, port: int) -> None:
        """Start it with these routes, or take over the one that runs.

        Raises:
            Unavailable: it does not come up; the message has the end of its log.
        """
        self._launcher.prepare()
        if self._launcher.runs():
            self.apply(routes, public_key, port)
            return
        wanted = self._write(routes, public_key, port)
        for stale in (self._directory / "run").iterdir():
            stale.unlink()
        self._launcher.start()
        self._await(routes.generation, wanted)

    def apply(self, routes: Routes, public_key: bytes, port: int) -> None:
        """Make it serve these routes; on return no new request follows others.

        Raises:
            Unavailable: it does not confirm them.
        """
        wanted = self._write(routes, public_key, port)
        before = self._servers()
        if not self._adjust(routes, wanted):
            self._reload(routes.generation, wanted)
        self._settle(before.keys() - _wanted(routes).keys())

    def reload(self) -> None:
        """Replace the process by a new one with the files as they are; no request is lost.

        Raises:
            Unavailable: the new one does not come up.
        """
        self._launcher.prepare()  # a renewed certificate
        files = _read(self._directory / "maps" / f"{PUBLISHED}.map")
        self._reload(int(files["generation"]), files["digest"], anew=True)

    def stop(self, grace: float) -> None:
        """End it when it has answered what it is at work on, or after ``grace`` seconds."""
        if self._launcher.runs():
            self._launcher.quiesce()
            self.await_idle(None, grace)
        self._launcher.end()

    def await_idle(self, instances: frozenset[str] | None, seconds: float) -> None:
        """Return when instances (None: all) are at work on nothing, or after ``seconds``."""
        until = time.monotonic() + seconds
        while self.at_work(instances) and time.monotonic() < until:
            time.sleep(0.02)

    def published(self) -> Published | None:
        """Return what it serves; None if it does not answer."""
        try:
            found = self._admin.map(f"maps/{PUBLISHED}.map")
            return Published(int(found["generation"]), found["digest"])
        except (CommandFailed, LookupError, ValueError):
            return None

    def is_whole(self) -> bool:
        """Return whether all its sockets are where they can be reached."""
        return all((self._directory / "run" / f"{name}.sock").exists() for name in _SOCKETS)

    def at_work(self, instances: frozenset[str] | None = None) -> int:
        """Return how many requests instances are at work on, in replaced processes too.

        Args:
            instances: ids of the instances to count; None for all.
        """
        try:
            _, workers = self._master.workers()
        except CommandFailed:
            return 0
        total = 0
        for worker in workers:
            with contextlib.suppress(CommandFailed):  # it has just ended
                total += sum(
                    int(row["scur"] or 0) + int(row["qcur"] or 0)
                    for row in self._master.table(f"@!{worker.pid} show stat")
                    if row["pxname"].startswith("node_")
                    and row["svname"] not in ("FRONTEND", "BACKEND", "elsewhere")
                    and (instances is None or row["svname"].rpartition(".")[0] in instances)
                )
        return total

    def _write(self, routes: Routes, public_key: bytes, port: int) -> str:
        """Write all files, each at once; return the configuration's digest."""
        listen = self._launcher.listen(port)
        wanted = digest(routes, listen, public_key)
        for folder in ("maps", "errors"):
            (self._directory / folder).mkdir(mode=0o755, parents=True, exist_ok=True)
        files = {f"errors/{name}": content for name, content in error_files().items()}
        files["public.pem"] = public_key
        files["haproxy.cfg"] = configuration(routes, listen).encode()
        for name, entries in maps(routes, wanted).items():
            lines = (f"{key} {value}\n" for key, value in entries.items())
            files[f"maps/{name}.map"] = "".join(lines).encode()
        for name, content in files.items():
            path = self._directory / name
            if not path.exists() or path.read_bytes() != content:
                # Others can't enter the data directory, but HAProxy's user has to read these.
                replace(path, content, 0o644)
        return wanted

    def _adjust(self, routes: Routes, wanted: str) -> bool:
        """Change servers and maps of the running process: new servers first, old ones last.

        Returns:
            Whether that was enough; otherwise it needs a reload.
        """
        now = self.published()
        if now is None or now.digest != wanted:
            return False
        try:
            there = self._servers()
            for one, (node, instance) in _wanted(routes).items():
                row = there.pop(one, {})
                if row:
                    self._correct(one, row, node)
                else:
                    self._add(one, node, instance)
            self._fill(maps(routes, wanted))
            self._admin.carry_out([f"set server {one} state maint" for one in there])
            for one in there:
                # Refused while it has connections; then it goes at a later time.
                self._admin.ask(f"del server {one}")
        except CommandFailed as error:
            log.warning("reloading the gateway, its runtime API refused a change: %s", error)
            return False
        return True

    def _servers(self) -> dict[str, dict[str, str]]:
        """Return the state of the nodes' servers by ``BACKEND/SERVER``; none if it is not up."""
        try:
            rows = self._admin.table("show servers state")
        except CommandFailed:
            return {}
        return {
            f"{row['be_name']}/{row['srv_name']}": row
            for row in rows
            if row["be_name"].startswith("node_") and row["srv_name"] != "elsewhere"
        }

    def _add(self, one: str, node: NodeRoute, instance: InstanceRoute) -> None:
        said = self._admin.ask(f"add server {one} {server(node, instance)}").strip()
        if said != "New server registered.":
            raise CommandFailed(said)
        self._admin.carry_out([f"enable server {one}", f"enable health {one}"])

    def _fill(self, wanted: Mapping[str, Mapping[str, str]]) -> None:
        """Change the maps: first all that is new, then what is gone, last what tells of it.

        So an alias never has a number of shares that it has no nodes for.
        """
        changes, ends = list[str](), list[str]()
        for name, entries in wanted.items():
            file = f"maps/{name}.map"
            now = self._admin.map(file)
            for key, value in entries.items():
                if now.get(key) != value:
                    changes.append(f"{'set' if key in now else 'add'} map {file} {key} {value}")
            ends += [f"del map {file} {key}" for key in now if key not in entries]
        told = [one for one in changes if f" map maps/{PUBLISHED}.map " in one]
        self._admin.carry_out([one for one in changes if one not in told])
        self._admin.carry_out(ends)
        self._admin.carry_out(told)

    def _settle(self, removed: Set[str]) -> None:
        """Give requests that were just on their way to an instance the time to arrive there.

        Else it might end a connection as idle that one of them is about to use.
        """
        if not removed:
            return
        instances = frozenset(one.partition("/")[2].rpartition(".")[0] for one in removed)
        self.await_idle(instances, SETTLE)

    def _correct(self, one: str, row: Mapping[str, str], node: NodeRoute) -> None:
        """Make a server that is there what it should be."""
        commands = []
        if (many := maximum(node)) is not None:
            commands.append(f"set maxconn server {one} {many}")
        if int(row["srv_admin_state"]) & _FORCED_MAINTENANCE:
            commands.append(f"set server {one} state ready")
        self._admin.carry_out(commands)

    def _reload(self, generation: int, wanted: str, *, anew: bool = False) -> None:
        if not self._launcher.runs():
            return  # the next one begins with the new files
        before = self._worker() if anew else None
        with contextlib.suppress(CommandFailed):
            self._master.ask("reload")
        self._await(generation, wanted, not_by=before)

    def _worker(self) -> int | None:
        match = re.search(r"^Pid: (\d+)$", self._admin.ask("show info"), re.MULTILINE)
        return int(match[1]) if match else None

    def _await(self, generation: int, wanted: str, not_by: int | None = None) -> None:
        """Wait until the routes are served, and by nobody else."""
        until = time.monotonic() + CONFIRM
        seen = time.monotonic()
        while not self._serves(generation, wanted, not_by):
            if self._launcher.runs():
                seen = time.monotonic()
            elif time.monotonic() > seen + GONE:
                raise Unavailable(f"The gateway ended: {self._why()}")
            if time.monotonic() > until:
                raise NotConfirmed(
                    f"The gateway did not confirm its new routes in {CONFIRM:g} s: {self._why()}"
                )
            time.sleep(0.02)

    def _why(self) -> str:
        """Return what its log says: what it calls alarming, else all of the end."""
        lines = self._launcher.log(LOG_LINES).splitlines()
        return "\n".join([line for line in lines if line.startswith("[ALERT]")] or lines)

    def _serves(self, generation: int, wanted: str, not_by: int | None) -> bool:
        if self.published() != Published(generation, wanted):
            return False
        try:
            if not_by is not None and self._worker() == not_by:
                return False
            _, workers = self._master.workers()
        except CommandFailed:
            return False
        # A process passes requests on to its successor from the moment that it is stopping.
        return all(self._is_stopping(worker.pid) for worker in workers if worker.old)

    def _is_stopping(self, pid: int) -> bool:
        try:
            said = self._master.ask(f"@!{pid} show info")
        except CommandFailed:
            return False
        return "Stopping: 0" not in said


def _wanted(routes: Routes) -> dict[str, tuple[NodeRoute, InstanceRoute]]:
    return {
        f"{backend(node_id)}/{server_name(instance)}": (node, instance)
        for node_id, node in routes.nodes.items()
        for instance in node.instances
    }


def _read(path: Path) -> dict[str, str]:
    pairs = (line.split(" ", 1) for line in path.read_text().splitlines())
    return dict(pairs)
