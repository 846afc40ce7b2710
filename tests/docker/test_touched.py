"""What a cell used of the kernel's machine is in its container: mounts, wheels, libraries."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from jupyter_node_deploy.backends.base import CellWorkload, InstanceSpec
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.specs import Mount

from . import wheels
from .conftest import MakeSpec, ask, state


def bundle_of(spec: InstanceSpec) -> Path:
    assert isinstance(spec.workload, CellWorkload)
    return spec.workload.bundle


async def test_mounts(backend: DockerBackend, make_spec: MakeSpec, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for place in (data, out):
        place.mkdir()
        place.chmod(0o777)
    for place in (tmp_path, *tmp_path.parents):  # pytest's are for nobody else
        if place != Path("/tmp") and os.access(place, os.W_OK) and "pytest" in str(place):
            place.chmod(0o755)
    (data / "rate.txt").write_text("12")
    cell = (
        "y = [open('/data/rate.txt').read()]\n"
        "try: open('/data/new', 'w')\nexcept OSError as error: y.append(error.errno)\n"
        "open('/out/new', 'w').write('1')"
    )
    mounts = (
        Mount(source=str(data), target="/data"),
        Mount(source=str(out), target="/out", read_only=False),
    )
    await backend.ensure(dataclasses.replace(make_spec(cell), mounts=mounts))
    one = await state(backend, "HEALTHY")
    assert await ask(one) == b'{"y":["12",30]}'
    assert (out / "new").read_text() == "1"


async def test_a_mount_that_is_gone(backend: DockerBackend, make_spec: MakeSpec) -> None:
    mounts = (Mount(source="/nowhere/at/all"),)
    await backend.ensure(dataclasses.replace(make_spec(), mounts=mounts))
    one = await state(backend, "UNHEALTHY")
    assert "nothing to mount at '/nowhere/at/all'" in one.reason


async def test_a_wheel_of_the_bundle(
    backend: DockerBackend, make_spec: MakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    cell = "import jnd_folder\ny = jnd_folder.VALUE\n"
    for value in (1, 2):  # the same name and version with other content is another environment
        name = f"node-{value}-0"
        spec = make_spec(cell, name, requirements=("./wheels/jnd_folder-1.0-py3-none-any.whl",))
        place = bundle_of(spec) / "wheels"
        place.mkdir()
        wheels.write(place, "jnd_folder", "1.0", f"VALUE = {value}\n")
        await backend.ensure(spec)
        assert await ask(await state(backend, "HEALTHY", name)) == b'{"y":%d}' % value


async def test_a_library_of_the_system(backend: DockerBackend, make_spec: MakeSpec) -> None:
    cell = "import ctypes\ny = ctypes.CDLL('libgomp.so.1').omp_get_max_threads() > 0\n"
    spec = make_spec(cell, requirements=("./wheels/jnd_openmp-1.0-py3-none-any.whl",))
    place = bundle_of(spec) / "wheels"
    place.mkdir()
    wheels.write(place, "jnd_openmp", "1.0", "")
    # The second is nobody's: it is told, and does not keep the first away.
    (bundle_of(spec) / "libraries.txt").write_text("libgomp.so.1=libgomp1\nlibjnd.so.7=\n")
    await backend.ensure(spec)
    lines = [line async for line in backend.logs("node-1-0", follow=False)]
    assert await ask(await state(backend, "HEALTHY")) == b'{"y":true}', lines
