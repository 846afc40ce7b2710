"""Backends of other packages: found by name or by class, and what is said of those that fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_node_deploy.app import NodeDeployApp
from jupyter_node_deploy.backends import plugins
from jupyter_node_deploy.backends.base import BackendSettings
from jupyter_node_deploy.backends.choice import choose
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.process.backend import ProcessBackend
from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.home import Home
from tests.support.backend_plugin import TINY, install

SETTINGS = BackendSettings("python:{version}-slim", config=Config(Tiny={"why": "It is tiny."}))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that Python finds."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    return place


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_ours_are_found_as_those_of_others_are() -> None:
    assert {"docker", "process"} <= set(plugins.names())
    assert plugins.load("process") is ProcessBackend
    assert plugins.load("docker") is DockerBackend


async def test_a_name(site: Path, home: Home) -> None:
    install(site, package="tiny_by_name")
    backend, reason = await choose(NodeDeployApp(backend="tiny").backend, home, SETTINGS)
    assert reason == "The backend is set to tiny."
    can = backend.capabilities()
    assert (can.name, can.missing) == ("tiny", {"docker": "It is tiny."})
    assert await backend.observe() == []
    await backend.close()


async def test_a_class(site: Path, home: Home) -> None:
    (site / "tiny_by_class.py").write_text(TINY)
    wanted = NodeDeployApp(backend_class="tiny_by_class.Tiny").backend_class
    assert wanted is not None
    backend, reason = await choose(wanted, home, SETTINGS)
    assert backend.capabilities().name == "tiny"
    assert reason == "The backend is set to tiny_by_class.Tiny."
    await backend.close()


@pytest.mark.parametrize("wrong", ["no_such_module.Backend", "pathlib.Path"])
def test_what_is_no_class_of_a_backend(wrong: str) -> None:
    with pytest.raises(TraitError, match=r"backend_class.*(could not be imported|Backend)"):
        NodeDeployApp(config=Config(NodeDeployApp={"backend_class": wrong}))


async def test_a_name_that_there_is_not(site: Path, home: Home) -> None:
    install(site, package="tiny_of_the_list")
    said = r"no backend 'cloud'; there are: auto, docker, process, tiny"
    with pytest.raises(Unavailable, match=said):
        await choose("cloud", home, SETTINGS)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere_to_be_found\n", "No module named 'nowhere_to_be_found'"),
        ("raise SystemExit(1)\n", "SystemExit"),
        ("x = = 1\n", "SyntaxError"),
        ("", "has no attribute 'Tiny'"),
        ("class Tiny: pass\n", "is no subclass of Backend"),
        ("Tiny = None\n", "is no subclass of Backend"),
    ],
)
async def test_one_that_is_broken_says_so(
    site: Path, home: Home, source: str, said: str, request: pytest.FixtureRequest
) -> None:
    package = f"tiny_broken_{request.node.callspec.indices['source']}"
    install(site, source, package=package)
    assert "tiny" in plugins.names()  # to look for a name imports nothing
    with pytest.raises(Unavailable, match="The backend 'tiny'") as refused:
        await choose("tiny", home, SETTINGS)
    assert said in refused.value.message
    assert f"{package}:Tiny (package {package} 1.2)" in refused.value.message
    backend, _ = await choose("process", home, SETTINGS)  # nothing is wrong with the others
    await backend.close()


async def test_a_name_that_two_packages_take(site: Path, home: Home) -> None:
    for package in ("tiny_one", "tiny_two"):
        install(site, package=package)
    with pytest.raises(Unavailable, match=r"Several packages offer a backend 'tiny'.*tiny_one 1.2"):
        await choose("tiny", home, SETTINGS)
