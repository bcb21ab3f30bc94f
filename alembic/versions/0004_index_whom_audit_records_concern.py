"""Index whom the audit log's records concern, from the records that are there."""

import json
from base64 import b64decode

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BATCH = 5_000


def upgrade() -> None:
    """Apply the change."""
    subjects = op.create_table(
        "audit_subject",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("sequence", "ref", "role", name=op.f("pk_audit_subject")),
    )
    op.create_index("ix_audit_subject_ref", "audit_subject", ["ref", "sequence"])
    _fill(subjects)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_audit_subject_ref", table_name="audit_subject")
    op.drop_table("audit_subject")


def _fill(subjects: sa.Table) -> None:
    connection = op.get_bind()
    records = sa.table("audit_record", sa.column("sequence"), sa.column("record"))
    head = sa.table("audit_head", sa.column("size"))
    # Nobody may append between the reading of the records and the end of this transaction.
    size = connection.execute(sa.select(head.c.size).with_for_update()).scalar_one()
    for since in range(0, size, _BATCH):
        found = connection.execute(
            sa.select(records.c.sequence, records.c.record).where(
                records.c.sequence >= since, records.c.sequence < since + _BATCH
            )
        )
        rows = {
            (b64decode(subject["ref"]), record.sequence, subject["role"])
            for record in found
            for subject in json.loads(record.record)["subjects"]
        }
        if rows:
            connection.execute(
                sa.insert(subjects), [dict(zip(("ref", "sequence", "role"), row, strict=True)) for row in rows]
            )
