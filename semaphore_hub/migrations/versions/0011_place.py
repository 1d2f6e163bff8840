"""What PLACE says of consultations and of notified contracts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "place_consultation",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("partenaire", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("acheteur", sa.String(length=14), nullable=True),
        sa.Column("statut", sa.String(length=20), nullable=False),
        sa.Column("modifiee_ms", sa.BigInteger(), nullable=False),
        sa.Column("recu_ms", sa.BigInteger(), nullable=False),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_place_consultation")),
        sa.UniqueConstraint("partenaire", "reference", name=op.f("uq_place_consultation_partenaire_reference")),
    )
    op.create_index("ix_place_consultation_ght", "place_consultation", ["ght", "uid"])
    op.create_table(
        "place_contrat",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("partenaire", sa.String(length=64), nullable=False),
        sa.Column("acheteur", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=50), nullable=False),
        sa.Column("periode", sa.String(length=7), nullable=True),
        sa.Column("date_notification", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("canal", sa.String(length=20), nullable=False),
        sa.Column("recu_ms", sa.BigInteger(), nullable=False),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_place_contrat")),
        sa.UniqueConstraint("partenaire", "acheteur", "id", name=op.f("uq_place_contrat_partenaire_acheteur_id")),
    )
    op.create_index("ix_place_contrat_ght", "place_contrat", ["ght", "uid"])
    op.create_index("ix_place_contrat_acheteur", "place_contrat", ["acheteur"])
    op.create_index("ix_place_contrat_periode", "place_contrat", ["partenaire", "periode"])
    op.create_table(
        "place_periode",
        sa.Column("partenaire", sa.String(length=64), nullable=False),
        sa.Column("periode", sa.String(length=7), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("debut", sa.Date(), nullable=False),
        sa.Column("fin", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("lu_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partenaire", "periode", name=op.f("pk_place_periode")),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("place_periode", "place_contrat", "place_consultation"):
        op.drop_table(table)
