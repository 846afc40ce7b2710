"""Answers of the cell's own choosing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]
Check = Callable[..., dict[str, Any]]

CELL = """
body = {"text": "<p>é</p>", "bytes": b"\\x89PNG\\n\\x00", "number": 1, "none": ""}[kind]
if status is not None:
    response_status = status
if headers is not None:
    response_headers = headers
"""
INPUTS = [
    variable("kind", "str"),
    variable("status", required=False, default=None),
    variable("headers", required=False, default=None),
]


@pytest.fixture
def page(make_bundle: Make) -> Path:
    response = {"body": "body", "content_type": "text/html"}
    return make_bundle(CELL, INPUTS, [variable("body")], response=response, isolation="auto")


def test_body_status_and_headers(page: Path, serve: Serve) -> None:
    node = serve(page)
    answer = node.post({"kind": "text"}, x_request_id="r1")
    assert (answer.status_code, answer.text) == (200, "<p>é</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-request-id"] == "r1"
    given = {"kind": "bytes", "status": 418, "headers": {"X-Tea": "green", "Content-Type": "a/b"}}
    answer = node.execute(given)
    assert (answer.status_code, answer.content) == (418, b"\x89PNG\n\x00")
    assert (answer.headers["x-tea"], answer.headers["content-type"]) == ("green", "a/b")
    answer = node.post({"kind": "text"})  # nothing stays from the request before
    assert (answer.status_code, "x-tea" in answer.headers) == (200, False)
    assert node.post({"kind": "none", "status": 204}).status_code == 204


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "number"}, "must be str or bytes"),
        ({"kind": "text", "status": 99}, "from 200 to 599"),
        ({"kind": "text", "status": "200"}, "must be an int"),
        ({"kind": "text", "status": 204}, "has no body"),
        ({"kind": "text", "headers": {"X": "a\r\nY: b"}}, "one line"),
        ({"kind": "text", "headers": {"X Y": "a"}}, "name of a header"),
        ({"kind": "text", "headers": {"Content-Length": "1"}}, "set by the server"),
        ({"kind": "text", "headers": [1]}, "must be a dict"),
    ],
)
def test_what_cannot_be_sent(page: Path, serve: Serve, given: Any, words: str) -> None:
    answer = serve(page).post(given)
    assert (answer.status_code, answer.json()["code"]) == (500, 13)
    assert words in answer.json()["message"]


def test_it_is_described(page: Path, serve: Serve) -> None:
    paths = serve(page).get("/openapi.json").json()["paths"]
    for operation in paths.values():
        assert list(operation["post"]["responses"]["200"]["content"]) == ["text/html"]


def test_dry_run(page: Path, check: Check) -> None:
    result = check(page, {"kind": "text", "status": 404})
    assert result["ok"]
    assert result["output"] == {"body": "<p>é</p>"}
    assert result["isolation"]["chosen"] == "shared"
