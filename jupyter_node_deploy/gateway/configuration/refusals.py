"""What the gateway answers instead of an instance."""

from __future__ import annotations

from ...errors import (
    DeadlineExceeded,
    Message,
    NodeDeployError,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ..routes import AliasRoute, NodeRoute, Routes

NO_TOKEN = Message("No token: send the header 'Authorization: Bearer <token>'.", "TOKEN_MISSING")
INVALID = Message("The token is not valid.", "TOKEN_INVALID")
EXPIRED = Message("The token has expired; issue a new one.", "TOKEN_EXPIRED")
REVOKED = Message("The token was revoked; issue a new one.", "TOKEN_REVOKED")
OTHER_FOLDER = Message(
    "The token is for another folder than the one in x-folder-id.", "TOKEN_OF_OTHER_FOLDER"
)
TWO_NAMES = Message("Send x-node-id or x-node-alias, one of them once.", "NODE_OR_ALIAS")
NO_PATH = Message(
    "No such path. POST /v1/nodes/NODE_ID:execute or /v1/aliases/ALIAS:execute, or send "
    "the header x-node-id or x-node-alias.",
    "NO_SUCH_PATH",
)
LOST = Message(
    "The instance ended the connection before its answer was whole; the request may "
    "have been carried out.",
    "ANSWER_CUT_OFF",
)


def no_node(name: str) -> NotFound:
    """Return what is told where there is no such node, or none for this caller."""
    return NotFound(Message("There is no node '{node}'.", "NODE_NOT_FOUND", node=name))


def no_alias(name: str) -> NotFound:
    """Return what is told where there is no such alias, or none for this caller."""
    return NotFound(Message("No alias '{alias}'.", "ALIAS_NOT_FOUND", alias=name))


def no_access(folder: str) -> PermissionDenied:
    """Return what is told a folder that no access list has."""
    return PermissionDenied(
        Message("The folder {folder} has no access.", "FOLDER_HAS_NO_ACCESS", folder=folder)
    )


def late(seconds: float) -> DeadlineExceeded:
    """Return what is told when an instance did not answer in time."""
    return DeadlineExceeded(
        Message(
            "The instance did not answer within {seconds} s.", "INSTANCE_TIMEOUT", seconds=seconds
        )
    )


def nobody(subject: str) -> Unavailable:
    """Return what is told when no instance of a node or an alias takes connections."""
    return Unavailable(
        Message(
            "{subject} has no healthy instance: none accepts connections.",
            "NO_INSTANCE_ACCEPTS",
            subject=subject,
        )
    )


def is_ready(node: NodeRoute) -> bool:
    """Return whether the node gets requests."""
    return bool(node.instances and node.status not in ("SUSPENDED", "DELETING"))


def node_refusal(node_id: str, node: NodeRoute) -> NodeDeployError:
    """Return what a caller is told of a node that is not ready."""
    return _not_ready(f"Node {node_id}", node, node.reason)


def alias_refusal(name: str, alias: AliasRoute, routes: Routes) -> NodeDeployError:
    """Return what a caller is told of an alias none of whose nodes is ready."""
    for target in alias.targets:
        node = routes.nodes.get(target.node)
        if node is not None:
            # Without the node's id and reason: who may call the alias need not see the node.
            return _not_ready(f"A node behind alias {name}", node, "")
    return Unavailable(Message("Alias {alias} has no node.", "ALIAS_HAS_NO_NODE", alias=name))


def _not_ready(subject: str, node: NodeRoute, reason: str) -> NodeDeployError:
    status = node.status
    if status in ("CREATED", "PREPARING"):
        told = Message(
            "{subject} is starting. {cause}",
            "NODE_NOT_READY",
            subject=subject,
            status=status,
            cause=reason,
        )
    elif status == "SUSPENDED":
        told = Message(  # without the reason: it says the same
            "{subject} is suspended; resume it to send it requests.",
            "NODE_NOT_READY",
            subject=subject,
            status=status,
            cause=reason,
        )
    elif status == "FAILED":
        told = Message(
            "{subject} could not be started. {cause}",
            "NODE_NOT_READY",
            subject=subject,
            status=status,
            cause=reason,
        )
    elif status == "DELETING":
        told = Message(
            "{subject} is being deleted. {cause}",
            "NODE_NOT_READY",
            subject=subject,
            status=status,
            cause=reason,
        )
    else:
        told = Message(
            "{subject} has no healthy instance. {cause}",
            "NODE_NOT_READY",
            subject=subject,
            status=status,
            cause=reason,
        )
    return Unavailable(told)
