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
from typing import Any

from pydantic import ValidationError

from ...backends.process.front import variables_for_user_code
from ...specs import DryRun, ReasonInfo
from ..differences import words

#: Seconds beyond the cell's own timeout for start and restore.
_MARGIN = 60.0


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
    with tempfile.TemporaryDirectory(prefix="jupyter-node-deploy-") as work:
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
            stderr=asyncio.subprocess.PIPE,
            cwd=work,
            env=variables_for_user_code() | dict(variables or {}),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(timeout + _MARGIN):
                out, err = await process.communicate()
        except TimeoutError:
            return _failed(
                "TimeoutError", f"The dry run did not end within {timeout + _MARGIN:g} seconds."
            )
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.returncode is None:
                await process.wait()
    return _told(_read(out, err, process.returncode))


def _told(result: DryRun) -> DryRun:
    """Add in words what was found otherwise than in the notebook."""
    if result.verification is not None:
        result.warnings = words(result.verification.differences)
        result.warnings_info = [ReasonInfo.of(one) for one in result.warnings]
    return result


def _read(out: bytes, err: bytes, status: int | None) -> DryRun:
    lines = out.decode(errors="replace").strip().splitlines()
    try:
        return DryRun.model_validate_json(lines[-1])
    except (IndexError, ValidationError):
        tail = err.decode(errors="replace").strip().splitlines()[-20:]
        return _failed("RuntimeError", f"The dry run ended with status {status}.", tail)


def _failed(name: str, message: str, traceback: list[str] | None = None) -> DryRun:
    error = {"error_name": name, "error_message": message, "traceback": traceback or []}
    return DryRun(ok=False, error=error)
