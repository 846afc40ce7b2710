"""A home with its gateway, a folder and a token, under the control plane's hold."""

import asyncio
from typing import Any

import psutil
import requests

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.configuration.listen import Listen
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.launchers.launcher import Launcher
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import NodeRoute
from jupyter_node_deploy.gateway.runtime_api import CommandFailed
from jupyter_node_deploy.home import Home

EXECUTE = "/v1/nodes/node1:execute"


class Site:
    """One control plane of a home; others may be made beside it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.catalog = Catalog(f"sqlite:///{home.catalog}")
        self.controls: list[GatewayControl] = []
        self.folder = ""
        self.headers: dict[str, str] = {}
        self.control = self.another()

    @property
    def launcher(self) -> Launcher:
        return self.control._launcher

    def another(self, port: int = 0, *, binary: str = "", **listen: Any) -> GatewayControl:
        """Make another control plane's hold on the same gateway."""
        directory = self.home.gateway / "haproxy"
        launcher = ProcessLauncher(directory, binary=binary, listen=Listen(**listen))
        self.controls.append(GatewayControl(self.home, self.catalog, launcher, port))
        return self.controls[-1]

    async def prepare(self) -> None:
        await self.catalog.upgrade()
        self.folder = (await FolderService(self.catalog).default()).id
        token = await TokenService(self.catalog, self.home, FolderService(self.catalog)).issue()
        self.headers = {"Authorization": f"Bearer {token.token}"}

    async def close(self) -> None:
        for control in self.controls:
            await control.close()
        await asyncio.to_thread(self.launcher.end)
        self.catalog.close()

    def tokens(self) -> TokenService:
        folders = FolderService(self.catalog)
        return TokenService(self.catalog, self.home, folders, self.control.republish)

    def route(self, *upstreams, **rest) -> NodeRoute:
        instances = tuple(one.route for one in upstreams)
        return NodeRoute("cell", (self.folder,), "HEALTHY", instances=instances, **rest)

    async def post(self, path=EXECUTE, session=requests, **rest) -> requests.Response:
        headers = self.headers | rest.pop("headers", {})
        url = self.control.url + path
        return await asyncio.to_thread(
            session.post, url, headers=headers, data=b"{}", timeout=60, **rest
        )

    def worker(self) -> int | None:
        """Return the process id of the worker that serves; None if it does not answer."""
        try:
            return self.control._plane._worker()
        except CommandFailed:
            return None

    def processes(self) -> list[psutil.Process]:
        """Return the gateway's processes, of whichever worker and master."""
        return list(ProcessLauncher(self.home.gateway / "haproxy")._processes())
