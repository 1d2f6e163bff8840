"""Regions of the GHT and purchasing families."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "famille_achat",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("parent", sa.String(length=20), nullable=True),
        sa.Column("niveau", sa.String(length=10), nullable=False),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("cle", sa.String(length=200), nullable=False),
        sa.Column("synonymes", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_famille_achat")),
    )
    with op.batch_alter_table("famille_achat") as batch:
        batch.create_index("ix_famille_achat_cle", ["niveau", "cle"])

    with op.batch_alter_table("ght") as batch:
        batch.add_column(sa.Column("region", sa.String(length=12), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("ght") as batch:
        batch.drop_column("region")

    with op.batch_alter_table("famille_achat") as batch:
        batch.drop_index("ix_famille_achat_cle")

    op.drop_table("famille_achat")
