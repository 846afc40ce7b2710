"""The Docker backend: an instance is a container that outlives the Jupyter server.

The engine is the truth: what a container is for stands in its labels, and containers without our
home's label do not exist for us. Only what is still being made for an instance is known to this
process alone; after a crash it is made again, from where it got to.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from docker import DockerClient
from docker.errors import APIError, DockerException
from docker.errors import NotFound as Absent
from docker.models.containers import Container
from requests import RequestException

from ...errors import FailedPrecondition, Internal, NotFound, Unavailable
from ...home import Home
from ..base import (
    Backend,
    Capabilities,
    CellWorkload,
    ImageWorkload,
    InstanceSpec,
    InstanceStatus,
    ObservedInstance,
)
from ..readiness import Readiness
from . import containers, labels, logs
from .engine import CALLS, machine, words
from .environments import Environments
from .images import Images, advice
from .installer import Tell
from .memory import Shortages
from .networks import Networks
from .owner import Owner
from .start import Start

#: Bytes that the address of a Unix socket may have, on all systems.
_SOCKET_PATH = 100
#: Bytes that an instance may leave in its directory, which is meant for a socket.
_RUN_BYTES = 1024**2
_TIDY_EVERY = 30.0
_LEFT_OVER_AFTER = 600.0
_REASON_LINES = 5

P = ParamSpec("P")
R = TypeVar("R")


class DockerBackend(Backend):
    """Runs instances as containers.

    Args:
        home: the data directory.
        engine: of this machine; closed together with the backend.
        base: reference of the cells' base image, with ``{version}`` for Python's ``MAJOR.MINOR``.
    """

    def __init__(self, home: Home, engine: DockerClient, base: str) -> None:
        self._home = home
        self._engine = engine
        self._owner = Owner.current()
        self._machine = machine(engine)
        self._environments = Environments(engine, home, self._owner, base)
        self._networks = Networks(engine, home.id)
        self._shortages = Shortages(engine, home.id)
        self._images = Images(engine, home.id, self._owner, self._networks)
        self._readiness = Readiness()
        self._starts: dict[str, Start] = {}
        self._removing: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._tidied = float("-inf")
        self._threads = ThreadPoolExecutor(CALLS, thread_name_prefix="docker")

    async def ensure(self, spec: InstanceSpec) -> ObservedInstance:
        """Start the instance unless it runs or is being made; return at once.

        Raises:
            FailedPrecondition: the data directory's path is too long for a socket.
            Unavailable: the engine does not answer.
        """
        directory = self._directory(spec.instance_id)
        if len(os.fsencode(self._socket(spec.instance_id))) > _SOCKET_PATH:
            raise FailedPrecondition(
                f"The path of the data directory {self._home.root} is too long for sockets. Choose "
                "a shorter one: c.NodeDeployApp.data_dir."
            )
        async with self._lock(spec.instance_id):
            start = self._starts.get(spec.instance_id)
            if start is not None and start.running:
                return start.observed()
            container = await self._call(self._find, spec.instance_id)
            if container is not None:
                seen = await self._observe(container)
                if seen.status is InstanceStatus.DELETING or not seen.exited:
                    return seen
                await self._call(_delete, container)
            self._readiness.forget(spec.instance_id)
            await self._call(_clear, directory)

            def make(tell: Tell) -> Awaitable[None]:
                return self._call(self._make, spec, tell)

            start = self._starts[spec.instance_id] = Start(spec, directory, make)
            return start.observed()

    async def observe(self, node_id: str | None = None) -> list[ObservedInstance]:
        """Return the instances that exist, of one node or of all.

        Raises:
            Unavailable: the engine does not answer.
        """
        found = await self._call(self._list, node_id)
        if node_id is None and time.monotonic() - self._tidied > _TIDY_EVERY:
            self._tidied = time.monotonic()
            await self._call(self._tidy)
        if node_id is None:
            self._images.keep(found)
        seen = list(await asyncio.gather(*map(self._observe, found)))
        there = {one.instance_id for one in seen}
        for instance_id, start in list(self._starts.items()):
            if instance_id in there and not start.running:
                del self._starts[instance_id]
            elif instance_id not in there and node_id in (None, start.node_id):
                seen.append(start.observed())
        return seen

    async def remove(self, instance_id: str, *, grace: float = 30.0) -> None:
        """Drain for at most ``grace`` seconds, stop and forget; fine if it is gone."""
        directory = self._directory(instance_id)
        async with self._lock(instance_id):
            self._removing.add(instance_id)
            try:
                if (start := self._starts.pop(instance_id, None)) is not None:
                    await start.cancel()
                container = await self._call(self._find, instance_id)
                if container is not None:
                    await self._call(_stop, container, grace)
                    await self._call(_delete, container)
                    node = container.labels.get(labels.NODE, "")
                    await self._call(self._networks.remove_unused, node)
                self._readiness.forget(instance_id)
                await self._call(functools.partial(shutil.rmtree, ignore_errors=True), directory)
            finally:
                self._removing.discard(instance_id)

    async def logs(
        self, instance_id: str, *, follow: bool = False, tail: int | None = None
    ) -> AsyncIterator[str]:
        """Yield log lines, oldest first: of the making first, then of the container.

        Raises:
            NotFound: there is no such instance.
        """
        container = await self._call(self._find, instance_id)
        start = self._starts.get(instance_id)
        if container is None and start is None:
            raise NotFound(f"There is no instance {instance_id!r}.")
        if container is None and start is not None:
            if not follow:
                for line in await self._call(start.log.tail, tail):
                    yield line
                return
            async for line in start.lines(tail):
                yield line
            tail = None
            container = await self._call(self._find, instance_id)
        if container is not None:
            async for line in logs.lines(container, follow=follow, tail=tail):
                yield line

    async def stats(self, instance_id: str) -> dict[str, Any]:
        """Return ``cpu_seconds``, ``memory_bytes``, ``processes`` of a running instance.

        Raises:
            NotFound: it does not run.
        """
        return await self._call(self._stats, instance_id)

    def capabilities(self) -> Capabilities:
        """Return what this backend can do."""
        return Capabilities(
            name="docker",
            docker_nodes=True,
            missing={"zones": "this backend has the zone 'local' only"},
        )

    async def close(self) -> None:
        """Close connections; the instances go on."""
        for start in self._starts.values():
            await start.cancel()
        self._starts.clear()
        self._readiness.close()
        await self._images.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.close()

    # --- what blocks ---

    async def _call(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do in a thread what asks the engine.

        Raises:
            Unavailable: it does not answer.
            Internal: it refuses.
        """
        task = functools.partial(work, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, task)
        except APIError as error:
            raise Internal(f"The Docker engine refused: {words(error)}.") from error
        except (DockerException, RequestException) as error:
            raise Unavailable(f"The Docker engine does not answer: {words(error)}.") from error
        except OSError as error:
            raise Internal(f"This machine refused: {error}.") from error

    def _make(self, spec: InstanceSpec, tell: Tell) -> None:
        if isinstance(spec.workload, ImageWorkload):
            container = self._make_image(spec, spec.workload, tell)
        else:
            container = self._make_cell(spec, spec.workload, tell)
        try:
            if isinstance(spec.workload, ImageWorkload):
                self._images.connect(spec, container)
            container.start()
        except DockerException:
            _delete(container)
            raise

    def _make_cell(self, spec: InstanceSpec, workload: CellWorkload, tell: Tell) -> Container:
        environment = self._environments.ensure(workload, tell)
        self._owner.let_read(workload.bundle)
        limits = containers.Limits.of(spec.resources, self._machine, environment.note)
        out = self._networks.ensure(spec.node_id, internal=False) if spec.egress else None
        run = self._owner.make(self._directory(spec.instance_id) / "run")
        self._owner.let_pass(run.parent)  # the gateway's container comes this way
        tell("Starting the container")
        return self._engine.containers.create(
            **containers.options(
                spec, limits, self._owner, home=self._home.id, network=out.name if out else None
            ),
            **containers.of_cell(workload, environment, run, spec.environment),
        )

    def _make_image(self, spec: InstanceSpec, workload: ImageWorkload, tell: Tell) -> Container:
        image, note = self._images.obtain(spec, workload, tell)
        limits = containers.Limits.of(spec.resources, self._machine, note)
        tell("Starting the container")
        options = containers.options(spec, limits, self._owner, home=self._home.id, network=None)
        options["labels"] |= self._images.label(workload)
        return self._engine.containers.create(
            **options | self._images.options(spec, workload, image, limits)
        )

    def _list(self, node_id: str | None) -> list[Container]:
        wanted = [f"{labels.HOME}={self._home.id}"]
        if node_id is not None:
            wanted.append(f"{labels.NODE}={node_id}")
        return self._engine.containers.list(
            all=True, ignore_removed=True, filters={"label": wanted}
        )

    def _find(self, instance_id: str) -> Container | None:
        found = self._engine.containers.list(
            all=True,
            ignore_removed=True,
            filters={
                "label": [f"{labels.HOME}={self._home.id}", f"{labels.INSTANCE}={instance_id}"]
            },
        )
        return found[0] if found else None

    def _stats(self, instance_id: str) -> dict[str, Any]:
        container = self._find(instance_id)
        if container is None or container.status != "running":
            raise NotFound(f"There is no instance {instance_id!r} that runs.")
        found = self._engine.api.stats(str(container.id), stream=False, one_shot=True)
        memory = found["memory_stats"]
        cache = memory.get("stats", {}).get("total_inactive_file", 0)
        return {
            "cpu_seconds": found["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
            "memory_bytes": max(0, memory.get("usage", 0) - cache),
            "processes": found["pids_stats"].get("current", 0),
        }

    def _tidy(self) -> None:
        """Delete what crashes have left over."""
        if not self._starts:
            mine = f"{labels.BUILD}={self._home.id}"
            for container in self._engine.containers.list(
                all=True, ignore_removed=True, filters={"label": mine}
            ):
                if container.status in ("exited", "created"):
                    _delete(container)
            for place in self._home.cache.glob("install-*"):  # they may hold credentials
                if time.time() - place.stat().st_mtime > _LEFT_OVER_AFTER:
                    shutil.rmtree(place, ignore_errors=True)
        found = self._list(None)
        there = {one.labels.get(labels.INSTANCE) for one in found} | {*self._starts}
        starting = {one.node_id for one in list(self._starts.values())}
        in_use = {one.labels.get(labels.NODE, "") for one in found} | starting
        self._networks.tidy(in_use, older=_LEFT_OVER_AFTER)
        for place in self._home.instances.iterdir():
            old = time.time() - place.stat().st_mtime > _LEFT_OVER_AFTER
            if old and place.name not in there and (place / "run").exists():
                shutil.rmtree(place, ignore_errors=True)

    # --- what is seen ---

    async def _observe(self, container: Container) -> ObservedInstance:
        state, tags = container.attrs["State"], container.labels
        instance_id = tags[labels.INSTANCE]
        started_at = _seconds(state["StartedAt"])
        seen = functools.partial(
            ObservedInstance,
            instance_id=instance_id,
            node_id=tags[labels.NODE],
            revision=int(tags[labels.REVISION]),
            started_at=started_at,
            notes=(*json.loads(tags[labels.NOTES]), *self._shortages.notes(instance_id)),
        )
        if instance_id in self._removing or state["Status"] == "removing":
            return seen(status=InstanceStatus.DELETING)
        if state["Status"] == "created" and instance_id in self._starts:
            return seen(status=InstanceStatus.CREATED)
        if state["Status"] == "paused":
            reason = "Somebody has paused its container: docker unpause makes it go on."
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason)
        if state["Status"] != "running":
            reason = await self._call(_why_ended, container)
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason, exited=True)
        if labels.WORKLOAD in tags:
            await self._call(self._shortages.refresh)
            address, verdict = await self._images.ask(container, started_at or time.time())
            return seen(
                status=verdict.status,
                reason=verdict.reason,
                address=address,
                checked_at=verdict.checked_at,
            )
        if await self._call(_size, self._directory(instance_id) / "run") > _RUN_BYTES:
            await self._call(container.kill)
            reason = "It was ended because it wrote files where only its socket belongs."
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason, exited=True)
        await self._call(self._shortages.refresh)
        address = f"unix:{self._socket(instance_id)}"
        answer = await self._readiness.ask(instance_id, address, started_at or 0.0)
        status, reason, gave_up = answer
        if status is InstanceStatus.UNHEALTHY:
            # Perhaps it is just ending: its socket closes a moment before it is gone.
            with contextlib.suppress(Internal):
                await self._call(container.reload)
            if container.attrs["State"]["Status"] != "running":
                return await self._observe(container)
        return seen(status=status, reason=reason, exited=gave_up, address=address)

    def _directory(self, instance_id: str) -> Path:
        if not instance_id or "/" in instance_id or instance_id.startswith("."):
            raise NotFound(f"There is no instance {instance_id!r}.")
        return self._home.instances / instance_id

    def _socket(self, instance_id: str) -> Path:
        return self._directory(instance_id) / "run" / containers.SOCKET

    def _lock(self, instance_id: str) -> asyncio.Lock:
        return self._locks.setdefault(instance_id, asyncio.Lock())


