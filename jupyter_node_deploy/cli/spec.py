"""The options that say what a node is, and how they change a node form."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ArgumentGroup
from collections.abc import Callable
from typing import Any

from ..specs import RunSettings, VariableType
from .failure import Failure
from .image import add_environment, change_environment

_TYPES = ", ".join(VariableType)
_NONE = "none"  # takes back what was set
#: Types whose values are checked against the checkpoint's, dtypes and labels, not by a schema.
_TEMPLATES = ("DataFrame", "Series", "ndarray")
#: Options by the cell's fields, whose values they are. An image has a timeout, too.
_OPTIONS = {name: name for name in ("carry", "leave_out", "files", *RunSettings.model_fields)}
_OPTIONS["files"] = "file"
_OPTIONS["timeout"] = "request_timeout"


def add_options(parser: ArgumentParser) -> None:
    """Add the options that creating and updating share."""
    parser.add_argument("--description", help="what it does, at most 256 characters")
    parser.add_argument("--folder", help="id or name of its folder")
    parser.add_argument(
        "--acl", action="append", metavar="FOLDER", help="folder that may call it (repeatable)"
    )
    for kind, what in (
        ("input", "set from the request, or none,"),
        ("output", "returned"),
    ):
        parser.add_argument(
            f"--{kind}",
            action="append",
            metavar="NAME[:TYPE]",
            help=f"variable that is {what} instead of those found (repeatable); types: {_TYPES}",
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
        "--file",
        action="append",
        metavar="PATH",
        help="file or directory beside the notebook that goes along, instead of those found "
        "(repeatable), or none",
    )
    add_environment(parser)
    parser.add_argument("--instances", type=int, help="copies that run")
    parser.add_argument(
        "--maintenance-limit",
        type=int,
        metavar="N",
        help="copies that an update replaces at a time",
    )
    parser.add_argument("--configuration", help="instance configuration, such as c1.4")
    group = parser.add_argument_group(
        "how a cell's requests run and are answered",
        "A SIZE is in bytes, or such as 500M.",
    )
    for name, schema in RunSettings.model_json_schema()["properties"].items():
        _add_setting(group, "--" + _OPTIONS[name].replace("_", "-"), schema)


def _add_setting(group: _ArgumentGroup, option: str, schema: dict[str, Any]) -> None:
    """Add the option of a field, as its JSON Schema describes it."""
    kind, *null = schema.get("anyOf", [schema])
    words = schema["description"].replace("``", "").replace("null", _NONE)
    if "enum" in kind:
        group.add_argument(option, choices=kind["enum"], help=words)
        return
    read: Callable[[str], Any]
    if "$ref" in kind:
        read, metavar = _response, "NAME:CONTENT_TYPE"
    elif kind["type"] == "boolean":
        read, metavar = _yes_or_no, "{yes,no}"
    elif kind.get("x-unit") == "bytes":
        read, metavar = _size, "SIZE"
    elif kind["type"] == "integer":
        read, metavar = int, "N"
    else:
        read, metavar = float, "SECONDS"
    group.add_argument(option, type=_or_none(read) if null else read, metavar=metavar, help=words)


def _or_none(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        return _NONE if text == _NONE else kind(text)

    read.__name__ = kind.__name__.strip("_")  # argparse tells it of a wrong value
    return read


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ArgumentTypeError(f"{text!r} is neither yes nor no")
    return text == "yes"


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
            wanted = [] if option == "input" and wanted == [_NONE] else wanted
            cell[field] = [_variable(text, option, known, checkpoint) for text in wanted]
    for field, option in _OPTIONS.items():
        value = getattr(args, option)
        if value == [_NONE]:
            cell[field] = []
        elif value is not None:
            cell[field] = None if value == _NONE else value
    if isinstance(args.response, dict) and args.output is None:
        # That variable is the only output then; its schema would be that of its JSON form.
        cell["outputs"] = [_variable(args.response["body"], "output", {}, None)]
    change_environment(cell, args)


def require_no_cell(args: Namespace) -> None:
    """Refuse options of cells where an image is meant.

    Raises:
        Failure: one was given; it is named.
    """
    for option in ("input", "output", "kernel_image", *_OPTIONS.values()):
        if option != "request_timeout" and getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise Failure(f"--{name} is for nodes of cells, not of Docker images.", code=3)


def change_provisioning(provisioning: dict[str, Any], args: Namespace) -> dict[str, Any]:
    """Return the provisioning with the options put in."""
    given = {
        name: getattr(args, name) for name in ("instances", "configuration", "maintenance_limit")
    }
    return provisioning | {name: value for name, value in given.items() if value is not None}


def _variable(
    text: str,
    side: str,
    known: dict[str, dict[str, Any]],
    checkpoint: dict[str, Any] | None,
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
        if side == "input" and not kind and found["no_input"]:
            like = "datetime" if found["declared"] == "datetime" else "any"
            raise Failure(
                f"{name!r} can't be an input as it is: {found['no_input']}. With a type it would "
                f"be what a request brings: --input {name}:{like}.",
                code=3,
            )
        schema = (side == "input" and found["input_schema"]) or found["schema"]
        strict = side == "input" and found["declared"] not in _TEMPLATES
        variable |= {"type": found["declared"] or "any", "schema": schema, "strict": strict}
    elif kind:
        variable["type"] = kind
    return variable


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return how inputs and outputs of a cell differ, in words: its callers have to know."""
    pairs = [(kind, _told(before[kind]), _told(after[kind])) for kind in ("inputs", "outputs")]
    return [f"The {kind} are now {new}; they were {old}." for kind, old, new in pairs if old != new]


def _told(variables: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['name']}:{one.get('type', 'any')}" for one in variables) or "none"
