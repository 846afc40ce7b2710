"""Cells that fail: the caller is told why, and nobody else notices."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]

FAULTS = """\
import os, sys, ctypes, time

class Odd:
    pass

def deep(n):
    return deep(n + 1)

def fail(v):
    raise KeyError(v)

if how == "raise":
    fail("k")
elif how == "exit":
    sys.exit(3)
elif how == "_exit":
    os._exit(7)
elif how == "segfault":
    ctypes.string_at(0)
elif how == "kill":
    os.kill(os.getpid(), 9)
elif how == "recursion":
    deep(0)
elif how == "memory":
    x = [0] * 10**15
elif how == "interrupt":
    raise KeyboardInterrupt
elif how == "loop":
    while True:
        pass
elif how == "native loop":
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass
elif how == "unset":
    pass
elif how == "not json":
    out = {"a": [1, Odd()]}
elif how == "nan":
    out = {"a": {"b": float("nan")}}
elif how == "cycle":
    out = {}
    out["self"] = out
elif how == "wrong type":
    out = [1]
elif how == "stdin":
    input()
elif how == "cause":
    try:
        fail(1)
    except KeyError as error:
        raise ValueError("outer") from error
elif how == "good":
    out = {"a": 1}
"""


@pytest.fixture
def bundle(make_bundle: Make) -> Path:
    return make_bundle(FAULTS, [variable("how", "str")], [variable("out", "dict")], timeout=1.0)


CELL_ERRORS = {
    "raise": ("KeyError", "'k'"),
    "exit": ("SystemExit", "3"),
    "recursion": ("RecursionError", "maximum recursion depth exceeded"),
    "memory": ("MemoryError", ""),
    "interrupt": ("KeyboardInterrupt", ""),
    "stdin": ("EOFError", ""),
    "cause": ("ValueError", "outer"),
}
OUTPUT_ERRORS = {
    "unset": ("output.out", "not set by the run"),
    "not json": ("output.out.a[1]", "Odd has no JSON form"),
    "nan": ("output.out.a.b", "nan is not allowed"),
    "cycle": ("output.out.self", "contains itself"),
    "wrong type": ("output.out", "declared as an object, but the cell gave list"),
}
CRASHES = {
    "_exit": ("exit code 7", "exit_code", 7),
    "segfault": ("SIGSEGV (a fault in native code", "signal", 11),
    "kill": ("SIGKILL (most likely because memory ran out)", "signal", 9),
}


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_faults(bundle: Path, serve: Serve, isolation: str) -> None:
    node_json = bundle / "node.json"
    node_json.write_text(json.dumps({**json.loads(node_json.read_text()), "isolation": isolation}))
    node = serve(bundle)
    for how, (name, message) in CELL_ERRORS.items():
        answer = node.post({"how": how})
        assert (answer.status_code, answer.json()["code"]) == (500, 13), how
        (detail,) = answer.json()["details"]
        assert detail["error_name"] == name
        assert message in detail["error_message"]
        assert name in answer.json()["message"]
        assert detail["traceback"][0] == "Traceback (most recent call last):", how
        assert not any("runtime" in line for line in detail["traceback"]), how
    for how, (path, message) in OUTPUT_ERRORS.items():
        answer = node.post({"how": how})
        assert (answer.status_code, answer.json()["code"]) == (500, 13), how
        (detail,) = answer.json()["details"]
        assert detail["path"] == path
        assert message in detail["message"]
        assert "out" in answer.json()["message"]
    assert [worker["number"] for worker in node.stats()["workers"]] == [1]
    for how, (text, key, value) in CRASHES.items():
        answer = node.post({"how": how})
        assert (answer.status_code, answer.json()["code"]) == (500, 13), how
        assert text in answer.json()["message"]
        assert answer.json()["details"][0][key] == value
        assert node.post({"how": "good"}).json() == {"out": {"a": 1}}
    for how in ("loop", "native loop"):
        answer = node.post({"how": how})
        assert (answer.status_code, answer.json()["code"]) == (504, 4)
        assert "timeout of 1 s" in answer.json()["message"]
        assert node.post({"how": "good"}).json() == {"out": {"a": 1}}
    metrics = node.get("/metrics").text
    assert 'worker_restarts_total{reason="timeout"} 2' in metrics
    assert ('worker_restarts_total{reason="crash"} 3' in metrics) == (isolation == "shared")
    # Front, zygote, one worker, with `request` its next run's child: no killed one lives on.
    until(lambda: len(node.processes()) == (4 if isolation == "request" else 3))


def test_traceback_has_the_cells_lines(bundle: Path, serve: Serve) -> None:
    node = serve(bundle)
    lines = node.post({"how": "raise"}).json()["details"][0]["traceback"]
    number = FAULTS.splitlines().index('    fail("k")') + 1
    assert f'  File "<cell>", line {number}, in <module>' in lines
    assert '    fail("k")' in lines
    assert "    raise KeyError(v)" in lines
    assert lines[-1] == "KeyError: 'k'"


def test_library_frames_are_left_out(make_bundle: Make, serve: Serve) -> None:
    cell = "import json\nfrom own import load\ny = load(x)"
    files = {"own.py": "import json\n\ndef load(x):\n    return json.loads(x)"}
    node = serve(make_bundle(cell, [variable("x")], [variable("y")], files=files))
    lines = node.post({"x": "{"}).json()["details"][0]["traceback"]
    frames = [line.strip() for line in lines if line.startswith("  File")]
    assert len(frames) == 2
    assert frames[0] == 'File "<cell>", line 3, in <module>'
    assert frames[1].endswith('own.py", line 4, in load')


def test_hidden_traceback(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("1 / 0", [], [variable("y")], show_traceback=False))
    answer = node.post({}, x_request_id="r")
    assert answer.json()["details"] == [
        {"error_name": "ZeroDivisionError", "error_message": "division by zero"}
    ]
    assert "line 1, in <module>" in node.logged("r")["stderr"]


def test_output_read_before_it_is_set(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("count = count + 1", [], [variable("count")]))
    assert "declare it as an input, too" in node.post({}).json()["message"]


def test_error_whose_text_fails(make_bundle: Make, serve: Serve) -> None:
    cell = "class E(Exception):\n    def __str__(self):\n        raise TypeError\nraise E"
    node = serve(make_bundle(cell, [], [variable("y")]))
    assert node.post({}).json()["details"][0]["error_name"] == "E"


def test_output_that_raises_while_encoded(make_bundle: Make, serve: Serve) -> None:
    cell = (
        "import collections.abc\nclass M(collections.abc.Mapping):\n"
        "    def __iter__(self): raise OSError('gone')\n"
        "    def __len__(self): return 1\n    def __getitem__(self, k): return 1\ny = M()"
    )
    node = serve(make_bundle(cell, [], [variable("y")]))
    assert "OSError: gone" in node.post({}).json()["message"]


def test_output_schema(make_bundle: Make, serve: Serve) -> None:
    schema = {"type": "object", "properties": {"v": {"type": "integer"}}, "required": ["v"]}
    node = serve(make_bundle("y = x", [variable("x")], [variable("y", "dict", schema=schema)]))
    assert node.post({"x": {"v": 1}}).status_code == 200
    answer = node.post({"x": {"v": "a"}})
    assert answer.status_code == 500
    assert answer.json()["details"][0]["path"] == "output.y.v"
    assert node.post({"x": {}}).json()["details"][0]["path"] == "output.y.v"


def test_others_are_served_meanwhile(bundle: Path, serve: Serve) -> None:
    node = serve(bundle, "--workers", "2")
    stuck = node.send({"how": "loop"})
    while not stuck.done():
        assert node.post({"how": "good"}).status_code == 200
    assert stuck.result().status_code == 504


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_crash_loop_backs_off_and_recovers(make_bundle: Make, serve: Serve, isolation: str) -> None:
    cell = "import os\nif how == 'bad':\n    os._exit(7)\ny = how"
    node = serve(make_bundle(cell, [variable("how")], [variable("y")], isolation=isolation))
    while (answer := node.post({"how": "bad"})).status_code == 500:
        assert "exit code 7" in answer.json()["message"]
    assert (answer.status_code, answer.json()["code"]) == (503, 14)
    assert "the cell keeps crashing: its process ended with exit code 7" in answer.text
    assert node.get("/readyz").status_code == 503
    until(lambda: node.post({"how": "good"}).status_code == 200)
    assert node.get("/readyz").status_code == 200
    expected = ["ready", "failed", "ready"]
    until(lambda: [line["status"] for line in node.lines("status")] == expected)


def test_a_start_that_crashes_is_tried_again_later_and_later(
    make_bundle: Make, save_state: Callable[..., None], serve: Serve, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    files = {"own.py": f"import os\nif os.path.exists({str(mark)!r}): os._exit(9)\nclass Own: pass"}
    bundle = make_bundle("y = 1", [], [variable("y")], files=files)
    save_state(bundle, "import own\nthing = own.Own()")
    mark.touch()
    node = serve(bundle, wait=False)
    times = until(lambda: found if len(found := node.lines("zygote_died")) >= 7 else None)
    seconds = [datetime.fromisoformat(line["time"]).timestamp() for line in times[:7]]
    pauses = [after - before for before, after in itertools.pairwise(seconds)]
    assert pauses[-1] > pauses[-2] > 2 * min(pauses[:4])
    state = node.get("/readyz").json()
    assert state["status"] == "failed"
    assert "ended: its process ended with exit code 9" in state["reason"]
    assert "next try in" in state["reason"]
    assert node.post({}).status_code == 503
    mark.unlink()
    until(lambda: node.post({}).status_code == 200)


def test_children_of_a_killed_run_die_too(make_bundle: Make, serve: Serve) -> None:
    cell = "import subprocess\nsubprocess.run(['sleep', '987'])"
    node = serve(make_bundle(cell, [], [variable("y")], timeout=0.5))
    assert node.post({}).status_code == 504

    def sleeping() -> bool:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        return "sleep 987" in listed.stdout.splitlines()

    until(lambda: not sleeping())


@pytest.mark.parametrize(
    ("cell", "settings", "text"),
    [
        ("y = (", {}, "the cell does not compile"),
        ("y = 1", {"python": {"version": "2.7.18"}}, "saved state needs the same version"),
        (
            "y = x",
            {"inputs": [variable("x", "int", required=False, default="a")]},
            "the default of input 'x' does not fit its type",
        ),
        ("y = 1", {"format": 2}, "this runtime reads 1"),
    ],
)
def test_broken_starts(
    make_bundle: Make,
    serve: Serve,
    check: Callable[..., Any],
    cell: str,
    settings: dict[str, Any],
    text: str,
) -> None:
    bundle = make_bundle(cell, outputs=[variable("y")], **settings)
    result = check(bundle)
    assert not result["ok"]
    assert text in result["error"]["error_message"]
    node = serve(bundle, wait=False)
    if "format" in settings:
        assert node.process.wait() == 2
        return
    state = until(lambda: (got := node.get("/readyz").json())["status"] == "failed" and got)
    assert text in state["reason"]
    answer = node.post({})
    assert (answer.status_code, answer.json()["code"]) == (503, 14)
    assert node.get("/livez").status_code == 200
    assert node.stop() == 0


def test_no_interpreter(make_bundle: Make, serve: Serve) -> None:
    bundle = make_bundle("y = 1", [], [variable("y")])
    node = serve(bundle, "--python", "/no/such/python", wait=False)
    assert "does not start" in node.get("/readyz").json()["reason"]


@pytest.mark.parametrize("isolation", ["shared", "request"])
@pytest.mark.parametrize("end", ["time.sleep(1000)", "os.kill(os.getpid(), 9)"])
def test_prints_of_a_killed_run_are_kept(
    make_bundle: Make, serve: Serve, isolation: str, end: str
) -> None:
    cell = (
        "import os, sys, time\nprint('so far …', x)\nprint('oh', file=sys.stderr)\n"
        f"if x: {end}\ny = 1"
    )
    bundle = make_bundle(
        cell, [variable("x")], [variable("y")], isolation=isolation, timeout=0.5, workers=1
    )
    node = serve(bundle)
    for x in (1, 0, 2):
        answer = node.post({"x": x}, x_request_id=f"r{x}")
        assert answer.status_code == (200 if not x else 504 if "sleep" in end else 500)
        line = node.logged(f"r{x}")
        assert (line["stdout"], line["stderr"]) == (f"so far … {x}\n", "oh\n")


def test_answer_over_the_limit(make_bundle: Make, serve: Serve) -> None:
    bundle = make_bundle("y = 'é' * n", [variable("n")], [variable("y")], response_limit=100)
    node = serve(bundle)
    assert node.post({"n": 46}).status_code == 200  # two bytes each, and 8 around them
    answer = node.post({"n": 47})
    assert (answer.status_code, answer.json()["code"]) == (500, 13)
    assert "limit is 100" in answer.json()["message"]


def test_worker_that_outgrows_its_memory_is_replaced(make_bundle: Make, serve: Serve) -> None:
    files = {"kept.py": "data = []"}
    cell = "import kept, os\nkept.data.append(b'x' * n)\ny = os.getpid()"
    bundle = make_bundle(
        cell, [variable("n")], [variable("y")], files, memory_limit=64 * 1024 * 1024
    )
    node = serve(bundle)
    first = node.post({"n": 1}).json()["y"]
    assert node.post({"n": 100_000_000}).json()["y"] == first
    until(lambda: node.post({"n": 1}).json()["y"] != first)
    assert 'worker_restarts_total{reason="memory"} 1' in node.get("/metrics").text
    until(lambda: node.lines("worker_outgrown"))


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_run_far_over_the_memory_limit_is_stopped(
    make_bundle: Make, serve: Serve, isolation: str
) -> None:
    cell = "import time\nheld = b'x' * n\nwhile n > 1:\n    time.sleep(0.01)\ny = n"
    bundle = make_bundle(
        cell,
        [variable("n")],
        [variable("y")],
        isolation=isolation,
        memory_limit=64 * 1024 * 1024,
    )
    node = serve(bundle)
    processes = len(node.processes())
    answer = node.post({"n": 200_000_000})
    assert (answer.status_code, answer.json()["code"]) == (500, 13)
    assert "memory limit of 64 MiB" in answer.json()["message"]
    assert node.post({"n": 1}).json() == {"y": 1}
    assert 'worker_restarts_total{reason="memory"} 1' in node.get("/metrics").text
    until(lambda: len(node.processes()) == processes)  # the run's own has not lived on
