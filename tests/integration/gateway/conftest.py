"""Real gateways, real upstreams, real tokens.

A second gateway joins the conformance tests as another class with ``EmbeddedGateway``'s interface
in ``GATEWAYS``.
"""

import asyncio
import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import jwt
import pytest
import requests

from jupyter_node_deploy.gateway.haproxy.dataplane import DataPlane
from jupyter_node_deploy.gateway.haproxy.process import ProcessLauncher
from jupyter_node_deploy.gateway.keys import public_key_path, signing_key
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute, Routes
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.web.message import Request, Response
from jupyter_node_deploy.web.server import Server


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

    def claims(self, folder: str, /, **changes) -> dict:
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


class EmbeddedGateway:
    """The gateway process as the control plane starts it."""

    can = frozenset({"counts chunked bodies", "explains broken HTTP", "removes nominated headers"})

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.gateway / "gateway.log"
        self._process: subprocess.Popen | None = None
        self._generation = 0

    @property
    def facts(self) -> dict:
        return json.loads((self.home.gateway / "gateway.json").read_bytes())

    @property
    def url(self) -> str:
        return self.facts["url"]

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self, *options: str) -> None:
        command = [sys.executable, "-m", "jupyter_node_deploy.gateway", str(self.home.root)]
        self._process = subprocess.Popen([*command, f"--log={self.log}", *options])
        self._wait(lambda: self.status()["pid"] == self._process.pid)

    def status(self) -> dict:
        return requests.get(f"{self.url}/-/status", timeout=10).json()

    def publish(self, nodes=None, **rest) -> None:
        """Serve these from now on."""
        self._generation += 1
        routes = Routes(generation=self._generation, nodes=nodes or {}, **rest)
        routes.write(self.home.gateway / "routes.json")
        self._wait(lambda: self.status()["generation"] == self._generation)

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self) -> int:
        return self._process.wait(60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def _wait(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                if ready():
                    return
            except (OSError, ValueError, requests.RequestException):
                pass
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)


class HaproxyGateway:
    """HAProxy as a process, with the files and the control that the container has, too.

    What it can't: it streams bodies, so the size of a chunked one is for the instance to refuse;
    its HTTP/1 parser answers what is not HTTP by itself; and headers that ``Connection`` nominates
    pass as others do (``Connection`` itself does not).
    """

    can = frozenset({"serves docker nodes"})

    def __init__(self, home: Home) -> None:
        require_haproxy()
        self.home = home
        self.directory = home.gateway / "haproxy"
        self.log = self.directory / "haproxy.log"
        self.routes = Routes()
        self._launcher = ProcessLauncher(self.directory)
        self._plane = DataPlane(self.directory, self._launcher)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._plane.start(self.routes, self._key(), self._port)

    def publish(self, nodes=None, **rest) -> None:
        self.routes = Routes(generation=self.routes.generation + 1, nodes=nodes or {}, **rest)
        self._plane.apply(self.routes, self._key(), self._port)

    def reload(self) -> None:
        self._plane.reload()

    def stop(self) -> None:
        self._launcher.end()

    def _key(self) -> bytes:
        return public_key_path(self.home).read_bytes()


def require_haproxy() -> None:
    """Skip the test where HAProxy is not installed; in CI that is a failure."""
    if shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("haproxy is not installed: run scripts/setup")
        pytest.skip("haproxy is not installed")


@pytest.fixture
def haproxy_installed() -> None:
    require_haproxy()


GATEWAYS = [
    pytest.param(EmbeddedGateway, id="embedded"),
    pytest.param(HaproxyGateway, id="haproxy"),
]


@dataclasses.dataclass
class Bench:
    """A running gateway with what tests need around it."""

    gateway: EmbeddedGateway
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


@pytest.fixture(scope="module", params=GATEWAYS)
def bench(request, tmp_path_factory) -> Iterator[Bench]:
    """A gateway that a whole module shares; each test publishes its own routes."""
    home = make_home(tmp_path_factory.mktemp("gateway") / "home")
    tokens = Tokens(home)
    gateway = request.param(home)
    try:
        gateway.start()
        yield Bench(gateway, tokens)
    finally:
        gateway.stop()


@pytest.fixture
def home(tmp_path) -> Home:
    return make_home(tmp_path / "home")


@pytest.fixture
def own_bench(home) -> Iterator[Bench]:
    """A gateway process for one test, to be treated badly; not started yet."""
    tokens = Tokens(home)
    gateway = EmbeddedGateway(home)
    try:
        yield Bench(gateway, tokens)
    finally:
        gateway.stop()


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
