"""What a command waits for when it asks the server, in words."""

from __future__ import annotations

import re

_API = "jupyter-node-deploy/v1/"

#: Method, path below the control API or the server, and what the server does meanwhile.
_WAITS = (
    ("POST", _API + "nodes", "Trying the node (dry run)"),
    ("POST", _API + "nodes:validate", "Trying the node (dry run)"),
    ("PATCH", _API + "nodes/[^/]+", "Trying the change (dry run)"),
    ("DELETE", _API + "nodes/[^/]+", "Stopping the node's instances"),
    ("POST", _API + "nodes/[^/]+:execute", "Waiting for the node's answer"),
    ("POST", _API + "nodes/[^/]+:suspend", "Stopping the node's instances"),
    ("POST", _API + "nodes/[^/]+:(resume|restart|rollback)", "Starting the node's instances"),
    ("GET", _API + "nodes/[^/]+", "Waiting for the node"),
    ("GET", _API + "nodes/[^/]+/export", "Packing what the node needs"),
    ("POST", _API + "checkpoints", "Waiting for the kernel to make a checkpoint"),
    ("POST", _API + "checkpoints/[^/]+:suggest", "Looking at what the cell needs"),
    ("POST", _API + "checkpoints/[^/]+:pin", "Completing the checkpoint"),
    ("POST", _API + "checkpoints/[^/]+:apply", "Restoring the variables"),
    ("POST", _API + "gateway:reload", "Replacing the gateway's process"),
    ("POST", "api/sessions", "Starting the kernel"),
    ("DELETE", "api/sessions/.+", "Stopping the kernel"),
)


def what(method: str, path: str) -> str:
    """Return what the server does when it is asked this."""
    for asked, pattern, words in _WAITS:
        if asked == method and re.fullmatch(pattern, path):
            return words
    return "Waiting for the Jupyter server"
