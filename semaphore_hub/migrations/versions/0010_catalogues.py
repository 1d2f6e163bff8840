"""Catalogues received from partners, until they are imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "catalogue_recu",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("partenaire", sa.String(length=64), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("nom", sa.String(length=255), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.Column("etat", sa.String(length=12), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("pris_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_recu")),
    )
    with op.batch_alter_table("catalogue_recu") as batch:
        batch.create_index("ix_catalogue_recu_etat", ["etat", "id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("catalogue_recu")
