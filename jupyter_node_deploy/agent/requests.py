"""What the server may ask of the agent; JSON in, JSON out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .apply import NotApplied, apply
from .hook import AUTOSAVE, STANDARD, Agent
from .startup import running

Order = dict[str, Any]


def answer(text: str) -> str:
    """Do what is asked for.

    Args:
        text: ``{"do": "checkpoint" | "settle" | "verify" | "apply" | "mode" | "ping", …}`` as JSON.

    Returns:
        ``{"ok": true, …}`` or ``{"ok": false, "error": words}`` as JSON.
    """
    try:
        order = json.loads(text)
        agent = running()
        if agent is None:
            raise Refused("the agent is not running in this process")
        agent.request_ran()
        do = _REQUESTS.get(order.get("do"))
        if do is None:
            raise Refused(f"unknown request {order.get('do')!r}")
        reply = {"ok": True, **do(agent, order)}
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


def _checkpoint(agent: Agent, order: Order) -> Order:
    operation = order.get("operation", "Forced")
    if operation not in ("Forced", "Cell run"):
        raise Refused(f"unknown operation {operation!r}")
    if order.get("if_changed") and not agent.changed:
        return {"id": None}
    checkpoint = agent.checkpoint(operation, everything=True)
    agent.settle()
    return {"id": checkpoint}


def _settle(agent: Agent, order: Order) -> Order:
    agent.settle()
    return {}


def _verify(agent: Agent, order: Order) -> Order:
    agent.verify(order.get("id"))
    agent.settle()
    return {}


def _apply(agent: Agent, order: Order) -> Order:
    applied = apply(agent, Path(order["manifest"]), agent.home / "blobs")
    agent.settle()
    return {
        "id": applied.id,
        "restored": applied.restored,
        "removed": applied.removed,
        "failures": [
            {"names": list(failure.names), "reason": failure.reason} for failure in applied.failures
        ],
    }


def _mode(agent: Agent, order: Order) -> Order:
    mode = order.get("mode")
    if mode not in (STANDARD, AUTOSAVE):
        raise Refused(f"unknown mode {mode!r}")
    agent.mode = mode
    return {"mode": mode}


def _ping(agent: Agent, order: Order) -> Order:
    return {
        "pid": os.getpid(),
        "mode": agent.mode,
        "changed": agent.changed,
        "delay": agent.delay,
    }


_REQUESTS: dict[Any, Callable[[Agent, Order], Order]] = {
    "checkpoint": _checkpoint,
    "settle": _settle,
    "verify": _verify,
    "apply": _apply,
    "mode": _mode,
    "ping": _ping,
}
