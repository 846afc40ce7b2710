"""From a request's body to the values of the declared inputs.

User's interpreter, standard library only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...errors import Detail, FailedPrecondition, InvalidArgument, Message, PermissionDenied
from ...namespace import read_state
from ...namespace.difference import Difference
from ...namespace.forms.decoding import decoder
from ...namespace.forms.faults import Mismatch
from ...namespace.forms.names import name_of
from .. import findings
from ..bundle import Bundle, Variable
from ..media import ARROW_TYPE, NPY_TYPE, body_input
from ..wire import ARROW, ENVELOPE, KEEP, NPY
from . import binary, checks
from .json_text import parse

_TOLD = 3  # variables that share objects with an input
_ENVELOPE_TEXTS = ("folder_id", "folderId", "node_id", "nodeId", "alias_name", "aliasName")


class SchemaMismatch(InvalidArgument):
    """Inputs that failed their schemas: the front finds all the offending fields.

    ``schema`` in the body maps each input that failed to the first finding, as a fallback.
    """

    def __init__(self, message: str, details: list[Detail], failed: dict[str, Detail]) -> None:
        super().__init__(message, details)
        self.failed = failed

    def body(self) -> dict[str, Any]:
        """Return the body, with the first findings."""
        return {**super().body(), "schema": self.failed}


class Inputs:
    """Reads requests.

    Args:
        bundle: what declares them.
        namespace: the restored namespace; arrays and tables take the dtypes that they have there.
        found: the inputs' checks.

    Raises:
        FailedPrecondition: a default does not fit, or a type needs a package that is missing.
    """

    def __init__(
        self, bundle: Bundle, namespace: dict[str, Any], found: dict[str, checks.Check]
    ) -> None:
        self._bundle = bundle
        self._namespace = namespace
        try:
            self._known = {
                one.name: _Input(one, namespace.get(one.name), found.get(one.name))
                for one in bundle.inputs
            }
        except ImportError as error:
            raise FailedPrecondition(f"an input's type needs a missing package: {error}") from None
        self._templates = {one.name: namespace.get(one.name) for one in bundle.inputs}
        #: By an input the earlier one that is the very same object in the saved namespace.
        self._same = _same(self._templates)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    @property
    def names(self) -> list[str]:
        """Of all inputs."""
        return list(self._known)

    @property
    def always_set(self) -> set[str]:
        """Names of those that each run gets a value of its own for."""
        return {
            name for name, one in self._known.items() if one.required or one.default is not None
        }

    def aliases(self, state: Path) -> list[Difference]:
        """Return which inputs are one object in the saved namespace, or share objects there.

        Also those that the cell changes, and that share objects with what is no input.

        Args:
            state: the bundle's; whose groups hold what shares objects.
        """
        found = [
            Difference(kind="alias", subject=f"{one}, {name}", before="one")
            for name, one in self._same.items()
        ]
        if not (state / "manifest.json").exists():
            return found
        saved = read_state(state)
        for group in saved.groups:
            names = [name for name in group.names if name in self._known]
            apart = [name for name in names if name not in self._same]
            if len(apart) > 1:
                found.append(Difference(kind="alias", subject=", ".join(apart), before="shared"))
            others = [one for one in group.names if one not in self._known and "." not in one]
            for name in names if others else ():
                if name in saved.alters:
                    told = ", ".join([name, *others[:_TOLD]])
                    found.append(Difference(kind="alias", subject=told, before="held"))
        return found

    def read(self, body: bytes | bytearray, flags: int, folder: str) -> dict[str, Any]:
        """Return the values for one run, by name.

        Args:
            body: the request's body as it came.
            flags: ``ENVELOPE``, ``KEEP``, ``NPY``, ``ARROW``.
            folder: the caller's verified folder, empty when unknown.

        Raises:
            InvalidArgument: they don't fit; details name each offending field.
            PermissionDenied: the body names another folder.
        """
        if flags & (NPY | ARROW):
            return self._decode({}, "", flags, self._binary(body, flags))
        given, prefix = self._unwrap(body, flags, folder)
        return self._decode(given, prefix, flags, {})

    def _unwrap(
        self, body: bytes | bytearray, flags: int, folder: str
    ) -> tuple[dict[str, Any], str]:
        value: Any = parse(body, allow_nan=self._bundle.allow_nan) if body else {}
        if type(value) is not dict:
            raise InvalidArgument(
                Message(
                    "the body must be a JSON object, not {found}",
                    "BODY_NOT_AN_OBJECT",
                    found=name_of(value),
                ),
                [{"path": "", "message": f"expected an object, got {name_of(value)}"}],
            )
        if not flags & ENVELOPE:
            return value, ""
        details: list[Detail] = []
        inputs = value.pop("input", {})
        if type(inputs) is not dict:
            details.append(
                {"path": "input", "message": f"expected an object, got {name_of(inputs)}"}
            )
        for key, item in value.items():
            if key not in _ENVELOPE_TEXTS:
                details.append({"path": key, "message": "unknown field; inputs go into 'input'"})
            elif type(item) is not str:
                details.append({"path": key, "message": f"expected a string, got {name_of(item)}"})
            elif key in ("folder_id", "folderId") and folder and item != folder:
                raise PermissionDenied(
                    Message(
                        "the token was issued for another folder than the body's", "FOLDER_MISMATCH"
                    )
                )
        if details:
            raise _invalid(details)
        return inputs, "input."

    def _binary(self, body: bytes | bytearray, flags: int) -> dict[str, Any]:
        media_type = NPY_TYPE if flags & NPY else ARROW_TYPE
        variable = body_input(self._bundle.inputs, media_type)
        assert variable is not None  # the front has looked
        template = self._templates[variable.name]
        try:
            if flags & NPY:
                allow_nan = self._bundle.allow_nan
                value = binary.read_array(body, template, allow_nan=allow_nan)
            else:
                value = binary.read_frame(body, template)
        except Mismatch as error:
            raise _invalid(
                [{"path": variable.name + error.path, "message": error.message}]
            ) from None
        return {variable.name: value}

    def _decode(
        self, given: dict[str, Any], prefix: str, flags: int, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Add the inputs of a JSON object to ``values``, which holds those that are read."""
        details: list[Detail] = []
        failed: dict[str, Detail] = {}
        for name, item in self._known.items():
            if name in values:
                continue
            if name in given:
                value = given[name]
                try:
                    values[name] = item.decode(value)
                except Mismatch as error:
                    path = f"{prefix}{name}{error.path}"
                    details.append({"path": path, "message": error.message})
                    continue
                except RecursionError:
                    details.append({"path": prefix + name, "message": "nested too deeply"})
                    continue
                if item.check is not None:
                    problem = checks.problem(item.check, value, name, prefix)
                    if problem is not None:
                        failed[name] = problem
            elif flags & KEEP:
                continue
            elif item.default is not None:
                values[name] = item.decode(json.loads(item.default))
            elif item.required:
                details.append({"path": prefix + name, "message": "missing"})
        for name, one in self._same.items():
            if name in given and one in values and _equal(given[name], given.get(one)):
                values[name] = values[one]
        if not given.keys() <= self._known.keys():
            known = ", ".join(self._known) or "none"
            details += [
                {"path": prefix + name, "message": f"unknown input; the node's inputs: {known}"}
                for name in given
                if name not in self._known
            ]
        if failed:
            told = findings.invalid([*details, *failed.values()])
            raise SchemaMismatch(told, details, failed)
        if details:
            raise _invalid(details)
        return values


class _Input:
    """An input, prepared: its decoder, its check, its default."""

    __slots__ = ("check", "decode", "default", "required")

    def __init__(self, variable: Variable, template: Any, check: checks.Check | None) -> None:
        self.required = variable.required
        self.check = check
        self.decode = decoder(variable.type, template)
        # As text: each request gets values of its own, so no request changes another's.
        self.default = json.dumps(variable.default) if variable.has_default else None
        if self.default is not None:
            try:
                self.decode(variable.default)
            except Mismatch as error:
                raise FailedPrecondition(
                    f"the default of input {variable.name!r} does not fit its type: {error.message}"
                ) from None


def _invalid(details: list[Detail]) -> InvalidArgument:
    return InvalidArgument(findings.invalid(details), details)


def _same(values: dict[str, Any]) -> dict[str, str]:
    """Return by a name the first one that stands for the same object, if that can change."""
    found: dict[str, str] = {}
    first: dict[int, str] = {}
    for name, value in values.items():
        if type(value).__hash__ is not None:
            continue  # it does not change
        other = first.setdefault(id(value), name)
        if other != name:
            found[name] = other
    return found


def _equal(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON: 1 and true are not."""
    return bool(one == other) and json.dumps(one) == json.dumps(other)
