"""Which distributions a cell needs: asked of the kernel's own interpreter."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..namespace.manifest import PythonInfo
from .wheels import normalized

_INVENTORY = Path(__file__).with_name("inventory.py")
_TIMEOUT = 30.0
_REMEMBERED = 256
#: Modules of ours that a pickle stream may name; they travel with the runtime.
_OURS = frozenset({"_jupyter_node_deploy", "__main__"})


@dataclass(frozen=True)
class Requirements:
    """What has to be installed where a cell is to run.

    Attributes:
        exact: ``name==version`` (or ``name @ url``, of a folder or a wheel of this machine ``name @
            file://…``), closed under dependencies, sorted.
        local: ``name version (url)`` of distributions that were installed in place (editable):
            their loaded modules are local ones.
        unknown: modules that neither the standard library nor a distribution brings.
        warning: why it could not be found out; empty when it could.
    """

    exact: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    warning: str = ""


class Distributions:
    """Finds requirements, and remembers them while the environment does not change."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[tuple[Any, ...], Requirements] = OrderedDict()

    async def behind(
        self,
        python: PythonInfo,
        modules: Iterable[str],
        sources: Iterable[Path] = (),
        text: str = "",
    ) -> Requirements:
        """Return the distributions behind modules in the interpreter's environment.

        Args:
            python: the kernel's interpreter and its ``sys.path``.
            modules: names of modules; top-level ones will do, but for namespaces.
            sources: files of local modules, whose imports count too.
            text: the cell's source, whose imports tell which parts of namespaces are meant.
        """
        names = sorted(set(modules) - _OURS)
        files = sorted({str(source) for source in sources})
        if not names and not files:
            return Requirements()
        key = (python.executable, tuple(names), tuple(files), text, changed(python.path))
        if key in self._remembered:
            self._remembered.move_to_end(key)
            return self._remembered[key]
        try:
            found = await _ask(python, names, files, text)
        except (OSError, TimeoutError, ValueError) as error:
            return Requirements(
                warning=f"The packages in use could not be found out, because {_why(python, error)}"
                " Fill the requirements in by hand."
            )
        self._remembered[key] = found
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return found


def name_of(requirement: str) -> str:
    """Return the name of the distribution that a requirement is for, as indexes compare it."""
    return normalized(re.match(r"\s*([\w.-]*)", requirement)[1])  # type: ignore[index]


def changed(path: Iterable[str]) -> tuple[int, ...]:
    """Return a stamp of the site directories: an install or an uninstall changes it."""
    stamps = []
    for place in path:
        try:
            stamps.append(Path(place).stat().st_mtime_ns)
        except OSError:
            stamps.append(0)
    return tuple(stamps)


def _why(python: PythonInfo, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"the kernel's interpreter {python.executable} is gone."
    if isinstance(error, TimeoutError):
        return f"{python.executable} did not answer within {_TIMEOUT:.0f} seconds."
    return f"{python.executable} failed: {error}"


async def _ask(
    python: PythonInfo, modules: list[str], sources: list[str], text: str
) -> Requirements:
    # -S and -E: no .pth file and no sitecustomize runs; the path is the kernel's, as it told us.
    process = await asyncio.create_subprocess_exec(
        python.executable,
        "-S",
        "-E",
        str(_INVENTORY),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    question = {"modules": modules, "path": python.path, "sources": sources, "text": text}
    try:
        async with asyncio.timeout(_TIMEOUT):
            out, err = await process.communicate(json.dumps(question).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = err.decode(errors="replace").strip().splitlines()
        raise ValueError(lines[-1] if lines else f"exit status {process.returncode}")
    answer = json.loads(out)
    found = answer["distributions"]
    return Requirements(
        exact=[_exact(one) for one in found if not one["local"]],
        local=[f"{one['name']} {one['version']} ({one['url']})" for one in found if one["local"]],
        unknown=answer["unknown"],
    )


def _exact(distribution: dict[str, Any]) -> str:
    name, version, url = distribution["name"], distribution["version"], distribution["url"]
    return f"{name} @ {url}" if url else f"{name}=={version}"
