"""One request, from its bytes to the answer's (user's interpreter, standard library only).

Validate → set the inputs → clear the outputs → run the cell → read the outputs → put the
namespace back.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..errors import (
    Detail,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    Message,
    NodeDeployError,
    PermissionDenied,
)
from ..namespace import fingerprints, module_fingerprints, random_state
from . import binary
from .bundle import Bundle, Variable
from .cell import Cell, describe
from .decoding import Mismatch, decoder, name_of, parse
from .encoding import Encoder, NotJson
from .frames import ARROW, BINARY_ANSWER, DONE, ENVELOPE, EXPLAIN, KEEP, NPY, RAW, TRACE, Answer
from .media import ARROW_TYPE, NPY_TYPE, body_input
from .prints import Prints
from .reply import HEADERS, STATUS, reply, with_headers
from .shared_prints import SharedPrints
from .state import saved_random

_ENVELOPE_TEXTS = ("folder_id", "folderId", "node_id", "nodeId", "alias_name", "aliasName")
Check = Callable[[Any], None]


class _Input:
    """An input, prepared: its decoder, its check, its default."""

    __slots__ = ("check", "decode", "default", "name", "required")

    def __init__(self, variable: Variable, template: Any, check: Check | None) -> None:
        self.name = variable.name
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
                    f"the default of input {self.name!r} does not fit its type: {error.message}"
                ) from None

    @property
    def is_always_set(self) -> bool:
        """Whether each run gets a value of its own."""
        return self.required or self.default is not None


class Execution:
    """Runs a bundle's cell for requests, one at a time.

    Args:
        bundle: what to run.
        namespace: the restored namespace, the ``__dict__`` of ``__main__``.
        directory: where the local modules are, for tracebacks.

    Raises:
        FailedPrecondition: it cannot run as declared; the message says why.
    """

    def __init__(self, bundle: Bundle, namespace: dict[str, Any], directory: str) -> None:
        self.bundle = bundle
        self.namespace = namespace
        self.directory = directory
        self.stdout = Prints(1)
        self.stderr = Prints(2)
        self._shared: SharedPrints | None = None
        self._traced = True  # perhaps: the environment that the instance was started in had one
        try:
            self.cell = Cell(bundle.cell.read_text(encoding="utf-8"), bundle.flags)
        except (SyntaxError, ValueError) as error:
            raise FailedPrecondition(f"the cell does not compile: {error}") from None
        except OSError as error:
            raise FailedPrecondition(f"the bundle has no cell.py: {error}") from None
        checks_in, checks_out = _load_checks(bundle)
        try:
            self.inputs = {
                variable.name: _Input(
                    variable, namespace.get(variable.name), checks_in.get(variable.name)
                )
                for variable in bundle.inputs
            }
        except ImportError as error:
            raise FailedPrecondition(f"an input's type needs a missing package: {error}") from None
        self.outputs = [
            (variable.name, variable.type, json.dumps(variable.name, ensure_ascii=False) + ":")
            for variable in bundle.outputs
        ]
        self.checks = checks_out
        # An output that is an input, too, was set by the request: it is not stale.
        self.cleared = [name for name, _, _ in self.outputs if name not in self.inputs]
        if bundle.response is not None:
            self.cleared += [name for name in (STATUS, HEADERS) if name not in self.inputs]
        self.encoder = Encoder(allow_nan=bundle.allow_nan)
        self.saved: dict[str, Any] = {}
        self.random: dict[str, Any] | None = None
        if bundle.random_state == "checkpoint":
            self.random = saved_random(bundle.state)
            if self.random is None:
                raise FailedPrecondition("the bundle has no random state of the checkpoint")

    def install(self, shared: SharedPrints) -> None:
        """Take over the process' stdout and stderr, and remember the namespace as it is now.

        Args:
            shared: where prints are kept, too, in case the process is killed.
        """
        self._shared = shared
        self.stdout.share(shared, 0)
        self.stderr.share(shared, 1)
        sys.stdout, sys.stderr = self.stdout, self.stderr
        if not hasattr(builtins, "display"):
            builtins.display = print  # type: ignore[attr-defined] # notebooks take it for granted
        self.saved = dict(self.namespace)

    def answer(self, body: bytes | bytearray, flags: int, folder: str) -> Answer:
        """Run one request; ``reset`` must follow before the next one.

        Args:
            body: the request's body as it came.
            flags: ``ENVELOPE``, ``KEEP``.
            folder: the caller's verified folder, empty when unknown.
        """
        sys.stdout, sys.stderr = self.stdout, self.stderr
        if self._shared is not None:
            self._shared.clear()
        seconds = 0.0
        status, kind = 200, DONE
        response = self.bundle.response
        if flags & TRACE:
            folder, os.environ["TRACEPARENT"], os.environ["TRACESTATE"] = folder.split("\n")
            self._traced = True
        elif self._traced:
            os.environ.pop("TRACEPARENT", None)
            os.environ.pop("TRACESTATE", None)
            self._traced = False
        start = time.perf_counter()
        try:
            if flags & (NPY | ARROW):
                self.namespace.update(self._decode({}, "", flags, self._read(body, flags)))
            else:
                given, prefix = self._unwrap(body, flags, folder)
                self.namespace.update(self._decode(given, prefix, flags, {}))
            for name in self.cleared:
                self.namespace.pop(name, None)
            if self.random is not None:
                random_state.restore(self.random)
            start = time.perf_counter()
            try:
                self.cell.run(self.namespace)
            except BaseException as error:
                raise self._cell_error(error) from None
            finally:
                seconds = time.perf_counter() - start
            if flags & BINARY_ANSWER:
                kind, answer = RAW, self._write()
            elif response is None:
                answer = self._encode(flags)
            else:
                limit = self.bundle.response_limit
                status, answer = reply(
                    self.namespace, response["body"], response["content_type"], limit
                )
                kind = RAW
        except _Explained as error:
            status, kind, answer = error.status, EXPLAIN, _dump(error.body())
        except NodeDeployError as error:
            status, answer = error.status, _dump(error.body())
        return Answer(kind, int(status), seconds, self.stdout.take(), self.stderr.take(), answer)

    def reset(self) -> None:
        """Put the namespace back: every name is bound to what the checkpoint bound it to."""
        self.namespace.clear()
        self.namespace.update(self.saved)

    def fingerprints(self) -> dict[str, str | None]:
        """Return fingerprints of what one run could leave to the next, between two runs.

        These are the saved variables, but for those that every request sets or clears anew, and
        the variables of local modules.
        """
        renewed = {*self.cleared}
        renewed |= {name for name, item in self.inputs.items() if item.is_always_set}
        names = [name for name in self.saved if name not in renewed and not name.startswith("__")]
        own = self.directory + os.sep
        modules = {
            name: module
            for name, module in list(sys.modules.items())
            if (getattr(module, "__file__", None) or "").startswith(own)
        }
        inside = module_fingerprints(self.namespace, modules)
        # What a module holds need not be saved, so what can't be read there is no finding.
        known = {name: value for name, value in inside.items() if value is not None}
        return {**fingerprints(self.namespace, names), **known}

    # --- inputs ---

    def _unwrap(
        self, body: bytes | bytearray, flags: int, folder: str
    ) -> tuple[dict[str, Any], str]:
        value: Any = parse(body, allow_nan=self.bundle.allow_nan) if body else {}
        if type(value) is not dict:
            raise InvalidArgument(
                Message(
                    f"the body must be a JSON object, not {name_of(value)}", "BODY_NOT_AN_OBJECT"
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
            raise InvalidArgument(Message(_summary(details), "INPUT_INVALID"), details)
        return inputs, "input."

    def _read(self, body: bytes | bytearray, flags: int) -> dict[str, Any]:
        media_type = NPY_TYPE if flags & NPY else ARROW_TYPE
        variable = body_input(self.bundle.inputs, media_type)
        assert variable is not None  # the front has looked
        template = self.saved.get(variable.name)
        try:
            if flags & NPY:
                allow_nan = self.bundle.allow_nan
                value = binary.read_array(body, template, allow_nan=allow_nan)
            else:
                value = binary.read_frame(body, template)
        except Mismatch as error:
            detail: Detail = {"path": variable.name + error.path, "message": error.message}
            raise InvalidArgument(Message(_summary([detail]), "INPUT_INVALID"), [detail]) from None
        return {variable.name: value}

    def _decode(
        self, given: dict[str, Any], prefix: str, flags: int, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Add the inputs of a JSON object to ``values``, which holds those that are read."""
        details: list[Detail] = []
        failed: dict[str, Detail] = {}
        for name, item in self.inputs.items():
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
                    problem = _problem(item.check, value, name, prefix)
                    if problem is not None:
                        failed[name] = problem
            elif flags & KEEP:
                continue
            elif item.default is not None:
                values[name] = item.decode(json.loads(item.default))
            elif item.required:
                details.append({"path": prefix + name, "message": "missing"})
        if not given.keys() <= self.inputs.keys():
            known = ", ".join(self.inputs) or "none"
            details += [
                {"path": prefix + name, "message": f"unknown input; the node's inputs: {known}"}
                for name in given
                if name not in self.inputs
            ]
        if failed:
            raise _Explained(_summary([*details, *failed.values()]), details, failed)
        if details:
            raise InvalidArgument(Message(_summary(details), "INPUT_INVALID"), details)
        return values

    # --- outputs ---

    def _encode(self, flags: int) -> bytes:
        namespace = self.namespace
        unset = [name for name, _, _ in self.outputs if name not in namespace]
        if unset:
            raise _unset(unset)
        parts = []
        for name, declared, key in self.outputs:
            try:
                text = self.encoder.encode(namespace[name], declared)
            except NotJson as error:
                raise _bad_output(name, error.path, error.message) from None
            except Exception as error:  # the value's own code: __iter__, model_dump …
                raise _bad_output(name, "", f"{type(error).__name__}: {error}") from None
            check = self.checks.get(name)
            if check is not None:
                value = namespace[name] if self.encoder.plain else json.loads(text)
                problem = _problem(check, value, name, "output.")
                if problem is not None:
                    raise Internal(
                        Message(
                            f"the output does not match its schema: {_summary([problem])}",
                            "OUTPUT_INVALID",
                        ),
                        [problem],
                    )
            parts.append(key + text)
        whole = "{" + ",".join(parts) + "}"
        if flags & ENVELOPE:
            whole = '{"output":' + whole + "}"
        try:
            data = whole.encode()
        except UnicodeEncodeError:  # lone surrogates: JSON can escape them, UTF-8 can't hold them
            data = whole.encode("utf-8", "backslashreplace")
        if len(data) > self.bundle.response_limit:
            raise _too_large(len(data), self.bundle.response_limit, "JSON")
        return data

    def _write(self) -> bytes:
        name, declared, _ = self.outputs[0]
        if name not in self.namespace:
            raise _unset([name])
        value = self.namespace[name]
        try:
            if declared == "ndarray":
                media_type = NPY_TYPE
                data = binary.write_array(value, allow_nan=self.bundle.allow_nan)
            else:
                media_type, data = ARROW_TYPE, binary.write_frame(value)
        except NotJson as error:
            raise _bad_output(name, error.path, error.message) from None
        if len(data) > self.bundle.response_limit:
            raise _too_large(len(data), self.bundle.response_limit, media_type)
        return with_headers({"content-type": media_type}, data)

    # --- errors ---

    def _cell_error(self, error: BaseException) -> Internal:
        name, message, lines = describe(error, self.namespace, self.directory)
        self.stderr.write("\n".join(lines) + "\n")
        detail: Detail = {"error_name": name, "error_message": message}
        if self.bundle.show_traceback:
            detail["traceback"] = lines
        text = f"the cell raised {name}: {message}" if message else f"the cell raised {name}"
        return Internal(
            Message(
                text[:2000] + self._hint(error),
                "CELL_RAISED",
                error_name=name,
                error_message=message,
            ),
            [detail],
        )

    def _hint(self, error: BaseException) -> str:
        if isinstance(error, SystemExit):
            return " (a cell must not end its process: set the outputs instead)"
        if not isinstance(error, NameError):
            return ""
        missing = getattr(error, "name", None)
        if missing in self.cleared:
            return (
                f" (the output {missing!r} is cleared before each run; if the cell reads it first, "
                "declare it as an input, too)"
            )
        if missing == "get_ipython":
            return " (magics do not work outside a notebook: take them out of the cell)"
        return ""


