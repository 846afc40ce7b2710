"""Bundles of cells: built as the control plane builds them, or written file by file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jupyter_node_deploy
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.namespace.manifest import PythonInfo
from jupyter_node_deploy.nodes.bundle import checks, layout
from jupyter_node_deploy.nodes.bundle.layout import Identity
from jupyter_node_deploy.specs import CellSpec, Variable

from .manifests import manifest

#: What a kernel or an instance finds our package in.
KERNEL_PATH = Path(jupyter_node_deploy.__file__).parent / "kernel_path"


def build(
    directory: Path, home: Home, cell: str, version: str, inputs: Iterable[str] = (), **spec: Any
) -> None:
    """Build the bundle of a cell that sets ``y``, from a checkpoint without variables.

    Args:
        version: of Python, which the kernel is said to have had.
        spec: further fields of the cell's spec.
    """
    layout.build(
        directory,
        identity=Identity("node", "node", 1),
        manifest=manifest(
            {"source": cell},
            code=cell,
            python=PythonInfo(executable=sys.executable, version=version),
        ),
        spec=CellSpec(
            checkpoint="c",
            inputs=[Variable(name=one) for one in inputs],
            outputs=[Variable(name="y")],
            **spec,
        ),
        blobs=BlobStore(home.blobs),
    )


def write(
    directory: Path,
    cell: str,
    inputs: Iterable[dict[str, Any]] = (),
    outputs: Iterable[dict[str, Any]] = (),
    files: Mapping[str, str] | None = None,
    **settings: Any,
) -> Path:
    """Write a bundle as a node gets it; ``settings`` are further fields of ``node.json``."""
    inputs, outputs = list(inputs), list(outputs)
    (directory / "files").mkdir(parents=True, exist_ok=True)
    node = {
        "format": 1,
        "node": {"id": "n1", "name": "node", "revision": 1},
        "python": {"version": "", "executable": sys.executable},
        "inputs": inputs,
        "outputs": outputs,
        "workers": 1,
        **settings,
    }
    (directory / "node.json").write_text(json.dumps(node))
    (directory / "cell.py").write_text(cell)
    generated = checks.generate(
        [Variable.model_validate(one) for one in inputs],
        [Variable.model_validate(one) for one in outputs],
    )
    (directory / "checks.py").write_text(generated)
    for name, text in (files or {}).items():
        path = directory / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


_SAVE = """
def save_all():
    import sys, hashlib, pathlib
    private, files, state = sys.argv[1:4]
    sys.path[:1] = [files, private]
    from _jupyter_node_deploy.namespace import random_state, save
    from _jupyter_node_deploy.namespace.digest import digest, folded
    from _jupyter_node_deploy.namespace.definitions import definitions
    from _jupyter_node_deploy.namespace.manifest import BundleState, Group
    from _jupyter_node_deploy.namespace.records import encode
    namespace = vars(sys.modules["__main__"])
    known = set(namespace)
    exec(compile(sys.stdin.read(), "<setup>", "exec"), namespace)
    saved = save(namespace, [name for name in namespace if name not in known])
    assert not saved.unsaved, saved.unsaved
    state = pathlib.Path(state)
    (state / "blobs").mkdir(parents=True, exist_ok=True)
    def blob(data):
        name = hashlib.sha256(data).hexdigest()
        (state / "blobs" / name).write_bytes(data)
        return name
    named = definitions({name: namespace[name] for name in namespace if name not in known})
    def digested(g):
        if g.digest is not None:
            return g.digest
        values = {name: namespace[name] for name in g.names}
        return blob(folded(digest(values, namespace, named, seconds=20)).encode())
    groups = [
        Group(names=g.names, pickle=blob(g.stream), buffers=[blob(b) for b in g.buffers],
              size=g.size, uses=g.uses, digest=digested(g))
        for g in saved.groups
    ]
    written = BundleState(groups=groups, random=blob(random_state.capture()))
    (state / "manifest.json").write_text(encode(written))
save_all()
"""


def save_state(bundle: Path, setup: str, python: str = sys.executable) -> None:
    """Run setup code, as earlier cells, and save what it defined into a bundle."""
    command = [python, "-c", _SAVE, str(KERNEL_PATH), str(bundle / "files"), str(bundle / "state")]
    subprocess.run(command, input=setup, text=True, check=True)
