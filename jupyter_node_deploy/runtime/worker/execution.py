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
from typing import Any

from ...errors import Detail, FailedPrecondition, Internal, Message, NodeDeployError
from ...namespace import fingerprints, module_fingerprints, random_state, verify
from ..bundle import Bundle
from ..shared_prints import SharedPrints
from ..wire import DONE, EXPLAIN, TRACE, VERIFY, Answer
from . import checks, leftovers
from .cell import Cell, describe
from .inputs import Inputs, SchemaMismatch
from .outputs import Outputs
from .prints import Prints
from .settings import put_into, set_by
from .state import saved_random

#: Characters of an error's message that are told; the detail has more.
_MESSAGE = 2000


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
        of_inputs, of_outputs = checks.load(bundle)
        self.inputs = Inputs(bundle, namespace, of_inputs)
        self.outputs = Outputs(bundle, of_outputs)
        # An output that is an input, too, was set by the request: it is not stale.
        self.cleared = [name for name in self.outputs.names if name not in self.inputs]
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
        self.figures = leftovers.Figures()

    def answer(self, body: bytes | bytearray, flags: int, folder: str) -> Answer:
        """Run one request; ``reset`` must follow before the next one.

        Args:
            body: the request's body as it came.
            flags: those of its frame.
            folder: the caller's verified folder, empty when unknown; with ``TRACE`` two lines more.
        """
        sys.stdout, sys.stderr = self.stdout, self.stderr
        if self._shared is not None:
            self._shared.clear()
        if flags & TRACE:
            folder, os.environ["TRACEPARENT"], os.environ["TRACESTATE"] = folder.split("\n")
            self._traced = True
        elif self._traced:
            os.environ.pop("TRACEPARENT", None)
            os.environ.pop("TRACESTATE", None)
            self._traced = False
        seconds = 0.0
        try:
            self.namespace.update(self.inputs.read(body, flags, folder))
            for name in self.cleared:
                self.namespace.pop(name, None)
            if self.random is not None:
                random_state.restore(self.random)
            start = time.perf_counter()
            try:
                self.cell.run(self.namespace)
            except BaseException as error:
                raise self.raised(error, self.stderr) from None
            finally:
                seconds = time.perf_counter() - start
            kind, status, answer = self.outputs.write(self.namespace, flags)
        except NodeDeployError as error:
            kind, status, answer = refusal(error)
        return Answer(kind, status, seconds, self.stdout.take(), self.stderr.take(), answer)

    def reset(self) -> None:
        """Put the namespace back: every name is bound to what the checkpoint bound it to."""
        self.namespace.clear()
        self.namespace.update(self.saved)
        self.figures.close()

    def fingerprints(self) -> dict[str, str | None]:
        """Return fingerprints of what one run could leave to the next, between two runs.

        These are the saved variables, but for those that every request sets or clears anew, and
        the variables of local modules.
        """
        renewed = {*self.cleared, *self.inputs.always_set}
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
        # Whether it differs from one request to the next two runs with the same input can't tell.
        source = self.bundle.cell.read_text("utf-8")
        chosen = dict.fromkeys([*set_by(source, self.namespace), *put_into(source, names)])
        return {**fingerprints(self.namespace, names), **known, **chosen}

    def look(self, flags: int, slot: int = 0) -> Answer:
        """Answer a question about the state; nothing is run."""
        if flags & VERIFY:
            found: Any = self.verified()
        else:
            found = [self.fingerprints(), leftovers.count()]
        return Answer(DONE, 200, 0.0, b"", b"", json.dumps(found).encode(), slot)

    def verified(self) -> dict[str, Any]:
        """Return what the restored state has otherwise than the kernel had it, before any run."""
        found = verify(self.bundle.state, self.saved or self.namespace)
        aliases = self.inputs.aliases(self.bundle.state)
        return {
            "differences": [vars(one) for one in [*found.differences, *aliases]],
            "compared": found.compared,
            "partly": found.partly,
            "unverified": found.unverified,
        }

    def raised(self, error: BaseException, stderr: Prints) -> Internal:
        """Return the error that tells of what the cell raised, and print its traceback."""
        name, message, lines = describe(error, self.namespace, self.directory)
        stderr.write("\n".join(lines) + "\n")
        detail: Detail = {"error_name": name, "error_message": message}
        if self.bundle.show_traceback:
            detail["traceback"] = lines
        told = Message(
            "the cell raised {error_name} {hint}",
            "CELL_RAISED",
            error_name=name,
            error_message="",
            hint=self._hint(error),
        )
        if message:
            told = Message(
                "the cell raised {error_name}: {error_message} {hint}",
                "CELL_RAISED",
                error_name=name,
                error_message=message[:_MESSAGE],
                hint=self._hint(error),
            )
        return Internal(told, [detail])

    def _hint(self, error: BaseException) -> str:
        if isinstance(error, SystemExit):
            return Message(
                "(a cell must not end its process: set the outputs instead)", "CELL_ENDS_PROCESS"
            )
        if not isinstance(error, NameError):
            return ""
        missing = getattr(error, "name", None)
        if missing in self.cleared:
            return Message(
                "(the output '{output}' is cleared before each run; if the cell reads it first, "
                "declare it as an input, too)",
                "OUTPUT_IS_CLEARED",
                output=missing,
            )
        if missing == "get_ipython":
            return Message(
                "(IPython's shell works in notebooks only: take it out of the cell)",
                "CELL_NEEDS_IPYTHON",
            )
        return ""


def refusal(error: NodeDeployError) -> tuple[int, int, bytes]:
    """Return kind, HTTP status and body of the answer that is an error."""
    kind = EXPLAIN if isinstance(error, SchemaMismatch) else DONE
    text = json.dumps(error.body(), ensure_ascii=False, separators=(",", ":"))
    return kind, int(error.status), text.encode("utf-8", "backslashreplace")
