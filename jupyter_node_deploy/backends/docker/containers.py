"""How an instance's container is made: with as few rights as it can do with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.images import Image
from docker.types import LogConfig, Mount, Ulimit

from ..base import CellWorkload, InstanceSpec, Resources
from . import gpus, labels
from .engine import Machine
from .environments.environments import Environment
from .owner import Owner

#: Where a container has its instance's directory, and the socket's name in it.
RUN, SOCKET = "/run/node", "http"
TMP = "/tmp"  # noqa: S108 - in the container
#: Processes and threads per core; a worker of numpy alone has a thread per core of the machine.
_PIDS_PER_CORE, _PIDS_AT_LEAST = 256, 512
_LOG_BYTES, _LOG_FILES = 10 * 1000**2, 3
_SECOND = 10**9
_GRACE = "3600"  # seconds; whoever ends a container decides how long it may drain
_GB = 1000**3

#: Asks the front over its socket, as the engine's health check.
_ASK = (
    "import socket,sys; s=socket.socket(socket.AF_UNIX); "
    f"s.connect('{RUN}/{SOCKET}'); s.send(b'GET /readyz HTTP/1.0\\r\\n\\r\\n'); "
    "sys.exit(b' 200 ' not in s.recv(64))"
)


@dataclass(frozen=True)
class Limits:
    """What an instance gets of what it asks for.

    Attributes:
        tmp_bytes: of the file system in memory, the only one that it can fill.
        notes: how that is less than asked for.
    """

    cores: float
    memory_bytes: int
    tmp_bytes: int
    pids: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, wanted: Resources, machine: Machine, *notes_: str) -> Limits:
        """Clamp what is wanted to what the machine has; add that to other notes."""
        notes = [note for note in notes_ if note]
        cores, memory = wanted.cores, wanted.memory_bytes
        if cores > machine.cores:
            cores = machine.cores
            notes.append(f"limited to the machine's {cores} cores")
        if memory > machine.memory_bytes:
            memory = machine.memory_bytes
            notes.append(f"limited to the machine's {memory / _GB:.1f} GB of memory")
        pids = max(_PIDS_AT_LEAST, int(_PIDS_PER_CORE * cores))
        return cls(cores, memory, memory // 2, pids, tuple(notes))


def options(
    spec: InstanceSpec,
    limits: Limits,
    owner: Owner,
    *,
    home: str,
    network: str | None,
    image: Image,
) -> dict[str, Any]:
    """Return what all containers of instances have in common.

    The file system is read-only: ``/tmp`` and the volumes that the image declares are in memory,
    and end with the container.

    Args:
        home: id of the home.
        network: name of the one that it joins; None: it has none at all.
    """
    volumes = (image.attrs.get("Config") or {}).get("Volumes") or ()
    return {
        "image": image,
        "name": f"jupyter-node-{home}-{spec.instance_id}",
        "labels": {
            labels.HOME: home,
            labels.BUILD: "",  # an environment image would pass its own on
            labels.BUILD_FOR: "",
            labels.INSTANCE: spec.instance_id,
            labels.NODE: spec.node_id,
            labels.REVISION: str(spec.revision),
            labels.NOTES: json.dumps(limits.notes),
        },
        "user": owner.user,
        "read_only": True,
        "tmpfs": dict.fromkeys([TMP, *volumes], tmpfs(limits, owner.user)),
        # Not as volumes: the engine would make what is not there.
        "mounts": [
            Mount(one.target, one.source, type="bind", read_only=one.read_only)
            for one in spec.mounts
        ],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,  # takes the exit status of what outlives its parent
        "pids_limit": limits.pids,
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "nano_cpus": int(limits.cores * _SECOND),
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="fsize", soft=limits.tmp_bytes, hard=limits.tmp_bytes),
        ],
        "device_requests": gpus.requests(spec.resources.gpus),
        "network_mode": network or "none",
        "restart_policy": {"Name": "unless-stopped"},
        "log_config": LogConfig(
            type=LogConfig.types.JSON,
            config={"max-size": str(_LOG_BYTES), "max-file": str(_LOG_FILES)},
        ),
    }


def tmpfs(limits: Limits, user: str) -> str:
    """Return the options of a file system in memory that a user can write to.

    Args:
        user: ``UID[:GID]``, or names, which only the image knows.
    """
    # Where the image has the directory, runc gives its mode to what is mounted there.
    ids = user.split(":") if user.replace(":", "").isdigit() else []
    named = "".join(f",{key}={value}" for key, value in zip(("uid", "gid"), ids, strict=False))
    return f"rw,exec,nosuid,nodev,size={limits.tmp_bytes},mode=1777{named}"


def of_cell(
    workload: CellWorkload, environment: Environment, run: Path, variables: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a cell's container has of its own.

    Args:
        run: this machine's directory for the socket.
        variables: of the environment.
    """
    # Only the socket is written there, but a cell could fill it: a file's size is limited, and the
    # backend ends an instance that goes on.
    return {
        "entrypoint": ["python3", "-I", "/runtime/serve.py"],
        "command": [
            "/bundle",
            *("--listen", f"unix:{RUN}/{SOCKET}"),
            *("--workers", str(workload.workers)),
            *("--python", environment.python),
            *("--directory", f"{TMP}/instance"),
            *("--grace", _GRACE),
        ],
        "working_dir": TMP,
        "environment": {"HOME": TMP, **variables},
        "volumes": {
            str(environment.runtime): {"bind": "/runtime", "mode": "ro"},
            str(workload.bundle): {"bind": "/bundle", "mode": "ro"},
            str(run): {"bind": RUN, "mode": "rw"},
        },
        "healthcheck": {
            "test": ["CMD", "python3", "-I", "-S", "-c", _ASK],
            "interval": 30 * _SECOND,
            "timeout": 5 * _SECOND,
            "start_period": 60 * _SECOND,
            "retries": 3,
        },
    }
