"""``checks.py`` of a bundle: JSON Schema checks as plain Python, so that a worker needs no package.

The generated module has ``CheckFailed`` (``message``, ``path`` such as ``rows[3].price``) and two
dicts ``INPUTS`` and ``OUTPUTS`` of functions by variable name, for those that have a schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import fastjsonschema
import jsonschema

from ...errors import Detail, InvalidArgument, Message
from ...specs import Variable

_HEADER = '''"""Checks of the declared variables, generated from their JSON Schemas."""


class CheckFailed(ValueError):
    """A value that does not fit its schema."""

    def __init__(self, message, path):
        super().__init__(f"{path} {message}")
        self.message = message
        self.path = path


class JsonSchemaValueException(ValueError):
    """What the generated functions raise."""

    def __init__(self, message, value=None, name=None, definition=None, rule=None):
        super().__init__(message)
        self.message = message
        self.value = value
        self.name = name
        self.definition = definition
        self.rule = rule


def _check(name, validate):
    def check(value):
        try:
            validate(value, {}, name)
        except JsonSchemaValueException as error:
            raise _failure(error, error.name or name) from None

    return check


def _failure(error, path):
    """Point at the field itself when one is missing or too many."""
    if isinstance(error.value, dict):
        if error.rule == "required":
            for key in error.definition["required"]:
                if key not in error.value:
                    return CheckFailed("is required", f"{path}.{key}")
        if error.rule == "additionalProperties":
            for key in error.value:
                if key not in error.definition.get("properties", {}):
                    return CheckFailed("is not expected", f"{path}.{key}")
    return CheckFailed(error.message.removeprefix(path).strip(), path)


'''
_NAMED = ("properties", "patternProperties", "definitions", "$defs", "dependencies")
_PROLOGUE = re.compile(r"\A.*?^from fastjsonschema import [^\n]*\n", re.DOTALL | re.MULTILINE)


def generate(inputs: Iterable[Variable], outputs: Iterable[Variable]) -> str:
    """Return the source of ``checks.py``.

    Raises:
        InvalidArgument: a schema is not valid; details name the field.
    """
    parts = [_HEADER, "import re\nfrom decimal import Decimal\n\n"]
    tables = []
    details: list[Detail] = []
    for kind, variables in (("inputs", inputs), ("outputs", outputs)):
        entries = []
        for index, variable in enumerate(variables):
            if variable.json_schema is None:
                continue
            found = list(_faults(variable.json_schema, f"cell.{kind}.{index}.schema"))
            details += found
            if not found and variable.strict:
                parts.append(_function(f"_{kind}_{index}", variable.json_schema))
                entries.append(
                    f"    {variable.name!r}: _check({variable.name!r}, _{kind}_{index}()),\n"
                )
        tables.append(f"{kind.upper()} = {{\n{''.join(entries)}}}\n")
    if details:
        first = details[0]
        raise InvalidArgument(
            Message(
                "The JSON Schema at {path} is not valid: {cause}",
                "SCHEMA_INVALID",
                path=first["path"],
                cause=first["message"],
            ),
            details,
        )
    return "".join([*parts, *tables])


def _function(name: str, schema: dict[str, Any]) -> str:
    """One factory per schema: the generated names of different schemas must not meet."""
    code = fastjsonschema.compile_to_code(
        schema, use_default=False, use_formats=False, detailed_exceptions=True
    )
    body = _PROLOGUE.sub("", code, count=1)
    indented = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    return f"def {name}():\n{indented.rstrip()}\n\n    return validate\n\n\n"


def _faults(schema: dict[str, Any], path: str) -> Iterator[Detail]:
    """Yield what is wrong with a schema."""
    dialect = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    if dialect not in (
        jsonschema.Draft4Validator,
        jsonschema.Draft6Validator,
        jsonschema.Draft7Validator,
    ):
        yield {"path": f"{path}.$schema", "message": "use JSON Schema draft 4, 6 or 7"}
        return
    found = False
    for error in dialect(dialect.META_SCHEMA).iter_errors(schema):
        found = True
        where = "".join(f".{part}" for part in error.absolute_path)
        yield {"path": path + where, "message": error.message}
    for where, key, value in _walk(schema, path):
        if key == "$ref" and not (isinstance(value, str) and value.startswith("#")):
            found = True
            yield {"path": where, "message": "only references inside the schema (#/…) work"}
        elif key == "pattern" and isinstance(value, str) and (fault := _regex_fault(value)):
            found = True
            yield {"path": where, "message": fault}
        elif key == "patternProperties" and isinstance(value, dict):
            for pattern in value:
                if fault := _regex_fault(str(pattern)):
                    found = True
                    yield {"path": f"{where}.{pattern}", "message": fault}
    if found:
        return
    try:
        compile(_function("check", schema), "checks.py", "exec")
    except (fastjsonschema.JsonSchemaDefinitionException, SyntaxError, RecursionError) as error:
        yield {"path": path, "message": str(error)}


def _walk(value: Any, path: str, *, named: bool = False) -> Iterator[tuple[str, str, Any]]:
    """Yield ``(path, key, value)`` of every keyword; with ``named``, keys are the user's names."""
    if isinstance(value, dict):
        for key, part in value.items():
            where = f"{path}.{key}"
            if named:
                yield from _walk(part, where)
                continue
            yield where, key, part
            if key not in ("enum", "const", "default", "examples"):  # data, not schemas
                yield from _walk(part, where, named=key in _NAMED)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _walk(part, f"{path}.{index}")


def _regex_fault(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is not a regular expression: {error}"
    return None
