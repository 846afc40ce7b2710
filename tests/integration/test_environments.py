"""Environments of kernels and servers as users have them: see ``docs/guide/environments.md``."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..support import environments
from ..support.environments import Environment
from .cli.test_commands import failed, write

# Kernels and nodes one after the other, on machines that may be busy.
pytestmark = pytest.mark.timeout(400)

CELL = "import sys\ny = [shop_rates.rate() * x, sys.prefix]\ny"


@pytest.fixture(scope="module")
def server(hub_user: Any) -> Any:
    return hub_user


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environments.make(tmp_path / "environment")


def deploy(server: Any, name: str, *cells: str) -> tuple[dict[str, Any], str]:
    """Deploy the last cell in the kernel of that name; return the node, and what was told."""
    notebook = write(server.root / f"{name}.ipynb", *cells)
    arguments = ("deploy", notebook, "--cell", str(len(cells)), "--name", name)
    done = server.cli(*arguments, "--kernel", name, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def output(server: Any, node: dict[str, Any], **given: Any) -> Any:
    return server.node("execute", node["id"], json.dumps(given))["output"]["y"]


def test_an_environment_without_pip(server: Any, environment: Environment) -> None:
    environment.install(installer="uv")
    environment.kernel(server.directory / "data", "uv")
    node, _ = deploy(server, "uv", "import shop_rates\nx = 2", CELL)
    assert node["cell"]["requirements"] == ["shop-rates==1.2"]
    assert output(server, node, x=3) == [36, str(environment.root)]


def test_an_environment_of_conda(server: Any, environment: Environment) -> None:
    (environment.root / "conda-meta").mkdir()
    (environment.root / "conda-meta" / "history").write_text("")
    built = "file:///builds/of/somebody/shop-rates_1700000000/work"
    environment.install(installer="conda", url=built)
    environment.kernel(server.directory / "data", "conda")
    node, _ = deploy(server, "conda", "import shop_rates\nx = 2", CELL)
    assert node["cell"]["requirements"] == ["shop-rates==1.2"]
    assert output(server, node, x=3) == [36, str(environment.root)]


def test_a_package_of_a_folder(server: Any, environment: Environment) -> None:
    environment.install(installer="pip", url="file:///gone/rates")
    environment.kernel(server.directory / "data", "folder")
    node, _ = deploy(server, "folder", "import shop_rates\nx = 2", CELL)
    assert node["cell"]["requirements"] == ["shop-rates @ file:///gone/rates"]
    assert output(server, node, x=3) == [36, str(environment.root)]
    [wheel] = (server.data_dir / "bundles" / node["id"] / "1" / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("shop_rates/data/rate.txt") == b"12"


def test_a_package_in_place(server: Any, environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    environments.write_package(folder)
    environment.install(installer="pip", url=folder.as_uri(), folder=folder)
    environment.kernel(server.directory / "data", "place")
    node, told = deploy(server, "place", "import shop_rates\nx = 2", CELL)
    assert node["cell"]["requirements"] == []
    assert "Installed in place from a folder of this machine: shop-rates 1.2" in told
    shutil.rmtree(folder)
    server.node("restart", node["id"])
    assert output(server, node, x=3) == [36, str(environment.root)]


def test_the_time_zone_of_a_kernel(server: Any, environment: Environment) -> None:
    environment.kernel(server.directory / "data", "zone", TZ="MSK-3")
    cell = "from datetime import datetime\ny = datetime.fromtimestamp(0).hour"
    node, _ = deploy(server, "zone", cell)
    assert output(server, node) == 3


def test_the_locale_of_a_kernel(server: Any, environment: Environment) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment.kernel(server.directory / "data", "plain", **plain)
    cell = "import locale\ny = locale.getpreferredencoding(False)"
    _, told = deploy(server, "plain", cell)
    assert 'The notebook left \'y\' as "ANSI_X3.4-1968", and the dry run gave "UTF-8"' in told


def test_a_variable_of_a_kernel(server: Any, environment: Environment) -> None:
    environment.kernel(server.directory / "data", "variable", SHOP_REGION="eu")
    node, _ = deploy(server, "variable", "import os\ny = os.environ['SHOP_REGION']")
    assert node["cell"]["env"] == [{"name": "SHOP_REGION", "value": "eu", "secret": None}]
    assert output(server, node) == "eu"


def test_a_library_of_a_kernel(server: Any, environment: Environment) -> None:
    maps = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    [library] = {line[-1] for line in maps if "/libm.so" in line[-1]}
    shutil.copy(library, environment.root / "libshop.so.7")
    environment.kernel(server.directory / "data", "lib", LD_LIBRARY_PATH=str(environment.root))
    cell = "import ctypes\ny = bool(ctypes.CDLL('libshop.so.7'))"
    notebook = write(server.root / "lib.ipynb", cell)
    arguments = ("deploy", notebook, "--cell", "1", "--name", "lib", "--kernel", "lib")
    error = failed(server, *arguments)
    assert "OSError: libshop.so.7: cannot open shared object file" in error["message"]
    node = server.node(*arguments, "--env", f"LD_LIBRARY_PATH={environment.root}")
    assert output(server, node) is True


def mounted(make_jupyter: Any, how: str) -> Any:
    """Return a server, not started, whose data directory is mounted in some way."""
    server = make_jupyter()
    data = server.directory / "data"
    data.mkdir()
    server.prefix = ("unshare", "-m", "sh", "-c", f'{how} {data} && exec "$@"', "sh")
    tried = subprocess.run([*server.prefix, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no mounts here: {tried.stderr.strip()}")
    return server


def test_a_home_that_is_read_only(make_jupyter: Any) -> None:
    server = mounted(make_jupyter, "mount -t tmpfs -o ro,size=1m tmpfs").start(healthy=False)
    told = server.request("GET", "nodes").json()["message"]
    assert f"did not start: [Errno 30] Read-only file system: '{server.data_dir}'" in told
    assert server.jupyter("POST", "api/kernels").status_code == 201, "Jupyter itself works"
    inside = ("nsenter", "-m", "-t", str(server.process.pid), sys.executable, "-m")
    command = [*inside, "jupyter_node_deploy.cli", "list"]
    done = subprocess.run(command, env=server.env, capture_output=True, text=True, check=False)
    assert f"{server.data_dir} can't be written to (Read-only file system)" in done.stderr
    assert "--data-dir" in done.stderr


def test_a_full_disk(make_jupyter: Any) -> None:
    server = mounted(make_jupyter, "mount -t tmpfs -o size=30m tmpfs").start()
    notebook = write(server.root / "full.ipynb", "x = 1", "y = x")
    arguments = ("deploy", notebook, "--cell", "2", "--input", "x", "--name")
    node = server.node(*arguments, "before")
    place = Path(f"/proc/{server.process.pid}/root{server.directory}/data/filler")
    with place.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(4096)):
            pass
    told = failed(server, *arguments, "after")["message"]
    assert f"it can't write to {server.data_dir}: No space left on device" in told
    assert output(server, node, x=3) == 3, "what serves goes on"
    place.unlink()
    assert server.node(*arguments, "after")["status"] == "HEALTHY"


@pytest.fixture(scope="module")
def of_python(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Return a function that makes an environment with ipykernel for a version of Python."""

    def make(version: str) -> Environment:
        python = environments.interpreter(version)
        if python is None:
            pytest.skip(f"there is no Python {version} here")
        made = environments.bare(tmp_path_factory.mktemp("python") / version, python)
        command = [sys.executable, "-m", "pip", "--python", str(made.python), "install"]
        options = ["ipykernel", "--quiet", "--retries", "0", "--timeout", "5"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"there is no ipykernel for Python {version} here")
        return made

    return make


def test_a_python_that_is_too_old(server: Any, of_python: Any) -> None:
    of_python("3.9").kernel(server.directory / "data", "old")
    notebook = write(server.root / "old.ipynb", "x = 2", "y = x\ny")
    arguments = ("deploy", notebook, "--cell", "2", "--name", "old", "--kernel", "old")
    error = failed(server, *arguments)
    assert "it runs Python 3.9" in error["message"]


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_a_python_that_is_not_the_servers(server: Any, of_python: Any, version: str) -> None:
    of_python(version).kernel(server.directory / "data", f"py{version[2:]}")
    cell = "import sys\ny = [x, '{}.{}'.format(*sys.version_info)]"
    node, _ = deploy(server, f"py{version[2:]}", "x = 2", cell)
    assert output(server, node, x=3) == [3, version]
