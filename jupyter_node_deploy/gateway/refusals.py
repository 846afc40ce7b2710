"""What a gateway answers instead of an instance: the same words whichever gateway it is."""

from __future__ import annotations

from ..errors import NodeDeployError, Unavailable, Unimplemented
from .routes import AliasRoute, NodeRoute, Routes

NO_TOKEN = "No token: send the header 'Authorization: Bearer <token>'."  # noqa: S105 - words
INVALID = "The token is not valid."
EXPIRED = "The token has expired; issue a new one."
REVOKED = "The token was revoked; issue a new one."
OTHER_FOLDER = "The token is for another folder than the one in x-folder-id."
TWO_NAMES = "Send x-node-id or x-node-alias, not both."
NO_PATH = (
    "No such path. POST /v1/nodes/NODE_ID:execute or /v1/aliases/ALIAS:execute, or send "
    "the header x-node-id or x-node-alias."
)
LOST = (
    "The instance ended the connection before its answer was whole; the request may "
    "have been carried out."
)
NONE_ACCEPTS = "has no healthy instance: none accepts connections."

_STATES = {
    "CREATED": "is starting",
    "PREPARING": "is starting",
    "SUSPENDED": "is suspended; resume it to send it requests",
    "FAILED": "could not be started",
    "DELETING": "is being deleted",
}


def is_ready(node: NodeRoute, *, docker: bool) -> bool:
    """Return whether the node gets requests; ``docker``: whether docker nodes can."""
    return bool(
        node.instances
        and (docker or node.type == "cell")
        and node.status not in ("SUSPENDED", "DELETING")
    )


def node_refusal(node_id: str, node: NodeRoute, *, docker: bool) -> NodeDeployError:
    """Return what a caller is told of a node that is not ready."""
    return _not_ready(f"Node {node_id}", node, node.reason, docker=docker)


def alias_refusal(name: str, alias: AliasRoute, routes: Routes, *, docker: bool) -> NodeDeployError:
    """Return what a caller is told of an alias none of whose nodes is ready."""
    for target in alias.targets:
        node = routes.nodes.get(target.node)
        if node is not None:
            # Without the node's id and reason: who may call the alias need not see the node.
            return _not_ready(f"A node behind alias {name}", node, "", docker=docker)
    return Unavailable(f"Alias {name} has no node.")


def _not_ready(subject: str, node: NodeRoute, reason: str, *, docker: bool) -> NodeDeployError:
    words = f": {reason}" if reason else ""
    if node.type != "cell" and not docker:
        return Unimplemented(
            f"{subject} runs a Docker image, which needs the docker backend: the process backend "
            f"has no container engine{words or '.'}"
        )
    state = _STATES.get(node.status, "has no healthy instance")
    if node.status == "SUSPENDED":
        words = ""  # that is the reason
    return Unavailable(f"{subject} {state}{words or '.'}")
