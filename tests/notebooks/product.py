"""The product: a Jupyter server with the extension, in which notebooks run and become nodes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from jupyter_node_deploy.cli.connection import Connection, Server
from jupyter_node_deploy.cli.failure import Failure
from jupyter_node_deploy.cli.kernel import Kernel, connect
from jupyter_node_deploy.cli.notebook import CodeCell

from ..integration.conftest import JupyterServer
from .notebook import Notebook

_PLAIN = Path(__file__).with_name("plain.py").read_text()
_LOOK = """
from pathlib import Path
found = {name: plain(shell.user_ns[name]) for name in names if name in shell.user_ns}
Path(target).write_text(json.dumps(found))
"""
#: Warnings that tell of no difference.
_HARMLESS = {
    "ALL_VARIABLES_GO_ALONG",
    "LARGE_VARIABLES_GO_ALONG",
    "MODULES_WITHOUT_PACKAGE",
    "NO_INPUT_FOUND",
    "PACKAGES_OF_THIS_MACHINE",
}
_TIMEOUT = 20.0  # seconds that a run of the cell may take
_ARRIVAL = 20.0  # seconds until a cell's checkpoint must be there


@dataclass
class Outcome:
    """What came of a notebook.

    Attributes:
        raised: the error of a cell, with its number.
        first: what the kernel had in the outputs after the service cell; ``other``: after another
            run of it, with the other input.
        inputs: names of those that were suggested; ``outputs``: likewise.
        told: what is said of differences before anything is created.
        refusal: why there is no node.
        answers: of the node, to the checkpoint's values and to the other input: ``output`` or
            ``error``.
        hang: what did not end in time.
        seconds: of each step.
    """

    raised: str = ""
    first: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refusal: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    hang: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


class Product:
    """A running server.

    Args:
        directory: for all that it writes.
    """

    def __init__(self, directory: Path) -> None:
        self.jupyter = JupyterServer(directory).start()
        self.root = self.jupyter.root

    def stop(self) -> None:
        """Stop it, with its kernels and its nodes."""
        try:
            for node in self.jupyter.request("GET", "nodes").json()["nodes"]:
                delete(self.jupyter, node["id"])  # one that was made when nobody waited any more
        finally:
            self.jupyter.stop()

    def deploy(self, notebook: Notebook, folder: Path, seconds: float) -> Outcome:
        """Run a notebook, make a node as is suggested, and ask it.

        Args:
            folder: below ``root``; has the notebook's files.
            seconds: for all of it.
        """
        run = _Run(self.jupyter, notebook, folder, time.monotonic() + seconds)
        try:
            run.all()
        except (TimeoutError, requests.Timeout):
            run.outcome.hang = run.step
        finally:
            run.close()
        return run.outcome


class _Run:
    """The way of one notebook."""

    def __init__(
        self, jupyter: JupyterServer, notebook: Notebook, folder: Path, end: float
    ) -> None:
        self.outcome = Outcome()
        self.step = ""
        self._jupyter = jupyter
        self._notebook = notebook
        self._folder = folder
        self._end = end
        self._began = time.monotonic()
        self._pinned: list[str] = []
        self._node = ""

    def all(self) -> None:
        """Go all the way, or as far as it goes."""
        found = asyncio.run(self._checkpoints())
        if found is None:
            return
        with self._timed("suggestion"):
            suggestion, *others = [self._ask("POST", f"checkpoints/{id_}:suggest") for id_ in found]
        form, example = suggestion["node"], suggestion["input"]
        form["name"] = self._notebook.name.lower().replace("_", "-")
        form["cell"]["timeout"] = _TIMEOUT
        for part in self._notebook.parts:
            form["cell"].update(part.form)
        self.outcome.inputs = [one["name"] for one in form["cell"]["inputs"]]
        self.outcome.outputs = [one["name"] for one in form["cell"]["outputs"]]
        self.outcome.told = [*_warnings(suggestion)]
        with self._timed("dry run"):
            self._create(found[0], form)
        if not self._node:
            return
        with self._timed("start"):
            node = self._ask("GET", f"nodes/{self._node}", query={"wait": self._left()})
        self.outcome.told += _told(node)
        if node["status"] != "HEALTHY":
            self.outcome.refusal = f"{node['status']}: {node['reason']}"
            return
        mine = self._notebook.inputs
        requested = [example]
        for other in others:
            changed = {n: v for n, v in other["input"].items() if n in mine and n in example}
            requested.append(example | changed)
        with self._timed("calls"):
            self.outcome.answers = [self._call(one) for one in requested]

    def close(self) -> None:
        """Remove what is left."""
        with contextlib.suppress(requests.RequestException):
            if self._node:
                delete(self._jupyter, self._node)
            for checkpoint in self._pinned:
                self._jupyter.request("POST", f"checkpoints/{checkpoint}:unpin")

    async def _checkpoints(self) -> list[str] | None:
        """Run the cells; return the ids of the service cell's checkpoints."""
        notebook = self._notebook
        path = str((self._folder / "notebook.ipynb").relative_to(self._jupyter.root))
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        with self._timed("kernel"):
            model = self._jupyter.jupyter("POST", "api/sessions", body).json()
        try:
            async with asyncio.timeout(self._left()):
                api = Connection(Server(self._jupyter.url, self._jupyter.token))
                kernel = await connect(api, model["kernel"]["id"])
                with self._timed("cells"):
                    if not await self._run_cells(kernel, 0, notebook.cells):
                        return None
                with self._timed("checkpoint"):
                    found = [await self._arrived(kernel, len(notebook.cells) - 1)]
                    self.outcome.first = await self._look(kernel)
                if notebook.other:
                    with self._timed("other input"):
                        again = (notebook.other, notebook.cells[-1])
                        if await self._run_cells(kernel, len(notebook.cells), again):
                            found.append(await self._arrived(kernel, len(notebook.cells) + 1))
                            self.outcome.other = await self._look(kernel)
                return found
        finally:
            self._jupyter.jupyter("DELETE", f"api/sessions/{model['id']}")

    async def _run_cells(self, kernel: Kernel, first: int, cells: tuple[str, ...]) -> bool:
        for number, cell in enumerate(cells, first):
            try:
                await kernel.run(CodeCell(f"cell-{number}", cell, False))
            except Failure as failure:
                self.outcome.raised = f"cell {number}: {failure.message}"[:500]
                return False
        return True

    async def _arrived(self, kernel: Kernel, number: int) -> str:
        query = {"kernel_id": kernel.id, "cell_id": f"cell-{number}", "limit": 1}
        end = time.monotonic() + _ARRIVAL
        while time.monotonic() < end:
            found = self._ask("GET", "checkpoints", query=query)["checkpoints"]
            if found:
                id_ = str(found[0]["id"])
                # Another notebook's cells would rotate it away.
                self._ask("POST", f"checkpoints/{id_}:pin", {"name": f"{kernel.id}-{number}"})
                self._pinned.append(id_)
                return id_
            await asyncio.sleep(0.03)
        raise TimeoutError

    async def _look(self, kernel: Kernel) -> dict[str, Any]:
        """Return the outputs that the kernel holds, as JSON."""
        target = self._folder.with_name(self._folder.name + ".kernel")
        names = self._notebook.names
        space = f'{{"shell": get_ipython(), "names": {names!r}, "target": {str(target)!r}}}'
        code = f"exec({_PLAIN + _LOOK!r}, {space})"
        error = await kernel.execute(code, silent=True)
        if error is not None:
            raise RuntimeError(f"{error['ename']}: {error['evalue']}")
        found: dict[str, Any] = json.loads(target.read_text())
        target.unlink()
        return found

    def _create(self, checkpoint: str, form: dict[str, Any]) -> None:
        form["cell"]["checkpoint"] = checkpoint
        answer = self._jupyter.request("POST", "nodes", form, timeout=self._left())
        content = answer.json()
        if answer.status_code == 201:
            self._node = content["id"]
            self.outcome.told += _told(content)
        else:
            self.outcome.refusal = _error(content)
            if "did not end within" in content["message"]:
                self.outcome.hang = "dry run"

    def _call(self, given: dict[str, Any]) -> dict[str, Any]:
        answer = self._jupyter.request(
            "POST", f"nodes/{self._node}:execute", {"input": given}, timeout=self._left()
        )
        content = answer.json()
        if answer.status_code == 200:
            return {"output": content["output"]}
        return {"error": f"{answer.status_code} {_error(content)}"}

    def _ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        answer = self._jupyter.request(
            method, path, body, params=query, timeout=max(self._left(), 1.0)
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.text[:2000]}")
        return answer.json()

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @contextlib.contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        self.step, began = step, time.monotonic()
        try:
            yield
        finally:
            self.outcome.seconds[step] = round(time.monotonic() - began, 3)


