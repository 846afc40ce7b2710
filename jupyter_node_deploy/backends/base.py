"""What a place that runs instances must offer: spec in, observed state out, nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from traitlets.config import Config

from ..errors import Message, NotFound
from ..home import Home
from ..namespace.difference import Difference
from ..specs import Endpoint, Healthcheck, Mount

#: What backends of one machine say of zones.
ONE_ZONE = Message("This backend has the zone 'local' only.", "ONE_ZONE")


def absent(instance_id: str) -> NotFound:
    """Return what is raised when an instance is asked for that is not there."""
    return NotFound(
        Message("There is no instance '{instance}'.", "INSTANCE_NOT_FOUND", instance=instance_id)
    )


class InstanceStatus(StrEnum):
    """Statuses of an instance."""

    UNDEFINED = "UNDEFINED"
    CREATED = "CREATED"
    STARTED = "STARTED"
    PREPARING = "PREPARING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    DELETING = "DELETING"


@dataclass(frozen=True)
class Resources:
    """What an instance may use; a backend clamps it to what its machine has, and says so.

    Attributes:
        cores: processor cores.
        memory_bytes: of all its processes together.
        gpus: devices that it needs.
    """

    cores: float
    memory_bytes: int
    gpus: int = 0


@dataclass(frozen=True)
class RegistryImage:
    """An image by its reference, with the registry's user and password if it asks for them."""

    reference: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CellWorkload:
    """A cell, run by our runtime.

    Attributes:
        bundle: the bundle's directory.
        python: the kernel's interpreter on this machine.
        python_version: its version, such as ``3.12.4``.
        workers: worker processes.
        image: an image of the user's to run it in; None: one that is made for it.
    """

    bundle: Path
    python: str
    python_version: str
    workers: int
    image: RegistryImage | None = None


@dataclass(frozen=True)
class ImageWorkload:
    """Any image.

    Attributes:
        command: instead of the image's own.
        healthcheck: None: healthy when the endpoint's port takes connections.
    """

    image: RegistryImage
    endpoint: Endpoint
    healthcheck: Healthcheck | None = None
    command: tuple[str, ...] | None = None


@dataclass(frozen=True)
class InstanceSpec:
    """One copy of a revision that should run.

    Attributes:
        instance_id: unique, chosen by the reconciler; makes ``ensure`` idempotent.
        node_id: the node it belongs to.
        revision: the revision's number.
        workload: what runs.
        resources: what it may use.
        environment: variables of its processes; some values are secrets, so they are never
            written to disk, logged or shown.
        egress: whether it may open connections to other machines.
        mounts: files and directories of this machine that it sees.
    """

    instance_id: str
    node_id: str
    revision: int
    workload: CellWorkload | ImageWorkload
    resources: Resources
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    egress: bool = False
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True)
class ObservedInstance:
    """What is there.

    Attributes:
        address: where it answers (``unix:/path`` or ``HOST:PORT``), None while unknown.
        reason: why it is not healthy, in words for the user.
        started_at: Unix seconds.
        exited: it has ended by itself and will not come back without ``ensure``.
        notes: what a user should know though nothing is wrong, such as a clamped limit.
        checked_at: Unix seconds of the last health check, where one is made from time to time.
        tries: of one that has ended: how often it may end like this until it is not started again;
            None: without end.
        differences: what its smoke test answered otherwise than the dry run.
    """

    instance_id: str
    node_id: str
    revision: int
    status: InstanceStatus
    reason: str = ""
    address: str | None = None
    started_at: float | None = None
    exited: bool = False
    notes: tuple[str, ...] = ()
    checked_at: float | None = None
    tries: int | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Capabilities:
    """What the backend can do; ``missing`` maps a feature to what is missing for it."""

    name: str
    docker_nodes: bool = False
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BackendSettings:
    """What a server tells the backend that it makes.

    Attributes:
        base_image: reference of the cells' base image, with ``{version}`` for Python's
            ``MAJOR.MINOR``.
        reason: why it is this backend, for whoever misses what others can do.
        config: the server's whole configuration, for settings of the backend's own, such as
            ``config.MyBackend.region`` or a traitlets ``Configurable``.
    """

    base_image: str
    reason: str = ""
    config: Config = field(default_factory=Config, repr=False)


class Backend(ABC):
    """A place that runs instances. Every method is idempotent."""

    @classmethod
    @abstractmethod
    async def create(cls, home: Home, settings: BackendSettings) -> Self:
        """Make the backend of a server, which does so once, when it starts.

        Args:
            home: the data directory; bundles are in it, and gateway and server look for nothing
                of an instance's but its address.

        Raises:
            Unavailable: it can't work; the message says why. The extension does not start then.
        """

    @abstractmethod
    async def ensure(self, spec: InstanceSpec) -> ObservedInstance:
        """Start the instance unless it runs; return at once with what is observed."""

    @abstractmethod
    async def observe(self, node_id: str | None = None) -> list[ObservedInstance]:
        """Return the instances that exist, of one node or of all."""

    @abstractmethod
    async def remove(self, instance_id: str, *, grace: float = 30.0) -> None:
        """Drain for at most ``grace`` seconds, stop and forget; fine if it is gone."""

    @abstractmethod
    def logs(
        self, instance_id: str, *, follow: bool = False, tail: int | None = None
    ) -> AsyncIterator[str]:
        """Yield log lines (without line ends), oldest first; ``follow`` goes on until closed."""

    @abstractmethod
    async def stats(self, instance_id: str) -> dict[str, Any]:
        """Return ``cpu_seconds``, ``memory_bytes``, ``processes`` of a running instance."""

    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Return what this backend can do."""

    async def close(self) -> None:  # noqa: B027 - nothing to let go of is fine
        """Let go of connections; the instances run on."""
