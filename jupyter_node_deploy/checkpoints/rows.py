"""Checkpoints as the catalog's rows and back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..errors import DataLoss, FailedPrecondition
from ..namespace.manifest import Manifest
from ..namespace.records import Malformed, NewerFormat, encode
from .models import Checkpoint, CheckpointSummary, SavedVariable
from .outputs import Output

Row = dict[str, Any]


def to_row(manifest: Manifest, outputs: list[Output], notebook: str | None, size: int) -> Row:
    """Return the row of a new checkpoint; ``size`` is the bytes of its blobs."""
    lines = (line.strip() for line in manifest.code.splitlines())
    written = json.loads(encode(manifest))
    return {
        "id": manifest.id,
        "operation": written["operation"],
        "status": manifest.status,
        "kernel_id": manifest.kernel_id,
        "msg_id": _text(manifest.msg_id, 128),
        "notebook": notebook,
        "cell_id": _text(manifest.cell_id, 128),
        "execution_count": manifest.execution_count,
        "first_line": _text(next(filter(None, lines), ""), 200),
        "code_hash": code_hash(manifest.code),
        "outputs": outputs,
        "created_at": manifest.created_at,
        "duration": manifest.duration,
        "size": size,
        "name": None,
        "pinned_by": None,
        "manifest": written,
    }


def code_hash(code: str) -> str:
    """Return what two cells have in common whose code is the same, but for blanks around it."""
    return hashlib.sha256(code.strip().encode("utf-8", "replace")).hexdigest()


def _text(text: str | None, most: int) -> str | None:
    """Fit text from a client into a column; PostgreSQL has no place for NUL."""
    return text and text.replace("\0", "")[:most]


def to_summary(row: Row) -> CheckpointSummary:
    """Return what lists show; the row may lack its large columns."""
    return CheckpointSummary.model_validate(row | {"pinned": row["name"] is not None})


def to_manifest(row: Row) -> Manifest:
    """Return what the kernel wrote for a checkpoint.

    Raises:
        FailedPrecondition: a newer version of the package has taken it in.
        DataLoss: it is damaged.
    """
    try:
        return Manifest.read(row["manifest"])
    except NewerFormat as error:
        raise FailedPrecondition(f"Checkpoint {row['id']} can't be read. {error}") from None
    except Malformed as error:
        raise DataLoss(f"The manifest of checkpoint {row['id']} is damaged: {error}.") from None


def to_checkpoint(row: Row) -> Checkpoint:
    """Return the whole checkpoint.

    Raises:
        FailedPrecondition, DataLoss: see ``to_manifest``.
    """
    manifest = to_manifest(row)
    content = {name: group.content() for group in manifest.groups for name in group.names}
    return Checkpoint.model_validate(
        row
        | {
            "pinned": row["name"] is not None,
            "code": manifest.code,
            "variables": [
                SavedVariable(**vars(one), content=content.get(one.name))
                for one in manifest.variables
            ],
            "excluded": manifest.excluded,
            "options": manifest.options.values if manifest.options is not None else {},
            "python": manifest.python.version,
        }
    )
