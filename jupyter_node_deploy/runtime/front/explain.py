"""Every field of a request that does not match its variable's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...errors import Detail
from .. import findings
from ..bundle import Bundle
from ..wire import ENVELOPE

_LIMIT = 100  # findings
_LENGTH = 300  # characters of a message


class Explainer:
    """Lists what is wrong with inputs; made once, used only for requests that were refused.

    Args:
        bundle: whose inputs' schemas to use.
    """

    def __init__(self, bundle: Bundle) -> None:
        import jsonschema  # only here: most nodes never need it

        self._validators: dict[str, Any] = {}
        for variable in bundle.inputs:
            if variable.schema is not None and variable.strict:
                kind = jsonschema.validators.validator_for(
                    variable.schema, default=jsonschema.Draft202012Validator
                )
                self._validators[variable.name] = kind(variable.schema)

    def explain(self, refusal: bytes | bytearray, body: bytes, flags: int) -> bytes:
        """Return the body of the answer with all findings.

        Args:
            refusal: the worker's: an error body with ``schema``, the first finding by input.
            body: the request's.
            flags: the request's.
        """
        error = json.loads(refusal)
        details: list[Detail] = error["details"]
        prefix = "input." if flags & ENVELOPE else ""
        failed = error.pop("schema")
        try:
            inputs = json.loads(body)
            inputs = inputs["input"] if flags & ENVELOPE else inputs
            for name, fallback in failed.items():
                found = list(self._findings(name, inputs[name], prefix)) or [fallback]
                details += found[: _LIMIT - len(details)]
        except RecursionError:
            details += failed.values()
        told = findings.invalid(details)
        error.update(message=told, **told.info())
        return json.dumps(error, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )

    def _findings(self, name: str, value: Any, prefix: str) -> Iterator[Detail]:
        validator = self._validators.get(name)
        if validator is None:
            return
        seen = set()
        for error in validator.iter_errors(value):
            path = prefix + name
            for part in error.absolute_path:
                path += f"[{part}]" if isinstance(part, int) else f".{part}"
            for where, message in _fields(error, path):
                if (where, message) not in seen:
                    seen.add((where, message))
                    yield {"path": where, "message": message[:_LENGTH]}


def _fields(error: Any, path: str) -> Iterator[tuple[str, str]]:
    # Missing and unknown members are told by their own path, not by that of their object.
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield f"{path}.{name}", "missing"
    elif error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        for name in error.instance:
            if name not in known:
                yield f"{path}.{name}", "unknown field"
    else:
        yield path, error.message
