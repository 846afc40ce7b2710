"""What one request may leave behind for the next: nothing, or what ``shared`` documents."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]
Save = Callable[..., None]
Check = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_rebinding_is_undone(make_bundle: Make, serve: Serve, isolation: str) -> None:
    cell = (
        "seen = [n for n in ('left', 'out', 'x', 'helper') if n in globals()]\n"
        "left = 1\n"
        "def helper(): return x\n"
        "del_me = 1\n"
        "if x == 'raise': raise ValueError\n"
        "if x != 'unset': out = seen"
    )
    node = serve(make_bundle(cell, [variable("x")], [variable("out")], isolation=isolation))
    for x in (1, 2):
        assert node.post({"x": x}).json() == {"out": ["x"]}
    assert node.post({"x": "raise"}).status_code == 500
    assert node.post({"x": 3}).json() == {"out": ["x"]}
    answer = node.post({"x": "unset"})  # no output of an earlier run comes out
    assert (answer.status_code, answer.json()["code"]) == (500, 13)


def test_globals_of_functions_are_the_namespace(make_bundle: Make, serve: Serve) -> None:
    cell = "def read():\n    return x\nout = [read(), globals() is read.__globals__]"
    node = serve(make_bundle(cell, [variable("x")], [variable("out")]))
    assert node.post({"x": 5}).json() == {"out": [5, True]}


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_output_that_is_an_input(make_bundle: Make, serve: Serve, isolation: str) -> None:
    node = serve(
        make_bundle(
            "items.append(1)",
            [variable("items", "list")],
            [variable("items", "list")],
            isolation=isolation,
        )
    )
    assert node.post({"items": [0]}).json() == {"items": [0, 1]}


@pytest.mark.parametrize(("isolation", "expected"), [("shared", [1, 2, 3]), ("request", [1, 1, 1])])
def test_in_place_changes(
    make_bundle: Make, serve: Serve, isolation: str, expected: list[int]
) -> None:
    files = {"memory.py": "calls = []"}
    cell = "import memory\nmemory.calls.append(1)\nn = len(memory.calls)"
    node = serve(make_bundle(cell, [], [variable("n")], files=files, isolation=isolation))
    assert [node.post({}).json()["n"] for _ in range(3)] == expected


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_random_numbers_do_not_repeat(make_bundle: Make, serve: Serve, isolation: str) -> None:
    cell = "import random\nimport numpy\nv = [random.random(), numpy.random.random()]"
    files = {"sitecustomize.py": ""}
    bundle = make_bundle(
        cell,
        [variable("unused", "ndarray", required=False)],  # numpy is loaded before the fork
        [variable("v")],
        files=files,
        isolation=isolation,
    )
    node = serve(bundle, "--workers", "2")
    futures = [node.send({}) for _ in range(20)]
    values = [tuple(future.result().json()["v"]) for future in futures]
    assert len({one for one, _ in values}) == 20
    assert len({other for _, other in values}) == 20


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_random_numbers_of_the_checkpoint(
    make_bundle: Make, save_state: Save, serve: Serve, isolation: str
) -> None:
    cell = "import random\nimport numpy\nv = [random.random(), numpy.random.random()]"
    settings = {"isolation": isolation, "random_state": "checkpoint"}
    bundle = make_bundle(cell, [], [variable("v")], **settings)
    save_state(bundle, "import random, numpy\nrandom.seed(5)\nnumpy.random.seed(6)")
    node = serve(bundle, "--workers", "2")
    expected = [random.Random(5).random(), numpy.random.RandomState(6).random()]
    assert [node.post({}).json()["v"] for _ in range(4)] == [expected] * 4


def test_random_state_that_is_missing(make_bundle: Make, check: Check) -> None:
    bundle = make_bundle("v = 1", [], [variable("v")], random_state="checkpoint")
    (bundle / "state").mkdir()
    (bundle / "state" / "manifest.json").write_text('{"format": 1, "groups": []}')
    assert "random state" in check(bundle)["error"]["error_message"]


def test_stdout_replaced_by_a_cell(make_bundle: Make, serve: Serve) -> None:
    cell = "import sys, io\nprint('before')\nsys.stdout = io.StringIO()\ny = 1"
    node = serve(make_bundle(cell, [], [variable("y")]))
    for number in range(2):
        assert node.post({}, x_request_id=f"r{number}").status_code == 200
        assert node.logged(f"r{number}")["stdout"] == "before\n"


def test_work_directory_is_a_copy(make_bundle: Make, serve: Serve) -> None:
    cell = "import pathlib\npathlib.Path('data.txt').write_text('new')\ny = 1"
    bundle = make_bundle(cell, [], [variable("y")], files={"data.txt": "old"})
    before = sorted(path.relative_to(bundle) for path in bundle.rglob("*"))
    node = serve(bundle)
    assert node.post({}).status_code == 200
    assert (bundle / "files" / "data.txt").read_text() == "old"
    assert sorted(path.relative_to(bundle) for path in bundle.rglob("*")) == before


FIGURES = """
import matplotlib.pyplot as plt
y = plt.get_fignums()
plt.figure(figsize=(1, 1))
plt.figure(figsize=(1, 1))
if x: raise ValueError
"""


@pytest.mark.parametrize("isolation", ["shared", "request"])
@pytest.mark.parametrize("concurrency", [1, 2])
def test_figures_are_closed_after_each_run(
    make_bundle: Make, save_state: Save, serve: Serve, isolation: str, concurrency: int
) -> None:
    pytest.importorskip("matplotlib")
    cell = FIGURES
    if concurrency > 1:
        if isolation == "request":
            pytest.skip("requests at the same time share the process")
        cell += "import asyncio\nawait asyncio.sleep(0)"
    bundle = make_bundle(
        cell,
        [variable("x", required=False, default=0)],
        [variable("y")],
        isolation=isolation,
        concurrency=concurrency,
    )
    # One that the checkpoint had open stays: no inline backend has closed it there.
    save_state(bundle, "import matplotlib.pyplot as plt\nkept = plt.figure()")
    node = serve(bundle)
    assert node.post({}).json() == {"y": [1]}
    assert node.post({"x": 1}).status_code == 500
    assert node.post({}).json() == {"y": [1]}


LEFT = {
    "thread": """
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
""",
    "process": """
