"""Adhesions to the marchés of a buying cooperative."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "adhesion",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("centrale", sa.String(length=64), nullable=False),
        sa.Column("numero_marche", sa.String(length=50), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=True),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("statut", sa.String(length=30), nullable=False),
        sa.Column("date_entree", sa.Date(), nullable=False),
        sa.Column("date_fin", sa.Date(), nullable=True),
        sa.Column("besoin_ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("etablissement_facture", sa.String(length=14), nullable=True),
        sa.Column("signataire", sa.String(length=200), nullable=True),
        sa.Column("motif", sa.String(length=500), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_adhesion_etablissement_siret_etablissement"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_adhesion")),
    )
    with op.batch_alter_table("adhesion") as batch:
        batch.create_index("ix_adhesion_ght", ["ght", "uid"])
        batch.create_index("ix_adhesion_marche", ["centrale", "numero_marche", "etablissement_siret"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("adhesion")
