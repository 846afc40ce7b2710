"""How a cell's requests run and are answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .fields import Bytes, Identifier, Seconds, Strict


class HttpResponse(Strict):
    """An answer that is a variable's own text or bytes instead of JSON.

    The cell may also set ``response_status`` (int) and ``response_headers`` (dict of str).
    """

    body: Identifier = Field(description="The one output, of type str, bytes or any.")
    content_type: str = Field(
        pattern=r"^[\w!#$&^.+-]+/[\w!#$&^.+-]+(; ?[\w-]+=[\w.+-]+)*$", max_length=200
    )


class RunSettings(Strict):
    """The part of a cell's spec that its instances act on.

    Each field is written into ``node.json``, for ``runtime.bundle.Bundle``, which has the same ones
    with the same defaults (a test compares the two), and is an option of the command line.
    """

    isolation: Literal["auto", "shared", "request"] = Field(
        default="auto",
        description="Whether requests share the state, or each gets a copy. auto: the dry run "
        "chooses. It runs the cell twice, and takes ``request`` if that changes the state in "
        "place, ``shared`` if not.",
    )
    random_state: Literal["fresh", "checkpoint"] = Field(
        default="fresh",
        description="Where a request's random numbers begin. checkpoint: each request starts from "
        "the checkpoint's random state.",
    )
    workers: int | None = Field(
        default=None, ge=1, le=256, description="Worker processes per instance."
    )
    concurrency: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Requests that a worker runs at a time: for cells that ``await`` at the top "
        "level and wait for others most of the time. They share the state.",
    )
    timeout: Seconds = Field(default=60.0, description="Seconds per request.")
    queue: int = Field(default=64, ge=0, le=100_000, description="Requests that may wait.")
    queue_timeout: Seconds | None = Field(
        default=None, description="Seconds that one may wait; null: as timeout."
    )
    memory_limit: Bytes | None = Field(
        default=None,
        description="Bytes that a worker may hold beyond the saved state; one that has outgrown it "
        "is replaced between requests, at twice the limit at once: the request gets 500.",
    )
    response_limit: Bytes = Field(
        default=16 * 1024 * 1024, le=1 << 31, description="Bytes of an answer."
    )
    allow_nan: bool = Field(
        default=False, description="Whether NaN and infinity pass, in requests and answers."
    )
    show_traceback: bool = Field(
        default=True, description="Whether callers see the traceback of a cell that raises."
    )
    smoke_test: bool = Field(
        default=True,
        description="Whether the cell runs once, with the checkpoint's values, where a new "
        "revision is to serve before it does. Not for a cell that must not run again because it "
        "writes or sends something.",
    )
    response: HttpResponse | None = Field(
        default=None,
        description="The one output's own text or bytes as the answer; null: the outputs as JSON.",
    )
