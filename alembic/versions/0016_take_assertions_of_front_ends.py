"""Take each assertion of a front end once, and count bad log-ins by where they come from."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "used_assertion",
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_used_assertion")),
    )
    op.create_index("ix_used_assertion_expires_at", "used_assertion", ["expires_at"])
    op.create_table(
        "login_source",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_login_source")),
    )
    op.create_index("ix_login_source_since", "login_source", ["since"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_login_source_since", "login_source")
    op.drop_table("login_source")
    op.drop_index("ix_used_assertion_expires_at", "used_assertion")
    op.drop_table("used_assertion")
