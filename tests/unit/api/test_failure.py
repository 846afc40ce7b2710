"""Failures become the documented body."""

import logging
from http import HTTPStatus
from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError
from tornado.web import HTTPError

from jupyter_node_deploy.api.failure import render
from jupyter_node_deploy.errors import NotFound, ResourceExhausted

LOG = logging.getLogger("test")


def rendered(error: Exception) -> tuple[int, Any]:
    """Return status and body."""
    status, body, _ = render(error, LOG)
    return status, body


class Inner(BaseModel):
    json_schema: dict[str, int] = Field(alias="schema")


class Outer(BaseModel):
    inputs: list[Inner]
    count: int


def test_our_errors_keep_status_code_and_details() -> None:
    error = NotFound("No node 'x'.", [{"path": "node", "message": "unknown"}])
    assert render(error, LOG) == (
        404,
        {"code": 5, "message": "No node 'x'.", "details": [{"path": "node", "message": "unknown"}]},
        {},
    )
    assert render(ResourceExhausted("full"), LOG)[2] == {"Retry-After": "1"}


def test_a_validation_error_names_each_field_as_the_caller_wrote_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inputs": [{"schema": {"a": "b"}}], "count": "many"})
    status, body = rendered(caught.value)
    assert status == 400
    assert body["code"] == 3
    assert [detail["path"] for detail in body["details"]] == [
        "inputs.0.schema.a",
        "count",
    ]
    assert "inputs.0.schema.a" in body["message"]
    assert [detail["reason"] for detail in body["details"]] == ["INT_PARSING"] * 2
    assert body["reason"] == "REQUEST_INVALID"


@pytest.mark.parametrize(
    ("status", "code"), [(400, 3), (401, 16), (403, 7), (404, 5), (405, 12), (413, 8), (503, 14)]
)
def test_tornados_errors_get_a_grpc_code(status: int, code: int) -> None:
    found, body, _ = render(HTTPError(status, "because of %s", "x"), LOG)
    assert found == status
    assert (body["code"], body["message"]) == (code, "because of x")
    assert body["reason"] == HTTPStatus(status).name


def test_what_nobody_foresaw_is_an_incident(caplog: pytest.LogCaptureFixture) -> None:
    status, body = rendered(ZeroDivisionError("secret inside"))
    assert status == 500
    assert body["code"] == 13
    assert "secret" not in body["message"]
    assert body["metadata"]["incident"] in caplog.text
    assert "secret inside" in caplog.text
