"""What a backend is asked to run: made from a revision's row."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...access.secrets import SecretService
from ...backends.base import (
    CellWorkload,
    ImageWorkload,
    InstanceSpec,
    ObservedInstance,
    RegistryImage,
    Resources,
)
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...errors import DataLoss, FailedPrecondition, Message
from ...specs import DockerSpec, RegistryAccess
from ...specs.configuration import CONFIGURATIONS, Configuration
from .. import secret_values
from ..bundle.store import BundleStore, missing
from .route import workers

_GB = 1000**3


class InstanceSpecs:
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
        self._resources = {one.id: _resources(one) for one in configurations}

    async def of(
        self, node: NodeRecord, revision: RevisionRecord, instance_id: str
    ) -> InstanceSpec:
        """Return the spec of one copy of a revision.

        Raises:
            FailedPrecondition: its configuration is not on offer any more.
            NotFound: a secret that it needs is gone.
            DataLoss: its bundle is, or a secret can't be decrypted.
        """
        size = revision.spec.provisioning.configuration
        if size not in self._resources:
            raise FailedPrecondition(
                Message(
                    "The configuration '{configuration}' is not on offer any more. Update the node "
                    "to one of {offers}.",
                    "CONFIGURATION_NOT_OFFERED",
                    configuration=size,
                    offers=list(self._resources),
                )
            )
        part = revision.spec.part
        return InstanceSpec(
            instance_id=instance_id,
            node_id=node.id,
            revision=revision.number,
            workload=await self._workload(node, revision),
            resources=self._resources[size],
            environment=await secret_values.variables(part, node.folder, self._secrets),
            egress=part.egress,
            mounts=tuple(part.mounts),
        )

    async def concealed(
        self,
        instances: Iterable[ObservedInstance],
        nodes: Iterable[NodeRecord],
        revisions: Mapping[str, Iterable[RevisionRecord]],
    ) -> list[ObservedInstance]:
        """Return instances that say nothing of the values of their secrets.

        What they say is kept in the catalog, and told those who call the node.
        """
        known = {node.id: node for node in nodes}
        found = []
        for one in instances:
            node = known.get(one.node_id) if one.reason else None
            for revision in revisions.get(one.node_id, ()) if node is not None else ():
                if revision.number == one.revision and not revision.damage and node is not None:
                    part = revision.spec.part
                    values = await secret_values.of(part, node.folder, self._secrets)
                    reason = secret_values.concealed(one.reason, values)
                    one = dataclasses.replace(one, reason=reason)
            found.append(one)
        return found

    async def _workload(
        self, node: NodeRecord, revision: RevisionRecord
    ) -> CellWorkload | ImageWorkload:
        part = revision.spec.part
        if isinstance(part, DockerSpec):
            return ImageWorkload(
                image=await self._image(part, node.folder),
                endpoint=part.endpoint,
                healthcheck=part.healthcheck,
                command=None if part.command is None else tuple(part.command),
            )
        bundle = self._bundles.path(node.id, revision.number)
        return CellWorkload(
            bundle=bundle,
            python=revision.spec.python or "python3",
            python_version=await asyncio.to_thread(python_version, bundle),
            workers=workers(part),
            image=await self._image(part.image, node.folder) if part.image else None,
        )

    async def _image(self, access: RegistryAccess, folder: str) -> RegistryImage:
        secret = await secret_values.password(access, folder, self._secrets)
        return RegistryImage(access.image, access.username, secret)


def _resources(size: Configuration) -> Resources:
    return Resources(size.cores, int(size.memory_gb * _GB), size.gpus)


def python_version(bundle: Path) -> str:
    """Return the version of Python that a bundle's state was made with.

    Raises:
        DataLoss: the bundle is damaged.
    """
    try:
        return str(json.loads((bundle / "node.json").read_bytes())["python"]["version"])
    except OSError as error:
        raise missing(int(bundle.name)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataLoss(f"node.json is broken in the bundle {bundle}: {error}.") from error
