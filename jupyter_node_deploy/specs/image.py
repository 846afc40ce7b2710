"""A node that is any Docker image."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from .environment import Environment, RegistryAccess
from .fields import Port, Seconds, Strict
from .mounts import Mounts

_HTTP_PATH = r"^/[\x21-\x7e]*$"


class Endpoint(Strict, frozen=True):
    """Where a Docker node listens; times in seconds."""

    type: Literal["http", "http2", "grpc"] = Field(
        default="http", description="http2 and grpc: HTTP/2 without TLS (h2c)."
    )
    port: Port
    timeout: Seconds = Field(default=60.0, description="Until an answer begins.")
    idle_timeout: Seconds = Field(
        default=300.0, description="That a stream or a websocket may be silent."
    )

    def speaks_http2(self, port: int) -> bool:
        """Whether HTTP/2 without TLS is to be spoken at a port: only at such an endpoint."""
        return port == self.port and self.type != "http"


class Telemetry(Strict, frozen=True):
    """Where a Docker node shows its metrics."""

    type: Literal["prometheus"] = "prometheus"
    path: str = Field(default="/metrics", pattern=_HTTP_PATH, max_length=1024)
    port: Port


class Healthcheck(Strict, frozen=True):
    """How a Docker node's health is asked; times in seconds.

    An instance becomes healthy after ``passes_threshold`` good answers in a row, and unhealthy
    after ``fails_threshold`` bad ones. While it starts it is asked more often, so that a long
    interval makes no long start.
    """

    type: Literal["http", "grpc"] = "http"
    port: Port
    path: str = Field(
        default="/",
        max_length=1024,
        description="http: answered by 2xx or 3xx; grpc: name of the service for "
        "``grpc.health.v1``, by default the whole server.",
    )
    timeout: Seconds = 1.0
    interval: Seconds = 15.0
    fails_threshold: int = Field(default=3, ge=1, le=1000)
    passes_threshold: int = Field(default=3, ge=1, le=1000)

    @field_validator("path")
    @classmethod
    def _suits_the_type(cls, path: str, info: ValidationInfo) -> str:
        if info.data.get("type") == "grpc":
            if not re.fullmatch(r"/|[\w.-]*", path):
                raise ValueError("a gRPC health check takes the name of a service")
        elif not re.fullmatch(_HTTP_PATH, path):
            raise ValueError("a path begins with '/' and has no spaces")
        return path

    @property
    def target(self) -> str:
        """What is asked: the path, or for gRPC the service; empty for the server as a whole."""
        return self.path.removeprefix("/") if self.type == "grpc" else self.path


class DockerSpec(RegistryAccess):
    """A node that is any Docker image."""

    command: list[str] | None = Field(
        default=None, min_length=1, description="Instead of the image's own command."
    )
    env: Environment = []
    mounts: Mounts = Field(
        default=[],
        description="Files and directories of this machine that instances see; by default "
        "read-only.",
    )
    egress: bool = Field(
        default=False, description="Whether instances may open connections to other machines."
    )
    endpoint: Endpoint
    telemetry: Telemetry | None = None
    healthcheck: Healthcheck | None = Field(
        default=None, description="null: an instance is healthy when its port takes connections."
    )

    @property
    def answer_timeout(self) -> float:
        """Seconds until an answer begins."""
        return self.endpoint.timeout
