"""A notebook in tests of capturing: run by a live session, deployed, restored by an interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import jupyter_node_deploy
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.distributions.distributions import Requirements
from jupyter_node_deploy.errors import NodeDeployError
from jupyter_node_deploy.namespace.manifest import Manifest
from jupyter_node_deploy.nodes.bundle import layout
from jupyter_node_deploy.nodes.bundle.slice import Slice
from jupyter_node_deploy.nodes.suggestion import suggest
from jupyter_node_deploy.specs import CellSpec, Suggestion, Variable

from ...support.saved_names import check

PACKAGE = Path(jupyter_node_deploy.__file__).parent
# Another environment can be tried with the same tests.
PYTHON = os.environ.get("AGENT_PYTHON", sys.executable)


class Server:
    """A process that forks a child for each order; see ``forkserver``."""

    def __init__(self, program: str, **variables: str) -> None:
        path = Path(__file__).with_name(program)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
        env["IPYTHONDIR"] = "/nonexistent"
        self.process = subprocess.Popen(
            [PYTHON, "-W", "ignore", path, PACKAGE / "kernel_path"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**env, "PYTHONHASHSEED": "random", **variables},
        )

    def order(self, directory: Path, **order: Any) -> Any:
        """Return the result of an order."""
        assert self.process.stdin
        assert self.process.stdout
        text = json.dumps({"directory": str(directory), **order})
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        code = self.process.stdout.readline().strip()
        assert code == "0", (directory / "output.txt").read_text()
        return json.loads((directory / "result.json").read_text())

    def stop(self) -> None:
        self.process.communicate()


@dataclass
class Outcome:
    """What came of a notebook whose last cell became a service.

    Attributes:
        live: the session's answers.
        served: the node's answers; None if it could not be built or started.
        refusal: why not.
        manifest: the last cell's checkpoint.
        part: what went along.
        ran: for each cell the error that it raised.
        shapes: of the live session and of the restored namespace.
        output: what was printed.
        verification: what the restored state has otherwise than the session had it.
    """

    live: list[Any]
    served: list[Any] | None
    refusal: str
    manifest: Manifest
    part: Slice | None = None
    ran: list[Any] = field(default_factory=list)
    shapes: tuple[Any, Any] = (None, None)
    output: str = ""
    verification: dict[str, Any] = field(default_factory=dict)

    def suggestion(self) -> Suggestion:
        return suggest(
            self.manifest,
            checkpoint=self.manifest.id,
            notebook=None,
            taken=(),
            requirements=Requirements(exact=[], local=[], unknown=[], warning=""),
        )

    @property
    def reasons(self) -> dict[str, str]:
        return {one.name: one.reason for one in self.manifest.variables if one.reason}


class Capture:
    """Runs notebooks."""

    def __init__(self, live: Server, served: Server) -> None:
        self.live = live
        self.served = served

    def run(
        self,
        directory: Path,
        cells: Sequence[str],
        requests: Sequence[dict[str, Any]] = (),
        *,
        inputs: Sequence[str] | None = None,
        outputs: Sequence[str] = ("result",),
        files: dict[str, str] | None = None,
        shapes: bool = False,
        **options: Any,
    ) -> Outcome:
        """Run the cells, deploy the last one, and ask both for answers."""
        for place in ("home/blobs", "home/spool", "work"):
            (directory / place).mkdir(parents=True)
        for name, text in (files or {}).items():
            path = directory / "work" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        order = {"requests": list(requests), "outputs": list(outputs), "shapes": shapes}
        live = self.live.order(directory, cells=list(cells), **order)
        (spool,) = (directory / "home" / "spool").iterdir()
        paths = [path for path in spool.glob("*.json") if path.stem not in ("agent", "error")]
        found = [Manifest.read(json.loads(path.read_bytes())) for path in paths]
        error = spool / "error.json"
        assert not error.exists(), error.read_text()
        manifest = max(found, key=lambda one: one.created_at)
        store = BlobStore(directory / "home" / "blobs")
        for group in manifest.groups:
            store.link(group.pickle, directory / "stream")
            check((directory / "stream").read_bytes())
        names = inputs if inputs is not None else sorted({n for r in requests for n in r})
        outcome = Outcome(live["answers"], None, "", manifest, ran=live["ran"])
        spec = CellSpec(
            checkpoint="x",
            inputs=[Variable(name=name, required=False) for name in names],
            outputs=[Variable(name=name) for name in outputs],
            **options,
        )
        try:
            outcome.part = layout.build(
                directory / "bundle",
                identity=layout.Identity("n", "n", 1),
                manifest=manifest,
                spec=spec,
                blobs=store,
            )
        except NodeDeployError as refused:
            outcome.refusal = refused.message
            return outcome
        restored = self.served.order(directory, **order)
        outcome.output = (directory / "output.txt").read_text()
        if "error" in restored:
            outcome.refusal = restored["error"]
        else:
            outcome.served = restored["answers"]
            outcome.shapes = (live["shape"], restored["shape"])
            outcome.verification = restored["verification"]
        return outcome


@pytest.fixture(scope="session")
def capture() -> Iterator[Capture]:
    # The session answers in forked processes, where a library's threads of before hang.
    live, served = Server("live.py", OMP_NUM_THREADS="1"), Server("served.py")
    yield Capture(live, served)
    live.stop()
    served.stop()
