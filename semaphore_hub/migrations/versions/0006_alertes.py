"""Alerts about marchés."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "marche_alerte",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("marche_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("cle", sa.String(length=60), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("acquittee_par", sa.String(length=200), nullable=True),
        sa.Column("acquittee_ms", sa.BigInteger(), nullable=True),
        sa.Column("commentaire", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_marche_alerte_marche_uid_marche")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_marche_alerte")),
        sa.UniqueConstraint("marche_uid", "code", "cle", name=op.f("uq_marche_alerte_marche_uid_code_cle")),
    )
    with op.batch_alter_table("marche_alerte") as batch:
        batch.create_index("ix_marche_alerte_ght", ["ght", "uid"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("marche_alerte")
