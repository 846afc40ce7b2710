"""The services of a home: built once, started in order, stopped backwards whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jupyter_events import EventLogger

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.secrets import SecretService
from jupyter_node_deploy.backends.base import BackendSettings
from jupyter_node_deploy.backends.process.backend import ProcessBackend
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.checkpoints.kernels import Kernels
from jupyter_node_deploy.checkpoints.provisioner import AgentSettings
from jupyter_node_deploy.checkpoints.service import CheckpointService
from jupyter_node_deploy.errors import FailedPrecondition, Unavailable
from jupyter_node_deploy.events.emitter import Emitter
from jupyter_node_deploy.events.watch import Watch
from jupyter_node_deploy.gateway.choice import Asked
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.routes import Limits
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.nodes.bundle.builder import BundleBuilder
from jupyter_node_deploy.nodes.bundle.store import BundleStore
from jupyter_node_deploy.nodes.reconcile.instance_specs import InstanceSpecs
from jupyter_node_deploy.nodes.reconcile.reconciler import Reconciler
from jupyter_node_deploy.nodes.service import NodeService
from jupyter_node_deploy.services import Services, Settings, running
from jupyter_node_deploy.specs.configuration import CONFIGURATIONS

BACKWARDS = ["reconciler", "watch", "checkpoints", "gateway", "backend", "catalog"]


class NoKernels:
    """A kernel manager that runs none."""

    def list_kernel_ids(self) -> list[str]:
        return []


class Bench:
    """Runs the services without HAProxy; notes what was stopped."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
        self.stopped: list[str] = []
        self.built: Counter[str] = Counter()
        self._patch = monkeypatch
        base = "python:{version}-slim"
        settings: dict[str, Any] = {
            "home": home,
            "catalog_url": f"sqlite:///{home.catalog}",
            "keep_checkpoints": 10,
            "checkpoint_budget": 1024**3,
            "backend": "process",
            "backend_settings": BackendSettings(base),
            "gateway": Asked("process", "127.0.0.1", "", "", base, "", ""),
            "gateway_port": 0,
            "limits": Limits(),
            "stop_nodes_on_exit": None,
            "configurations": CONFIGURATIONS,
            "zones": [],
        }
        self._settings = Settings(**settings | changes)

        async def start(_: GatewayControl) -> None:
            raise Unavailable("There is no HAProxy.")

        monkeypatch.setattr(GatewayControl, "start", start)
        for name, owner, method in (
            ("reconciler", Reconciler, "stop"),
            ("watch", Watch, "stop"),
            ("checkpoints", CheckpointService, "stop"),
            ("gateway", GatewayControl, "stop"),
            ("backend", ProcessBackend, "close"),
            ("catalog", Catalog, "close"),
        ):
            self._note_end(name, owner, method)

    def _note_end(self, name: str, owner: Any, method: str) -> None:
        original = getattr(owner, method)

        def end(service: Any, **kwargs: Any) -> Any:
            self.stopped.append(name)
            return original(service, **kwargs)

        self._patch.setattr(owner, method, end)

    def count(self, *classes: type) -> None:
        """Count how often these are built."""
        for one in classes:
            original = getattr(one, "__init__")  # noqa: B009 - mypy: of a class that is known

            def init(
                service: Any, *args: Any, _original: Any = original, _of: type = one, **kwargs: Any
            ) -> None:
                self.built[_of.__name__] += 1
                _original(service, *args, **kwargs)

            self._patch.setattr(one, "__init__", init)

    def run(self) -> Any:
        kernels = Kernels(AgentSettings(self._settings.home), NoKernels(), None)
        log = logging.getLogger("test")
        return running(self._settings, kernels, Emitter(EventLogger()), log)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(Home(tmp_path / "home"), monkeypatch)


async def test_each_service_is_built_once(bench: Bench) -> None:
    classes = (BundleBuilder, BlobStore, BundleStore, Catalog, CheckpointService, FolderService)
    more = (GatewayControl, NodeService, Reconciler, SecretService, InstanceSpecs, Watch)
    bench.count(*classes, *more)
    async with bench.run():
        pass
    assert bench.built == {one.__name__: 1 for one in (*classes, *more)}


async def test_they_are_stopped_backwards(bench: Bench) -> None:
    async with bench.run() as services:
        assert isinstance(services, Services)
        assert bench.stopped == []
    assert bench.stopped == BACKWARDS


async def test_what_was_started_is_stopped_when_the_next_can_not_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(_: CheckpointService) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(CheckpointService, "start", start)
    with pytest.raises(OSError, match="no space left"):
        async with bench.run():
            pass
    assert bench.stopped == BACKWARDS[3:]


async def test_what_was_started_is_stopped_when_the_start_is_cancelled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = asyncio.Event()

    async def start(_: CheckpointService) -> None:
        at_work.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(CheckpointService, "start", start)
    starting = asyncio.create_task(bench.run().__aenter__())
    await at_work.wait()
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert bench.stopped == BACKWARDS[3:]


async def test_with_another_catalog_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    async with Bench(home, monkeypatch).run():
        pass
    kept = [home.bundles / "n" / "1", home.instances / "n-1-0", home.blobs / "ab"]
    for place in kept:
        place.mkdir(parents=True)
    other = Bench(home, monkeypatch, catalog_url=f"sqlite:///{tmp_path}/other.sqlite")
    with pytest.raises(FailedPrecondition, match="belongs to another catalog"):
        async with other.run():
            pass
    home.catalog.unlink()
    with pytest.raises(FailedPrecondition, match="belongs to another catalog"):
        async with Bench(home, monkeypatch).run():
            pass
    assert all(place.is_dir() for place in kept)
