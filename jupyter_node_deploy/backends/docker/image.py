"""How any image is run: what differs from a cell's container."""

from __future__ import annotations

from typing import Any

from ..base import Endpoint, Healthcheck, ImageWorkload, InstanceSpec
from ..health import Check

#: User and group of an image that names none, or root: ``nonroot`` of distroless images.
USER = "65532:65532"
#: Bytes that a process may write to each of an image's places for data; they count as memory.
TMPFS_BYTES = 256 * 1024 * 1024


def settings(
    spec: InstanceSpec, workload: ImageWorkload, attributes: dict[str, Any]
) -> dict[str, Any]:
    """Return arguments of the engine's ``containers.create`` that an image needs.

    An image whose user is root runs as ``USER``: no process of a node is root. Its file system is
    read-only; ``/tmp``, ``/run`` and the volumes that it declares are in memory and end with it.

    Args:
        attributes: of the image, as the engine tells them.
    """
    configuration = attributes.get("Config") or {}
    user = str(configuration.get("User") or "")
    is_root = user.partition(":")[0] in ("", "0", "root")
    declared = dict(one.partition("=")[::2] for one in configuration.get("Env") or () if "=" in one)
    environment = dict(spec.environment)
    if is_root and "HOME" not in declared:
        environment.setdefault("HOME", "/tmp")  # noqa: S108 - the container's own
    places = ["/tmp", "/run", *(configuration.get("Volumes") or ())]  # noqa: S108
    found: dict[str, Any] = {
        "user": USER if is_root else user,
        "environment": environment,
        "tmpfs": dict.fromkeys(places, f"rw,nosuid,nodev,size={TMPFS_BYTES},mode=1777"),
    }
    if workload.command is not None:
        found["command"] = list(workload.command)
    return found


def check(endpoint: Endpoint, declared: Healthcheck | None, host: str) -> Check:
    """Return how an instance's health is asked.

    Args:
        host: its IP address.
    """
    if declared is None:
        return Check(f"{host}:{endpoint.port}")
    return Check(
        address=f"{host}:{declared.port}",
        type=declared.type,
        path=declared.path,
        http2=declared.port == endpoint.port and endpoint.type != "http",
        timeout=declared.timeout,
        interval=declared.interval,
        fails=declared.fails_threshold,
        passes=declared.passes_threshold,
    )
