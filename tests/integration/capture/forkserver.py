"""Runs each order in a child that is forked from a process with the imports done.

An order is a line of JSON on stdin that holds ``directory``; what came of it is in the directory:
``result.json``, ``output.txt``. The answer is a line with the exit code.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


def serve(handle: Callable[[dict[str, Any]], Any]) -> None:
    """Answer orders until stdin ends."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            code = 1
            try:
                _run(handle, order)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


def _run(handle: Callable[[dict[str, Any]], Any], order: dict[str, Any]) -> None:
    directory = Path(order["directory"])
    output = os.open(directory / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    result = handle(order)
    (directory / "result.json").write_text(json.dumps(result))


def in_child(run: Callable[[], Any]) -> Any:
    """Return what ``run`` returns in a child of its own, as JSON carries it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            with os.fdopen(writer, "w") as file:
                file.write(json.dumps(run()))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "the child died"}
