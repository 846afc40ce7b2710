"""What a healthy node answers, and what it tells about itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from ...support.environments import interpreter
from ...support.randomizer import RANDOMIZER, SCHEMA
from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]

INPUT = variable("input_data", "dict", schema=SCHEMA)
OUTPUT = variable("output_data", "dict")


@pytest.fixture
def randomizer(make_bundle: Make) -> Path:
    return make_bundle(
        RANDOMIZER, [INPUT], [OUTPUT], example={"input_data": {"left_bound": 1, "right_bound": 10}}
    )


def test_envelope(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer, "--workers", "2")
    bounds = {"left_bound": 1, "right_bound": 10}
    values = set()
    for _ in range(200):
        answer = node.execute({"input_data": bounds}, folder_id="f", node_id="n1")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        values.add(answer.json()["output"]["output_data"]["generated_value"])
    assert values == set(range(1, 11))


def test_bare_body_and_request_id(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer)
    inputs = {"input_data": {"left_bound": 7, "right_bound": 7}}
    answer = node.post(inputs, x_request_id="mine")
    assert answer.json() == {"output_data": {"generated_value": 7}}
    assert answer.headers["x-request-id"] == "mine"
    made = [node.post(inputs).headers["x-request-id"] for _ in range(2)]
    assert len({*made, "mine"}) == 3


def test_prints_are_logged_with_the_request(make_bundle: Make, serve: Serve) -> None:
    cell = "import sys\nprint('hello', x)\nprint('oops', file=sys.stderr)\ny = x"
    node = serve(make_bundle(cell, [variable("x")], [variable("y")]))
    answer = node.post({"x": "é"}, x_request_id="r1", x_folder_id="caller's")
    assert answer.json() == {"y": "é"}
    line = node.logged("r1")
    assert line["folder"] == "caller's"
    assert (line["stdout"], line["stderr"], line["status"]) == ("hello é\n", "oops\n", 200)
    assert node.post({"x": 1}, x_request_id="r2").status_code == 200
    assert node.logged("r2")["stdout"] == "hello 1\n"
    assert node.logged("r2")["folder"] == ""


def test_long_prints_are_bounded(make_bundle: Make, serve: Serve) -> None:
    node = serve(
        make_bundle("for _ in range(1000):\n    print('x' * 999)\ny = 1", [], [variable("y")])
    )
    assert node.post({}, x_request_id="r").status_code == 200
    text = node.logged("r")["stdout"]
    assert len(text) < 70_000
    assert "more characters were dropped" in text


def test_top_level_await(make_bundle: Make, serve: Serve) -> None:
    cell = (
        "import asyncio\n"
        "async def double(v):\n    await asyncio.sleep(0)\n    return 2 * v\n"
        "left = asyncio.create_task(asyncio.sleep(1000))\n"
        "y = await double(x)\n"
    )
    node = serve(make_bundle(cell, [variable("x", "int")], [variable("y", "int")]))
    assert [node.post({"x": x}).json() for x in (1, 2)] == [{"y": 2}, {"y": 4}]


def test_future_flags(make_bundle: Make, serve: Serve) -> None:
    import __future__

    flags = __future__.annotations.compiler_flag
    cell = "def f(v: not_defined): ...\ny = f.__annotations__['v']"
    node = serve(make_bundle(cell, [], [variable("y")], flags=flags))
    assert node.post({}).json() == {"y": "not_defined"}


def test_missing_inputs(make_bundle: Make, serve: Serve) -> None:
    inputs = [
        variable("a", "list", required=False, default=[1]),
        variable("b", required=False, default=None),
    ]
    cell = "a.append(2)\nout = [a, b]"
    node = serve(make_bundle(cell, inputs, [variable("out", "list")]))
    assert node.post({}).json() == {"out": [[1, 2], None]}
    assert node.post({}).json() == {"out": [[1, 2], None]}  # a default of its own each time
    assert node.post({"a": [], "b": 3}).json() == {"out": [[2], 3]}


def test_exact_numbers(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("y = x", [variable("x")], [variable("y")]))
    big = 2**200 + 1
    assert node.post({"x": [big, 0.1, 1e-320, -0.0, 1e308]}).content == (
        b'{"y":[%d,0.1,1e-320,-0.0,1e+308]}' % big
    )


def test_unicode_and_lone_surrogates(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("y = x", [variable("x")], [variable("y")]))
    assert "привет".encode() in node.post({"x": "привет"}).content
    body = b'{"x": "\\ud800"}'
    answer = node.client.post("/", content=body, headers={"content-type": "application/json"})
    assert json.loads(answer.content) == {"y": "\ud800"}


def test_large_bodies(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("y = x[::-1]", [variable("x", "list")], [variable("y", "list")]))
    numbers = list(range(700_000))
    assert node.post({"x": numbers}).json()["y"] == numbers[::-1]


def test_user_modules(make_bundle: Make, serve: Serve) -> None:
    names = ["server", "worker", "types_", "json5", "zygote", "errors", "frames", "runtime", "web"]
    cell = "".join(f"import {name}\n" for name in names)
    cell += f"from pkg.part import VALUE\ny = [{', '.join(f'{one}.NAME' for one in names)}, VALUE]"
    files = {f"{name}.py": f"NAME = {name!r}" for name in names}
    files |= {"pkg/__init__.py": "", "pkg/part.py": "VALUE = 1", "data.txt": "data"}
    cell += "\ny.append(open('data.txt').read())"
    node = serve(make_bundle(cell, [], [variable("y")], files=files))
    assert node.post({}).json() == {"y": [*names, 1, "data"]}


def test_nothing_of_ours_is_visible(make_bundle: Make, serve: Serve) -> None:
    cell = (
        "import sys\ny = dict(names=sorted(k for k in globals() if k != 'sys'), argv=sys.argv,"
        " path=[p for p in sys.path if 'kernel_path' in p], main=__name__)"
    )
    node = serve(make_bundle(cell, [], [variable("y")]))
    got = node.post({}).json()["y"]
    assert got["argv"] == [""]
    assert got["path"] == []
    assert got["main"] == "__main__"
    assert [name for name in got["names"] if not name.startswith("__")] == []


def test_health_metrics_stats(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer, "--workers", "2")
    assert node.get("/livez").status_code == 200
    assert node.get("/readyz").json() == {"status": "ready"}
    assert node.post({}).status_code == 400
    assert node.post({"input_data": {"left_bound": 1, "right_bound": 2}}).status_code == 200
    metrics = node.get("/metrics").text.splitlines()
    assert 'requests_total{code="200"} 1' in metrics
    assert 'requests_total{code="400"} 1' in metrics
    assert "request_duration_seconds_count 2" in metrics
    assert "cell_duration_seconds_count 1" in metrics
    assert "queue_duration_seconds_count 2" in metrics
    assert "queue_length 0" in metrics
    assert "requests_in_flight 0" in metrics
    assert sum(line.startswith("worker_memory_bytes{") for line in metrics) == 2
    stats = node.stats()
    assert len(stats["workers"]) == 2
    assert stats["start"] == "fork"
    assert node.get("/nowhere").json()["code"] == 5
    assert node.client.put("/readyz").status_code == 405


def test_openapi(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer)
    document = node.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    media = document["paths"]["/v1/nodes/n1:execute"]["post"]["requestBody"]["content"]
    example = media["application/json"]["example"]
    jsonschema.validate(example, media["application/json"]["schema"])
    answer = node.client.post("/v1/nodes/n1:execute", json=example)
    responses = document["paths"]["/v1/nodes/n1:execute"]["post"]["responses"]
    jsonschema.validate(answer.json(), responses["200"]["content"]["application/json"]["schema"])


def test_unix_socket_of_a_killed_front(
    randomizer: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("u")
    command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(randomizer)]
    command += ["--listen", f"unix:{place}/s", "--directory", str(place / "i")]
    for _ in range(2):  # the second one finds the socket of the first
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        transport = httpx.HTTPTransport(uds=f"{place}/s")
        with httpx.Client(transport=transport, base_url="http://node") as client:

            def ready(client: httpx.Client = client) -> bool:
                try:
                    return client.get("/readyz").status_code == 200
                except httpx.TransportError:
                    return False

            until(ready)
        process.kill()
        process.wait()


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_interpreter(version: str, make_bundle: Make, serve: Serve) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    cell = RANDOMIZER + "import asyncio, sys\nawait asyncio.sleep(0)\nv = sys.version_info[:2]"
    node = serve(make_bundle(cell, [INPUT], [OUTPUT, variable("v", "list")]), "--python", python)
    answer = node.post({"input_data": {"left_bound": 3, "right_bound": 3}})
    expected: dict[str, Any] = {"output_data": {"generated_value": 3}}
    assert answer.json() == {**expected, "v": [int(part) for part in version.split(".")]}
    failed = node.post({"input_data": {"left_bound": 3, "right_bound": 2}}).json()
    assert failed["details"][0]["error_name"] == "ValueError"
    assert "    return dict(generated_value=randint(" in failed["details"][0]["traceback"]


def test_docs_page_needs_nothing_from_outside(randomizer: Path, serve: Serve) -> None:
    page = serve(randomizer).get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'lang="en"' in page.text
    assert "://" not in page.text


def test_methods_that_are_not_served(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer)
    for path in ("/", "/v1/nodes/n1:execute"):
        answer = node.client.request("DELETE", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_trace_context_is_passed_on(make_bundle: Make, serve: Serve) -> None:
    cell = "import os\ny = [os.environ.get(name) for name in ('TRACEPARENT', 'TRACESTATE')]"
    node = serve(make_bundle(cell, [], [variable("y")]), TRACEPARENT="of the instance")
    trace, state = f"00-{'ab' * 16}-{'cd' * 8}-01", "congo=t61, rojo=00f067aa0ba902b7"
    got = node.post({}, traceparent=trace, tracestate=state, x_request_id="r1", x_folder_id="f")
    assert got.json()["y"] == [trace, "congo=t61,rojo=00f067aa0ba902b7"]
    assert node.logged("r1")["trace_id"] == "ab" * 16
    assert node.post({}, traceparent=trace, content_type="text/css").status_code == 415
    assert all(line["trace_id"] == "ab" * 16 for line in node.lines("request"))
    assert node.post({}, traceparent=trace, tracestate="no").json()["y"] == [trace, ""]
    assert node.post({}).json()["y"] == [None, None]
    later = f"cc-{'ab' * 16}-{'cd' * 8}-01-what-the-future-brings"
    assert node.post({}, traceparent=later).json()["y"] == [later, ""]
    got = node.post({}, traceparent="nonsense", tracestate=state, x_request_id="r2")
    assert got.json()["y"] == [None, None]
    assert "trace_id" not in node.logged("r2")


def test_the_example_runs_as_it_is(randomizer: Path, serve: Serve) -> None:
    node = serve(randomizer)
    for path, operation in node.get("/openapi.json").json()["paths"].items():
        media = operation["post"]["requestBody"]["content"]["application/json"]
        assert node.client.post(path, json=media["example"]).status_code == 200


def test_large_bodies_are_not_copied_needlessly(make_bundle: Make, serve: Serve) -> None:
    limit = 1 << 30
    bundle = make_bundle(
        "y = 'x' * n or len(x)",
        [variable("n"), variable("x", required=False, default="")],
        [variable("y")],
        body_limit=limit,
        response_limit=limit,
    )
    node = serve(bundle)
    assert node.post({"n": 1}).status_code == 200
    size = 64_000_000
    front, worker = node.process.pid, node.stats()["workers"][0]["pid"]
    for inputs, of_front, of_worker in (
        ({"n": size}, 1, 3),  # the value and its JSON: as text, as UTF-8, between its braces
        ({"n": 0, "x": "x" * size}, 2, 3),  # as it came, in one piece; the JSON, as text, the value
    ):
        before = [_memory(pid, "VmRSS", reset=True) for pid in (front, worker)]
        assert node.post(inputs).status_code == 200
        more = [
            _memory(pid, "VmHWM") - was for pid, was in zip((front, worker), before, strict=True)
        ]
        assert more[0] < (of_front + 0.5) * size
        assert more[1] < (of_worker + 0.5) * size


def _memory(pid: int, name: str, *, reset: bool = False) -> int:
    place = Path(f"/proc/{pid}")
    if reset:
        (place / "clear_refs").write_text("5")  # VmHWM becomes VmRSS
    lines = (place / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
