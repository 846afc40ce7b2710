"""What a backend is asked to run: made from a revision's row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from ...access.secrets import SecretService
from ...backends.base import (
    CellWorkload,
    Endpoint,
    Healthcheck,
    ImageWorkload,
    InstanceSpec,
    RegistryImage,
    Telemetry,
)
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...errors import DataLoss, FailedPrecondition, Message
from ...specs import CellSpec, DockerSpec, Provisioning, RegistryAccess
from ...specs.configuration import CONFIGURATIONS, Configuration
from ..bundle.store import BundleStore
from ..secret_values import environment, password
from .route import workers


class Workloads:
    """Makes the specs of instances.

    Args:
        bundles: where the cells' bundles are.
        secrets: for environments and registries.
        configurations: sizes on offer.
    """

    def __init__(
        self,
        bundles: BundleStore,
        secrets: SecretService,
        configurations: Iterable[Configuration] = CONFIGURATIONS,
    ) -> None:
        self._bundles = bundles
        self._secrets = secrets
        self._resources = {one.id: one.resources for one in configurations}

    async def of(
        self, node: NodeRecord, revision: RevisionRecord, instance_id: str
    ) -> InstanceSpec:
        """Return the spec of one copy of a revision.

        Raises:
            FailedPrecondition: its configuration is not on offer any more.
            NotFound: a secret that it needs is gone.
            DataLoss: its bundle is, or a secret can't be decrypted.
        """
        size = Provisioning.model_validate(revision.spec.get("provisioning") or {}).configuration
        if size not in self._resources:
            offers = ", ".join(self._resources)
            raise FailedPrecondition(
                Message(
                    f"The configuration {size!r} is not on offer any more. Update the node to one "
                    f"of {offers}.",
                    "CONFIGURATION_NOT_OFFERED",
                    configuration=size,
                )
            )
        spec = _spec_of(revision)
        return InstanceSpec(
            instance_id=instance_id,
            node_id=node.id,
            revision=revision.number,
            workload=await self._workload(node, revision, spec),
            resources=self._resources[size],
            environment=await environment(spec, node.folder, self._secrets),
            egress=spec.egress,
        )

    async def _workload(
        self, node: NodeRecord, revision: RevisionRecord, spec: CellSpec | DockerSpec
    ) -> CellWorkload | ImageWorkload:
        if isinstance(spec, DockerSpec):
            image = await self._image(spec, node.folder)
            health, telemetry = spec.healthcheck, spec.telemetry
            if health is not None and health.type == "grpc":
                health = health.model_copy(update={"path": health.service})
            return ImageWorkload(
                image=image,
                endpoint=Endpoint(**spec.endpoint.model_dump()),
                telemetry=Telemetry(telemetry.path, telemetry.port) if telemetry else None,
                healthcheck=Healthcheck(**health.model_dump()) if health else None,
                command=None if spec.command is None else tuple(spec.command),
            )
        bundle = self._bundles.path(node.id, revision.number)
        return CellWorkload(
            bundle=bundle,
            python=revision.spec.get("python") or "python3",
            python_version=await asyncio.to_thread(python_version, bundle),
            workers=workers(revision.spec["cell"]),
            image=await self._image(spec.image, node.folder) if spec.image else None,
        )

    async def _image(self, access: RegistryAccess, folder: str) -> RegistryImage:
        secret = await password(access, folder, self._secrets)
        return RegistryImage(access.image, access.username, secret)


def _spec_of(revision: RevisionRecord) -> CellSpec | DockerSpec:
    if revision.spec.get("docker") is not None:
        return DockerSpec.model_validate(revision.spec["docker"])
    return CellSpec.model_validate(revision.spec["cell"])


def python_version(bundle: Path) -> str:
    """Return the version of Python that a bundle's state was made with.

    Raises:
        DataLoss: the bundle is damaged.
    """
    try:
        return str(json.loads((bundle / "node.json").read_bytes())["python"]["version"])
    except OSError as error:
        raise DataLoss(
            Message(f"The bundle {bundle} is missing: {error}.", "BUNDLE_MISSING")
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataLoss(f"node.json is broken in the bundle {bundle}: {error}.") from error
