"""A cell's outputs, put together from a kernel's messages the way a notebook would."""

from __future__ import annotations

import json
from typing import Any

Output = dict[str, Any]

#: Message types on iopub that carry outputs.
OUTPUT_TYPES = frozenset(
    ("stream", "display_data", "execute_result", "error", "update_display_data", "clear_output")
)


class CellOutputs:
    """The outputs of one run of a cell, as nbformat output objects.

    Args:
        limit: bytes of JSON to keep at most; what comes after is replaced by a note.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._outputs: list[Output] = []
        self._texts: dict[int, list[str]] = {}  # of streams, by position: joined at the end
        self._displays: dict[str, list[int]] = {}
        self._seen = 0
        self._clear_next = False
        self.full = False

    @property
    def size(self) -> int:
        """Bytes of JSON that are kept, about."""
        return min(self._seen, self._limit)

    def add(self, kind: str, content: dict[str, Any], size: int) -> None:
        """Take in one message.

        Args:
            kind: its type, one of ``OUTPUT_TYPES``.
            content: its content.
            size: bytes that the content takes as JSON.
        """
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self._clear()
            return
        if kind == "update_display_data":
            self.update(content, size)
            return
        if self._clear_next:
            self._clear()
        # A traceback is what one looks for in a cell that failed: it is kept in any case.
        if not self._has_room(size) and (kind != "error" or size > self._limit):
            return
        if kind == "stream":
            self._add_stream(str(content.get("name", "stdout")), str(content.get("text", "")))
        elif kind == "error":
            self._outputs.append(
                {
                    "output_type": "error",
                    "ename": content.get("ename", ""),
                    "evalue": content.get("evalue", ""),
                    "traceback": content.get("traceback", []),
                }
            )
        else:
            self._add_display(kind, content)

    def update(self, content: dict[str, Any], size: int) -> None:
        """Replace what was displayed under the message's display id, if it was in this run."""
        display_id = (content.get("transient") or {}).get("display_id")
        positions = self._displays.get(str(display_id), [])
        if positions and self._has_room(size):
            for position in positions:
                self._outputs[position]["data"] = content.get("data", {})
                self._outputs[position]["metadata"] = content.get("metadata", {})

    def omit(self, size: int) -> None:
        """Note that an output of ``size`` bytes was too large even to be looked at."""
        if self._clear_next:
            self._clear()
        self._has_room(max(size, self._limit + 1))

    def objects(self) -> list[Output]:
        """Return the outputs as nbformat objects."""
        done = [dict(output) for output in self._outputs]
        for position, texts in self._texts.items():
            done[position]["text"] = "".join(texts)
        if self.full:
            note = f"[Outputs beyond {_human(self._limit)} are not kept in the checkpoint.]\n"
            done.append({"output_type": "stream", "name": "stderr", "text": note})
        return done

    def _add_stream(self, name: str, text: str) -> None:
        last = self._outputs[-1] if self._outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != name:
            self._texts[len(self._outputs)] = []
            self._outputs.append({"output_type": "stream", "name": name, "text": ""})
        self._texts[len(self._outputs) - 1].append(text)

    def _add_display(self, kind: str, content: dict[str, Any]) -> None:
        output: Output = {
            "output_type": kind,
            "data": content.get("data", {}),
            "metadata": content.get("metadata", {}),
        }
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(len(self._outputs))
        self._outputs.append(output)

    def _has_room(self, size: int) -> bool:
        self._seen += size
        if self._seen > self._limit:
            self.full = True
        return not self.full

    def _clear(self) -> None:
        self._outputs, self._texts, self._displays = [], {}, {}
        self._seen, self.full, self._clear_next = 0, False, False


def content_of(frame: bytes) -> dict[str, Any]:
    """Decode a message part; what is not a JSON object counts as an empty one."""
    try:
        decoded = json.loads(frame)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _human(size: int) -> str:
    return f"{size / 1024**2:g} MiB" if size >= 1024**2 else f"{size / 1024:g} KiB"
