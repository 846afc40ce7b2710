"""The OpenAPI 3.1 document, made from the route table and the models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .models import ErrorBody
from .route import PREFIX, Route

_REF = "#/components/schemas/{model}"
_Mode = Literal["validation", "serialization"]


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """Return the document; the same routes and version always give the same one."""
    refs, components = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_node_deploy control API",
            "version": version,
            "description": "Checkpoints of notebook cells, and the nodes made from them.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [
            {
                "url": "{server}" + PREFIX,
                "description": "Below the base URL of a Jupyter server.",
                "variables": {"server": {"default": "http://localhost:8888"}},
            }
        ],
        "security": [{"jupyterToken": []}],
        "tags": [{"name": name} for name in dict.fromkeys(route.resource for route in routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "jupyterToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The Jupyter server's token; its login cookie with the "
                    "X-XSRFToken header works too.",
                }
            },
        },
    }


def text(routes: Sequence[Route], version: str) -> str:
    """Return the document as the file that is kept in the repository."""
    return json.dumps(document(routes, version), indent=2, sort_keys=True) + "\n"


_Refs = dict[tuple[type[BaseModel], _Mode], dict[str, Any]]


def _schemas(routes: Sequence[Route]) -> tuple[_Refs, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], _Mode], None] = {(ErrorBody, "serialization"): None}
    for route in routes:
        if route.request is not None:
            wanted[route.request, "validation"] = None
        if route.response is not None:
            wanted[route.response, "serialization"] = None
    refs, definitions = models_json_schema(list(wanted), by_alias=True, ref_template=_REF)
    return dict(refs), definitions["$defs"]  # type: ignore[arg-type]


def _operation(route: Route, refs: _Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.resource],
        "x-jupyter-authorization": {
            "resource": f"node_deploy:{route.resource}",
            "action": route.action,
        },
        "responses": {
            str(route.status): _success(route, refs),
            "default": {
                "description": "Failure",
                "content": {"application/json": {"schema": refs[ErrorBody, "serialization"]}},
            },
        },
    }
    parameters = _path_parameters(route) + _query_parameters(route)
    if parameters:
        operation["parameters"] = parameters
    if route.request is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[route.request, "validation"]}},
        }
    return operation


def _success(route: Route, refs: _Refs) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Success"}
    if route.response is not None:
        schema = refs[route.response, "serialization"]
        answer["content"] = {route.content: {"schema": schema}}
    elif route.status != 204:
        kind = "object" if route.content == "application/json" else "string"
        answer["content"] = {route.content: {"schema": {"type": kind}}}
    return answer


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.names
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]
