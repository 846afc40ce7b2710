"""What the server may ask of the agent; JSON in, JSON out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..namespace.manifest import Operation
from .agent import AUTOSAVE, STANDARD, Agent
from .apply import NotApplied, apply
from .startup import running

#: JSON objects.
Request = dict[str, Any]
Reply = dict[str, Any]


def answer(text: str) -> str:
    """Do what is asked for.

    Args:
        text: ``{"do": "checkpoint" | "settle" | "verify" | "apply" | "mode" | "ping", …}`` as JSON.

    Returns:
        ``{"ok": true, …}`` or ``{"ok": false, "error": words}`` as JSON.
    """
    try:
        request = json.loads(text)
        agent = running()
        if agent is None:
            raise Refused("the agent is not running in this process")
        agent.request_ran()
        do = _REQUESTS.get(request.get("do"))
        if do is None:
            raise Refused(f"unknown request {request.get('do')!r}")
        reply = {"ok": True, **do(agent, request)}
    except KeyboardInterrupt:
        reply = {"ok": False, "error": "interrupted"}
    except (Refused, NotApplied) as error:
        reply = {"ok": False, "error": str(error)}
    except OSError as error:
        reply = {"ok": False, "error": f"could not be written: {error.strerror or error}"}
    except BaseException as error:
        reply = {"ok": False, "error": f"{type(error).__name__}: {str(error)[:500]}"}
    return json.dumps(reply)


class Refused(Exception):
    """The request can't be met; the message says why."""


def _checkpoint(agent: Agent, request: Request) -> Reply:
    operation = request.get("operation", Operation.FORCED.value)
    if operation not in (Operation.FORCED.value, Operation.CELL_RUN.value):
        raise Refused(f"unknown operation {operation!r}")
    if "while" in request and not Path(request["while"]).exists():
        raise Refused("nobody waits for the checkpoint any more")
    if request.get("if_changed") and not agent.changed:
        return {"id": None}
    checkpoint = agent.checkpoint(Operation(operation), everything=True)
    agent.settle()
    return {"id": checkpoint}


def _settle(agent: Agent, request: Request) -> Reply:
    agent.settle()
    return {}


def _verify(agent: Agent, request: Request) -> Reply:
    agent.verify(request.get("id"))
    agent.settle()
    return {}


def _apply(agent: Agent, request: Request) -> Reply:
    applied = apply(agent, Path(request["manifest"]), agent.home / "blobs")
    agent.settle()
    return {
        "id": applied.id,
        "restored": applied.restored,
        "removed": applied.removed,
        "failures": [
            {"names": list(failure.names), "reason": failure.reason} for failure in applied.failures
        ],
    }


def _mode(agent: Agent, request: Request) -> Reply:
    mode = request.get("mode")
    if mode not in (STANDARD, AUTOSAVE):
        raise Refused(f"unknown mode {mode!r}")
    agent.mode = mode
    return {"mode": mode}


def _ping(agent: Agent, request: Request) -> Reply:
    return {
        "pid": os.getpid(),
        "mode": agent.mode,
        "changed": agent.changed,
        "delay": agent.delay,
    }


_REQUESTS: dict[Any, Callable[[Agent, Request], Reply]] = {
    "checkpoint": _checkpoint,
    "settle": _settle,
    "verify": _verify,
    "apply": _apply,
    "mode": _mode,
    "ping": _ping,
}
