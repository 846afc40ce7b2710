"""Which kernel of the server's runs a notebook."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from .connection import Connection
from .failure import Failure
from .notebook import Notebook


def add_option(parser: ArgumentParser) -> None:
    """Add the option that chooses it."""
    parser.add_argument(
        "--kernel",
        metavar="NAME",
        help="kernel that runs the notebook (default: the one that it names)",
    )


def choose(api: Connection, notebook: Notebook, wanted: str | None) -> str:
    """Return the name of the kernel that is to run a notebook.

    Args:
        wanted: by name; None for the one that the notebook names, or else the server's default.

    Raises:
        Failure: there is no such kernel, or it is of another language; the message says what there
            is.
    """
    found = api.jupyter("GET", "api/kernelspecs")
    specs: dict[str, dict[str, Any]] = {
        name: item["spec"] for name, item in found["kernelspecs"].items()
    }
    pythons = [name for name, spec in specs.items() if _is_python(spec)]
    name = wanted or notebook.kernel
    if name is None:
        default = found["default"]
        name = default if default in pythons or not pythons else pythons[0]
    if name in pythons:
        return name
    if name in specs:
        told = (
            f"The kernel {name!r} ({specs[name]['display_name']}) is not a Python one: nodes are "
            "made of Python cells only."
        )
    elif wanted is None and notebook.kernel is not None:
        told = f"The notebook names the kernel {name!r}, which this server does not have."
    else:
        told = f"This server has no kernel {name!r}."
    offered = ", ".join(f"{one} ({specs[one]['display_name']})" for one in pythons)
    if not offered:
        advice = "It has no Python kernel at all: install ipykernel (pip install ipykernel)."
    elif wanted is None:
        advice = f"Choose one with --kernel NAME: {offered}."
    else:
        advice = f"There is: {offered}."
    raise Failure(f"{told} {advice}", code=9)


def _is_python(spec: dict[str, Any]) -> bool:
    return str(spec.get("language", "")).lower() == "python"
