"""A node answers as its own OpenAPI document says, whatever is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from ...support.waiting import PATIENCE
from .conftest import Served, variable

ROWS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"price": {"type": "number"}, "name": {"type": "string"}},
        "required": ["price", "name"],
        "additionalProperties": False,
    },
}
NUMBERS = {"type": "array", "items": {"type": "number"}}
TYPES = {
    "arrays": (
        "y = x",
        [variable("x", "ndarray", schema=NUMBERS)],
        [variable("y", "ndarray", schema=NUMBERS)],
        {},
    ),
    "tables": (
        "out = d\nn = len(s)",
        [variable("d", "DataFrame", schema=ROWS), variable("s", "Series", schema=NUMBERS)],
        [variable("out", "DataFrame", schema=ROWS), variable("n", "int")],
        {},
    ),
    "scalars": (
        "out = [when, raw, count, ratio, flag, text, more]",
        [
            variable("when", "datetime"),
            variable("raw", "bytes"),
            variable("count", "int"),
            variable("ratio", "float"),
            variable("flag", "bool", default=True),
            variable("text", "str", required=False, default="a"),
            variable("more", "dict", default={}),
        ],
        [variable("out", "list")],
        {},
    ),
    "undescribed": (
        "out, table, many = x, d, s",
        [variable("x", "ndarray"), variable("d", "DataFrame"), variable("s", "Series")],
        [variable("out", "ndarray"), variable("table", "DataFrame"), variable("many", "Series")],
        {},
    ),
    "page": (
        "page = '<p>' + text\nresponse_status = 202",
        [variable("text", "str")],
        [variable("page", "str")],
        {"response": {"body": "page", "content_type": "text/html"}},
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_nothing_is_found(
    name: str, make_bundle: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    cell, inputs, outputs, settings = TYPES[name]
    node = serve(make_bundle(cell, inputs, outputs, **settings))
    document = node.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(node.client.base_url))
    # JSON Schema can't say that arrays are rectangular and of one kind.
    excluded = [positive_data_acceptance] if name == "undescribed" else []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @hypothesis.settings(
                max_examples=15,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(hypothesis.HealthCheck),
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def run(case: Any) -> None:
                case.call_and_validate(excluded_checks=excluded, timeout=PATIENCE)

            run()