import subprocess
p = subprocess.Popen(['sleep', '986'], start_new_session=True)
""",
    "temporary file": """
import tempfile
path = tempfile.mkdtemp()
open(path + '/a', 'w').close()
""",
}


@pytest.mark.parametrize("kind", list(LEFT))
def test_what_runs_leave_ends_with_them(
    make_bundle: Make, serve: Serve, check: Check, kind: str
) -> None:
    cell = LEFT[kind] + "\ny = [globals().get('path'), p.pid if 'p' in globals() else None]"
    result = check(make_bundle(cell, [], [variable("y")], isolation="auto"))
    assert result["ok"], result["error"]
    assert result["isolation"] == {
        "chosen": "request",
        "reason": f"each run of the cell leaves a {kind} behind",
    }
    node = serve(make_bundle(cell, [], [variable("y")], isolation="request"))
    for _ in range(2):
        path, pid = node.post({}).json()["y"]
        left = [Path(path)] if path is not None else []
        left += [Path(f"/proc/{pid}")] if pid is not None else []
        until(lambda left=left: not any(one.exists() for one in left))  # type: ignore[misc]


def test_what_does_not_pile_up_is_no_reason(make_bundle: Make, check: Check) -> None:
    cell = (
        "import concurrent.futures as f, own, tempfile\nown.start()\n"
        "with f.ThreadPoolExecutor(2) as pool: y = list(pool.map(str, [1]))\n"
        "with tempfile.NamedTemporaryFile() as file: pass"
    )
    own = (
        "import threading, functools\n@functools.cache\ndef start():\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    result = check(make_bundle(cell, [], [variable("y")], {"own.py": own}, isolation="auto"))
    assert result["isolation"]["chosen"] == "shared", result["isolation"]["reason"]
