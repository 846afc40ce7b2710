"""What is on offer: how much an instance may use, under a name, and where it can be put."""

from __future__ import annotations

from pydantic import Field

from .fields import Strict


class Configuration(Strict):
    """A size of instances that nodes can be given; the process backend sets no limits by it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,31}$")
    cores: int = Field(ge=1)
    memory_gb: float = Field(gt=0, description="Gigabytes (1000^3 bytes).")
    gpus: int = Field(default=0, ge=0)


class ZoneInfo(Strict):
    """A place where instances can be put."""

    id: str
    subnets: list[str] = []


#: On offer unless configured otherwise.
CONFIGURATIONS = (
    Configuration(id="c1.4", cores=4, memory_gb=32),
    Configuration(id="c1.8", cores=8, memory_gb=64),
    Configuration(id="c1.32", cores=32, memory_gb=256),
    Configuration(id="c1.80", cores=80, memory_gb=640),
)
