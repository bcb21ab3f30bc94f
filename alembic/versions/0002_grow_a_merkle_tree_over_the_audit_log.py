"""Grow a Merkle tree over the audit log, from the records that are there."""

import sqlalchemy as sa
from alembic import op

from app.domain.merkle import Frontier

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BATCH = 10_000
_LEVELS_APART = 8


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("audit_head") as head:
        head.add_column(sa.Column("frontier", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("audit_head") as head:
        head.alter_column("frontier", server_default=None)
    nodes = op.create_table(
        "audit_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_audit_node")),
    )
    _grow(nodes)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("audit_node")
    with op.batch_alter_table("audit_head") as head:
        head.drop_column("frontier")


def _grow(nodes: sa.Table) -> None:
    connection = op.get_bind()
    records = sa.table("audit_record", sa.column("sequence"), sa.column("leaf_hash"))
    head = sa.table("audit_head", sa.column("size"), sa.column("frontier"))
    # Nobody may append between the reading of the leaves and the end of this transaction.
    size = connection.execute(sa.select(head.c.size).with_for_update()).scalar_one()
    tree = Frontier()
    while tree.size < size:
        leaves = connection.execute(
            sa.select(records.c.leaf_hash)
            .where(records.c.sequence >= tree.size, records.c.sequence < tree.size + _BATCH)
            .order_by(records.c.sequence)
        ).scalars()
        since = tree.size
        tree, completed = tree.extended(leaves)
        if tree.size != min(since + _BATCH, size):
            raise RuntimeError("the audit log has a gap: it must be looked into before it is migrated")
        rows = [node._asdict() for node in completed if node.level % _LEVELS_APART == 0]
        if rows:
            connection.execute(sa.insert(nodes), rows)
    connection.execute(sa.update(head).values(frontier=b"".join(tree.hashes)))
