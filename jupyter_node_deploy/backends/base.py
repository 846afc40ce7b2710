"""What a place that runs instances must offer: spec in, observed state out, nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


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
class InstanceSpec:
    """One copy of a revision that should run.

    Attributes:
        instance_id: unique, chosen by the reconciler; makes ``ensure`` idempotent.
        node_id: the node it belongs to.
        revision: the revision's number.
        bundle: the bundle's directory.
        python: the interpreter that runs the cell.
        workers: worker processes.
    """

    instance_id: str
    node_id: str
    revision: int
    bundle: Path
    python: str
    workers: int


@dataclass(frozen=True)
class ObservedInstance:
    """What is there.

    Attributes:
        address: where it answers (``unix:/path`` or ``HOST:PORT``), None while unknown.
        reason: why it is not healthy, in words for the user.
        started_at: Unix seconds.
        exited: it has ended by itself and will not come back without ``ensure``.
    """

    instance_id: str
    node_id: str
    revision: int
    status: InstanceStatus
    reason: str = ""
    address: str | None = None
    started_at: float | None = None
    exited: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What the backend can do; ``missing`` maps a feature to what is missing for it."""

    name: str
    docker_nodes: bool = False
    missing: dict[str, str] = field(default_factory=dict)


class Backend(ABC):
    """A place that runs instances. Every method is idempotent."""

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
