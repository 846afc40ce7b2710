"""Shared by unit and integration tests: a home, and the fixtures of pytest-jupyter.

The tests of ``docker`` and ``ui`` run without those: what they share with the others, too, are
functions in ``support``.
"""

import asyncio
from pathlib import Path

import pytest

from jupyter_node_deploy.home import Home

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    """Lets the servers of pytest-jupyter run in the loop of pytest-asyncio, as the tests do."""
    return asyncio.get_running_loop()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty data directory."""
    home = Home(tmp_path / "home")
    home.create()
    return home


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requests", type=int, default=2000, help="requests of each test under load")
