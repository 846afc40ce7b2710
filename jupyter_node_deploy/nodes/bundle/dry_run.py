"""The dry run: the cell is run from its bundle, in processes of their own, before it serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from ... import exit_status
from ...backends.process.front import MARK, end, variables_for_user_code
from ...specs import DryRun

#: Seconds beyond the cell's own timeout for start and restore.
_MARGIN = 70.0
_TAIL_LINES, _TAIL_BYTES = 20, 64 * 1024  # of its log that are told


async def dry_run(
    bundle: Path,
    *,
    python: str,
    timeout: float,  # noqa: ASYNC109 - the cell's own, handed on
    given: dict[str, Any] | None = None,
    known: dict[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> DryRun:
    """Run a bundle's cell, and compare it with the notebook's run.

    Args:
        bundle: the bundle's directory.
        python: the interpreter that runs the cell.
        timeout: seconds that the cell may take.
        given: input of the run; None for the values of the checkpoint.
        known: what the run is compared with; see ``example.known``.
        variables: the environment variables of the node's instances.
    """
    with (
        tempfile.TemporaryDirectory(prefix="jupyter-node-deploy-") as work,
        tempfile.TemporaryFile() as log,
    ):
        command = [
            sys.executable,
            "-m",
            "jupyter_node_deploy.runtime",
            str(bundle),
            "--check",
            "--python",
            python,
        ]
        if given is not None:
            path = Path(work) / "input.json"
            path.write_text(json.dumps(given), encoding="utf-8")
            command += ["--input", str(path)]
        if known is not None:
            path = Path(work) / "known.json"
            path.write_text(json.dumps(known), encoding="utf-8")
            command += ["--known", str(path)]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=work,
            env=variables_for_user_code() | dict(variables or {}) | {MARK: work},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(timeout + _MARGIN):
                out, _ = await process.communicate()
        except TimeoutError:
            text = f"The dry run did not end within {timeout + _MARGIN:g} seconds."
            return _failed("TimeoutError", text, _last_lines(log))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.to_thread(end, Path(work))  # what the cell has started, too
            if process.returncode is None:
                await process.wait()
        assert process.returncode is not None
        return _read(out, process.returncode, _last_lines(log))


def _read(out: bytes, status: int, last: list[str]) -> DryRun:
    # Lines end at b"\n" only: texts in JSON may hold what Unicode, too, calls the end of a line.
    answer = out.strip().rpartition(b"\n")[2]
    if not answer:
        text = f"The dry run left no answer: its process {exit_status.ending(status)}."
        return _failed("RuntimeError", text, last)
    try:
        done = DryRun.model_validate(json.loads(answer))
    except (ValueError, RecursionError) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        return _failed("RuntimeError", f"The dry run's answer can't be read: {what}.", last)
    try:
        done.model_dump_json()
    except ValueError:  # a node can answer deeper than we can show
        done.output = dict.fromkeys(done.output or (), "(nested too deeply to be shown here)")
    return done


def _last_lines(log: BinaryIO) -> list[str]:
    """Return the end of what the processes of a dry run have written to their log."""
    log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
    return log.read().decode(errors="replace").strip().split("\n")[-_TAIL_LINES:]


def _failed(name: str, message: str, last: list[str]) -> DryRun:
    if last[-1]:
        message += f" Its last words: {last[-1]}"
    error = {"error_name": name, "error_message": message, "traceback": last}
    return DryRun(ok=False, error=error)
