"""Test requests: what of a caller's headers reaches the node, and bodies of any kind."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from jupyter_node_deploy.nodes.instances.exchange import NodeRequest, answer
from jupyter_node_deploy.web.message import Response


def test_the_folder_is_never_the_callers_choice() -> None:
    given = {"Accept": "text/html", "X-Folder-Id": "theirs", "Transfer-Encoding": "chunked"}
    wanted = NodeRequest(path="/", headers=given)
    assert wanted.headers_for("mine") == {"accept": "text/html", "x-folder-id": "mine"}


@pytest.mark.parametrize(
    "given",
    [
        {"path": "x"},
        {"path": "/ x"},
        {"path": "/\r\nX: y"},
        {"path": "/", "headers": {"a": "b\r\nc: d"}},
        {"path": "/", "headers": {"a b": "c"}},
        {"path": "/", "method": "TRACE"},
    ],
)
def test_what_would_break_the_protocol_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NodeRequest.model_validate(given)


def test_what_is_no_text_comes_as_base64() -> None:
    shown = answer(Response(200, b"\xff\x00", {"content-type": "image/png"}), 0.5)
    assert base64.b64decode(shown.body) == b"\xff\x00"
    assert (shown.encoding, shown.seconds, shown.headers["content-type"]) == (
        "base64",
        0.5,
        "image/png",
    )
    assert answer(Response(404, "нет".encode()), 0.1).body == "нет"
