"""The JSON forms of a variable: what an answer and a request would hold of it, if anything.

The rules are those of ``namespace.forms``, which nodes use, too. Only exact builtin types and those
of the standard library, NumPy and pandas are looked into: no code of the user's runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...namespace.forms import decoding, kinds
from ...namespace.forms.example import LENGTH, NoExample, example_of, request_schema
from ...namespace.forms.faults import NoInput, NotJson
from ...namespace.forms.schema import Schema, schema_of

_DECLARED = {
    "object": "dict",
    "array": "list",
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
}


@dataclass(frozen=True)
class JsonForm:
    """How a variable looks in an answer and in a request.

    Attributes:
        declared: the variable type that a node would declare, None when it can't be returned.
        schema: JSON Schema of it, None when it may be anything.
        example: the value as a request would bring it; None when it is too large or not finite.
        input_schema: of the example, where it is another than the answer's.
        no_input: why no request could bring it; None when one can.
        no_output: why it can't be returned; None when it can.
    """

    declared: str | None = None
    schema: Schema | None = None
    example: Any = None
    input_schema: Schema | None = None
    no_input: str | None = None
    no_output: str | None = None


def json_form(value: Any) -> JsonForm:
    """Return the JSON forms of a value."""
    try:
        schema = schema_of(value)
        declared = _declared(value, schema)
    except NotJson as error:
        return JsonForm(no_output=error.message)
    except RecursionError:
        return JsonForm(no_output="it is nested too deeply, or contains itself")
    except Exception:  # another thread changes the value, or a library has its ways
        return JsonForm(no_output="it can't be looked into")
    found = schema if schema and value is not None else None
    try:
        decoding.require_type(declared, value)
        example = _example(value)
        if example is not None:
            decoding.require_exact(declared, value)
        of_input = request_schema(value, schema)
    except NoInput as error:
        return JsonForm(declared, found, no_input=str(error))
    except Exception:
        return JsonForm(declared, found, no_input="it can't be looked into")
    return JsonForm(declared, found, example, None if of_input == found else of_input)


def _example(value: Any) -> Any:
    try:
        example = example_of(value)
    except NoExample:
        return None
    if type(example) in (list, dict, str) and len(json.dumps(example, allow_nan=False)) > LENGTH:
        return None
    return example


def _declared(value: Any, schema: Schema) -> str:
    kind = type(value)
    name = kinds.of_pandas(kind)
    if name in ("DataFrame", "Series"):
        return name
    if kinds.is_array(kind) and value.ndim:
        return "ndarray"
    if kind in kinds.BYTES:
        return "bytes"
    if schema.get("format") in ("date-time", "date"):
        return "datetime"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    return _DECLARED.get(types[0], "any") if types else "any"
