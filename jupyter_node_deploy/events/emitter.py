"""Puts our events on the Jupyter server's event stream."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger
from jupyter_events.schema_registry import SchemaRegistryException

_BASE = "https://jupyter-node-deploy.readthedocs.io/events"
CHECKPOINT = f"{_BASE}/checkpoint/v1"
NODE = f"{_BASE}/node/v1"
SECRET = f"{_BASE}/secret/v1"

_log = logging.getLogger(__name__)


class Emitter:
    """Emits events; a failure to do so is logged and never disturbs the work it tells of.

    Args:
        logger: the server's event logger; our schemas are registered with it.
    """

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        for name in ("checkpoint", "node", "secret"):
            # Another instance in this process may have registered it already.
            with contextlib.suppress(SchemaRegistryException):
                logger.register_event_schema(Path(__file__).with_name(f"{name}.yaml"))

    def checkpoint(self, data: Mapping[str, Any]) -> None:
        """Emit ``{"action", …summary}`` as a checkpoint event."""
        self._emit(CHECKPOINT, data)

    def node(self, data: Mapping[str, Any]) -> None:
        """Emit ``{"id", "action", …summary}`` as a node event."""
        self._emit(NODE, data)

    def secret(self, data: Mapping[str, Any]) -> None:
        """Emit ``{"id", "action", …}`` as an event of a secret, without its value."""
        self._emit(SECRET, data)

    def _emit(self, schema_id: str, data: Mapping[str, Any]) -> None:
        try:
            self._logger.emit(schema_id=schema_id, data=dict(data))
        except Exception:
            _log.exception("Could not emit the event %s of %s", data.get("action"), schema_id)
