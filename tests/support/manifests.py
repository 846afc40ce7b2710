"""Checkpoints written by hand, as a kernel's agent would write them."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from typing import Any, Literal

from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.namespace.manifest import CellInfo, Group, Manifest, VariableInfo


def written(checkpoint: str, kernel_id: str = "kernel", **more: Any) -> dict[str, Any]:
    """Return a manifest as JSON carries it, with whatever values."""
    return {
        "format": 1,
        "id": checkpoint,
        "kernel_id": kernel_id,
        "operation": "Cell run",
        "code": f"x = {checkpoint!r}\nprint(x)",
        "created_at": 1000.0,
        "python": {"executable": "/usr/bin/python3", "version": "3.11.7"},
        "cell": {"source": "x = 1"},
        **more,
    }


def manifest(cell: dict[str, Any] | None = None, **more: Any) -> Manifest:
    """Return a manifest; ``cell`` is what its own text says."""
    known = CellInfo(**{"source": "y = x\n", **(cell or {})})
    return replace(Manifest.read(written(more.pop("id", "c" * 20))), **{"cell": known, **more})


def info(name: str, value: Any = None, **more: Any) -> VariableInfo:
    """Return what a checkpoint says of a plain value."""
    kind = type(value).__name__
    return VariableInfo(
        **{"name": name, "type": kind, "declared": kind, "example": value, "size": 100, **more}
    )


def code(name: str, kind: Literal["function", "class"] = "function") -> VariableInfo:
    """Return what a checkpoint says of a function or class."""
    return VariableInfo(name=name, kind=kind, type=kind, size=100)


def group(
    *names: str, uses: tuple[str, ...] = (), modules: tuple[str, ...] = (), size: int = 1
) -> Group:
    """Return a group whose pickle is not there."""
    sha = hashlib.sha256(repr(names).encode()).hexdigest()
    return Group(names=list(names), pickle=sha, size=size, uses=list(uses), modules=list(modules))


def put(store: BlobStore, content: bytes) -> str:
    """Write a blob, return its hash."""
    sha = hashlib.sha256(content).hexdigest()
    path = store.path(sha)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha


def stored(store: BlobStore, name: str, value: Any) -> Group:
    """Return the group of a variable whose pickle is in the store."""
    content = pickle.dumps({name: value}, 5)
    return Group(names=[name], pickle=put(store, content), size=len(content))
