"""Requests' bytes as JSON values."""

from __future__ import annotations

import pytest

from jupyter_node_deploy.errors import InvalidArgument
from jupyter_node_deploy.runtime.worker.json_text import parse


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a" 1}', "line 1 column 6"),
        (b'{"a":1,"b":{"c":1,"c":2}}', '"c" occurs twice'),
        (b"[NaN]", "NaN is not allowed"),
        (b"[1e400]", "1e400 is too large"),
        (b"[-1E+0400]", "too large"),
        (b"[" + b"1" * 400 + b".0]", "too large"),
        (b"[" * 100_000, "nested too deeply"),
        (b'"\xff"', "not UTF-8"),
        (b"\xef\xbb\xbf1", "line 1 column 1"),
    ],
)
def test_malformed(body: bytes, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse(body)
    assert text in caught.value.message


def test_parse_is_exact() -> None:
    assert parse(b"[9007199254740993, 1e308, 1e-400, 0.1]") == [2**53 + 1, 1e308, 0.0, 0.1]
    assert parse(bytearray(b"{}")) == {}
    assert parse(b"[NaN, 1e999]", allow_nan=True)[1] == float("inf")