def delete(jupyter: JupyterServer, node: str) -> None:
    """Delete a node, and wait until its instances have ended."""
    jupyter.request("DELETE", f"nodes/{node}")
    end = time.monotonic() + _ARRIVAL
    while time.monotonic() < end:
        if jupyter.request("GET", f"nodes/{node}").status_code == 404:
            return
        time.sleep(0.05)


def _error(content: dict[str, Any]) -> str:
    """Return an error's words; a traceback has the cell's other lines, too, and is left out."""
    details = [
        {k: v for k, v in one.items() if k not in ("traceback", "stdout")}
        for one in content.get("details") or []
    ]
    return f"{content.get('message')} {json.dumps(details, ensure_ascii=False)}"[:3000]


def _warnings(suggestion: dict[str, Any]) -> Iterator[str]:
    """Yield what a suggestion tells of differences."""
    infos = suggestion.get("warnings_info") or [None] * len(suggestion["warnings"])
    for warning, info in zip(suggestion["warnings"], infos, strict=True):
        if (info or {}).get("reason") not in _HARMLESS:
            yield warning
    for one in suggestion["unsaved"]:
        yield f"{one['name']}: {one['reason']}"


def _told(document: Any) -> list[str]:
    """Return what a node's document tells of differences, wherever it does."""
    if isinstance(document, list):
        return [text for item in document for text in _told(item)]
    if not isinstance(document, dict):
        return []
    found = []
    for key, value in document.items():
        if key in ("warnings", "differences", "notes") and value:
            items = value if isinstance(value, list) else [value]
            found += [i if isinstance(i, str) else json.dumps(i, ensure_ascii=False) for i in items]
        elif key not in ("warnings_info", "cell"):
            found += _told(value)
    return found
