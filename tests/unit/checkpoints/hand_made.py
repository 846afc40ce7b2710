"""What a kernel's agent writes into its spool, by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyter_node_deploy.home import Home


def group(name: str, *blobs: Any) -> dict[str, Any]:
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
