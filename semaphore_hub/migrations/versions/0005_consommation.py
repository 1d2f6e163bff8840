"""Consumption of marchés."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _create_consumption()


def downgrade() -> None:
    """Undo."""
    op.drop_table("marche_consommation")


def _create_consumption() -> None:
    op.create_table(
        "marche_consommation",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("marche_uid", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=17), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_marche_consommation_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_marche_consommation_marche_uid_marche")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_marche_consommation")),
        sa.UniqueConstraint(
            "marche_uid",
            "source",
            "reference",
            name=op.f("uq_marche_consommation_marche_uid_source_reference"),
        ),
    )
    op.create_index("ix_marche_consommation_page", "marche_consommation", ["marche_uid", "uid"])
