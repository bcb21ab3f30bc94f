"""Let administrators keep accounts: second factors, passwords' ages, idle time, front ends' keys and networks."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

def upgrade() -> None:
    """Apply the change."""
    op.add_column("officer", sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "officer", sa.Column("former_password_hashes", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column("officer", sa.Column("second_factor_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("officer", sa.Column("second_factor_offered", sa.LargeBinary(), nullable=True))
    op.add_column("officer", sa.Column("second_factor_step", sa.BigInteger(), nullable=True))
    op.add_column("officer", sa.Column("enabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("officer", sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("client", sa.Column("jwks", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("client", sa.Column("networks", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("client", "networks")
    op.drop_column("client", "jwks")
    op.drop_column("officer", "last_login_at")
    op.drop_column("officer", "enabled_at")
    op.drop_column("officer", "second_factor_step")
    op.drop_column("officer", "second_factor_offered")
    op.drop_column("officer", "second_factor_sealed")
    op.drop_column("officer", "former_password_hashes")
    op.drop_column("officer", "password_set_at")
