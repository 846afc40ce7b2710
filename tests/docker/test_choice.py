"""Which backend is chosen where an engine answers, and where it does not."""

from __future__ import annotations

import pytest

from jupyter_node_deploy.backends.base import BackendSettings
from jupyter_node_deploy.backends.choice import choose
from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.home import Home


async def test_auto_takes_docker_where_the_base_image_is(home: Home, base_image: str) -> None:
    backend, reason = await choose("auto", home, BackendSettings(base_image))
    assert backend.capabilities().name == "docker"
    assert reason
    await backend.close()


async def test_auto_takes_processes_where_no_base_image_is_to_be_had(home: Home) -> None:
    backend, reason = await choose("auto", home, BackendSettings("127.0.0.1:9/none:{version}"))
    assert backend.capabilities().name == "process"
    assert "127.0.0.1:9/none:3." in reason
    assert reason in backend.capabilities().missing["docker"]
    await backend.close()


async def test_without_an_engine(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    backend, reason = await choose("auto", home, BackendSettings("python:{version}-slim"))
    assert backend.capabilities().name == "process"
    assert "No Docker engine answers" in reason
    with pytest.raises(Unavailable, match="No Docker engine answers"):
        await choose("docker", home, BackendSettings("python:{version}-slim"))


async def test_an_engine_on_another_machine_can_not_share_sockets(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    _, reason = await choose("auto", home, BackendSettings("python:{version}-slim"))
    assert "engine" in reason
    backend, reason = await choose("process", home, BackendSettings("python:{version}-slim"))
    assert (backend.capabilities().name, reason) == ("process", "The backend is set to process.")
