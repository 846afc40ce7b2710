"""Checkpoints as the catalog's rows and back."""

from __future__ import annotations

from typing import Any

from .models import Checkpoint, CheckpointSummary, Manifest
from .outputs import Output

Row = dict[str, Any]


def to_row(manifest: Manifest, outputs: list[Output], notebook: str | None, size: int) -> Row:
    """Return the row of a new checkpoint; ``size`` is the bytes of its blobs."""
    lines = (line.strip() for line in manifest.code.splitlines())
    return {
        "id": manifest.id,
        "operation": manifest.operation.value,
        "status": manifest.status,
        "kernel_id": manifest.kernel_id,
        "msg_id": _text(manifest.msg_id, 128),
        "notebook": notebook,
        "cell_id": _text(manifest.cell_id, 128),
        "execution_count": manifest.execution_count,
        "first_line": _text(next(filter(None, lines), ""), 200),
        "outputs": outputs,
        "created_at": manifest.created_at,
        "duration": manifest.duration,
        "size": size,
        "name": None,
        "pinned_by": None,
        "manifest": manifest.model_dump(mode="json", by_alias=True),
    }


def _text(text: str | None, most: int) -> str | None:
    """Fit text from a client into a column; PostgreSQL has no place for NUL."""
    return text and text.replace("\0", "")[:most]


def to_summary(row: Row) -> CheckpointSummary:
    """Return what lists show; the row may lack its large columns."""
    return CheckpointSummary.model_validate(row | {"pinned": row["name"] is not None})


def to_checkpoint(row: Row) -> Checkpoint:
    """Return the whole checkpoint."""
    manifest = Manifest.model_validate(row["manifest"])
    return Checkpoint.model_validate(
        row
        | {
            "pinned": row["name"] is not None,
            "code": manifest.code,
            "variables": manifest.saved_variables(),
            "excluded": manifest.excluded,
            "python": manifest.python.version,
        }
    )
