"""A real Jupyter server with our part of checkpoints, and real kernels."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.checkpoints.kernels import Kernels
from jupyter_node_deploy.checkpoints.models import CheckpointSummary
from jupyter_node_deploy.checkpoints.provisioner import AgentProvisioner, AgentSettings
from jupyter_node_deploy.checkpoints.service import CheckpointService
from jupyter_node_deploy.events.emitter import CHECKPOINT, Emitter
from jupyter_node_deploy.home import Home

from ...support.waiting import until_async


class Server:
    """One Jupyter server's checkpoints, wired as the extension does it."""

    def __init__(self, serverapp: Any, home: Home, **options: Any) -> None:
        self.app = serverapp
        self.home = home
        self.events: list[dict[str, Any]] = []
        self.catalog = Catalog(f"sqlite:///{home.catalog}")
        self.settings = AgentSettings(home, options.pop("mode", "standard"))
        emitter = Emitter(serverapp.event_logger)
        serverapp.event_logger.add_listener(schema_id=CHECKPOINT, listener=self._on_event)
        self.kernels = Kernels(
            self.settings,
            serverapp.kernel_manager,
            serverapp.session_manager,
            serverapp.event_logger,
            root_dir=serverapp.root_dir,
            output_limit=options.pop("output_limit", 5 * 1024**2),
        )
        self.service = CheckpointService(
            home, self.catalog, self.kernels, emitter.checkpoint, **options
        )

    async def _on_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        self.events.append(data)

    async def start(self) -> None:
        await self.catalog.upgrade()
        await self.service.start()

    async def stop(self) -> None:
        await self.service.stop()
        self.catalog.close()

    async def kernel(self, **options: Any) -> str:
        return str(await self.app.kernel_manager.start_kernel(**options))

    async def notebook(self, path: str) -> str:
        session = await self.app.session_manager.create_session(
            path=path, name=path.rpartition("/")[2], type="notebook", kernel_name="python3"
        )
        return str(session["kernel"]["id"])

    async def run(self, kernel_id: str, code: str, cell_id: str | None = None) -> str:
        """Run a cell as a front end does; returns the reply's status."""
        async with self.client(kernel_id) as client:
            return await execute(client, code, cell_id)

    @contextlib.asynccontextmanager
    async def client(self, kernel_id: str):
        client = self.app.kernel_manager.get_kernel(kernel_id).client()
        client.start_channels(iopub=False, stdin=False, hb=False)
        try:
            yield client
        finally:
            client.stop_channels()

    async def checkpoints(self, count: int, **filters: Any) -> list[CheckpointSummary]:
        """Wait until there are ``count`` checkpoints."""
        found: list[CheckpointSummary] = []

        async def enough() -> bool:
            found[:] = await self.service.list(**filters)
            return len(found) >= count

        await until_async(enough, lambda: f"{count} checkpoints, not {found}")
        assert len(found) == count
        return found


def send(client: Any, code: str, cell_id: str | None = None, **content: Any) -> str:
    """Send an execute request with the cell's id as front ends do."""
    message = client.session.msg(
        "execute_request",
        {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **content,
        },
        metadata={"cellId": cell_id} if cell_id else None,
    )
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


async def execute(client: Any, code: str, cell_id: str | None = None) -> str:
    msg_id = send(client, code, cell_id)
    while True:
        reply = await client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == msg_id:
            return str(reply["content"]["status"])


@pytest.fixture
async def make_server(jp_serverapp, home):
    """Makes servers of one home; all their kernels get the agent."""
    made: list[Server] = []

    async def make(**options: Any) -> Server:
        server = Server(jp_serverapp, home, **options)
        AgentProvisioner.install(server.settings, parent=jp_serverapp)
        made.append(server)
        await server.start()
        return server

    yield make
    for server in made:
        await server.stop()
    AgentProvisioner.uninstall()
    await jp_serverapp.kernel_manager.shutdown_all(now=True)


@pytest.fixture
async def server(make_server):
    return await make_server()
