"""The options that say what a node is, and how they change a node form."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Callable
from typing import Any

from ..specs import VariableType
from .failure import Failure
from .image import add_environment, change_environment

_TYPES = ", ".join(VariableType)
_NONE = "none"  # takes back what was set
#: Options with the names of a cell's fields, whose values they are.
_AS_GIVEN = (
    "carry",
    "leave_out",
    "isolation",
    "random_state",
    "workers",
    "concurrency",
    "queue",
    "queue_timeout",
    "memory_limit",
    "response_limit",
    "response",
)
_YES_OR_NO = ("allow_nan", "show_traceback")


def add_options(parser: ArgumentParser) -> None:
    """Add the options that creating and updating share."""
    parser.add_argument("--description", help="what it does, at most 256 characters")
    parser.add_argument("--folder", help="id or name of its folder")
    parser.add_argument(
        "--acl", action="append", metavar="FOLDER", help="folder that may call it (repeatable)"
    )
    for kind, what in (("input", "set from the request"), ("output", "returned")):
        parser.add_argument(
            f"--{kind}",
            action="append",
            metavar="NAME[:TYPE]",
            help=f"variable that is {what}, instead of those found (repeatable); types: {_TYPES}",
        )
    parser.add_argument(
        "--carry",
        action="append",
        metavar="NAME",
        help="variable that goes along though the cell does not seem to use it (repeatable)",
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        metavar="NAME",
        help="variable that stays behind though the cell seems to use it (repeatable)",
    )
    parser.add_argument(
        "--isolation",
        choices=("auto", "shared", "request"),
        help="whether requests share a process, or each gets a copy of the state (auto: the latter"
        " if the cell changes the state in place)",
    )
    parser.add_argument(
        "--random-state",
        choices=("fresh", "checkpoint"),
        help="where random numbers of a request begin: anywhere, or as in the checkpoint",
    )
    add_environment(parser)
    parser.add_argument("--workers", type=int, help="worker processes per instance")
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="requests that a worker runs at a time; more than 1 for cells that await",
    )
    parser.add_argument("--instances", type=int, help="copies that run")
    parser.add_argument(
        "--maintenance-limit",
        type=int,
        metavar="N",
        help="copies that an update replaces at a time",
    )
    parser.add_argument("--configuration", help="instance configuration, such as c1.4")
    parser.add_argument(
        "--request-timeout", type=float, metavar="SECONDS", help="limit of one request"
    )
    _add_limits(parser.add_argument_group("limits and answers of a cell"))


def _add_limits(group: _ArgumentGroup) -> None:
    group.add_argument("--queue", type=int, metavar="N", help="requests that may wait")
    group.add_argument(
        "--queue-timeout",
        type=_or_none(float),
        metavar="SECONDS",
        help="that one may wait, or none",
    )
    group.add_argument(
        "--memory-limit",
        type=_or_none(_size),
        metavar="SIZE",
        help="that a worker may grow by before it is replaced, such as 500M, or none",
    )
    group.add_argument(
        "--response-limit", type=_size, metavar="SIZE", help="of an answer, such as 16M"
    )
    group.add_argument("--allow-nan", choices=("yes", "no"), help="NaN and infinities in JSON")
    group.add_argument(
        "--show-traceback", choices=("yes", "no"), help="whether callers see a failed cell's"
    )
    group.add_argument(
        "--response",
        type=_or_none(_response),
        metavar="NAME:CONTENT_TYPE",
        help="answer with this output's own text or bytes, such as page:text/html; none: as JSON",
    )


def _or_none(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        return _NONE if text == _NONE else kind(text)

    read.__name__ = kind.__name__.strip("_")  # argparse tells it of a wrong value
    return read


def _size(text: str) -> int:
    """Return a size in bytes; K, M and G are powers of 1024."""
    match = re.fullmatch(r"(\d+)([KMG]?)(?:i?B)?", text, re.IGNORECASE)
    if match is None:
        raise ValueError(text)
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2].upper()]


def _response(text: str) -> dict[str, str]:
    name, separator, content_type = text.partition(":")
    if not separator or "/" not in content_type:
        raise ValueError(text)
    return {"body": name, "content_type": content_type}


def change_cell(cell: dict[str, Any], args: Namespace, checkpoint: dict[str, Any] | None) -> None:
    """Put the options into a cell's spec.

    Args:
        checkpoint: whose variables give types and schemas to those that are named.
    """
    for option, field in (("input", "inputs"), ("output", "outputs")):
        wanted: list[str] | None = getattr(args, option)
        if wanted is not None:
            known = {variable["name"]: variable for variable in cell[field]}
            cell[field] = [_variable(text, known, checkpoint) for text in wanted]
    for option, field in (*((name, name) for name in _AS_GIVEN), ("request_timeout", "timeout")):
        value = getattr(args, option)
        if value is not None:
            cell[field] = None if value == _NONE else value
    for name in _YES_OR_NO:
        if getattr(args, name) is not None:
            cell[name] = getattr(args, name) == "yes"
    if isinstance(args.response, dict) and args.output is None:
        # That variable is the only output then; its schema would be that of its JSON form.
        cell["outputs"] = [_variable(args.response["body"], {}, None)]
    change_environment(cell, args)


def require_no_cell(args: Namespace) -> None:
    """Refuse options of cells where an image is meant.

    Raises:
        Failure: one was given; it is named.
    """
    for option in ("input", "output", "kernel_image", *_AS_GIVEN, *_YES_OR_NO):
        if getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise Failure(f"--{name} is for nodes of cells, not of Docker images.", code=3)


def change_provisioning(provisioning: dict[str, Any], args: Namespace) -> dict[str, Any]:
    """Return the provisioning with the options put in."""
    given = {
        name: getattr(args, name) for name in ("instances", "configuration", "maintenance_limit")
    }
    return provisioning | {name: value for name, value in given.items() if value is not None}


def _variable(
    text: str, known: dict[str, dict[str, Any]], checkpoint: dict[str, Any] | None
) -> dict[str, Any]:
    name, _, kind = text.partition(":")
    if kind and kind not in list(VariableType):
        raise Failure(f"{text!r}: there is no type {kind!r}; the types are {_TYPES}.", code=3)
    if name in known and kind in ("", known[name]["type"]):
        return known[name]
    variable: dict[str, Any] = {"name": name}
    found = next(
        (item for item in (checkpoint or {}).get("variables", []) if item["name"] == name), None
    )
    if found is not None and kind in ("", found["declared"]):
        variable |= {"type": found["declared"] or "any", "schema": found["schema"]}
    elif kind:
        variable["type"] = kind
    return variable
