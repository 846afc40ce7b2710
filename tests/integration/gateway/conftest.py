"""Real gateways, real upstreams, real tokens."""

import asyncio
import contextlib
import dataclasses
import os
import shutil
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import jwt
import pytest
import requests

from jupyter_node_deploy.access.keys import public_key_path, signing_key
from jupyter_node_deploy.gateway.dataplane import DataPlane
from jupyter_node_deploy.gateway.launchers.launcher import Launcher
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute, Routes
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.web.message import Request, Response
from jupyter_node_deploy.web.server import Server

from .site import Site


class Upstream:
    """An instance: an HTTP server in a thread that tells what it was sent.

    Attributes:
        requests: what arrived.
        cancelled: how many requests were given up by their client.
    """

    def __init__(self, name: str, address: str = "127.0.0.1:0") -> None:
        self.name = name
        self.requests: list[Request] = []
        self.cancelled = 0
        self.answer: Callable[[Request], Awaitable[Response]] = self.echo
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = Server(self._handle, body_limit=64 * 1024 * 1024)
        self.address = str(self._run(self._server.start(address)))

    @property
    def route(self) -> InstanceRoute:
        return InstanceRoute(id=self.name, address=self.address)

    async def echo(self, request: Request) -> Response:
        return Response.json(
            {
                "instance": self.name,
                "method": request.method,
                "target": request.target,
                "headers": request.headers,
                "body": request.body.decode("latin-1"),
            }
        )

    def drop_connections(self) -> None:
        """End every connection without a word."""

        async def abort() -> None:
            for connection in list(self._server.connections):
                connection.abort()

        self._run(abort())

    def close(self) -> None:
        if self._thread.is_alive():
            self._run(self._server.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _handle(self, request: Request) -> Response:
        if request.path == "/readyz":  # a gateway that checks health by itself
            return Response(200)
        self.requests.append(request)
        try:
            return await self.answer(request)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Tokens:
    """Makes tokens as the token service does, and ones that it would never make."""

    def __init__(self, home: Home) -> None:
        self.key = signing_key(home)

    def claims(self, folder: str, /, **changes) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": "jupyter-node-deploy",
            "aud": "jupyter-node-deploy",
            "sub": f"folder:{folder}",
            "folder": folder,
            "iat": now,
            "exp": now + 600,
            "jti": f"token-of-{folder}",
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def make(self, folder: str, /, **changes) -> str:
        return jwt.encode(self.claims(folder, **changes), self.key, algorithm="ES256")

    def headers(self, folder: str, **more) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.make(folder)}"} | more


class Gateway:
    """HAProxy as a process, with the files and the control that the container has, too."""

    def __init__(self, home: Home, launcher: Launcher | None = None) -> None:
        self.home = home
        self.routes = Routes()
        self.launcher = launcher or ProcessLauncher(home.gateway / "haproxy")
        self._plane = DataPlane(home.gateway / "haproxy", self.launcher)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        return self.launcher.log(10_000)

    def start(self) -> None:
        self._plane.start(self.routes, self._key(), self._port)

    def publish(self, nodes=None, **rest) -> None:
        self.routes = Routes(generation=self.routes.generation + 1, nodes=nodes or {}, **rest)
        self._plane.apply(self.routes, self._key(), self._port)

    def reload(self) -> None:
        self._plane.reload()

    def stop(self) -> None:
        self.launcher.end()

    def _key(self) -> bytes:
        return public_key_path(self.home).read_bytes()


def debian() -> str:
    """Return the path of the distribution's HAProxy; in CI it is a failure if there is none."""
    path = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("haproxy is not installed: run scripts/setup")
        pytest.skip("haproxy is not installed")
    return path


@dataclasses.dataclass
class Bench:
    """A running gateway with what tests need around it."""

    gateway: Gateway
    tokens: Tokens

    @property
    def url(self) -> str:
        return self.gateway.url

    def serve(self, *upstreams: Upstream, node: str = "node1", **rest) -> None:
        """Publish one node, open to the folder ``f1``, with these instances."""
        route = NodeRoute(
            type="cell",
            acl=("f1",),
            status="HEALTHY",
            timeout=30.0,
            instances=tuple(upstream.route for upstream in upstreams),
        )
        self.gateway.publish({node: route}, **rest)

    def post(self, path="/v1/nodes/node1:execute", folder="f1", headers=None, **rest):
        return requests.post(
            self.url + path,
            headers=self.tokens.headers(folder) | (headers or {}),
            timeout=60,
            **rest,
        )


def make_home(path) -> Home:
    home = Home(path)
    home.create()
    return home


@contextlib.contextmanager
def running(home: Home, launcher: Launcher | None = None) -> Iterator[Bench]:
    """Run a gateway with an empty set of routes."""
    gateway = Gateway(home, launcher)
    tokens = Tokens(home)
    try:
        gateway.start()
        yield Bench(gateway, tokens)
    finally:
        gateway.stop()


@pytest.fixture(scope="module", params=["wheel", "debian"])
def bench(request, tmp_path_factory) -> Iterator[Bench]:
    """A gateway that a whole module shares; each test publishes its own routes."""
    home = make_home(tmp_path_factory.mktemp("gateway") / "home")
    binary = debian() if request.param == "debian" else ""
    launcher = ProcessLauncher(home.gateway / "haproxy", binary=binary)
    with running(home, launcher) as bench:
        yield bench


@pytest.fixture
def make_upstream() -> Iterator[Callable[..., Upstream]]:
    made: list[Upstream] = []

    def make(name: str = "a", address: str = "127.0.0.1:0") -> Upstream:
        made.append(Upstream(name, address))
        return made[-1]

    yield make
    for upstream in made:
        upstream.close()


@pytest.fixture
def upstream(make_upstream) -> Upstream:
    return make_upstream()


@pytest.fixture
def dead() -> InstanceRoute:
    """An instance that is gone: nothing listens at its address."""
    gone = Upstream("dead")
    gone.close()
    return gone.route


@pytest.fixture
async def idle_site(home):
    """A site whose gateway was not started."""
    site = Site(home)
    await site.prepare()
    yield site
    await site.close()


@pytest.fixture
async def site(idle_site):
    await idle_site.control.start()
    return idle_site
