"""W3C trace context: what is passed on, and what is ignored."""

import pytest

from jupyter_node_deploy.runtime.front.trace_context import lines, trace_id

ID, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{ID}-{SPAN}-01"


@pytest.mark.parametrize("parent", [PARENT, f" {PARENT} ", f"01-{ID}-{SPAN}-01-more"])
def test_valid(parent: str) -> None:
    assert lines({"traceparent": parent}) == f"{parent.strip()}\n".encode()
    assert trace_id(parent.strip()) == ID


@pytest.mark.parametrize(
    "parent",
    [
        "",
        f"ff-{ID}-{SPAN}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"01-{ID}-{SPAN}-01more",
        f"00-{ID.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID}-{SPAN}",
        f"00-{ID}-{SPAN}-1",
        f"{PARENT}, {PARENT}",
        f"{PARENT}\nx",
    ],
)
def test_invalid(parent: str) -> None:
    assert lines({"traceparent": parent, "tracestate": "a=b"}) is None


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("a=b", "a=b"),
        ("a=b ,\tc@d=e f,, ", "a=b,c@d=e f"),
        ("fw529a3039@dt=FfAx", "fw529a3039@dt=FfAx"),
        ("a", ""),
        ("A=b", ""),
        ("a=b=c", ""),
        ("a=b,a=c", ""),
        ("a=ü", ""),
        (",".join(f"k{number}=v" for number in range(33)), ""),
    ],
)
def test_state(state: str, kept: str) -> None:
    assert lines({"traceparent": PARENT, "tracestate": state}) == f"{PARENT}\n{kept}".encode()
