"""What no revision uses is collected after its time; what is not ours never is."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from jupyter_node_deploy.backends.base import CellWorkload, InstanceSpec
from jupyter_node_deploy.backends.docker import labels
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.environments.collection import Collector
from jupyter_node_deploy.backends.docker.environments.uses import Uses
from jupyter_node_deploy.home import Home

from . import wheels
from .conftest import MakeSpec, state

CELL = "import jnd_kept\ny = jnd_kept.VALUE\n"


@pytest.fixture
def home(home: Home) -> Home:
    """One with runtimes and a cache of its own."""
    shared = home.runtimes.resolve()
    for place in (home.runtimes, home.cache):
        place.unlink()
    subprocess.run(["cp", "-a", str(shared), str(home.runtimes)], check=True)
    home.create()
    return home


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "wheels"
    place.mkdir()
    wheels.write(place, "jnd_kept", "1.0", "VALUE = 1\n")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))


@pytest.fixture
def foreign(engine: docker.DockerClient, base_image: str) -> object:
    """An environment image that another home has made."""
    tag = f"{labels.ENVIRONMENTS}:foreign"
    container = engine.containers.create(base_image, labels={labels.BUILD: "another"})
    container.commit(labels.ENVIRONMENTS, "foreign")
    container.remove()
    yield tag
    engine.images.remove(tag)


async def test_an_environment_is_kept_as_long_as_its_revision(
    backend: DockerBackend,
    make_spec: MakeSpec,
    engine: docker.DockerClient,
    home: Home,
    foreign: str,
    base_image: str,
) -> None:
    spec = make_spec(CELL, requirements=("jnd-kept==1.0",))
    await backend.ensure(spec)
    await state(backend, "HEALTHY")
    tag = environment_of(engine, home)
    [use] = Uses(home).current()
    place = home.runtimes / use.runtime

    at_once, patient = Collector(engine, home, grace=0), Collector(engine, home, grace=3600)
    at_once.collect()  # it runs
    await backend.remove(spec.instance_id, grace=0)
    at_once.collect()  # it is suspended, or an earlier revision
    assert engine.images.get(tag)
    assert place.exists()

    delete_revision(spec)
    patient.collect()
    assert engine.images.get(tag)
    assert place.exists()
    for mark in home.environments.glob("*.unused"):
        os.utime(mark, (0, time.time() - 4000))
    patient.collect()
    with pytest.raises(ImageNotFound):
        engine.images.get(tag)
    assert not place.exists()
    assert engine.images.get(foreign)
    assert engine.images.get(base_image)

    # What was collected is made again.
    await backend.ensure(make_spec(CELL, requirements=("jnd-kept==1.0",)))
    await state(backend, "HEALTHY")


async def test_what_a_container_uses_is_kept_without_its_revision(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, home: Home
) -> None:
    spec = make_spec(CELL, requirements=("jnd-kept==1.0",))
    await backend.ensure(spec)
    await state(backend, "HEALTHY")
    tag = environment_of(engine, home)
    runtimes = {one.name for one in home.runtimes.iterdir()}
    for path in home.environments.iterdir():
        path.unlink()
    Collector(engine, home, grace=0).collect()
    assert engine.images.get(tag)
    [runtime] = {one.name for one in home.runtimes.iterdir()} & runtimes
    assert (await state(backend, "HEALTHY")).address is not None
    [container] = engine.containers.list(filters={"label": f"{labels.HOME}={home.id}"})
    assert runtime in str(container.attrs["Mounts"])


def test_the_cache_is_bounded(engine: docker.DockerClient, home: Home) -> None:
    cache = home.cache / "pip"
    cache.mkdir()
    for age in range(10):
        file = cache / str(age)
        file.write_bytes(b"x" * 100)
        os.utime(file, (1000 - age, 1000 - age))
    Collector(engine, home, cache_bytes=1000).collect()
    assert len(list(cache.iterdir())) == 10
    Collector(engine, home, cache_bytes=500).collect()
    assert {int(one.name) for one in cache.iterdir()} == {0, 1, 2, 3}


def environment_of(engine: docker.DockerClient, home: Home) -> str:
    """Return the tag of the only environment image that a home has made."""
    mine = {"label": f"{labels.BUILD}={home.id}"}
    [image] = engine.images.list(name=labels.ENVIRONMENTS, filters=mine)
    return str(image.tags[0])


def delete_revision(spec: InstanceSpec) -> None:
    assert isinstance(spec.workload, CellWorkload)
    shutil.rmtree(spec.workload.bundle)