def _clear(directory: Path) -> None:
    """Make an instance's directory anew."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700, parents=True)


def _delete(container: Container) -> None:
    with contextlib.suppress(Absent):
        container.remove(force=True, v=True)


def _stop(container: Container, grace: float) -> None:
    with contextlib.suppress(Absent):
        container.stop(timeout=int(grace))


def _seconds(time_: str) -> float | None:
    """Return Unix seconds of the engine's time; None if it is not set."""
    return None if time_.startswith("0001-") else datetime.fromisoformat(time_).timestamp()


def _size(directory: Path) -> int:
    """Return the bytes that are in a directory."""
    total = 0
    for place in directory.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += place.lstat().st_size
    return total


def _why_ended(container: Container) -> str:
    """Say why a container does not run, with the last lines of its log."""
    state = container.attrs["State"]
    if state.get("OOMKilled"):
        words_ = "The container reached its memory limit, and was killed."
    elif state.get("Error"):
        words_ = f"The container could not be started: {state['Error']}."
    else:
        words_ = f"The container has ended with exit status {state['ExitCode']}."
    with contextlib.suppress(DockerException):
        tail = container.logs(tail=_REASON_LINES).decode(errors="replace").strip()
        if tail:
            return f"{words_}{advice(container, tail)} Its last lines:\n{tail}"
    return words_
