"""What plain IPython answers; a program of its own, run with the user's packages and without ours.

It imports the packages once and forks a child for each order, a line of JSON on stdin with
``folder``, the notebook's ``cells``, the ``requests`` (sources of cells with literals), ``names``
of outputs, and ``target``, a file for the result: the ``errors`` that cells ran into, the answer of
the ``first`` run of the service cell, and ``answers``, one for each request. The child's process
group is written beside it before it starts, so that a child that hangs can be ended.

A request runs in a copy of the process, as nothing that one does is seen by the next; where a
library has started threads, which no copy has, only the first request is answered.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import random
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parent)
from plain import plain  # type: ignore[import-not-found]  # noqa: E402

sys.path[0] = ""
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as in a kernel


def main():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.__dict__["enable_gui"] = lambda gui=None: None  # as in a kernel: pyplot asks for it
    assert shell.history_manager is not None
    shell.history_manager.enabled = False
    for name in sys.argv[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is shared with the children stays so
    for line in sys.stdin:
        order = json.loads(line)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork() == 0:
            answer(shell, order)


def answer(shell, order):
    target = Path(order["target"])
    os.setsid()
    target.with_suffix(".group").write_text(str(os.getpid()))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.chdir(order["folder"])
    before = threads()
    errors = []
    for number, cell in enumerate(order["cells"]):
        if error := run(shell, cell):
            errors.append([number, error])
    found = {"errors": errors, "first": outputs(shell, order["names"]), "answers": []}
    for request in order["requests"]:
        if threads() > before:
            found["answers"].append(respond(shell, order, request))
            break
        found["answers"].append(in_child(lambda: respond(shell, order, request)))  # noqa: B023
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(found))
    draft.rename(target)
    os._exit(0)


def respond(shell, order, request):
    """Answer as a node does: the inputs are set, the outputs are not, then the cell runs."""
    if error := run(shell, request):
        return {"error": error}
    for name in order["names"]:
        shell.user_ns.pop(name, None)
    if error := run(shell, order["cells"][-1]):
        return {"error": error}
    return {"output": outputs(shell, order["names"])}


def threads():
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def outputs(shell, names):
    return {name: plain(shell.user_ns[name]) for name in names if name in shell.user_ns}


def run(shell, source):
    """Run a cell; return its error."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result = shell.run_cell(source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return "" if error is None else f"{type(error).__name__}: {error}"[:300]


def in_child(work):
    reader, writer = os.pipe()
    drawn = random.getstate()  # a fork seeds it anew
    child = os.fork()
    if child == 0:
        random.setstate(drawn)
        try:
            text = json.dumps(work())
        except BaseException as error:
            text = json.dumps({"error": f"the oracle: {error!r}"})
        with os.fdopen(writer, "w") as file:
            file.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "the oracle's child died"}


if __name__ == "__main__":
    main()
