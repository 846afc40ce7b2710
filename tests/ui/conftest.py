"""Fixtures of the browser tests: a real JupyterLab with real kernels in Debian's Chromium.

Run in a pytest process of its own (``scripts/test ui``): Playwright's loop does not go with the
servers that the other tests run in theirs.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from jupyter_node_deploy.home import Home

from ..docker import leftovers
from ..docker.conftest import base_image, engine, http_image  # noqa: F401
from .lab import Lab
from .server import Server

ROOT = Path(__file__).parents[2]
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium; without it the tests are skipped, in CI they fail."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed; scripts/setup installs it in CI")
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a Jupyter server that all tests share."""
    server = Server(tmp_path_factory.mktemp("server"), ROOT / "examples", backend="process")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of a fresh browser profile."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture
def lab(page: Page, server: Server, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return JupyterLab in the page, with no checkpoints and nodes of before.

    Errors in the page fail the test, and so do complaints of ours on the console.
    """
    yield from _lab(page, server, request)


@pytest.fixture(scope="session")
def container_server(
    engine: docker.DockerClient,  # noqa: F811
    base_image: str,  # noqa: F811
) -> Iterator[Server]:
    """Return a Jupyter server whose nodes run in containers."""
    root = Path(tempfile.mkdtemp(prefix="jnd-"))  # pytest's paths are too long for sockets
    settings = {"backend": "docker", "base_image": base_image}
    server = Server(root / "u", ROOT / "examples", **settings, stop_nodes_on_exit="True")
    server.start()
    yield server
    server.clear()
    server.stop()
    leftovers.remove(engine, Home(server.data_dir))
    shutil.rmtree(root)


@pytest.fixture
def container_lab(
    page: Page, container_server: Server, request: pytest.FixtureRequest
) -> Iterator[Lab]:
    """Return JupyterLab as ``lab`` does, of the server whose nodes run in containers."""
    yield from _lab(page, container_server, request)


def _lab(page: Page, server: Server, request: pytest.FixtureRequest) -> Iterator[Lab]:
    server.clear()
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "jupyter-node-deploy" in message.text.lower():
            complaints.append(message.text)

    page.on("console", on_console)
    # Notebook 7 has errors of its own, which do not come from our bundle.
    page.on(
        "pageerror",
        lambda error: (
            complaints.append(f"{error}\n{error.stack}")
            if "/extensions/jupyter-node-deploy/" in (error.stack or "")
            or "/notebooks/" not in page.url
            else None
        ),
    )
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))
    lab = Lab(page, server, ROOT / "screenshots", name)
    yield lab
    lab.shot("end")
    assert not complaints
