"""How one node is shown."""

from __future__ import annotations

from typing import Any

from .console import fields, moment
from .context import Context


def show_node(context: Context, node: dict[str, Any]) -> None:
    """Show one node."""
    instances = [
        f"{item['id']} {item['status']} {'; '.join(filter(None, [item['reason'], *item['notes']]))}"
        for item in node["instances"]
    ]
    pairs = [
        ("Name", node["name"]),
        ("ID", node["id"]),
        ("Status", f"{node['status']} {node['reason']}".rstrip()),
        ("Execute URL", node["execute_url"]),
        ("Folder", node["folder"]),
        ("ACL", node["acl"]),
        ("Revision", node["revision"]),
        ("Type", node["type"]),
        ("Description", node["description"]),
        ("Backend", node["backend"]),
        ("Instances", instances),
        ("Created", moment(node["created_at"])),
    ]
    if node["cell"] is not None:
        pairs[8:8] = [
            ("Inputs", _inputs(node["cell"]["inputs"])),
            ("Outputs", _variables(node["cell"]["outputs"])),
            ("Isolation", _isolation(node)),
            ("Verified", _verified(node)),
            ("Touches", _touched(node)),
        ]
    if node["docker"] is not None:
        endpoint = node["docker"]["endpoint"]
        pairs[8:8] = [
            ("Image", node["docker"]["image"]),
            ("Endpoint", f"{endpoint['type']}, port {endpoint['port']}"),
        ]
    told = [f"Warning: {warning}" for warning in node["warnings"]]
    context.console.result(node, "\n".join([fields(pairs), *told]))


def _isolation(node: dict[str, Any]) -> str:
    chosen = node["isolation"]
    if chosen is None:
        return str(node["cell"]["isolation"])
    return f"{chosen['chosen']} ({chosen['reason']})"


def _verified(node: dict[str, Any]) -> str:
    """Return how much the dry run compared of what it restored."""
    found = node["verification"]
    if found is None:
        return "not verified"
    parts = [f"{found['compared']} variables compared"]
    if found["partly"]:
        parts.append(f"not as a whole: {', '.join(found['partly'])}")
    if found["unverified"]:
        parts.append(f"not verified: {', '.join(found['unverified'])}")
    return "; ".join(parts)


def _touched(node: dict[str, Any]) -> str:
    """Return what the dry run used of the machine outside of the node."""
    found = node["touched"] or {}
    kinds = (
        ("reads", "files"),
        ("writes", "written"),
        ("starts", "programs"),
        ("connects to", "addresses"),
        ("environment variables", "variables"),
    )
    told = [f"{does} {', '.join(found[kind])}" for does, kind in kinds if found.get(kind)]
    return "; ".join(told)


def _inputs(variables: list[dict[str, Any]]) -> list[str]:
    """Return the inputs, those without a default marked: a request without them is refused."""
    return [
        f"{told} (required)" if variable["required"] else told
        for variable, told in zip(variables, _variables(variables), strict=True)
    ]


def _variables(variables: list[dict[str, Any]]) -> list[str]:
    return [f"{variable['name']}: {variable['type']}" for variable in variables]
