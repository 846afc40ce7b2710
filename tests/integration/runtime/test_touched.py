"""What the runs of a dry run touch outside of their environment is noted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.namespace.touched import Touched

from .conftest import variable

Make = Callable[..., Path]
Check = Callable[..., dict[str, Any]]

#: What a dry run of a cell that touches nothing tells, but for what is loaded.
KINDS = ("files", "written", "missing", "programs", "addresses", "variables")


def touched(result: dict[str, Any], *, ok: bool = True) -> dict[str, Any]:
    assert result["ok"] is ok, result["error"]
    found = Touched(**result["touched"])
    return {kind: getattr(found, kind) for kind in KINDS if getattr(found, kind)}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    (data / "rates.csv").write_text("a\n12\n")
    return data


@pytest.mark.parametrize("isolation", ["auto", "shared", "request"])
@pytest.mark.parametrize(
    "read",
    [
        "y = open(path).read()",
        "y = os.read(os.open(path, os.O_RDONLY), 9).decode()",
        "from pathlib import Path\ny = Path(path).read_text()",
        "def f():\n    return Path(path).read_text()\nfrom pathlib import Path\ny = f()",
        "import mmap\nfile = open(path)\ny = mmap.mmap(file.fileno(), 0, prot=1).read().decode()",
        (
            "from concurrent.futures import ThreadPoolExecutor as Pool\n"
            "with Pool() as pool: y = pool.submit(lambda: open(path).read()).result()"
        ),
        "import asyncio\ny = await asyncio.to_thread(lambda: open(path).read())",
        "os.path.exists(path)\ny = os.popen('cat ' + path).read()",
    ],
)
def test_a_file_outside(
    make_bundle: Make, check: Check, outside: Path, read: str, isolation: str
) -> None:
    path = str(outside / "rates.csv")
    cell = f"import os\npath = {path!r}\n{read}"
    result = check(make_bundle(cell, [], [variable("y")], isolation=isolation))
    found = touched(result)
    if "cat " in read:  # another process reads it
        assert [Path(one).name for one in found["programs"]] == ["cat"]
    else:
        assert found == {"files": [path]}


def test_a_file_of_a_local_module(make_bundle: Make, check: Check, outside: Path) -> None:
    path = str(outside / "rates.csv")
    module = f"TEXT = open({path!r}).read()\n"
    cell = "import helper\ny = helper.TEXT"
    result = check(make_bundle(cell, [], [variable("y")], {"helper.py": module}))
    assert touched(result) == {"files": [path]}


def test_what_travels_along_is_not_outside(make_bundle: Make, check: Check) -> None:
    cell = (
        "import os, tempfile, json.tool, csv\ny = open('data.csv').read()\n"
        "os.listdir('.'); os.listdir()\n"
        "with tempfile.TemporaryDirectory() as place:\n"
        "    file = os.path.join(place, 'x')\n"
        "    with open(file, 'w') as f: f.write(y)\n"
        "    y = open(file).read()\n"
        "with tempfile.NamedTemporaryFile() as f: open(f.name).read()\n"
        "open('own.txt', 'w').write(y); open('own.txt').read()\n"
        "open(os.__file__).read(); open('/proc/self/stat').read()\n"
        "dict(os.environ); os.environ.copy(); {**os.environ}; os.environ['PATH']; list(os.environ)"
    )
    result = check(make_bundle(cell, [], [variable("y")], {"data.csv": "1"}))
    assert touched(result) == {}


def test_what_is_written_and_listed(make_bundle: Make, check: Check, outside: Path) -> None:
    new = outside / "new.txt"
    cell = (
        f"import os\ny = os.listdir({str(outside)!r})\nopen({str(new)!r}, 'w').write('1')\n"
        f"open({str(new)!r}).read()"
    )
    result = check(make_bundle(cell, [], [variable("y")]))
    assert touched(result) == {"files": [str(outside)], "written": [str(new)]}


def test_a_file_that_is_missing_is_told_with_the_failure(make_bundle: Make, check: Check) -> None:
    result = check(make_bundle("y = open('data.csv').read()", [], [variable("y")]))
    assert touched(result, ok=False) == {"missing": ["data.csv"]}


def test_programs(make_bundle: Make, check: Check) -> None:
    cell = (
        "import subprocess, os, sys\nsubprocess.run(['ls', '/'], stdout=-3)\n"
        "os.system('X=1 echo hi | cat >/dev/null')\n"
        "subprocess.run('true && false', shell=True)\n"
        "subprocess.run([sys.executable, '-c', ''])\ny = 1"
    )
    found = touched(check(make_bundle(cell, [], [variable("y")])))
    assert {Path(one).name for one in found["programs"]} == {"ls", "echo", "true"}


def test_addresses(make_bundle: Make, check: Check) -> None:
    cell = (
        "import socket, urllib.request\ny = 1\n"
        "for address in (('127.0.0.1', 9), '/nowhere.sock'):\n"
        "    s = socket.socket(socket.AF_INET if address[1] == 9 else socket.AF_UNIX)\n"
        "    try: s.connect(address)\n    except OSError: y += 1\n"
        "try: urllib.request.urlopen('http://rates.invalid:81/')\nexcept OSError: y += 1\n"
        "server = socket.create_server(('127.0.0.1', 18437), reuse_port=True)\n"
        "socket.create_connection(('127.0.0.1', 18437)).close(); server.close()\n"
    )
    found = touched(check(make_bundle(cell, [], [variable("y")])))
    assert found == {"addresses": ["127.0.0.1:9", "rates.invalid:81", "unix:/nowhere.sock"]}


def test_variables(make_bundle: Make, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP_A", "SHOP_B", "SHOP_C", "SHOP_D"):
        monkeypatch.setenv(name, "1")
    cell = (
        "import os\nos.environ['SHOP_A']; os.getenv('SHOP_B'); 'SHOP_C' in os.environ\n"
        "os.environ.get('SHOP_UNSET')\nfor name, value in os.environ.items(): pass\ny = 1"
    )
    found = touched(check(make_bundle(cell, [], [variable("y")])))
    assert found == {"variables": ["SHOP_A", "SHOP_B", "SHOP_C"]}


def test_what_packages_do_while_they_are_imported_is_their_own(
    make_bundle: Make, check: Check
) -> None:
    pytest.importorskip("pandas")
    cell = "import pandas\nimport logging.config, sqlite3, ssl\ny = pandas.Series([1]).sum().item()"
    result = check(make_bundle(cell, [], [variable("y")]))
    assert touched(result) == {}
    loaded = result["touched"]["modules"]
    assert {"pandas", "numpy", "dateutil"} <= {*loaded}
    assert not {"os", "logging", "sqlite3", "_ssl", "json"} & {*loaded}
    assert not [one for one in loaded if one.startswith("pandas.")]


def test_serving_notes_nothing(make_bundle: Make, serve: Callable[..., Any], outside: Path) -> None:
    path = str(outside / "rates.csv")
    cell = f"import sys\ny = [open({path!r}).read(), [m for m in sys.modules if 'touching' in m]]"
    served = serve(make_bundle(cell, [], [variable("y")]))
    assert served.post({}).json() == {"y": ["a\n12\n", []]}


def test_what_is_installed_may_be_looked_up(make_bundle: Make, check: Check, outside: Path) -> None:
    cell = (
        f"import sys\nsys.path.append({str(outside)!r})\n"
        "from importlib import metadata\ny = len(metadata.entry_points())"
    )
    assert touched(check(make_bundle(cell, [], [variable("y")]))) == {}
