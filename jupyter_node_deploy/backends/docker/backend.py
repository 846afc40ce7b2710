"""The Docker backend: an instance is a container that outlives the Jupyter server.

The engine is the truth: what a container is for stands in its labels, and containers without our
home's label do not exist for us. Only what is still being made for an instance is known to this
process alone; after a crash it is made again, from where it got to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Self

from docker import DockerClient
from docker.models.containers import Container

from ...home import Home
from ..base import (
    ONE_ZONE,
    Backend,
    BackendSettings,
    Capabilities,
    InstanceSpec,
    InstanceStatus,
    ObservedInstance,
    absent,
)
from . import labels, logs
from .calls import Calls
from .directories import Directories
from .engine import connect, delete, stop
from .environments.collection import Collector
from .environments.installer import Tell
from .factory import Factory
from .images import Images
from .leftovers import Leftovers
from .memory import Shortages
from .networks import Networks
from .observer import Observer
from .owner import Owner
from .start import Start

_TIDY_EVERY, _COLLECT_EVERY = 30.0, 3600.0


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
        owner = Owner.current()
        self._call = Calls()
        self._directories = Directories(home)
        self._networks = Networks(engine, home.id)
        self._images = Images(engine, home.id, owner, self._networks)
        self._factory = Factory(engine, home, owner, base, self._networks, self._images)
        shortages = Shortages(engine, home.id)
        self._observer = Observer(self._call, self._images, shortages, self._directories)
        self._leftovers = Leftovers(engine, home, self._networks, self._directories)
        self._starts: dict[str, Start] = {}
        self._removing: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._collector = Collector(engine, home)
        self._tidied = self._collected = float("-inf")

    @classmethod
    async def create(cls, home: Home, settings: BackendSettings) -> Self:
        """Make it, on this machine's engine.

        Raises:
            Unavailable: there is no engine that can be used.
        """
        engine = await asyncio.to_thread(connect)
        return await asyncio.to_thread(cls, home, engine, settings.base_image)

    async def ensure(self, spec: InstanceSpec) -> ObservedInstance:
        """Start the instance unless it runs or is being made; return at once.

        Raises:
            FailedPrecondition: the data directory's path is too long for a socket.
            Unavailable: the engine does not answer.
        """
        self._directories.socket(spec.instance_id)
        async with self._lock(spec.instance_id):
            start = self._starts.get(spec.instance_id)
            if start is not None and start.running:
                return start.observed()
            container = await self._call(self._find, spec.instance_id)
            if container is not None:
                seen = await self._observe(container)
                if seen.status is InstanceStatus.DELETING or not seen.exited:
                    return seen
                await self._call(delete, container)
            self._observer.forget(spec.instance_id)
            directory = await self._call(self._directories.clear, spec.instance_id)

            def make(tell: Tell) -> Awaitable[None]:
                return self._call(self._factory.make, spec, tell)

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
        async with self._lock(instance_id):
            self._removing.add(instance_id)
            try:
                if (start := self._starts.pop(instance_id, None)) is not None:
                    await start.cancel()
                await self._call(self._directories.mark_removing, instance_id)
                container = await self._call(self._find, instance_id)
                if container is not None:
                    await self._call(stop, container, grace)
                    await self._call(delete, container)
                    node = container.labels.get(labels.NODE, "")
                    await self._call(self._networks.remove_unused, node)
                self._observer.forget(instance_id)
                await self._call(self._directories.remove, instance_id)
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
            raise absent(instance_id)
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
            missing={"zones": ONE_ZONE},
        )

    async def close(self) -> None:
        """Close connections; the instances go on."""
        for start in self._starts.values():
            await start.cancel()
        self._starts.clear()
        self._observer.close()
        await self._images.close()
        self._call.close()
        self._engine.close()

    # --- what blocks ---

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
            raise absent(instance_id)
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
            self._leftovers.of_builds()
            if time.monotonic() - self._collected > _COLLECT_EVERY:
                self._collected = time.monotonic()
                self._collector.collect()
        found = self._list(None)
        starting = {one.node_id for one in list(self._starts.values())}
        self._leftovers.of_instances(
            {one.labels.get(labels.INSTANCE, "") for one in found} | {*self._starts},
            {one.labels.get(labels.NODE, "") for one in found} | starting,
        )

    async def _observe(self, container: Container) -> ObservedInstance:
        instance_id = container.labels[labels.INSTANCE]
        return await self._observer.observe(
            container,
            starting=instance_id in self._starts,
            removing=instance_id in self._removing,
        )

    def _lock(self, instance_id: str) -> asyncio.Lock:
        return self._locks.setdefault(instance_id, asyncio.Lock())
