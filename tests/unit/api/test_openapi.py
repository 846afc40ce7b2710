"""The OpenAPI document: valid, complete, and the one in the repository is current."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jupyter_node_deploy import __version__
from jupyter_node_deploy.api import openapi
from jupyter_node_deploy.api.route_table import ROUTES

KEPT = Path(__file__).resolve().parents[3] / "docs" / "api" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document(ROUTES, __version__)


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def test_the_file_in_the_repository_is_current() -> None:
    assert KEPT.read_text() == openapi.text(ROUTES, __version__), (
        "write it anew: jupyter node openapi > docs/api/openapi.json"
    )


def test_every_route_is_described_once(document: dict[str, Any]) -> None:
    described = [
        (method.upper(), path.removeprefix("/"), operation["operationId"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    assert sorted(described) == sorted((r.method, r.path, r.operation) for r in ROUTES)
    assert len({operation for _, _, operation in described}) == len(described)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = document["components"]["schemas"]
    assert {ref.rpartition("/")[2] for ref in refs(document)} <= names.keys()


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_what_openapi_demands(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert declared == {part.split("}")[0] for part in path.split("{")[1:]}
            assert operation["responses"]
            assert operation["tags"][0] in [tag["name"] for tag in document["tags"]]


def test_the_document_is_plain_json(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document
