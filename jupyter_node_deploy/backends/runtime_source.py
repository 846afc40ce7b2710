"""The runtime's own code, as it is put beside a cell where it runs apart from Jupyter."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import re
import shutil
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
#: What the runtime consists of (see the import contracts), and which of our packages it needs.
_PARTS = (
    "__init__.py",
    "_version.py",
    "backoff.py",
    "errors.py",
    "exit_status.py",
    "lock.py",
    "namespace",
    "web",
    "runtime",
    "kernel_path",
)
_NEEDS = frozenset({"httptools", "jsonschema", "uvloop"})
_SERVE = """\
import runpy
import sys

here = sys.path[0] = __file__.rpartition("/")[0]
sys.path[:1] = [f"{here}/app", f"{here}/packages"]
runpy.run_module("jupyter_node_deploy.runtime", run_name="__main__", alter_sys=True)
"""


def copy(directory: Path) -> None:
    """Write ``app/``, our code, and ``serve.py``, which runs it and the packages beside it.

    Those are to be installed into ``packages/``, see ``requirements``.
    """
    app = directory / "app" / _PACKAGE.name
    app.mkdir(parents=True)
    for name in _PARTS:
        source = _PACKAGE / name
        if source.is_dir():
            shutil.copytree(source, app / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, app / name)
    (directory / "serve.py").write_text(_SERVE)


def requirements() -> list[str]:
    """Return what of our own requirements the runtime needs."""
    own = importlib.metadata.requires(_PACKAGE.name) or []
    return [line for line in own if re.split(r"[^\w.-]", line, maxsplit=1)[0] in _NEEDS]


@functools.cache
def fingerprint() -> str:
    """Return a hash of the code."""
    digest = hashlib.sha256(_SERVE.encode())
    for name in _PARTS:
        place = _PACKAGE / name
        for path in sorted(place.rglob("*")) if place.is_dir() else (place,):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(_PACKAGE)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
