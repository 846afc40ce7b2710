"""Listens to what a kernel publishes: when a cell begins and ends, and its outputs."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import zmq
from jupyter_client.session import DELIM, Session
from zmq.eventloop.zmqstream import ZMQStream

from .outputs import OUTPUT_TYPES, CellOutputs, Output, content_of

#: Cells that run at once (subshells) or whose end was lost; the oldest is dropped beyond.
_MOST_OPEN = 32
#: Cells that ended and whose outputs a checkpoint may still ask for: so many, and no more than
#: so many times the limit of one.
_MOST_ENDED, _MOST_ENDED_LIMITS = 512, 4


class Reactions(Protocol):
    """Who wants to know. ``session`` is that of the client whose request it is about."""

    def began(self, msg_id: str, session: str) -> None:
        """An execute request is being worked on."""

    def ended(self, msg_id: str, session: str) -> None:
        """An execute request is done, and all its outputs have been seen."""

    def speaks(self) -> None:
        """The kernel tells what it does: it has loaded its extensions."""


class KernelListener:
    """One subscription to a kernel's iopub channel, on the server's event loop.

    What a message costs is bounded: those that carry no output are not decoded beyond their
    header, outputs over the limit not at all.

    Args:
        connect: makes the subscribed socket or stream; the kernel manager's ``connect_iopub``.
        session: the kernel manager's session, for the key.
        reactions: told of beginnings and ends.
        limit: bytes of outputs kept of one cell.
    """

    def __init__(
        self, connect: Callable[[], Any], session: Session, reactions: Reactions, limit: int
    ) -> None:
        self._reactions = reactions
        self._limit = limit
        self._session = Session(config=session.config, key=session.key)
        self._open: OrderedDict[str, CellOutputs] = OrderedDict()
        self._ended: OrderedDict[str, CellOutputs] = OrderedDict()
        self._ended_size = 0
        self._full_parent: bytes | None = None
        self._stream = as_stream(connect())
        self._stream.on_recv(self._on_message)

    def close(self) -> None:
        """Hang up; outputs that were seen stay available."""
        close_stream(self._stream)

    def is_open(self, msg_id: str) -> bool:
        """Tell whether this request is known to be worked on right now."""
        return msg_id in self._open

    def outputs(self, msg_id: str) -> list[Output] | None:
        """Return what was seen of a request's outputs; None when nothing is known of it."""
        cell = self._ended.get(msg_id) or self._open.get(msg_id)
        return None if cell is None else cell.objects()

    def end_all(self) -> None:
        """Take the requests at work as ended: their process is gone."""
        for msg_id in list(self._open):
            self._end(msg_id)

    def _on_message(self, parts: list[bytes]) -> None:
        try:
            frames = parts[parts.index(DELIM) + 1 :]
            signature, header_frame, parent_frame, _, content_frame = frames[:5]
        except ValueError:
            return  # not a Jupyter message
        if parent_frame == self._full_parent and b'"stream"' in header_frame:
            return  # a cell that prints without end costs no more than this
        kind = content_of(header_frame).get("msg_type")
        if kind != "status" and kind not in OUTPUT_TYPES:
            return
        if len(content_frame) > self._limit:
            if cell := self._cell(content_of(parent_frame)):
                cell.omit(len(content_frame))
            return
        if self._session.auth is not None and not hmac.compare_digest(
            signature, self._session.sign(frames[1:5])
        ):
            return
        parent = content_of(parent_frame)
        content = content_of(content_frame)
        if kind == "status":
            self._on_status(str(content.get("execution_state")), parent)
        elif kind == "update_display_data":
            for cell in self._open.values():
                cell.update(content, len(content_frame))
        elif cell := self._cell(parent):
            cell.add(str(kind), content, len(content_frame))
            self._full_parent = parent_frame if cell.full else None

    def _on_status(self, state: str, parent: dict[str, Any]) -> None:
        self._reactions.speaks()
        if parent.get("msg_type") != "execute_request":
            return
        msg_id, session = str(parent.get("msg_id")), str(parent.get("session"))
        if state == "busy":
            # Clients that a kernel manager makes one after the other number their requests alike.
            if again := self._ended.pop(msg_id, None):
                self._ended_size -= again.size
            self._open.pop(msg_id, None)
            self._cell(parent)
            self._reactions.began(msg_id, session)
        elif state == "idle":
            self._end(msg_id)
            self._reactions.ended(msg_id, session)

    def _cell(self, parent: dict[str, Any]) -> CellOutputs | None:
        """Return the outputs of a request, begun now if its beginning was missed."""
        msg_id = parent.get("msg_id")
        if parent.get("msg_type") != "execute_request" or not isinstance(msg_id, str):
            return None
        # Threads of a cell print on after its end; the checkpoint is of the end.
        if msg_id in self._ended:
            return None
        if msg_id not in self._open:
            self._open[msg_id] = CellOutputs(self._limit)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return self._open[msg_id]

    def _end(self, msg_id: str) -> None:
        self._full_parent = None
        cell = self._open.pop(msg_id, None)
        if cell is not None:
            self._ended[msg_id] = cell
            self._ended_size += cell.size
            room = _MOST_ENDED_LIMITS * self._limit
            while len(self._ended) > _MOST_ENDED or self._ended_size > room:
                self._ended_size -= self._ended.popitem(last=False)[1].size


def as_stream(socket: Any) -> ZMQStream:
    """Return the stream of what a kernel manager's ``connect_…`` gave; some give bare sockets."""
    return socket if isinstance(socket, ZMQStream) else ZMQStream(zmq.Socket.shadow(socket))


def close_stream(stream: ZMQStream) -> None:
    """Close a stream and what waits in it; a stream that is closed already is fine."""
    if not stream.closed():
        stream.on_recv(None)
        stream.close(linger=0)
