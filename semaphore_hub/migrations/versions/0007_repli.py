"""Degraded mode by policy: how long a partner may fail before its file channel takes over, and since when it did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("partner") as batch:
        batch.add_column(sa.Column("fallback_after_ms", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("fallen_back_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("partner_state") as batch:
        batch.add_column(sa.Column("failing_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("partner_state") as batch:
        batch.drop_column("failing_since")
    with op.batch_alter_table("partner") as batch:
        batch.drop_column("fallen_back_at")
        batch.drop_column("fallback_after_ms")
