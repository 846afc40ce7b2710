"""Verifies a restored namespace: what came back is compared with what was there (dry run)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .definitions import definitions
from .difference import Difference
from .digest import Digest, compare, compared, digest
from .manifest import Group
from .places import held, resolve
from .records import Malformed
from .restore import read_state, repeated

#: Seconds for all variables; what is not compared by then counts as not verified.
_LONGEST = 20.0


@dataclass
class Verification:
    """What came of comparing a restored namespace with what was saved.

    Attributes:
        compared: how many variables were.
        differences: what is otherwise.
        partly: variables that were compared in part only: they are large, or in C.
        unverified: variables that were not compared: the kernel had no time to look at them.
    """

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    partly: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)


def verify(directory: str | os.PathLike[str], namespace: Mapping[str, Any]) -> Verification:
    """Compare what was restored of a bundle's state with what the kernel had; see ``restore``.

    Args:
        directory: holds ``manifest.json`` and ``blobs/``.
        namespace: ``vars(sys.modules["__main__"])``, as it was restored.

    Raises:
        NewerFormat: a newer version has written the manifest.
        ValueError: the manifest is malformed.
        OSError: it can't be read.
    """
    state = Path(directory)
    found = Verification()
    if not (state / "manifest.json").exists():
        return found
    named = definitions(namespace)
    for group in read_state(state).groups:
        if group.digest == "":
            found.compared += len(group.names)
            continue
        before = _stored(state / "blobs", group)
        after = before and digest(
            values_of(group.names, namespace),
            namespace,
            named,
            calls=before.calls,
            seconds=_LONGEST,
        )
        if before is None or after is None:
            found.unverified += group.names
            continue
        told = compare(before, after)
        found.compared += len(group.names)
        found.differences += told.differences
        found.partly += told.partly
    return found


def values_of(names: list[str], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables by name; what is gone is left out.

    One of a module is called ``module.variable``, an attribute ``module.Class.attribute``.
    """
    found = {}
    for name in names:
        path, _, attribute = name.rpartition(".")
        if name in repeated:
            found[name] = compared(repeated[name])
        elif not path:
            if name in namespace:
                found[name] = namespace[name]
        else:
            with contextlib.suppress(ImportError, AttributeError):
                found[name] = held(resolve(path), attribute)
    return found


def _stored(blobs: Path, group: Group) -> Digest | None:
    if group.digest is None:
        return None
    try:
        return Digest.decode((blobs / group.digest).read_bytes())
    except (OSError, Malformed):
        return None
