"""The node's own OpenAPI 3.1 description, from its declared variables."""

from __future__ import annotations

from typing import Any

from ...web import execute_path
from ..bundle import Bundle, Variable
from ..media import answer_type, request_types

_ROW = {"type": "object"}
_TYPES: dict[str, dict[str, Any]] = {
    "dict": {"type": "object"},
    "list": {"type": "array"},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {
        "type": "string",
        "contentEncoding": "base64",
        "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    },
    "datetime": {"type": "string", "format": "date-time"},
    "ndarray": {"type": "array"},
    "Series": {"type": ["array", "object"]},
    "any": {},
}
_FRAME_IN = {
    "oneOf": [
        {"type": "array", "items": _ROW, "description": "rows"},
        {"type": "object", "description": "columns, or {columns, data, index}"},
    ]
}
_ERRORS = {
    "400": "The request does not match the node's inputs; details name each field.",
    "403": "The folder may not call this node.",
    "406": "The answer has none of the forms that are accepted.",
    "413": "The body is too large.",
    "415": "The body has a content type that the node does not take, or is compressed.",
    "429": "Too many requests wait; try again later.",
    "500": "The cell raised, or its process died; details say which.",
    "503": "The node is starting, stopping or broken; the message says which.",
    "504": "The cell ran longer than its timeout.",
}


def describe(bundle: Bundle) -> dict[str, Any]:
    """Return the OpenAPI document of a node."""
    name = bundle.node_name or "node"
    request: dict[str, Any] = {
        "type": "object",
        "required": ["input"] if any(_needed(one) for one in bundle.inputs) else [],
        "properties": {
            "folder_id": {"type": "string", "description": "The caller's folder."},
            "node_id": {"type": "string"},
            "input": _object(bundle.inputs, request=True),
        },
        "additionalProperties": False,
    }
    media: dict[str, Any] = {"schema": request}
    bare: dict[str, Any] = {"schema": _object(bundle.inputs, request=True)}
    if bundle.example is not None:
        media["example"] = {"input": bundle.example}
        bare["example"] = bundle.example
    outputs = _object(bundle.outputs, request=False)
    answer = {"type": "object", "required": ["output"], "properties": {"output": outputs}}
    operations = {
        execute_path.of_node(bundle.node_id or name): _operation(
            "execute", "Run the cell.", media, answer
        ),
        "/": _operation("run", "Run the cell, without envelope.", bare, outputs),
    }
    binary = {"schema": {"type": "string", "format": "binary"}}
    for operation in operations.values():
        for media_type in request_types(bundle):
            operation["requestBody"]["content"][media_type] = dict(binary)
        if (answers := answer_type(bundle)) is not None:
            operation["responses"]["200"]["content"][answers] = dict(binary)
    if bundle.response is not None:
        chosen: dict[str, Any] = {bundle.response["content_type"]: {"schema": {}}}
        for operation in operations.values():
            operation["responses"]["200"]["content"] = chosen
            operation["responses"]["default"] = {"description": "A status that the cell chose."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": str(bundle.revision),
            "description": "A notebook cell, served.",
        },
        "paths": {path: {"post": operation} for path, operation in operations.items()},
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["code", "message", "details"],
                    "properties": {
                        "code": {"type": "integer", "description": "gRPC code"},
                        "message": {"type": "string"},
                        "details": {"type": "array", "items": {"type": "object"}},
                        "reason": {"type": "string", "description": "stable, for programs"},
                        "metadata": {"type": "object"},
                    },
                }
            }
        },
    }


def _operation(
    name: str, summary: str, media: dict[str, Any], answer: dict[str, Any]
) -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": media}},
        "responses": {
            "200": {
                "description": "The cell's outputs.",
                "content": {"application/json": {"schema": answer}},
            },
            **{code: {"description": text, "content": error} for code, text in _ERRORS.items()},
        },
    }


def _object(variables: list[Variable], *, request: bool) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [one.name for one in variables if not request or _needed(one)],
        "properties": {one.name: _schema(one, request=request) for one in variables},
        "additionalProperties": False,
    }


def _needed(variable: Variable) -> bool:
    return variable.required and not variable.has_default


def _schema(variable: Variable, *, request: bool) -> dict[str, Any]:
    if variable.schema is not None:
        schema = dict(variable.schema)
    elif variable.type == "DataFrame":
        schema = dict(_FRAME_IN) if request else {"type": "array", "items": _ROW}
    else:
        schema = dict(_TYPES.get(variable.type, {}))
    if variable.description:
        schema["description"] = variable.description
    if request and variable.has_default:
        schema["default"] = variable.default
    return schema
