"""Requests that must be refused, each with the place that is wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...support.randomizer import SCHEMA
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]

GOOD = {"left_bound": 1, "right_bound": 10}
TABLE: list[tuple[str, str, dict[str, str]]] = [
    ("missing", '{"input":{}}', {"input.input_data": "missing"}),
    ("no input", "{}", {"input.input_data": "missing"}),
    ("empty body", "", {"input.input_data": "missing"}),
    (
        "extra",
        '{"input":{"input_data":{"left_bound":1,"right_bound":2},"x":1}}',
        {"input.x": "unknown input; the node's inputs: input_data, number"},
    ),
    ("wrong type", '{"input":{"input_data":[1]}}', {"input.input_data": "an array"}),
    ("null", '{"input":{"input_data":null}}', {"input.input_data": "null"}),
    (
        "several fields",
        '{"input":{"input_data":{"left_bound":"a","extra":1},"number":true}}',
        {
            "input.input_data.left_bound": "is not of type 'integer'",
            "input.input_data.right_bound": "missing",
            "input.input_data.extra": "unknown field",
            "input.number": "expected an integer, got a boolean",
        },
    ),
    (
        "float for int",
        '{"input":{"input_data":{"left_bound":1,"right_bound":2},"number":1.0}}',
        {"input.number": "expected an integer, got a number"},
    ),
    (
        "string for int",
        '{"input":{"input_data":{"left_bound":1,"right_bound":2},"number":"1"}}',
        {"input.number": "expected an integer, got a string"},
    ),
    ("malformed", '{"input":\n {"input_data" 1}}', {"": "line 2 column 16"}),
    ("cut off", '{"input":{"input_data":{"left_bound":1', {"": "line 1 column"}),
    ("trailing data", '{"input":{}} x', {"": "Extra data: line 1 column 14"}),
    ("NaN", '{"input":{"number":NaN}}', {"": "NaN is not allowed"}),
    ("infinity", '{"input":{"number":-Infinity}}', {"": "-Infinity is not allowed"}),
    ("too large a float", '{"input":{"number":1e999}}', {"": "1e999 is too large"}),
    ("duplicate key", '{"input":{"number":1,"number":2}}', {"": '"number" occurs twice'}),
    ("deep", '{"input":' + "[" * 100_000, {"": "nested too deeply"}),
    ("deep objects", '{"a":' * 100_000, {"": "nested too deeply"}),
    ("endless int", '{"input":{"number":' + "1" * 5000 + "}}", {"": "4300"}),
    ("not an object", "[1]", {"": "expected an object, got an array"}),
    ("input not an object", '{"input":5}', {"input": "expected an object, got an integer"}),
    ("unknown field", '{"inputs":{}}', {"inputs": "unknown field"}),
    ("folder not a string", '{"folder_id":5,"input":{}}', {"folder_id": "expected a string"}),
]


@pytest.fixture
def node(make_bundle: Make, serve: Serve) -> Served:
    inputs = [
        variable("input_data", "dict", schema=SCHEMA),
        variable("number", "int", required=False, default=0),
    ]
    cell = "output_data = dict(input_data, number=number)"
    return serve(make_bundle(cell, inputs, [variable("output_data", "dict")], body_limit=2**20))


def test_refusals(node: Served) -> None:
    for name, body, expected in TABLE:
        answer = node.client.post(
            "/v1/nodes/n1:execute", content=body, headers={"content-type": "application/json"}
        )
        got = answer.json()
        assert (answer.status_code, got["code"]) == (400, 3), name
        assert got.keys() - {"reason", "template", "metadata"} == {"code", "message", "details"}, (
            name
        )
        found = {detail["path"]: detail["message"] for detail in got["details"]}
        assert found.keys() == expected.keys(), (name, found)
        for path, text in expected.items():
            assert text in found[path], (name, found)
    stats = node.stats()
    assert len(stats["workers"]) == 1
    assert stats["workers"][0]["number"] == 1, "a bad request ended the worker"
    assert node.execute({"input_data": GOOD}).json() == {
        "output": {"output_data": {**GOOD, "number": 0}}
    }


def test_bare_body_has_bare_paths(node: Served) -> None:
    got = node.post({"input_data": {"left_bound": 1}, "y": 1}).json()
    assert {detail["path"] for detail in got["details"]} == {"input_data.right_bound", "y"}


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        (None, 200),
        ("application/json; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/xml", 415),
    ],
)
def test_content_type(node: Served, content_type: str | None, status: int) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    body = json.dumps({"input": {"input_data": GOOD}}).encode()
    answer = node.client.post("/v1/nodes/n1:execute", content=body, headers=headers)
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["code"] == 3
        assert answer.json()["details"][0]["path"] == "content-type"


@pytest.mark.parametrize("encoding", ["gzip", "br", "x-unknown", "identity, gzip"])
def test_a_compressed_body_is_named_as_such(node: Served, encoding: str) -> None:
    body = gzip.compress(json.dumps({"input": {"input_data": GOOD}}).encode())
    headers = {"content-type": "application/json", "content-encoding": encoding}
    answer = node.client.post("/v1/nodes/n1:execute", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, 3)
    assert answer.json()["details"][0]["path"] == "content-encoding"
    assert "send the body uncompressed" in answer.json()["message"]


def test_an_encoding_that_changes_nothing_is_taken(node: Served) -> None:
    body = json.dumps({"input": {"input_data": GOOD}}).encode()
    headers = {"content-type": "application/json", "content-encoding": "Identity"}
    answer = node.client.post("/v1/nodes/n1:execute", content=body, headers=headers)
    assert answer.status_code == 200


def test_body_over_the_limit(node: Served) -> None:
    answer = node.execute({"input_data": GOOD, "x": "a" * 2**20})
    assert (answer.status_code, answer.json()["code"]) == (413, 8)


def test_not_utf8(node: Served) -> None:
    headers = {"content-type": "application/json"}
    answer = node.client.post("/", content=b'{"a":"\xff"}', headers=headers)
    assert "not UTF-8: byte 6" in answer.json()["message"]


def test_folder(node: Served) -> None:
    body: dict[str, Any] = {"input": {"input_data": GOOD}}
    for name, own, status in (
        ("folder_id", "mine", 200),
        ("folderId", "mine", 200),
        ("folder_id", "other", 403),
        ("folderId", "other", 403),
    ):
        answer = node.client.post(
            "/v1/nodes/n1:execute", json={name: own, **body}, headers={"x-folder-id": "mine"}
        )
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == 7


def test_nan_where_allowed(make_bundle: Make, serve: Serve) -> None:
    node = serve(
        make_bundle("y = [x, -x]", [variable("x", "float")], [variable("y")], allow_nan=True)
    )
    headers = {"content-type": "application/json"}
    assert node.client.post("/", content=b'{"x":Infinity}', headers=headers).text == (
        '{"y":[Infinity,-Infinity]}'
    )
