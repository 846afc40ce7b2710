"""Checkpoints written by hand, as a kernel's agent would write them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from jupyter_node_deploy.home import Home


def write_blob(home: Home, content: bytes) -> str:
    sha = hashlib.sha256(content).hexdigest()
    target = home.blobs / sha[:2] / sha
    target.parent.mkdir(mode=0o700, exist_ok=True)
    target.write_bytes(content)
    return sha


def manifest(name: str, kernel_id: str = "kernel", **values: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "id": name,
        "kernel_id": kernel_id,
        "operation": "Cell run",
        "code": f"x = {name!r}\nprint(x)",
        "created_at": 1000.0,
        "python": {"executable": "/usr/bin/python3", "version": "3.11.7"},
        "cell": {"source": "x = 1"},
        **values,
    }


def group(name: str, *blobs: str) -> dict[str, Any]:
    return {"names": [name], "pickle": blobs[0], "buffers": list(blobs[1:]), "size": 1}


def spool(home: Home, data: dict[str, Any]) -> Path:
    directory = home.spool / data["kernel_id"]
    directory.mkdir(exist_ok=True)
    target = directory / f"{data['id']}.json"
    part = directory / f".{data['id']}.tmp"
    part.write_text(json.dumps(data))
    part.replace(target)
    return target


def announce(home: Home, kernel_id: str, pid: int | None = None, started_at: float = 4e9) -> None:
    directory = home.spool / kernel_id
    directory.mkdir(exist_ok=True)
    info = {
        "pid": os.getpid() if pid is None else pid,
        "python": "3.11.7",
        "ipykernel": "7.4.0",
        "started_at": started_at,
    }
    (directory / "agent.json").write_text(json.dumps(info))
