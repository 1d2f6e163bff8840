"""Concessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "concession",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("autorite_siret", sa.String(length=14), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("id_contrat", sa.String(length=14), nullable=False),
        sa.Column("objet", sa.String(length=1000), nullable=False),
        sa.Column("date_signature", sa.Date(), nullable=False),
        sa.Column("duree_mois", sa.Integer(), nullable=False),
        sa.Column("valeur_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("donnees", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["autorite_siret"], ["etablissement.siret"], name=op.f("fk_concession_autorite_siret_etablissement")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_concession")),
        sa.UniqueConstraint("autorite_siret", "id", name=op.f("uq_concession_autorite_siret_id")),
        sa.UniqueConstraint("autorite_siret", "id_contrat", name=op.f("uq_concession_autorite_siret_id_contrat")),
    )
    with op.batch_alter_table("concession") as batch:
        batch.create_index("ix_concession_ght", ["ght", "uid"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("concession")
