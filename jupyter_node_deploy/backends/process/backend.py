"""The process backend: an instance is a front process with its workers, on this machine.

The directory of an instance is the truth about it: ``instance.json`` says what should run there,
the front's lock and process id whether it does. So a Jupyter server that was killed takes nothing
along, and the next one finds all instances again.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import psutil

from ...errors import Internal, Message, Unimplemented
from ...exit_status import ending
from ...home import Home
from ..base import (
    ONE_ZONE,
    Backend,
    BackendSettings,
    Capabilities,
    CellWorkload,
    InstanceSpec,
    InstanceStatus,
    ObservedInstance,
    absent,
)
from ..log import LogFile
from ..mount_sources import require_mounts
from ..readiness import Readiness
from .front import FrontProcess
from .record import Record

#: Bytes that the address of a Unix socket may have, on all systems.
_SOCKET_PATH = 100
_SPAWN = 5.0
_REASON_LINES = 5
_TIDY_EVERY = 10.0
_LEFT_OVER_AFTER = 600.0
_NEW, _GONE = ".new-", ".gone-"


class ProcessBackend(Backend):
    """Runs instances as detached processes of this user.

    Args:
        home: the data directory; instances live in ``home.instances``.
        reason: why it is this backend, for whoever misses what others can do.
    """

    def __init__(self, home: Home, reason: str = "") -> None:
        self._reason = reason
        self._home = home
        self._root = home.instances
        self._fronts: dict[str, FrontProcess] = {}
        self._readiness = Readiness()
        self._locks: dict[str, asyncio.Lock] = {}
        self._tidied = float("-inf")

    @classmethod
    async def create(cls, home: Home, settings: BackendSettings) -> Self:
        """Make it; every machine has what it needs."""
        return cls(home, settings.reason)

    async def ensure(self, spec: InstanceSpec) -> ObservedInstance:
        """Start the instance unless it runs; return at once with what is observed.

        Raises:
            Unimplemented: it is to run an image.
        """
        workload = spec.workload
        if not isinstance(workload, CellWorkload):
            raise Unimplemented(self.capabilities().missing["docker"])
        async with self._lock(spec.instance_id):
            record = await asyncio.to_thread(Record.read, self._directory(spec.instance_id))
            if record is not None:
                seen = await self._observe(record)
                if seen.status is InstanceStatus.DELETING or not seen.exited:
                    return seen
            await asyncio.to_thread(require_mounts, spec.mounts, self._home)
            self._readiness.forget(spec.instance_id)
            record = await asyncio.to_thread(self._start, spec, workload)
        return await self._observe(record)

    async def observe(self, node_id: str | None = None) -> list[ObservedInstance]:
        """Return the instances that exist, of one node or of all."""
        records = await asyncio.to_thread(self._records)
        if node_id is None and time.monotonic() - self._tidied > _TIDY_EVERY:
            self._tidied = time.monotonic()
            await asyncio.to_thread(self._tidy)
        wanted = [one for one in records if node_id in (None, one.node_id)]
        return list(await asyncio.gather(*map(self._observe, wanted)))

    async def remove(self, instance_id: str, *, grace: float = 30.0) -> None:
        """Drain for at most ``grace`` seconds, stop and forget; fine if it is gone."""
        async with self._lock(instance_id):
            directory = self._directory(instance_id)
            record = await asyncio.to_thread(_mark_removing, directory)
            if record is not None:
                await self._end(record, grace)
            await asyncio.to_thread(_forget, directory, self._address(directory))
            self._readiness.forget(instance_id)
            self._fronts.pop(instance_id, None)

    async def _end(self, record: Record, grace: float) -> None:
        """Let the front drain, then kill what is left."""
        front = self._front(record.instance_id)
        await asyncio.to_thread(front.terminate, record)
        until = time.monotonic() + grace
        # Polled, because the process is not our child when an earlier server started it.
        while time.monotonic() < until and await asyncio.to_thread(front.alive, record):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.to_thread(front.kill)

    async def logs(
        self, instance_id: str, *, follow: bool = False, tail: int | None = None
    ) -> AsyncIterator[str]:
        """Yield log lines, oldest first; with ``follow``, go on until the instance is removed.

        Raises:
            NotFound: there is no such instance.
        """
        directory = self._directory(instance_id)
        if not directory.exists():
            raise absent(instance_id)
        log = LogFile(directory)
        if follow:
            async for line in log.follow(tail):
                yield line
        else:
            for line in await asyncio.to_thread(log.tail, tail):
                yield line

    async def stats(self, instance_id: str) -> dict[str, Any]:
        """Return ``cpu_seconds``, ``memory_bytes`` (resident), ``processes`` of an instance."""
        return await asyncio.to_thread(self._stats, instance_id)

    def capabilities(self) -> Capabilities:
        """Return what this backend can do."""
        docker = Message(
            "Docker-image nodes need a Docker engine: install and start one, and set the backend "
            "to auto or docker. {cause}",
            "NO_DOCKER_ENGINE",
            cause=self._reason,
        )
        image = Message(
            "A custom kernel image needs a Docker engine; without one the cell runs with the "
            "kernel's own interpreter. {cause}",
            "NO_KERNEL_IMAGES",
            cause=self._reason,
        )
        mounts = Message(
            "Without a Docker engine instances see the files of this machine where they are, so a "
            "mount's target is its source. {cause}",
            "NO_MOUNT_TARGETS",
            cause=self._reason,
        )
        return Capabilities(
            name="process",
            missing={"docker": docker, "image": image, "mounts": mounts, "zones": ONE_ZONE},
        )

    async def close(self) -> None:
        """Close connections; the instances go on."""
        self._readiness.close()

    async def _observe(self, record: Record) -> ObservedInstance:
        front = self._front(record.instance_id)
        seen = ObservedInstance(
            instance_id=record.instance_id,
            node_id=record.node_id,
            revision=record.revision,
            status=InstanceStatus.CREATED,
            address=record.address,
            started_at=record.started_at,
        )
        alive = await asyncio.to_thread(front.alive, record)
        if record.removing:
            return dataclasses.replace(seen, status=InstanceStatus.DELETING, exited=not alive)
        if not alive and record.pid is None and time.time() - record.started_at < _SPAWN:
            return seen  # about to be started
        if alive:
            told = await self._readiness.ask(record.instance_id, record.address, record.started_at)
            reason = told.reason
            if told.status is not InstanceStatus.UNHEALTHY or told.gave_up:
                return told.of(seen)
            # Perhaps it is just ending: its sockets close a moment before it is gone.
            await asyncio.sleep(0.05)
            alive = await asyncio.to_thread(front.alive, record)
        if not alive:
            reason = await asyncio.to_thread(self._why_ended, front)
        return dataclasses.replace(
            seen, status=InstanceStatus.UNHEALTHY, reason=reason, exited=not alive
        )

    def _start(self, spec: InstanceSpec, workload: CellWorkload) -> Record:
        directory = self._directory(spec.instance_id)
        front = self._front(spec.instance_id)
        if directory.exists():
            front.kill()  # a front that has given up, and what outlived its front
        address = self._address(directory)
        # The intent first: what is found on disk can be found again, and ended.
        record = Record.of(spec, workload, address, time.time())
        if directory.exists():
            record.write(directory)
        else:
            _make(directory, record)
        Path(address.removeprefix("unix:")).unlink(missing_ok=True)
        try:
            pid = front.start(record, spec.environment)
        except OSError as error:
            raise Internal(
                Message(
                    "The instance could not be started: {cause}.",
                    "PROCESS_NOT_STARTED",
                    cause=str(error),
                )
            ) from error
        record = dataclasses.replace(record, pid=pid)
        record.write(directory)
        return record

    def _records(self) -> list[Record]:
        found = []
        try:
            places = sorted(self._root.iterdir())
        except FileNotFoundError:
            return []
        for place in places:
            record = None if place.name.startswith(".") else Record.read(place)
            if record is not None:
                found.append(record)
        return found

    def _why_ended(self, front: FrontProcess) -> str:
        tail = "\n".join(LogFile(front.directory).tail(_REASON_LINES)).strip()
        status = front.exit_status  # not known of one that an earlier server started
        cause = "it ended" if status is None else f"it {ending(status)}"
        if not tail:
            return Message("The process is gone: {cause}.", "PROCESS_ENDED", cause=cause, log="")
        return Message(
            "The process is gone: {cause}. Its last lines:\n{log}",
            "PROCESS_ENDED",
            cause=cause,
            log=tail,
        )

    def _stats(self, instance_id: str) -> dict[str, Any]:
        front = self._front(instance_id)
        if not front.directory.exists():
            raise absent(instance_id)
        cpu, memory, count = 0.0, 0, 0
        for process in front.processes():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                cpu += times.user + times.system
                count += 1
            except psutil.Error:
                continue
        return {"cpu_seconds": cpu, "memory_bytes": memory, "processes": count}

    def _tidy(self) -> None:
        """Rotate logs, and delete what crashes have left over."""
        for place in self._root.iterdir() if self._root.is_dir() else ():
            if _is_left_over(place):
                shutil.rmtree(place, ignore_errors=True)
            else:
                LogFile(place).rotate()

    def _directory(self, instance_id: str) -> Path:
        if not instance_id or "/" in instance_id or instance_id.startswith("."):
            raise absent(instance_id)
        return self._root / instance_id

    def _front(self, instance_id: str) -> FrontProcess:
        if instance_id not in self._fronts:
            self._fronts[instance_id] = FrontProcess(self._directory(instance_id))
        return self._fronts[instance_id]

    def _lock(self, instance_id: str) -> asyncio.Lock:
        return self._locks.setdefault(instance_id, asyncio.Lock())

    def _address(self, directory: Path) -> str:
        """Return the socket's address: in the instance's directory if its path is short enough."""
        path = directory / "socket"
        if len(os.fsencode(path)) > _SOCKET_PATH:
            digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:24]
            path = _private_directory() / digest
        return f"unix:{path}"


def _mark_removing(directory: Path) -> Record | None:
    """Write down that the instance is to be removed, so that a removal cut off is gone on with."""
    record = Record.read(directory)
    if record is not None and not record.removing:
        record = dataclasses.replace(record, removing=True)
        record.write(directory)
    return record


def _make(directory: Path, record: Record) -> None:
    """Make an instance's directory; it appears together with its record."""
    part = directory.with_name(f"{_NEW}{secrets.token_hex(8)}")
    part.mkdir(mode=0o700, parents=True)
    record.write(part)
    part.rename(directory)


def _forget(directory: Path, address: str) -> None:
    """Delete an instance's directory; it goes together with its record.

    Args:
        address: its own. The record of a copied home has the one in the other home.
    """
    Path(address.removeprefix("unix:")).unlink(missing_ok=True)
    aside = directory.with_name(f"{_GONE}{secrets.token_hex(8)}")
    with contextlib.suppress(FileNotFoundError):
        directory.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _is_left_over(place: Path) -> bool:
    """Whether a directory was left by a crash while an instance was made or removed."""
    try:
        old = time.time() - place.stat().st_mtime > _LEFT_OVER_AFTER
    except FileNotFoundError:
        return False
    if place.name.startswith(_NEW):
        return old
    return place.name.startswith(_GONE) or (old and Record.read(place) is None)


def _private_directory() -> Path:
    """Return a directory with a short path that only this user can enter.

    Raises:
        Internal: somebody else made it.
    """
    path = Path(tempfile.gettempdir()) / f"jupyter-node-deploy-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if (
        not stat.S_ISDIR(found.st_mode)
        or found.st_uid != os.getuid()
        or stat.S_IMODE(found.st_mode) != 0o700
    ):
        raise Internal(f"{path} is not a private directory of this user. Remove it.")
    return path
