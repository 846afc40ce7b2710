"""Arrays as npy and tables as Arrow streams, in both directions."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pandas
import pyarrow
import pytest

from .conftest import Served, variable

NPY = "application/x-npy"
ARROW = "application/vnd.apache.arrow.stream"


def npy(array: numpy.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    numpy.save(file, array, **options)
    return file.getvalue()


def arrow(table: pyarrow.Table | pandas.DataFrame) -> bytes:
    if isinstance(table, pandas.DataFrame):
        table = pyarrow.Table.from_pandas(table)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def send(node: Served, body: bytes, media_type: str, path: str = "/", accept: str = "*/*") -> Any:
    headers = {"content-type": media_type, "accept": accept}
    return node.client.post(path, content=body, headers=headers)


@pytest.fixture
def arrays(make_bundle: Callable[..., Path], save_state: Any, serve: Any) -> Served:
    bundle = make_bundle(
        "x[0] += offset\ny = x * 2",
        [variable("x", "ndarray"), variable("offset", "float", default=1.0, required=False)],
        [variable("y", "ndarray")],
        body_limit=2**25,
        response_limit=2**25,
    )
    save_state(bundle, "import numpy\nx = numpy.zeros(3)\noffset = 0.0")
    return serve(bundle)


def test_an_array_travels_as_npy(arrays: Served) -> None:
    answer = send(arrays, npy(numpy.array([1.0, 2, 3])), NPY, accept=NPY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, NPY)
    assert numpy.load(io.BytesIO(answer.content)).tolist() == [4, 4, 6]
    # The same as JSON, through the form with an envelope, and mixed.
    path = "/v1/nodes/n1:execute"
    answer = send(arrays, npy(numpy.array([1, 2, 3], dtype=">i4")), NPY, path)
    assert answer.json() == {"output": {"y": [4.0, 4.0, 6.0]}}
    body = json.dumps({"input": {"x": [1, 2, 3], "offset": 0}}).encode()
    answer = send(arrays, body, "application/json", path, accept=NPY)
    assert numpy.load(io.BytesIO(answer.content)).tolist() == [2, 4, 6]


def test_a_large_array_and_one_in_columns(make_bundle: Callable[..., Path], serve: Any) -> None:
    cell = "x[0] += 1\ny = x"
    bundle = make_bundle(
        cell, [variable("x", "ndarray")], [variable("y", "ndarray")], response_limit=2**25
    )
    node = serve(bundle)
    for given in (
        numpy.arange(1_300_000, dtype=float),
        numpy.asfortranarray(numpy.arange(12).reshape(3, 4)),
    ):
        expected = given.copy()
        expected[0] += 1
        answer = send(node, npy(given), NPY, accept=NPY)
        assert answer.status_code == 200, answer.text
        found = numpy.load(io.BytesIO(answer.content))
        assert found.dtype == given.dtype
        assert (found == expected).all()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        npy(numpy.zeros(3))[:-1],
        npy(numpy.zeros(3)) + b"x",
        npy(numpy.zeros((1, 3))),
        npy(numpy.array([1.0, numpy.nan, 1])),
        npy(numpy.array(["a", "b", "c"])),
        npy(numpy.array([1, "a", None], dtype=object), allow_pickle=True),
        npy(numpy.zeros(3)).replace(b"(3,)", b"(-1,)"[:4]),
    ],
)
def test_bad_arrays_are_refused(arrays: Served, body: bytes) -> None:
    answer = send(arrays, body, NPY)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["details"][0]["path"] == "x"
    assert answer.json()["reason"] == "INPUT_INVALID"


def test_forms_that_the_node_does_not_have(arrays: Served) -> None:
    answer = send(arrays, arrow(pandas.DataFrame({"a": [1]})), ARROW)
    assert (answer.status_code, answer.json()["code"]) == (415, 3)
    assert "one input of type DataFrame" in answer.json()["message"]
    answer = send(arrays, npy(numpy.zeros(3)), NPY, accept=ARROW)
    assert (answer.status_code, answer.json()["code"]) == (406, 3)
    assert answer.json()["details"][0]["message"] == f"want application/json or {NPY}"


@pytest.mark.parametrize(
    ("accept", "binary"),
    [
        ("*/*", False),
        ("text/html", False),
        (f"{NPY}, */*", True),
        (f"{NPY}, application/json", False),
        (f"application/json;q=0.5, {NPY}", True),
        (f"application/json, {NPY};q=0.5", False),
        (f"{NPY};q=0, application/json", False),
    ],
)
def test_what_accept_leads_to(arrays: Served, accept: str, binary: bool) -> None:
    answer = send(arrays, b'{"x": [1, 2, 3]}', "application/json", accept=accept)
    assert answer.status_code == 200
    assert (answer.headers["content-type"] == NPY) is binary


@pytest.fixture
def tables(make_bundle: Callable[..., Path], save_state: Any, serve: Any) -> Served:
    bundle = make_bundle(
        "d.loc[0, 'price'] = 9.0\nout = d[d['price'] > low]",
        [variable("d", "DataFrame"), variable("low", "float", default=0.0, required=False)],
        [variable("out", "DataFrame")],
    )
    save_state(
        bundle,
        "import pandas\nd = pandas.DataFrame({'price': [1.0], 'name': ['a'], "
        "'at': pandas.to_datetime(['2026-01-31T12:00Z'])})\nlow = 0.0",
    )
    return serve(bundle)


def test_a_table_travels_as_an_arrow_stream(tables: Served) -> None:
    frame = pandas.DataFrame(
        {
            "at": pandas.to_datetime(["2026-01-31T12:00Z", None]),
            "price": pandas.Series([1, 2], dtype="int32"),
            "name": ["a", None],
        }
    )
    answer = send(tables, arrow(frame), ARROW, accept=ARROW)
    assert (answer.status_code, answer.headers["content-type"]) == (200, ARROW), answer.text
    found = pyarrow.ipc.open_stream(answer.content).read_all().to_pandas()
    assert found.columns.tolist() == ["price", "name", "at"]  # as in the checkpoint
    assert found["price"].tolist() == [9.0, 2.0]
    assert found["name"].isna().tolist() == [False, True]
    answer = send(tables, arrow(frame), ARROW, "/v1/nodes/n1:execute").json()
    assert answer["output"]["out"][0] == {
        "price": 9.0,
        "name": "a",
        "at": "2026-01-31T12:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "d"),
        (b"no arrow", "d"),
        (arrow(pandas.DataFrame({"price": [1.0]}))[:-30], "d"),
        (arrow(pandas.DataFrame({"price": [1.0], "name": ["a"]})), "d.at"),
        (arrow(pandas.DataFrame({"price": ["x"], "name": ["a"], "at": ["2026"]})), "d.price"),
    ],
)
def test_bad_tables_are_refused(tables: Served, body: bytes, path: str) -> None:
    answer = send(tables, body, ARROW)
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"][0]["path"] == path


def test_without_pyarrow_it_says_what_to_add(make_bundle: Callable[..., Path], serve: Any) -> None:
    hidden = "raise ImportError('not here')"
    bundle = make_bundle(
        "n = len(d)", [variable("d", "DataFrame")], [variable("n", "int")], {"pyarrow.py": hidden}
    )
    node = serve(bundle)
    answer = send(node, arrow(pandas.DataFrame({"a": [1]})), ARROW)
    assert (answer.status_code, answer.json()["code"]) == (415, 3)
    assert "add pyarrow to it" in answer.json()["message"]
    assert node.post({"d": [{"a": 1}]}).json() == {"n": 1}


def test_the_description_tells_the_forms(arrays: Served) -> None:
    operation = arrays.get("/openapi.json").json()["paths"]["/"]["post"]
    assert list(operation["requestBody"]["content"]) == ["application/json", NPY]
    assert list(operation["responses"]["200"]["content"]) == ["application/json", NPY]
