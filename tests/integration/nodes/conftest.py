"""The control plane without a Jupyter server: catalog, gateway, backend, reconciler, nodes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from jupyter_client.multikernelmanager import AsyncMultiKernelManager

from jupyter_node_deploy.backends.base import Backend, BackendSettings, InstanceStatus
from jupyter_node_deploy.backends.process.backend import ProcessBackend
from jupyter_node_deploy.catalog import checkpoints as checkpoint_rows
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.checkpoints.kernels import Kernels
from jupyter_node_deploy.checkpoints.provisioner import AgentSettings
from jupyter_node_deploy.checkpoints.rows import to_row
from jupyter_node_deploy.gateway.choice import Asked
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import Limits
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.ids import new_id
from jupyter_node_deploy.namespace.manifest import LocalFile, PythonInfo, VariableInfo
from jupyter_node_deploy.nodes.bundle.export import BASE_IMAGE
from jupyter_node_deploy.nodes.bundle.store import BundleStore
from jupyter_node_deploy.services import Settings, build
from jupyter_node_deploy.specs import CellSpec, NodeCreate, Provisioning, Variable
from jupyter_node_deploy.specs.configuration import CONFIGURATIONS

from ...support import manifests
from ...support.randomizer import INPUT, RANDOMIZER


class Census:
    """Counts a node's instances again and again, as the backend shows them.

    Attributes:
        fewest: healthy ones at a time.
        rising: instances of a revision at a time that were not healthy yet, by revision.
    """

    def __init__(self) -> None:
        self.fewest, self.rising = sys.maxsize, dict[int, int]()

    async def take(self, backend: Backend, node_id: str, done: asyncio.Event) -> None:
        """Count until it is done."""
        while not done.is_set():
            seen = await backend.observe(node_id)
            working = [one for one in seen if one.status is not InstanceStatus.DELETING]
            healthy = [one for one in working if one.status is InstanceStatus.HEALTHY]
            rising = Counter(one.revision for one in working if one not in healthy)
            self.fewest = min(self.fewest, len(healthy))
            for revision, count in rising.items():
                self.rising[revision] = max(count, self.rising.get(revision, 0))
            await asyncio.sleep(0.02)


class ControlPlane:
    """The services of a directory, and the events of its nodes."""

    def __init__(
        self, root: Path, make_backend: Callable[[Home], Backend] = ProcessBackend
    ) -> None:
        self.home = Home(root)
        self.home.create()
        self.events: list[dict[str, Any]] = []
        self.catalog = Catalog(f"sqlite:///{self.home.catalog}")
        kernels = Kernels(AgentSettings(self.home), AsyncMultiKernelManager(), None)
        self.backend = make_backend(self.home)
        launcher = ProcessLauncher(self.home.gateway / "haproxy")
        ignore, told = (lambda event: None), (lambda event: self.events.append(dict(event)))
        emitter: Any = SimpleNamespace(checkpoint=ignore, secret=ignore, node=told)
        settings = Settings(
            home=self.home,
            catalog_url=f"sqlite:///{self.home.catalog}",
            keep_checkpoints=10,
            checkpoint_budget=1024**3,
            backend="process",
            backend_settings=BackendSettings(BASE_IMAGE),
            gateway=Asked("process", "127.0.0.1", "", "", BASE_IMAGE, "", ""),
            gateway_port=0,
            limits=Limits(),
            stop_nodes_on_exit=None,
            configurations=CONFIGURATIONS,
            zones=[],
        )
        built = build(settings, self.catalog, self.backend, launcher, kernels, emitter)
        self.checkpoints, self.nodes, self.secrets = built.checkpoints, built.nodes, built.secrets
        self.folders, self.tokens, self.aliases = built.folders, built.tokens, built.aliases
        self.forms, self.strays = built.forms, built.strays
        self.bundles = BundleStore(self.home.bundles)
        self.gateway, self.reconciler, self.watch = built.gateway, built.reconciler, built.watch
        self.checkpoints._grace = 0.0

    async def start(self, *, gateway: bool = True) -> None:
        await self.catalog.upgrade()
        if gateway:
            await self.gateway.start()
        self.watch.start()
        await self.reconciler.start()

    async def stop(self, *, remove_instances: bool = True) -> None:
        await self.reconciler.stop(remove_instances=remove_instances)
        await self.watch.stop()
        if remove_instances:
            await self.gateway.stop()
        else:
            await self.gateway.close()
        await self.backend.close()
        self.catalog.close()

    async def checkpoint(
        self,
        cell: str,
        values: dict[str, Any] | None = None,
        *,
        results: dict[str, Any] | None = None,
        name: str | None = "pinned",
        lost: dict[str, str] | None = None,
        files: dict[str, str] | None = None,
        info: dict[str, Any] | None = None,
        cwd: Path | None = None,
        notebook: str | None = "randomizer.ipynb",
    ) -> str:
        """Put a checkpoint of plain values into the catalog as a kernel's agent would.

        The cell reads ``values``; ``results`` are what it has set.
        """
        values = values or {}
        everything = {**values, **(results or {})}
        python = PythonInfo(
            executable=sys.executable, version="{}.{}.{}".format(*sys.version_info), path=sys.path
        )
        lost_infos = [
            VariableInfo(name=key, type="object", reason=reason)
            for key, reason in (lost or {}).items()
        ]
        manifest = manifests.manifest(
            {"source": cell, "free": list(values), **(info or {})},
            id=new_id(),
            code=cell,
            created_at=time.time(),
            cwd=str(cwd or ""),
            python=python,
            variables=[*(manifests.info(*one) for one in everything.items()), *lost_infos],
            groups=[manifests.stored(self.checkpoints.blobs, *one) for one in everything.items()],
            files=[
                LocalFile(module=Path(path).stem, path=path, blob=self.blob(text.encode()))
                for path, text in (files or {}).items()
            ],
        )
        await self.catalog.write(
            checkpoint_rows.add,
            to_row(manifest, [], notebook, 1),
            dict.fromkeys(manifest.blobs(), 1),
        )
        if name is not None:
            await self.checkpoints.pin(manifest.id, name)
        return manifest.id

    def blob(self, content: bytes) -> str:
        return manifests.put(self.checkpoints.blobs, content)

    async def randomizer(self, name: str = "randomizer", **more: Any) -> NodeCreate:
        """Return the form of the randomizer, with a checkpoint of its own."""
        checkpoint = await self.checkpoint(RANDOMIZER, INPUT, name=new_id())
        return form(name, checkpoint, ["input_data:dict"], ["output_data:dict"], **more)

    async def call(self, node_id: str, given: Any, token: str | None = None) -> httpx.Response:
        """Send a request through the gateway."""
        token = token or (await self.tokens.issue()).token
        url = f"{self.gateway.url}/v1/nodes/{node_id}:execute"
        async with httpx.AsyncClient() as client:
            return await client.post(
                url, json={"input": given}, headers={"authorization": f"Bearer {token}"}
            )

    async def processes(self) -> set[int]:
        """Return the ids of all processes of instances of this home."""
        import psutil

        found = set()
        for process in psutil.process_iter():
            try:
                mark = process.environ().get("NODE_DEPLOY_INSTANCE", "")
            except psutil.Error:
                continue
            if mark.startswith(str(self.home.instances)):
                found.add(process.pid)
        return found


def form(
    name: str,
    checkpoint: str,
    inputs: list[str],
    outputs: list[str],
    *,
    instances: int = 1,
    acl: list[str] | None = None,
    description: str = "",
    **spec: Any,
) -> NodeCreate:
    """Return a form; variables as ``name:type``."""

    def variables(many: list[str]) -> list[Variable]:
        pairs = (one.split(":") for one in many)
        return [Variable(name=one, type=kind) for one, kind in pairs]

    return NodeCreate(
        name=name,
        description=description,
        acl=acl,
        cell=CellSpec(
            checkpoint=checkpoint,
            inputs=variables(inputs),
            outputs=variables(outputs),
            **{"workers": 1, **spec},
        ),
        provisioning=Provisioning(instances=instances),
    )


@asynccontextmanager
async def control_plane(root: Path, **kwargs: Any) -> AsyncIterator[ControlPlane]:
    """A control plane that runs, and takes everything along at the end."""
    plane = ControlPlane(root)
    await plane.start(**kwargs)
    try:
        yield plane
    finally:
        await plane.stop()


@pytest.fixture
async def plane(tmp_path: Path) -> AsyncIterator[ControlPlane]:
    async with control_plane(tmp_path / "home") as running:
        yield running


@pytest.fixture(autouse=True)
def _server_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "of the server")
    monkeypatch.setenv("JPY_API_TOKEN", "of the hub")
    assert "JUPYTER_TOKEN" in os.environ
