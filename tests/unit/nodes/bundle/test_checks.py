"""Generated checks: what they accept, what they say, and which schemas are refused."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from jupyter_node_deploy.errors import InvalidArgument
from jupyter_node_deploy.nodes.bundle.checks import generate
from jupyter_node_deploy.specs import Variable

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["left"],
    "properties": {
        "left": {"type": "integer"},
        # Names of properties that are keywords elsewhere.
        "enum": {"type": "string"},
        "pattern": {"type": "string"},
        "rows": {"type": "array", "items": {"type": "string", "pattern": "^a'\"\n"}},
    },
}


def load(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "checks.py", "exec"), namespace)
    return namespace


def failure(schema: dict[str, Any], value: Any) -> tuple[str, str] | None:
    module = load(generate([Variable(name="a", json_schema=schema)], []))
    try:
        module["INPUTS"]["a"](value)
    except module["CheckFailed"] as error:
        return error.path, error.message
    return None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"left": 1, "enum": "x", "pattern": "("}, None),
        ({"left": "1"}, ("a.left", "must be integer")),
        ({}, ("a.left", "is required")),
        ({"left": 1, "more": 2}, ("a.more", "is not expected")),
        ({"left": 1, "rows": ["a'\"\n", 5]}, ("a.rows[1]", "must be string")),
        ([], ("a", "must be object")),
    ],
)
def test_paths(value: Any, expected: tuple[str, str] | None) -> None:
    assert failure(SCHEMA, value) == expected


def test_schemas_do_not_meet() -> None:
    one = {"$ref": "#/definitions/x", "definitions": {"x": {"enum": [1]}}}
    two = {"$ref": "#/definitions/x", "definitions": {"x": {"enum": [2]}}}
    module = load(
        generate(
            [Variable(name="a", json_schema=one), Variable(name="b", json_schema=two)],
            [Variable(name="a", json_schema={"type": "null"}), Variable(name="free")],
        )
    )
    module["INPUTS"]["a"](1)
    module["INPUTS"]["b"](2)
    module["OUTPUTS"]["a"](None)
    assert set(module["OUTPUTS"]) == {"a"}
    for table, name, value in (("INPUTS", "a", 2), ("INPUTS", "b", 1), ("OUTPUTS", "a", 1)):
        with pytest.raises(module["CheckFailed"]):
            module[table][name](value)


def test_only_the_standard_library_is_imported() -> None:
    source = generate([Variable(name="a", json_schema=SCHEMA)], [])
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "foo"}, "type"),
        ({"properties": 3}, "properties"),
        ({"pattern": "("}, "pattern"),
        ({"patternProperties": {"(": {}}}, "patternProperties.("),
        ({"properties": {"enum": {"$ref": "http://192.0.2.1/x"}}}, "properties.enum.$ref"),
        ({"$ref": "file:///etc/passwd"}, "$ref"),
        ({"$ref": "#/definitions/none"}, ""),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, "$schema"),
    ],
)
def test_bad_schemas_are_refused_with_their_path(schema: dict[str, Any], path: str) -> None:
    variables = [Variable(name="fine"), Variable(name="a", json_schema=schema)]
    with pytest.raises(InvalidArgument) as caught:
        generate([], variables)
    assert caught.value.details[0]["path"] == f"cell.outputs.1.schema.{path}".rstrip(".")