class _Explained(InvalidArgument):
    """Inputs that failed their schemas: the front finds all the offending fields.

    ``schema`` in the body maps each input that failed to the first finding, as a fallback.
    """

    def __init__(self, message: str, details: list[Detail], failed: dict[str, Detail]) -> None:
        super().__init__(message, details)
        self.failed = failed

    def body(self) -> dict[str, Any]:
        return {**super().body(), "schema": self.failed}


def _dump(body: dict[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _summary(details: list[Detail]) -> str:
    first = details[0]
    text = f"{first['path']}: {first['message']}"
    return text if len(details) == 1 else f"{text} (and {len(details) - 1} more)"


def _unset(names: list[str]) -> Internal:
    told = ", ".join(repr(name) for name in names)
    return Internal(
        Message(f"the run did not set the output {told}", "OUTPUT_NOT_SET", outputs=names),
        [{"path": f"output.{name}", "message": "not set by the run"} for name in names],
    )


def _too_large(size: int, limit: int, form: str) -> Internal:
    text = f"the outputs take {size} bytes as {form}; the node's limit is {limit}"
    return Internal(
        Message(text, "OUTPUT_TOO_LARGE", size=size, limit=limit),
        [{"path": "output", "message": text}],
    )


def _bad_output(name: str, path: str, message: str) -> Internal:
    where = f"output.{name}{path}"
    return Internal(
        Message(f"{where}: {message}", "OUTPUT_HAS_NO_JSON", path=where),
        [{"path": where, "message": message}],
    )


def _problem(check: Check, value: Any, name: str, prefix: str) -> Detail | None:
    try:
        check(value)
    except RecursionError:
        return {"path": prefix + name, "message": "nested too deeply"}
    except Exception as error:
        path = getattr(error, "path", None)
        return {
            "path": prefix + (path if isinstance(path, str) and path else name),
            "message": str(getattr(error, "message", error)),
        }
    return None


def _load_checks(bundle: Bundle) -> tuple[dict[str, Check], dict[str, Check]]:
    if not bundle.checks.exists():
        return {}, {}
    # Not imported: that would leave compiled files in the bundle, which never changes.
    module = ModuleType("_jupyter_node_deploy_checks")
    try:
        source = bundle.checks.read_text(encoding="utf-8")
        exec(compile(source, str(bundle.checks), "exec"), module.__dict__)
        return dict(module.INPUTS), dict(module.OUTPUTS)
    except Exception as error:
        raise FailedPrecondition(f"the bundle's checks.py cannot be loaded: {error}") from error
