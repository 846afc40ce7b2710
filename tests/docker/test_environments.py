"""Environment images: what is in them, what is not, and what is said when one can't be made."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import docker
import pytest

from jupyter_node_deploy.backends.docker import labels
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.backends.docker.environments import installer
from jupyter_node_deploy.home import Home

from ..support.waiting import until_async
from . import wheels
from .conftest import MakeSpec, ask, state

SECRET = "a-planted-credential"


@pytest.fixture
async def package_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: DockerBackend, make_spec: MakeSpec
) -> Path:
    """A directory with a package that no index has, and settings with credentials."""
    await backend.ensure(make_spec(name="plain-1-0"))  # the runtime is made with other settings
    await state(backend, "HEALTHY", "plain-1-0")
    await backend.remove("plain-1-0", grace=0)
    place = tmp_path / "wheels"
    place.mkdir()
    wheels.write(place, "jnd_probe", "1.0", "VALUE = 42\n")
    config = tmp_path / "pip.conf"
    # The index is never asked: the package is found by the link, and has no dependency.
    config.write_text(
        f"[global]\nfind-links = {place}\ntrusted-host = localhost\n"
        f"extra-index-url = https://user:{SECRET}@index.invalid/simple\nretries = 0\ntimeout = 1\n"
    )
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine index.invalid login user password {SECRET}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{SECRET}@proxy.invalid:3128")
    return place


async def test_settings_are_carried_but_no_secret_is_left(
    backend: DockerBackend,
    make_spec: MakeSpec,
    package_index: Path,
    engine: docker.DockerClient,
    home: Home,
) -> None:
    cell = "import jnd_probe\ny = jnd_probe.VALUE\n"
    await backend.ensure(make_spec(cell, requirements=("jnd-probe==1.0",)))
    one = await state(backend, "HEALTHY")
    assert await ask(one) == b'{"y":42}'

    # A second node in the environment installs nothing, and uses the same image.
    await backend.ensure(make_spec(cell, "other-1-0", requirements=("jnd-probe==1.0",)))
    other = await state(backend, "HEALTHY", "other-1-0")
    assert await ask(other) == b'{"y":42}'
    mine = f"jupyter-node-deploy.home={home.id}"
    images = {one.image for one in engine.containers.list(filters={"label": mine})}
    assert len(images) == 1

    image = images.pop()
    assert image is not None
    try:
        assert SECRET not in json.dumps(image.history())
        assert SECRET not in json.dumps(image.attrs)
        for name, content in _layers(image):
            assert SECRET.encode() not in content, name
        assert [name for name, _ in _layers(image) if "jnd_probe" in name]
    finally:
        for name in ("node-1-0", "other-1-0"):
            await backend.remove(name, grace=0)
    for place in home.instances.rglob("*"):
        assert not place.is_file() or SECRET.encode() not in place.read_bytes()
    assert not list(home.cache.glob("install-*"))


async def test_a_failed_build_names_the_requirement_and_shows_its_output(
    backend: DockerBackend, make_spec: MakeSpec, package_index: Path
) -> None:
    await backend.ensure(make_spec(requirements=("jnd-probe==2.0",)))
    lines = [line async for line in backend.logs("node-1-0", follow=True)]
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert "jnd-probe==2.0" in one.reason
    assert "requirement" in one.reason
    assert any("No matching distribution found for jnd-probe==2.0" in line for line in lines)
    assert not any(SECRET in line for line in lines)
    await backend.ensure(make_spec(requirements=("jnd-probe==2.0",)))
    assert (await backend.observe())[0].status == "PREPARING"
    await backend.remove("node-1-0")
    assert await backend.observe() == []


async def test_a_server_that_dies_while_it_builds(
    backend: DockerBackend,
    make_spec: MakeSpec,
    package_index: Path,
    home: Home,
    base_image: str,
) -> None:
    """What it made for the instance is forgotten; the next one begins again."""
    spec = make_spec(requirements=("jnd-probe==1.0", "jnd-probe>0.5"))  # of no other test
    first = DockerBackend(home, connect(), base_image)
    await first.ensure(spec)
    await asyncio.sleep(0.2)
    await first.close()
    assert await backend.observe() == []
    await backend.ensure(spec)
    assert await ask(await state(backend, "HEALTHY")) == b'{"y":1}'


async def test_a_build_ends_with_its_instance(
    backend: DockerBackend,
    make_spec: MakeSpec,
    engine: docker.DockerClient,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also one that says nothing for long, as a compiler does."""
    script = tmp_path / "install.py"
    script.write_text("import time\ntime.sleep(300)\n")
    monkeypatch.setattr(installer, "_SCRIPT", script)
    await backend.ensure(make_spec(requirements=("jnd-probe==3.0",)))
    mine: dict[str, Any] = {"label": f"{labels.BUILD}={home.id}"}

    def running() -> bool:
        return bool(engine.containers.list(filters=mine))

    await until_async(lambda: asyncio.to_thread(running))
    await backend.remove("node-1-0")
    assert engine.containers.list(all=True, filters=mine) == []
    assert await backend.observe() == []

    def tidied() -> bool:
        return not [*home.runtimes.glob(".new-*"), *home.cache.glob("install-*")]

    await until_async(lambda: asyncio.to_thread(tidied))


def _layers(image: Any) -> list[tuple[str, bytes]]:
    """Return the files of an image's last layer and its configuration files."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(image.save()))) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        last = manifest[0]["Layers"][-1]
        configs = [name for name in archive.getnames() if name.endswith(".json")]
        found = [(name, archive.extractfile(name).read()) for name in configs]  # type: ignore[union-attr]
        layer = io.BytesIO(archive.extractfile(last).read())  # type: ignore[union-attr]
    with tarfile.open(fileobj=layer) as files:
        for entry in files:
            content = files.extractfile(entry).read() if entry.isfile() else b""  # type: ignore[union-attr]
            found.append((entry.name, content))
    return found
