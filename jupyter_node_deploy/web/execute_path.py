"""The path of a call: ``POST /v1/nodes/NODE_ID:execute``, or an alias' in its place.

Clients, the gateway, fronts and the documents of nodes agree on it here.
"""

from __future__ import annotations

#: What the gateway takes, percent-decoded; ``/datasphere`` is how the original's clients begin it.
PATTERN = r"^(/datasphere)?/v1/(nodes|aliases)/[^/:]+:execute$"
_END = ":execute"


def of_node(node_id: str) -> str:
    """Return the path of a node."""
    return f"/v1/nodes/{node_id}{_END}"


def is_call(path: str) -> bool:
    """Return whether the body for this path is ``{"input": …}`` rather than the bare input."""
    return path.endswith(_END)
