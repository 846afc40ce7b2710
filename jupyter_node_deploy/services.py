"""The services of one home: each is built once, handed on, started and stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from . import caretaker
from .access.aliases import AliasService
from .access.folders import FolderService
from .access.secrets import SecretService
from .access.tokens import TokenService
from .backends import choice as backends
from .backends.base import Backend, BackendSettings
from .backends.plugins import AUTO
from .catalog import checkpoints as checkpoint_rows
from .catalog import nodes as node_rows
from .catalog import secrets as secret_rows
from .catalog.engine import Catalog
from .catalog.pairing import Pairing
from .checkpoints.kernels import Kernels
from .checkpoints.service import CheckpointService
from .distributions.distributions import Distributions
from .errors import NodeDeployError
from .events.differences import Differences
from .events.emitter import Emitter
from .events.watch import Watch
from .gateway import choice as gateways
from .gateway.control import GatewayControl
from .gateway.launchers.launcher import Launcher
from .gateway.routes import Limits
from .home import Home
from .nodes.admission import Admission
from .nodes.bundle.builder import BundleBuilder
from .nodes.bundle.store import BundleStore
from .nodes.form import NodeForms
from .nodes.reconcile.instance_specs import InstanceSpecs
from .nodes.reconcile.reconciler import Reconciler
from .nodes.service import NodeService
from .nodes.strays import Strays
from .specs.configuration import Configuration, ZoneInfo


@dataclass(frozen=True)
class Settings:
    """How the services are to be; attributes are named as the server extension's traits.

    Attributes:
        limits: what callers of nodes may ask; its ``body`` is the one of new nodes.
        stop_nodes_on_exit: None for what suits the backend.
    """

    home: Home
    catalog_url: str
    keep_checkpoints: int
    checkpoint_budget: int
    backend: str | type[Backend]
    backend_settings: BackendSettings
    gateway: gateways.Asked
    gateway_port: int
    limits: Limits
    stop_nodes_on_exit: bool | None
    configurations: Sequence[Configuration]
    zones: Sequence[ZoneInfo]


@dataclass(frozen=True)
class Services:
    """One of each, and what the configuration offers; what handlers use."""

    home: Home
    checkpoints: CheckpointService
    forms: NodeForms
    nodes: NodeService
    reconciler: Reconciler
    watch: Watch
    backend: Backend
    gateway: GatewayControl
    folders: FolderService
    tokens: TokenService
    aliases: AliasService
    secrets: SecretService
    strays: Strays
    configurations: list[Configuration]
    zones: list[ZoneInfo]


def build(
    settings: Settings,
    catalog: Catalog,
    backend: Backend,
    launcher: Launcher,
    kernels: Kernels,
    emitter: Emitter,
) -> Services:
    """Return the services, none of them started.

    Args:
        catalog: upgraded before any of them is used.
        launcher: runs the gateway.
        kernels: those of the Jupyter server.
        emitter: is told what changed.
    """
    home = settings.home
    gateway = GatewayControl(home, catalog, launcher, settings.gateway_port, limits=settings.limits)
    told = Differences(checkpoint_rows.told, emitter.checkpoint)
    checkpoints = CheckpointService(
        home,
        catalog,
        kernels,
        told.tell,
        keep=settings.keep_checkpoints,
        budget=settings.checkpoint_budget,
    )
    folders = FolderService(catalog)
    secrets = SecretService(catalog, home, folders)
    bundles = BundleStore(home.bundles)
    specs = InstanceSpecs(bundles, secrets, settings.configurations)
    reconciler = Reconciler(home, catalog, backend, gateway, bundles, specs)
    limit = settings.limits.body
    offered = backend.capabilities()
    packages = Distributions()
    builder = BundleBuilder(bundles, checkpoints.blobs, secrets, packages, offered.name, limit)
    admission = Admission(catalog, folders, secrets, checkpoints, offered, home)
    watch = Watch(
        catalog,
        told,
        Differences(node_rows.told, emitter.node),
        Differences(secret_rows.told, emitter.secret),
        # What is desired may be another server's, which can't poke our reconciler.
        Differences(node_rows.desired, lambda _: reconciler.poke()),
    )
    return Services(
        home=home,
        checkpoints=checkpoints,
        forms=NodeForms(catalog, checkpoints, packages),
        nodes=NodeService(
            catalog,
            admission,
            secrets,
            builder,
            backend,
            reconciler,
            gateway,
            base_image=settings.backend_settings.base_image,
        ),
        reconciler=reconciler,
        watch=watch,
        backend=backend,
        gateway=gateway,
        folders=folders,
        tokens=TokenService(catalog, home, folders, gateway.republish),
        aliases=AliasService(catalog, folders, gateway.republish),
        secrets=secrets,
        strays=Strays(catalog, backend, bundles),
        configurations=list(settings.configurations),
        zones=list(settings.zones),
    )


@contextlib.asynccontextmanager
async def running(
    settings: Settings, kernels: Kernels, emitter: Emitter, log: logging.Logger
) -> AsyncIterator[Services]:
    """Give the services, started; in the end, or when one can't start, stop them backwards.

    Raises:
        NodeDeployError: the backend that is wanted can't be had, or the catalog is a newer one's
            or not the home's. A gateway that does not start is no error: nodes say why, and all
            else works.
    """
    home = settings.home
    async with contextlib.AsyncExitStack() as stack:
        await asyncio.to_thread(home.create)
        catalog = Catalog(settings.catalog_url)
        stack.callback(catalog.close)
        await catalog.upgrade()
        await Pairing(home, catalog).confirm()
        backend, why = await backends.choose(settings.backend, home, settings.backend_settings)
        stack.push_async_callback(backend.close)
        kind = backend.capabilities().name
        log.info("Instances run on the backend %s. %s", kind, why)
        launcher, why = await gateways.choose(settings.gateway, home, docker=kind == "docker")
        services = build(settings, catalog, backend, launcher, kernels, emitter)

        stop_nodes = settings.stop_nodes_on_exit
        if stop_nodes is None:
            stop_nodes = kind == "process"
        named = kind if settings.backend == AUTO else settings.backend
        try:
            if stop_nodes and isinstance(named, str):
                image = settings.backend_settings.base_image
                await asyncio.to_thread(caretaker.hire, home, named, launcher.kind, image)
            else:
                await asyncio.to_thread(caretaker.dismiss, home)
        except OSError as error:
            log.warning("Nodes would outlive this server if it was killed: %s", error)
        gateway = services.gateway
        stack.push_async_callback(gateway.stop if stop_nodes else gateway.close)
        try:
            await gateway.start()
        except NodeDeployError as error:
            log.error("The gateway does not serve. %s", error.message)  # noqa: TRY400
        else:
            log.info("The gateway (%s) serves at %s. %s", launcher.kind, gateway.url, why)
        await services.checkpoints.start()
        stack.push_async_callback(services.checkpoints.stop)
        services.watch.start()
        stack.push_async_callback(services.watch.stop)
        await services.reconciler.start()
        stack.push_async_callback(services.reconciler.stop, remove_instances=stop_nodes)
        yield services
