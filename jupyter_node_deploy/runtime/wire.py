"""What front and worker say to each other over their socket pair.

A worker runs one request at a time and answers in order; small ones may be sent ahead. Or it runs
several at a time, each on a slot of its own, which the answer names.
Used on both sides: standard library only.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

# A request: length of the body, flags, length of the context, slot; then context and body.
_REQUEST = struct.Struct("!IHHH")
# An answer: kind, HTTP status, seconds in the cell, lengths of stdout, stderr and body, slot.
_ANSWER = struct.Struct("!BHdIIIH")
_LARGE = 256 * 1024  # bytes of a body that is read to where it stays
_SMALL = 64 * 1024  # bytes that are read at once, unless a request is known to be longer

ENVELOPE = 1  # the body is {"input": {...}}, not the bare input object
KEEP = 2  # inputs that are missing keep the checkpoint's values, also required ones (dry run)
TRACE = 8  # the folder is followed by lines with the W3C ``traceparent`` and ``tracestate``
AHEAD = 16  # sent ahead: to be run only with a token of ``HandoffTokens``
FINGERPRINT = 4  # run nothing: answer with fingerprints of the state (dry run)
NPY = 128  # the body is an npy file: the one input of type ndarray
ARROW = 32  # the body is an Arrow stream: the one input of type DataFrame
VERIFY = 512  # run nothing: answer with what the restored state has otherwise (dry run)
CANCEL = 256  # stop the run on that slot; it is answered, however it ends
BINARY_ANSWER = 64  # the answer is wanted as npy or Arrow stream, whichever its one output can be

READY = 0  # the worker can take requests
DONE = 1  # the answer is the body
EXPLAIN = 2  # an input failed its JSON Schema: the front lists every offending field
RAW = 5  # the body is headers as JSON, a line break, and the answer's own body
DIED = 3  # the request's own process ended; the body says how, as JSON
DROPPED = 6  # a request sent ahead was taken back by the front, and not run
FAILED = 4  # the worker could not start; the body is the error


@dataclass(slots=True)
class Answer:
    """One answer of a worker.

    Attributes:
        seconds: time in the cell itself.
        stdout: what the cell printed, UTF-8; ``stderr`` alike.
        body: the JSON body of the answer.
        slot: of a worker that runs several requests at a time.
    """

    kind: int
    status: int
    seconds: float
    stdout: bytes
    stderr: bytes
    body: bytes | bytearray
    slot: int = 0

    def head(self) -> bytes:
        """Return the frame but for the body, which follows."""
        return b"".join(
            (
                _ANSWER.pack(
                    self.kind,
                    self.status,
                    self.seconds,
                    len(self.stdout),
                    len(self.stderr),
                    len(self.body),
                    self.slot,
                ),
                self.stdout,
                self.stderr,
            )
        )


def request_head(body: bytes, flags: int, folder: bytes, slot: int = 0) -> bytes:
    """Return the frame of a request but for its body, which follows.

    Args:
        folder: the context: at most 65535 bytes.
    """
    return _REQUEST.pack(len(body), flags, len(folder), slot) + folder


class RequestReader:
    """Takes requests from a blocking socket.

    Args:
        sock: to the front.
    """

    __slots__ = ("_buffer", "_data", "_sock")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data = b""  # of what was sent ahead
        # Kept: memory of that size is otherwise mapped and given back for each call.
        self._buffer = memoryview(bytearray(_SMALL))

    @property
    def more(self) -> bool:
        """Whether a part of the next request is there already."""
        return bool(self._data)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._sock.fileno()

    def next(self) -> tuple[int, str, bytes | bytearray, int] | None:
        """Wait for a request; return flags, folder, body and slot, None at the end."""
        data = self._data
        while len(data) < _REQUEST.size:
            count = self._sock.recv_into(self._buffer)
            if not count:
                return None
            data += self._buffer[:count]
        size, flags, folder_size, slot = _REQUEST.unpack_from(data)
        start = _REQUEST.size + folder_size
        total = start + size
        if len(data) >= total:
            self._data = data[total:]
            return flags, data[_REQUEST.size : start].decode(), data[start:total], slot
        self._data = b""
        whole = bytearray(total)
        whole[: len(data)] = data
        view, got = memoryview(whole), len(data)
        while got < total:
            count = self._sock.recv_into(view[got:])
            if not count:
                return None
            got += count
        view.release()
        folder = whole[_REQUEST.size : start].decode()
        del whole[:start]
        return flags, folder, whole, slot


class AnswerReader:
    """Puts answers together from what arrives on a non-blocking socket."""

    __slots__ = ("_begun", "_body", "_data", "_got")

    def __init__(self) -> None:
        self._data = b""  # of an answer that has begun
        self._begun: Answer | None = None  # a large one, whose body is not whole
        self._body = bytearray()  # its body
        self._got = 0  # bytes of that

    @property
    def within(self) -> bool:
        """Whether an answer has begun and is not whole."""
        return bool(self._data) or self._begun is not None

    @property
    def room(self) -> memoryview | None:
        """Where the rest of a large answer goes, if there is one; ``filled`` must follow."""
        return None if self._begun is None else memoryview(self._body)[self._got :]

    def filled(self, count: int) -> list[Answer]:
        """Take what was read into ``room``; return the answer when it is whole."""
        assert self._begun is not None
        self._got += count
        if self._got < len(self._body):
            return []
        answer, self._begun, self._body = self._begun, None, bytearray()
        return [answer]

    def feed(self, data: bytes) -> list[Answer]:
        """Take more bytes; return the answers that are whole."""
        if self._data:
            data = self._data + data
        answers = []
        start, size = 0, len(data)
        while size - start >= _ANSWER.size:
            kind, status, seconds, out, err, length, slot = _ANSWER.unpack_from(data, start)
            first = start + _ANSWER.size
            second = first + out
            third = second + err
            end = third + length
            if end > size and (length < _LARGE or third > size):
                break
            body: bytes | bytearray
            if end > size:
                self._body = body = bytearray(length)
                self._got = size - third
                body[: self._got] = memoryview(data)[third:]
            else:
                body = data[third:end]
            stdout, stderr = data[first:second], data[second:third]
            answer = Answer(kind, status, seconds, stdout, stderr, body, slot)
            start = min(end, size)
            if end > size:
                self._begun = answer
            else:
                answers.append(answer)
        self._data = data[start:]
        return answers
