"""Exports, built and run in a clean directory with nothing but the engine."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import httpx
import pytest
import yaml
from docker.errors import APIError, NotFound

from jupyter_node_deploy.backends import runtime_source
from jupyter_node_deploy.backends.base import CellWorkload
from jupyter_node_deploy.nodes.bundle import export
from jupyter_node_deploy.specs import CellSpec, DockerSpec, Variable

from ..support.waiting import until

TAG = "jupyter-node-deploy-test/with-pip:1"


@pytest.fixture(scope="module")
def base(
    engine: docker.DockerClient, base_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The base image with pip and the wheels that it is to find: builds need no network."""
    work = tmp_path_factory.mktemp("base")
    download = ["download", "-q", "--python-version", "3.11", "--only-binary=:all:", "-d", "wheels"]
    command = [sys.executable, "-m", "pip", *download, *runtime_source.requirements()]
    subprocess.run([*command, "toolz"], check=True, cwd=work)
    pip = importlib.util.find_spec("pip")
    assert pip is not None
    assert pip.origin is not None
    shutil.copytree(Path(pip.origin).parent, work / "pip")
    lines = [
        f"FROM {base_image}",
        "COPY pip /usr/lib/python3/dist-packages/pip",
        "COPY wheels /wheels",
        "ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels",
        "USER 1234",  # a base may have one
    ]
    (work / "Dockerfile").write_text("\n".join(lines))
    engine.images.build(path=str(work), tag=TAG, rm=True, forcerm=True, network_mode="none")
    yield TAG
    engine.images.remove(TAG, force=True)


def unpacked(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as content:
        content.extractall(directory)
    archive.unlink()
    (found,) = directory.iterdir()
    return found


@contextlib.contextmanager
def running(
    engine: docker.DockerClient, name: str, command: str, port: int, directory: Path
) -> Iterator[str]:
    """Run a command as it is, but for a network and a port of our own; give the URL."""
    network = engine.networks.create(f"jupyter-node-deploy-test-{port}", driver="bridge")
    given = f"docker run --network {network.name}"
    command = command.replace("docker run", given).replace("127.0.0.1:8080:", f"127.0.0.1:{port}:")
    process = subprocess.Popen(["sh", "-c", command], cwd=directory)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(NotFound, APIError):
            engine.containers.get(name).kill()
        process.wait()
        network.remove()


def answer(url: str, body: object) -> httpx.Response:
    def answered() -> httpx.Response | None:
        try:
            response = httpx.post(url, json=body)
        except httpx.TransportError:
            return None
        return response if response.status_code != 503 else None

    return until(answered, pause=0.1)


def test_a_cell_runs_elsewhere(
    engine: docker.DockerClient, base: str, make_spec: Callable[..., object], tmp_path: Path
) -> None:
    made = make_spec("import toolz\ny = toolz.identity(42)\n", requirements=("toolz",))
    workload = made.workload  # type: ignore[attr-defined]
    assert isinstance(workload, CellWorkload)
    spec = CellSpec(
        checkpoint="c",
        outputs=[Variable(name="y")],
        env=[{"name": "GREETING", "value": "it's $HOME"}, {"name": "TOKEN", "secret": "token"}],
    )
    archive = export.packed("answer-1", spec, workload.bundle, base=base, form="compose")
    directory = unpacked(archive, tmp_path)
    assert (directory / "env.sample").read_text().endswith("TOKEN=\n")
    (service,) = yaml.safe_load((directory / "docker-compose.yml").read_text())["services"].values()
    assert service["environment"] == {
        "GREETING": "it's $$HOME",
        "TOKEN": "${TOKEN:?see env.sample}",
    }
    assert service["ports"] == ["127.0.0.1:${PORT:-8080}:8080"]

    # Without Compose: what README.md of the Docker form says, with its own port.
    (directory / ".env").write_text("TOKEN=x\n")
    image, _ = engine.images.build(
        path=str(directory), tag="answer-1", rm=True, forcerm=True, network_mode="none"
    )
    assert "TOKEN=x" not in json.dumps([image.attrs, image.history()])
    try:
        command = export.command("answer-1", spec)
        with running(engine, "answer-1", command, 18080, directory) as url:
            response = answer(f"{url}/v1/nodes/any:execute", {"input": {}})
        assert response.json() == {"output": {"y": 42}}
    finally:
        engine.images.remove("answer-1")


def test_an_image_runs_elsewhere(
    engine: docker.DockerClient, http_image: str, tmp_path: Path
) -> None:
    spec = DockerSpec(
        image=http_image,
        endpoint={"port": 8080},
        command=["a b", "$c"],
        env=[{"name": "GREETING", "value": "it's"}],
        username="json_key",
        password_secret="key",
    )
    compose = unpacked(
        export.packed("echo-2", spec, None, base="", form="compose"), tmp_path / "compose"
    )
    (service,) = yaml.safe_load((compose / "docker-compose.yml").read_text())["services"].values()
    assert (service["image"], service["command"]) == (http_image, ["a b", "$$c"])
    assert "docker login -u json_key" in (compose / "README.md").read_text()
    assert not (compose / "env.sample").exists()

    directory = unpacked(
        export.packed("echo-2", spec, None, base="", form="docker"), tmp_path / "docker"
    )
    script = (directory / "run.sh").read_text()
    with running(engine, "echo-2", script, 18081, directory) as url:
        seen = answer(f"{url}/x", {}).json()
    assert (seen["arguments"], seen["greeting"]) == (["a b", "$c"], "it's")
