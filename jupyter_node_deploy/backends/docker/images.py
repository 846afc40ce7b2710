"""Instances of any image: how their containers differ from those of cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from docker import DockerClient
from docker.models.containers import Container
from docker.models.images import Image

from ...errors import Message
from ...specs import Endpoint, Healthcheck
from ..base import ImageWorkload, InstanceSpec
from ..health import Check, HealthMonitor, Verdict
from . import labels, pull, users
from .containers import TMP, Limits, tmpfs
from .networks import Networks
from .owner import Owner

_RIGHTS = re.compile(
    r"permission denied|read-only file system|operation not permitted", re.IGNORECASE
)


class Images:
    """Knows how images are got, run and asked for their health.

    Args:
        engine: where.
        home: id of the home.
        owner: whom they run as if they would be root.
        networks: what they are reached by.
    """

    def __init__(self, engine: DockerClient, home: str, owner: Owner, networks: Networks) -> None:
        self._engine = engine
        self._home = home
        self._owner = owner
        self._networks = networks
        self._monitor = HealthMonitor()

    def obtain(
        self, spec: InstanceSpec, workload: ImageWorkload, tell: pull.Tell
    ) -> tuple[Image, str]:
        """Return the image and a note: what the revision's other instances run, if there are some.

        Raises:
            NodeDeployError: as for ``pull.obtain``.
        """
        wanted = {labels.HOME: self._home, labels.NODE: spec.node_id}
        wanted[labels.REVISION] = str(spec.revision)
        filters = {"label": [f"{name}={value}" for name, value in wanted.items()]}
        for sibling in self._engine.api.containers(all=True, filters=filters):
            if (found := pull.find(self._engine, sibling["ImageID"])) is not None:
                return found, ""
        return pull.obtain(self._engine, workload.image, tell)

    def options(
        self,
        spec: InstanceSpec,
        workload: ImageWorkload,
        image: Image,
        limits: Limits,
        common: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return what an image's container has of its own, or otherwise than all have in common.

        An image that would run as root runs as the owner. It may write to ``/run``, too.
        """
        configuration = image.attrs.get("Config") or {}
        user = str(configuration.get("User") or "")
        if user:
            user = users.numeric(self._engine, image, user, self._home)
        is_root = user.partition(":")[0] in ("", "0", "root")
        user = self._owner.user if is_root else user
        declared = {one.partition("=")[0] for one in configuration.get("Env") or ()}
        home = {"HOME": TMP} if is_root and "HOME" not in declared else {}
        found: dict[str, Any] = {
            "user": user,
            "environment": {**home, **spec.environment},
            "tmpfs": dict.fromkeys([*common["tmpfs"], "/run"], tmpfs(limits, user)),
            "network_mode": None,
            "network": self._networks.ensure(spec.node_id, internal=True).name,
        }
        if workload.command is not None:
            found["command"] = list(workload.command)
        return found

    def label(self, workload: ImageWorkload) -> dict[str, str]:
        """Return the labels that tell how the instance is asked, whatever server will ask."""
        check = workload.healthcheck
        told = {
            "endpoint": workload.endpoint.model_dump(),
            "healthcheck": None if check is None else check.model_dump(),
        }
        return {labels.WORKLOAD: json.dumps(told)}

    def connect(self, spec: InstanceSpec, container: Container) -> None:
        """Give a container its way out, if it may have one."""
        if spec.egress:
            self._networks.ensure(spec.node_id, internal=False).connect(container)

    async def ask(self, container: Container, started_at: float) -> tuple[str, Verdict]:
        """Return the address of an instance and what is known of its health."""
        told = json.loads(container.labels[labels.WORKLOAD])
        endpoint = Endpoint.model_validate(told["endpoint"])
        declared = None
        if told["healthcheck"] is not None:
            declared = Healthcheck.model_validate(told["healthcheck"])
        name = self._networks.name(container.labels[labels.NODE], internal=True)
        host = container.attrs["NetworkSettings"]["Networks"][name]["IPAddress"]
        check = _check(endpoint, declared, host)
        verdict = await self._monitor.verdict(_key(container), check, started_at)
        return f"{host}:{endpoint.port}", verdict

    def keep(self, containers: Iterable[Container]) -> None:
        """Ask no others than these any more."""
        self._monitor.keep({_key(one) for one in containers})

    async def close(self) -> None:
        """Ask nobody any more."""
        await self._monitor.close()


def advice(container: Container, tail: str) -> str:
    """Return what to say of an image that ended because of its rights; empty if it did not."""
    if labels.WORKLOAD not in container.labels or not _RIGHTS.search(tail):
        return ""
    user = container.attrs["Config"]["User"]
    return Message(
        "It runs as user {user} with a read-only file system: it may write to {path}, /run and the "
        "volumes that the image declares. An image that needs another user names it with USER.",
        "IMAGE_LACKS_RIGHTS",
        user=user,
        path=TMP,
    )


def _check(endpoint: Endpoint, declared: Healthcheck | None, host: str) -> Check:
    if declared is None:
        return Check(f"{host}:{endpoint.port}")
    return Check(
        address=f"{host}:{declared.port}",
        type=declared.type,
        path=declared.target,
        http2=endpoint.speaks_http2(declared.port),
        timeout=declared.timeout,
        interval=declared.interval,
        fails=declared.fails_threshold,
        passes=declared.passes_threshold,
    )


def _key(container: Container) -> str:
    """Return what tells this run of a container from others."""
    return f"{container.id} {container.attrs['State']['StartedAt']}"
