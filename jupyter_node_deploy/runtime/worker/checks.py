"""The checks that a bundle brings along: generated from the variables' JSON Schemas.

User's interpreter, standard library only.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ...errors import Detail, FailedPrecondition
from ..bundle import Bundle

Check = Callable[[Any], None]


def load(bundle: Bundle) -> tuple[dict[str, Check], dict[str, Check]]:
    """Return the checks of the inputs and those of the outputs, by name.

    Raises:
        FailedPrecondition: they cannot be loaded.
    """
    if not bundle.checks.exists():
        return {}, {}
    # Not imported: that would leave compiled files in the bundle, which never changes.
    module = ModuleType("_jupyter_node_deploy_checks")
    try:
        source = bundle.checks.read_text(encoding="utf-8")
        exec(compile(source, str(bundle.checks), "exec"), module.__dict__)
        return dict(module.INPUTS), dict(module.OUTPUTS)
    except Exception as error:
        raise FailedPrecondition(f"the bundle's checks.py cannot be loaded: {error}") from error


def problem(check: Check, value: Any, name: str, prefix: str) -> Detail | None:
    """Return what a check finds first, None when it finds nothing.

    Args:
        name: of the variable.
        prefix: where variables are in the body: ``input.``, or nothing.
    """
    try:
        check(value)
    except RecursionError:
        return {"path": prefix + name, "message": "nested too deeply"}
    except Exception as error:
        path = getattr(error, "path", None)
        return {
            "path": prefix + (path if isinstance(path, str) and path else name),
            "message": str(getattr(error, "message", error)),
        }
    return None
