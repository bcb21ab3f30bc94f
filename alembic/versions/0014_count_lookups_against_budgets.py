"""Count lookups, different people and misses against budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "lookup_budget",
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("lookups", sa.JSON(), nullable=False),
        sa.Column("misses", sa.JSON(), nullable=False),
        sa.Column("people_on", sa.Date(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("holder", name=op.f("pk_lookup_budget")),
    )
    op.create_table(
        "lookup_budget_person",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("day", "ref", "holder", name=op.f("pk_lookup_budget_person")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("lookup_budget_person")
    op.drop_table("lookup_budget")
