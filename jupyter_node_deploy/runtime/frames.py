"""What front and worker say to each other over their socket pair.

A worker has one request at a time, so a frame never follows another before it was answered.
Used on both sides: standard library only.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

# A request: length of the body, flags, length of the folder; then folder and body.
_REQUEST = struct.Struct("!IBB")
# An answer: kind, HTTP status, seconds in the cell, lengths of stdout, stderr and body.
_ANSWER = struct.Struct("!BHdIII")
_CHUNK = 256 * 1024

ENVELOPE = 1  # the body is {"input": {...}}, not the bare input object
KEEP = 2  # inputs that are missing keep the checkpoint's values, also required ones (dry run)
TRACE = 8  # the folder is followed by a line break and the request's W3C ``traceparent``
PROBE = 4  # run nothing: answer with fingerprints of the state (dry run)
NPY = 16  # the body is an npy file: the one input of type ndarray
ARROW = 32  # the body is an Arrow stream: the one input of type DataFrame
BINARY_ANSWER = 64  # the answer is wanted as npy or Arrow stream, whichever its one output can be

READY = 0  # the worker can take requests
DONE = 1  # the answer is the body
EXPLAIN = 2  # an input failed its JSON Schema: the front lists every offending field
RAW = 5  # the body is headers as JSON, a line break, and the answer's own body
DIED = 3  # the request's own process ended; the body says how, as JSON
FAILED = 4  # the worker could not start; the body is the error


@dataclass
class Answer:
    """One answer of a worker.

    Attributes:
        seconds: time in the cell itself.
        stdout: what the cell printed, UTF-8; ``stderr`` alike.
        body: the JSON body of the answer.
    """

    __slots__ = ("body", "kind", "seconds", "status", "stderr", "stdout")

    kind: int
    status: int
    seconds: float
    stdout: bytes
    stderr: bytes
    body: bytes

    def encode(self) -> bytes:
        """Return the frame."""
        return b"".join(
            (
                _ANSWER.pack(
                    self.kind,
                    self.status,
                    self.seconds,
                    len(self.stdout),
                    len(self.stderr),
                    len(self.body),
                ),
                self.stdout,
                self.stderr,
                self.body,
            )
        )


def encode_request(body: bytes, flags: int, folder: bytes) -> bytes:
    """Return the frame of a request; ``folder`` is at most 255 bytes, empty when unknown."""
    return _REQUEST.pack(len(body), flags, len(folder)) + folder + body


def receive_request(sock: socket.socket) -> tuple[int, str, bytes | bytearray] | None:
    """Wait for a request on a blocking socket; return flags, folder and body, None at the end."""
    data = sock.recv(_CHUNK)
    while len(data) < _REQUEST.size:
        more = sock.recv(_CHUNK) if data else b""
        if not more:
            return None
        data += more
    size, flags, folder_size = _REQUEST.unpack_from(data)
    start = _REQUEST.size + folder_size
    total = start + size
    if len(data) == total:  # as a rule: the front sends a frame with one call
        return flags, data[_REQUEST.size : start].decode(), data[start:]
    whole = bytearray(total)
    whole[: len(data)] = data
    view, got = memoryview(whole), len(data)
    while got < total:
        count = sock.recv_into(view[got:])
        if not count:
            return None
        got += count
    view.release()
    folder = whole[_REQUEST.size : start].decode()
    del whole[:start]
    return flags, folder, whole


class AnswerReader:
    """Puts an answer together from what arrives on a non-blocking socket."""

    __slots__ = ("_data", "_total")

    def __init__(self) -> None:
        self._data: bytes | bytearray = b""
        self._total = 0

    def feed(self, data: bytes) -> Answer | None:
        """Take more bytes; return the answer when it is whole."""
        if self._data:
            self._data += data
        else:
            self._data = data
        if len(self._data) < _ANSWER.size:
            return None
        if not self._total:
            _, _, _, out, err, size = _ANSWER.unpack_from(self._data)
            self._total = _ANSWER.size + out + err + size
            if len(self._data) < self._total:
                self._data = bytearray(self._data)  # grows in place from here on
        if len(self._data) < self._total:
            return None
        whole = self._data if isinstance(self._data, bytes) else bytes(self._data)
        self._data, self._total = b"", 0
        kind, status, seconds, out, err, _ = _ANSWER.unpack_from(whole)
        first = _ANSWER.size + out
        second = first + err
        return Answer(
            kind, status, seconds, whole[_ANSWER.size : first], whole[first:second], whole[second:]
        )
