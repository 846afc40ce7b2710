"""The list of the chunks in which a large blob is stored: ``NAME.chunks``, beside the blobs.

The agent writes it, the agent and the server read it. A line says the format, then each line names
a chunk, which is a blob itself, by its SHA-256, and has the chunk's CRC-32.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .records import Malformed, require_format

FORMAT = 1
#: Ends the name of a list; the blob's own name comes before it.
SUFFIX = ".chunks"

_HEAD = re.compile(r"format (\d{1,9})\n")
_CHUNK = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{8})\n")


class Chunk(NamedTuple):
    """A chunk: its blob's SHA-256 and its CRC-32, both in lower-case hexadecimal."""

    blob: str
    checksum: str


def write(chunks: Iterable[Chunk]) -> bytes:
    """Return a list of chunks, in the order of their contents."""
    lines = (f"{chunk.blob} {chunk.checksum}\n" for chunk in chunks)
    return f"format {FORMAT}\n{''.join(lines)}".encode()


def read(content: bytes) -> list[Chunk]:
    """Return the chunks in a list.

    Raises:
        NewerFormat: a newer version has written it.
        Malformed: it is damaged.
    """
    text = content.decode("ascii", "replace")
    head = _HEAD.match(text)
    require_format("The list of a blob's chunks", int(head[1]) if head else None, FORMAT)
    lines = text.splitlines(keepends=True)[1:]
    found = [Chunk(*match.groups()) for match in map(_CHUNK.fullmatch, lines) if match]
    if not found or len(found) < len(lines):
        raise Malformed("the list of a blob's chunks is damaged")
    return found
