"""The tables of the catalog. A change here needs a migration beside it; a test compares the two.

Times are Unix seconds (UTC) as floats.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from .compressed import CompressedJson
from .messages import MessageText
from .spec_column import SpecJson

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("operation", String(16), nullable=False),
    Column("status", String(8), nullable=False),
    Column("kernel_id", String(64), nullable=False),
    Column("msg_id", String(128)),
    Column("notebook", Text),
    Column("cell_id", String(128)),
    Column("execution_count", Integer),
    Column("first_line", Text, nullable=False),
    # SHA-256 of the code, see ``checkpoints.rows.code_hash``.
    Column("code_hash", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("duration", Float, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("name", String(255), unique=True),  # not null = pinned
    Column("pinned_by", String(255)),
    # Last, so that who reads only what is above does not read through what is large.
    Column("blobs", LargeBinary, nullable=False),  # ids, see ``blobs.refer``
    Column("outputs", CompressedJson, nullable=False),
    Column("manifest", CompressedJson, nullable=False),
    Index("ix_checkpoints_created_at", "created_at"),
    Index("ix_checkpoints_cell_id", "cell_id"),
    Index("ix_checkpoints_code_hash", "code_hash"),
)

# Checkpoints that are gone: so that none of another run is taken for one of them.
tombstones = Table(
    "tombstones",
    metadata,
    Column("id", String(32), primary_key=True),  # the checkpoint's, as all that follow
    Column("kernel_id", String(64), nullable=False),
    Column("notebook", Text),
    Column("cell_id", String(128)),
    Column("execution_count", Integer),
    Column("code_hash", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("gone_at", Float, nullable=False),
    Column("reason", String(8), nullable=False),  # number, budget, deleted
    Index("ix_tombstones_gone_at", "gone_at"),
)

# Contents of the store that checkpoints refer to.
blobs = Table(
    "blobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False),  # checkpoints that refer to it; 0 for none
    Index("ix_blobs_uses", "uses"),
)

folders = Table(
    "folders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("created_at", Float, nullable=False),
)

nodes = Table(
    "nodes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("type", String(8), nullable=False),
    Column("description", Text, nullable=False),
    Column("folder", String(32), ForeignKey("folders.id"), nullable=False),
    Column("acl", JSON, nullable=False),
    # What should be: running, suspended or deleted, and in which revision.
    Column("desired", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    # What was last seen: the revision that serves (null before the first), status and reason.
    Column("active_revision", Integer),
    Column("status", String(16), nullable=False),
    Column("reason", MessageText, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("created_by", String(255)),
)

revisions = Table(
    "revisions",
    metadata,
    Column("node_id", String(32), ForeignKey("nodes.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("spec", SpecJson, nullable=False),
    # The checkpoint it was built from; the bundle no longer needs it.
    Column("checkpoint_id", String(32)),
    Column("bundled", Boolean, nullable=False),
    Column("reason", MessageText, nullable=False),
    Column("created_at", Float, nullable=False),
)

# Nodes that were deleted: what is left of one may go; what is left of a node that is in neither
# table is of a catalog that knew more, and stays.
deleted_nodes = Table(
    "deleted_nodes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("deleted_at", Float, nullable=False),
)

# One row: which catalog this is, and how far it has come.
identity = Table(
    "identity",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("folder", String(32), ForeignKey("folders.id"), nullable=False),
    Column("acl", JSON, nullable=False),
    Column("targets", JSON, nullable=False),  # [{"node": id, "weight": int}]
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(63), nullable=False),
    Column("folder", String(32), ForeignKey("folders.id"), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("folder", "name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),  # the token's jti; the token itself is not kept
    Column("folder", String(32), ForeignKey("folders.id"), nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("revoked_at", Float),
)
