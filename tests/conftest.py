"""Shared by all tests: the fixtures of pytest-jupyter (``jp_fetch``, ``jp_serverapp``, …)."""

import asyncio

import pytest

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    """Lets the servers of pytest-jupyter run in the loop of pytest-asyncio, as the tests do."""
    return asyncio.get_running_loop()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requests", type=int, default=2000, help="requests of each test under load")
