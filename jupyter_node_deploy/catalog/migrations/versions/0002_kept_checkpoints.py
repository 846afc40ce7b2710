"""What is kept of checkpoints, and which are gone; manifests compressed, blobs counted."""

import hashlib
import json
import zlib
from array import array
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD = sa.table(
    "checkpoints",
    sa.column("id", sa.String),
    sa.column("outputs", sa.JSON),
    sa.column("manifest", sa.JSON),
)
_NEW = sa.table(
    "checkpoints",
    sa.column("id", sa.String),
    sa.column("code_hash", sa.String),
    sa.column("blobs", sa.LargeBinary),
    sa.column("new_outputs", sa.LargeBinary),
    sa.column("new_manifest", sa.LargeBinary),
)
_REFERENCES = sa.table(
    "checkpoint_blobs", sa.column("checkpoint_id", sa.String), sa.column("blob", sa.String)
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tombstones",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kernel_id", sa.String(length=64), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=True),
        sa.Column("cell_id", sa.String(length=128), nullable=True),
        sa.Column("execution_count", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("gone_at", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
    )
    op.create_index("ix_tombstones_gone_at", "tombstones", ["gone_at"])
    blobs = op.create_table(
        "blobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
        sa.UniqueConstraint("hash", name=op.f("uq_blobs_hash")),
    )
    op.create_index("ix_blobs_uses", "blobs", ["uses"])
    for name, type_ in (
        ("code_hash", sa.String(length=64)),
        ("blobs", sa.LargeBinary()),
        ("new_outputs", sa.LargeBinary()),
        ("new_manifest", sa.LargeBinary()),
    ):
        op.add_column("checkpoints", sa.Column(name, type_, nullable=True))
    _convert(blobs)
    with op.batch_alter_table("checkpoints", schema=None) as batch_op:
        batch_op.drop_column("outputs")
        batch_op.drop_column("manifest")
        batch_op.alter_column("code_hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("blobs", existing_type=sa.LargeBinary(), nullable=False)
        for name in ("outputs", "manifest"):
            batch_op.alter_column(
                f"new_{name}",
                new_column_name=name,
                existing_type=sa.LargeBinary(),
                nullable=False,
            )
        batch_op.create_index("ix_checkpoints_cell_id", ["cell_id"], unique=False)
        batch_op.create_index("ix_checkpoints_code_hash", ["code_hash"], unique=False)
    op.drop_table("checkpoint_blobs")


def _convert(blobs: sa.Table) -> None:
    conn = op.get_bind()
    uses = Counter(conn.scalars(sa.select(_REFERENCES.c.blob)))
    numbers = {name: number for number, name in enumerate(sorted(uses), 1)}
    sizes: dict[str, int] = {}
    for id_ in list(conn.scalars(sa.select(_OLD.c.id))):
        old = conn.execute(sa.select(_OLD).where(_OLD.c.id == id_)).one()
        refers = conn.scalars(
            sa.select(_REFERENCES.c.blob).where(_REFERENCES.c.checkpoint_id == id_)
        )
        code = str(old.manifest.get("code", ""))
        conn.execute(
            sa.update(_NEW)
            .where(_NEW.c.id == id_)
            .values(
                code_hash=hashlib.sha256(code.strip().encode("utf-8", "replace")).hexdigest(),
                blobs=array("I", sorted(numbers[name] for name in refers)).tobytes(),
                new_outputs=_compressed(old.outputs),
                new_manifest=_compressed(old.manifest),
            )
        )
        # Only what all blobs of a group take was written down.
        sizes |= {group["pickle"]: group["size"] for group in old.manifest.get("groups", [])}
    if uses:
        op.bulk_insert(
            blobs,
            [
                {
                    "id": numbers[name],
                    "hash": name,
                    "size": sizes.get(name, 0),
                    "uses": count,
                }
                for name, count in uses.items()
            ],
        )
    if conn.dialect.name == "postgresql" and uses:
        conn.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('blobs', 'id'), :last)"),
            {"last": len(uses)},
        )


def _compressed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)
