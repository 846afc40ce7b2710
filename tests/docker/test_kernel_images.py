"""Cells in images of the user's: pulled with a password, whatever their user and entrypoint."""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from jupyter_node_deploy.backends.base import CellWorkload, InstanceSpec, RegistryImage
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs import KernelImage

from ..integration.nodes.conftest import ControlPlane, form
from . import wheels
from .conftest import MakeSpec, ask, state
from .registry import PASSWORD, USER, Registry

#: Of root, with an entrypoint that can't be used, a volume, and a module that no index has.
DOCKERFILE = """\
FROM {base}
RUN echo 'NAME = "custom"' > /usr/lib/python3/dist-packages/only_here.py
ENV GREETING=hello
VOLUME /data
USER root
ENTRYPOINT ["/bin/false"]
CMD ["never"]
"""
CELL = """\
import os, only_here
def writes(place):
    try:
        open(place + "/file", "w").close()
        return True
    except OSError:
        return False
y = [only_here.NAME, os.environ["GREETING"], os.getuid() != 0, writes("/data"), writes("/srv")]
"""
ANSWER = ["custom", "hello", True, True, False]


@pytest.fixture(scope="session")
def kernel_image(
    engine: docker.DockerClient,
    base_image: str,
    registry: Registry,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Reference of an image that only the registry has."""
    work, tag = tmp_path_factory.mktemp("kernel"), "jupyter-node-deploy-test/kernel:1"
    (work / "Dockerfile").write_text(DOCKERFILE.format(base=base_image))
    engine.images.build(path=str(work), tag=tag, rm=True, forcerm=True)
    reference = registry.push(tag, "team/kernel:1")
    engine.images.remove(tag)
    return reference


@pytest.fixture
def _no_copy(engine: docker.DockerClient, kernel_image: str) -> Iterator[None]:
    yield
    _forget(engine, kernel_image)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a package."""
    place = tmp_path / "wheels"
    place.mkdir()
    wheels.write(place, "jnd_beside", "1.0", "VALUE = 1\n")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))
    return place


@pytest.mark.usefixtures("_no_copy")
async def test_a_cell_in_a_private_image(
    plane: ControlPlane, kernel_image: str, home: Home, engine: docker.DockerClient
) -> None:
    await plane.secrets.put("registry", PASSWORD)
    # The dry run has this machine's environment: what only the image has is seen by a request.
    cell = "y = None\nif live:\n" + textwrap.indent(CELL, "    ")
    checkpoint = await plane.checkpoint(cell, {"live": 0})
    image = KernelImage(image=kernel_image, username=USER, password_secret="registry")
    wanted = form("node", checkpoint, ["live:int"], ["y:any"], image=image)
    node = await plane.nodes.wait((await plane.nodes.create(wanted)).id, timeout=60)
    answer = await plane.call(node.id, {"live": 1})
    assert answer.json() == {"output": {"y": ANSWER}}, answer.text
    mine = f"jupyter-node-deploy.home={home.id}"
    for container in engine.containers.list(filters={"label": mine}):
        assert PASSWORD not in json.dumps(container.attrs)
    assert PASSWORD not in node.model_dump_json()


@pytest.mark.usefixtures("_no_copy")
async def test_packages_are_put_onto_it(
    backend: DockerBackend, make_spec: MakeSpec, kernel_image: str, package: Path
) -> None:
    """Those of the requirements beside those that the image has."""
    cell = CELL.replace("import os, only_here", "import os, only_here, jnd_beside")
    spec = make_spec(cell, requirements=("jnd-beside==1.0",))
    await backend.ensure(within(spec, RegistryImage(kernel_image, USER, PASSWORD)))
    assert json.loads(await ask(await state(backend, "HEALTHY")))["y"] == ANSWER


@pytest.mark.parametrize(
    ("name", "login", "words"),
    [
        ("team/kernel:1", (USER, "wrong"), "Is the user right, and the secret's value"),
        ("team/kernel:1", (None, None), "If it is private, give a registry user and a secret"),
        ("team/kernel:none", (USER, PASSWORD), "has no image"),
    ],
)
async def test_an_image_that_is_not_to_be_had(
    backend: DockerBackend,
    make_spec: MakeSpec,
    kernel_image: str,
    registry: Registry,
    name: str,
    login: tuple[str | None, str | None],
    words: str,
) -> None:
    await backend.ensure(within(make_spec(), RegistryImage(f"{registry.host}/{name}", *login)))
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert words in one.reason
    assert PASSWORD not in one.reason


async def test_a_registry_that_is_down(backend: DockerBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(within(make_spec(), RegistryImage("localhost:1/team/kernel:1")))
    one = await state(backend, "UNHEALTHY")
    assert "The registry localhost:1 can't be reached" in one.reason


async def test_an_image_without_python(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient
) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    repository = "jupyter-node-deploy-test/empty"
    engine.api.import_image_from_data(content.getvalue(), repository=repository, tag="1")
    try:
        await backend.ensure(within(make_spec(), RegistryImage(f"{repository}:1")))
        one = await state(backend, "UNHEALTHY")
    finally:
        engine.images.remove(f"{repository}:1")
    assert f"The image {repository}:1 has no python3" in one.reason
    assert "OCI runtime" not in one.reason


async def test_an_image_with_another_python(backend: DockerBackend, make_spec: MakeSpec) -> None:
    spec = make_spec()
    assert isinstance(spec.workload, CellWorkload)
    workload = dataclasses.replace(spec.workload, python_version="3.12.1")
    await backend.ensure(dataclasses.replace(spec, workload=workload))
    one = await state(backend, "UNHEALTHY")
    assert "has Python 3.11, but the kernel has 3.12" in one.reason
    assert "Choose an image with the kernel's Python" in one.reason


def within(spec: InstanceSpec, image: RegistryImage) -> InstanceSpec:
    """Return the spec of a cell, to be run in an image."""
    assert isinstance(spec.workload, CellWorkload)
    return dataclasses.replace(spec, workload=dataclasses.replace(spec.workload, image=image))


def _forget(engine: docker.DockerClient, reference: str) -> None:
    """Remove the engine's copy, so that the next test pulls it."""
    for container in engine.containers.list(all=True, filters={"ancestor": reference}):
        container.remove(force=True)
    engine.images.remove(reference, force=True)
