"""Products under contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "produit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column(
            "cle",
            sa.String(length=200).with_variant(postgresql.VARCHAR(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("operateur", sa.String(length=50), nullable=False),
        sa.Column("numero_marche", sa.String(length=30), nullable=False),
        sa.Column("numero_lot", sa.String(length=20), nullable=False),
        sa.Column("fournisseur_siret", sa.String(length=20), nullable=False),
        sa.Column("reference_fournisseur", sa.String(length=60), nullable=False),
        sa.Column("libelle_produit", sa.String(length=300), nullable=False),
        sa.Column("code_ucd", sa.String(length=20), nullable=True),
        sa.Column("code_cip13", sa.String(length=20), nullable=True),
        sa.Column("gtin", sa.String(length=20), nullable=True),
        sa.Column("prix_unitaire_ht", sa.BigInteger(), nullable=False),
        sa.Column("date_debut", sa.Date(), nullable=False),
        sa.Column("date_fin", sa.Date(), nullable=False),
        sa.Column("etat", sa.String(length=10), nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("empreinte", sa.BigInteger(), nullable=False),
        sa.Column("donnees", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_produit")),
        sa.UniqueConstraint("cle", "date_debut", name=op.f("uq_produit_cle_date_debut")),
    )
    with op.batch_alter_table("produit", schema=None) as batch_op:
        batch_op.create_index(
            "ix_produit_cip13",
            ["code_cip13"],
            unique=False,
            sqlite_where=sa.text("code_cip13 IS NOT NULL"),
            postgresql_where=sa.text("code_cip13 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_produit_gtin",
            ["gtin"],
            unique=False,
            sqlite_where=sa.text("gtin IS NOT NULL"),
            postgresql_where=sa.text("gtin IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_produit_ucd",
            ["code_ucd"],
            unique=False,
            sqlite_where=sa.text("code_ucd IS NOT NULL"),
            postgresql_where=sa.text("code_ucd IS NOT NULL"),
        )

    op.create_table(
        "produit_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("operateur", sa.String(length=50), nullable=False),
        sa.Column("numero_marche", sa.String(length=30), nullable=False),
        sa.Column(
            "debut",
            sa.String(length=200).with_variant(postgresql.VARCHAR(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "fin",
            sa.String(length=200).with_variant(postgresql.VARCHAR(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("fournisseur_siret", sa.String(length=20), nullable=False),
        sa.Column("en_attente", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_produit_lot")),
        sa.UniqueConstraint(
            "debut", "fin", "fournisseur_siret", name=op.f("uq_produit_lot_debut_fin_fournisseur_siret")
        ),
    )
    with op.batch_alter_table("produit_lot", schema=None) as batch_op:
        batch_op.create_index("ix_produit_lot_fournisseur", ["fournisseur_siret"], unique=False)

    op.create_table(
        "produit_import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("cle", sa.String(length=100), nullable=False),
        sa.Column("nom", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taille", sa.BigInteger(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("partiel", sa.Boolean(), nullable=False),
        sa.Column("etat", sa.String(length=10), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("termine_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("octet", sa.BigInteger(), nullable=False),
        sa.Column("ligne", sa.BigInteger(), nullable=False),
        sa.Column("morceaux", sa.Integer(), nullable=False),
        sa.Column("lignes", sa.Integer(), nullable=False),
        sa.Column("refusees", sa.Integer(), nullable=False),
        sa.Column("avertissements", sa.Integer(), nullable=False),
        sa.Column("creees", sa.Integer(), nullable=False),
        sa.Column("modifiees", sa.Integer(), nullable=False),
        sa.Column("inchangees", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("en_attente", sa.Integer(), nullable=False),
        sa.Column("par_regle", sa.JSON(), nullable=False),
        sa.Column("constats", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_produit_import")),
        sa.UniqueConstraint("cle", name=op.f("uq_produit_import_cle")),
    )
    with op.batch_alter_table("produit_import", schema=None) as batch_op:
        batch_op.create_index("ix_produit_import_ght", ["ght", "id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("produit_import")
    op.drop_table("produit_lot")
    op.drop_table("produit")
