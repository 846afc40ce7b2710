"""GPUs are asked of the engine; one that has none says so before anything is installed."""

from __future__ import annotations

import docker
import pytest

from jupyter_node_deploy.backends.docker import containers
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.engine import delete, machine
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs.configuration import Resources

from .conftest import MakeSpec, state

TWO_GPUS = Resources(1, 500 * 1000**2, gpus=2)


def test_the_engine_is_asked_for_them(
    engine: docker.DockerClient, home: Home, base_image: str, make_spec: MakeSpec
) -> None:
    options = containers.options(
        make_spec(resources=TWO_GPUS),
        containers.Limits.of(TWO_GPUS, machine(engine)),
        Owner.current(),
        home=home.id,
        network=None,
        image=engine.images.get(base_image),
    )
    container = engine.containers.create(**options)
    try:
        (request,) = container.attrs["HostConfig"]["DeviceRequests"]
    finally:
        delete(container)
    assert (request["Count"], request["Capabilities"]) == (2, [["gpu"]])


async def test_an_engine_without_gpus(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, home: Home
) -> None:
    if "nvidia" in engine.info()["Runtimes"]:
        pytest.skip("this engine has GPUs")
    spec = make_spec(resources=TWO_GPUS, requirements=("no-such-package-at-all==1.0",))
    await backend.ensure(spec)
    lines = [line async for line in backend.logs("node-1-0", follow=True)]
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert "has no GPUs to give. Install the NVIDIA Container Toolkit" in one.reason
    assert not [line for line in lines if "Installing" in line]
    mine = f"jupyter-node-deploy.build={home.id}"
    assert engine.containers.list(all=True, filters={"label": mine}) == []
