"""Instance configurations: how much an instance may use, under a name."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from . import Strict

_GB = 1000**3


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


class Configuration(Strict):
    """A size of instances that nodes can be given; the process backend sets no limits by it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,31}$")
    cores: int = Field(ge=1)
    memory_gb: float = Field(gt=0, description="Gigabytes (1000^3 bytes).")
    gpus: int = Field(default=0, ge=0)

    @property
    def resources(self) -> Resources:
        """What an instance of this size may use."""
        return Resources(self.cores, int(self.memory_gb * _GB), self.gpus)


#: On offer unless configured otherwise.
CONFIGURATIONS = (
    Configuration(id="c1.4", cores=4, memory_gb=32),
    Configuration(id="c1.8", cores=8, memory_gb=64),
    Configuration(id="c1.32", cores=32, memory_gb=256),
    Configuration(id="c1.80", cores=80, memory_gb=640),
)
