"""Flows of the GEF, line by line; nomenclatures kept in the hub; products as they were last published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.String(length=200).with_variant(postgresql.VARCHAR(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gef_ligne_anterieure",
        sa.Column("ligne_uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.Column("remplacee_par", sa.String(length=100), nullable=False),
        sa.Column("remplacee_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ligne_uid", "version", name=op.f("pk_gef_ligne_anterieure")),
    )
    op.create_table(
        "nomenclature",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_nomenclature")),
    )
    op.create_table(
        "produit_publication",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("operateur", sa.String(length=50), nullable=False),
        sa.Column("numero_marche", sa.String(length=30), nullable=False),
        sa.Column("numero_lot", sa.String(length=20), nullable=False),
        sa.Column("cible", sa.String(length=36), nullable=False),
        sa.Column("beneficiaires", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_produit_publication")),
        sa.UniqueConstraint(
            "operateur",
            "numero_marche",
            "numero_lot",
            "cible",
            name=op.f("uq_produit_publication_operateur_numero_marche_numero_lot_cible"),
        ),
    )
    op.create_table(
        "gef_compte",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column("budget", sa.String(length=1), nullable=False),
        sa.Column("compte", sa.String(length=20), nullable=False),
        sa.Column("libelle", sa.String(length=500), nullable=False),
        sa.Column("actif_depuis", sa.Date(), nullable=True),
        sa.Column("inactif_depuis", sa.Date(), nullable=True),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_compte_etablissement_siret_etablissement"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_compte")),
        sa.UniqueConstraint(
            "etablissement_siret",
            "exercice",
            "compte",
            "budget",
            name=op.f("uq_gef_compte_etablissement_siret_exercice_compte_budget"),
        ),
    )
    with op.batch_alter_table("gef_compte") as batch:
        batch.create_index("ix_gef_compte_page", ["etablissement_siret", "uid"])
    op.create_table(
        "gef_structure",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("code_uf", sa.String(length=20), nullable=False),
        sa.Column("libelle", sa.String(length=500), nullable=False),
        sa.Column("finess_geographique", sa.String(length=9), nullable=True),
        sa.Column("pole", sa.String(length=100), nullable=True),
        sa.Column("centre_responsabilite", sa.String(length=100), nullable=True),
        sa.Column("actif_depuis", sa.Date(), nullable=True),
        sa.Column("inactif_depuis", sa.Date(), nullable=True),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_structure_etablissement_siret_etablissement"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_structure")),
        sa.UniqueConstraint(
            "etablissement_siret", "code_uf", name=op.f("uq_gef_structure_etablissement_siret_code_uf")
        ),
    )
    with op.batch_alter_table("gef_structure") as batch:
        batch.create_index("ix_gef_structure_page", ["etablissement_siret", "uid"])
    op.create_table(
        "gef_tiers",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("code_tiers", sa.String(length=40), nullable=False),
        sa.Column("type_identifiant", sa.String(length=10), nullable=False),
        sa.Column("identifiant", sa.String(length=80), nullable=False),
        sa.Column("denomination_sociale", sa.String(length=200), nullable=False),
        sa.Column("actif_depuis", sa.Date(), nullable=True),
        sa.Column("inactif_depuis", sa.Date(), nullable=True),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_tiers_etablissement_siret_etablissement"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_tiers")),
        sa.UniqueConstraint(
            "etablissement_siret", "code_tiers", name=op.f("uq_gef_tiers_etablissement_siret_code_tiers")
        ),
    )
    with op.batch_alter_table("gef_tiers") as batch:
        batch.create_index("ix_gef_tiers_identifiant", ["identifiant"])
        batch.create_index("ix_gef_tiers_page", ["etablissement_siret", "uid"])
    op.create_table(
        "nomenclature_code",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("nomenclature", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nomenclature"], ["nomenclature.code"], name=op.f("fk_nomenclature_code_nomenclature_nomenclature")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_nomenclature_code")),
        sa.UniqueConstraint("nomenclature", "code", name=op.f("uq_nomenclature_code_nomenclature_code")),
    )
    op.create_table(
        "produit_publie",
        sa.Column("publication_uid", sa.String(length=36), nullable=False),
        sa.Column("cle", _KEY, nullable=False),
        sa.Column("date_debut", sa.Date(), nullable=False),
        sa.Column("empreinte", sa.BigInteger(), nullable=False),
        sa.Column("retire", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_uid"],
            ["produit_publication.uid"],
            name=op.f("fk_produit_publie_publication_uid_produit_publication"),
        ),
        sa.PrimaryKeyConstraint("publication_uid", "cle", "date_debut", name=op.f("pk_produit_publie")),
    )
    op.create_table(
        "gef_commande",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("numero_commande", sa.String(length=40), nullable=False),
        sa.Column("ligne_commande", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("uf", sa.String(length=20), nullable=False),
        sa.Column("compte", sa.String(length=20), nullable=False),
        sa.Column("numero_marche", sa.String(length=50), nullable=True),
        sa.Column("lot", sa.Integer(), nullable=True),
        sa.Column("marche_uid", sa.String(length=36), nullable=True),
        sa.Column("hors_marche", sa.String(length=12), nullable=True),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("libelle", sa.String(length=500), nullable=False),
        sa.Column("quantite", sa.String(length=20), nullable=False),
        sa.Column("prix_unitaire_ht", sa.BigInteger(), nullable=False),
        sa.Column("montant_ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("montant_ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.Column("partenaire", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_commande_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_gef_commande_marche_uid_marche")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_commande")),
        sa.UniqueConstraint(
            "etablissement_siret",
            "numero_commande",
            "ligne_commande",
            name=op.f("uq_gef_commande_etablissement_siret_numero_commande_ligne_commande"),
        ),
    )
    with op.batch_alter_table("gef_commande") as batch:
        batch.create_index("ix_gef_commande_hors_marche", ["hors_marche", "uid"])
        batch.create_index("ix_gef_commande_marche", ["marche_uid", "uid"])
    op.create_table(
        "gef_mandat",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column("numero_mandat", sa.String(length=30), nullable=False),
        sa.Column("ligne_mandat", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("compte", sa.String(length=20), nullable=False),
        sa.Column("numero_marche", sa.String(length=50), nullable=True),
        sa.Column("numero_commande", sa.String(length=40), nullable=True),
        sa.Column("type_identifiant", sa.String(length=10), nullable=True),
        sa.Column("identifiant", sa.String(length=80), nullable=True),
        sa.Column("marche_uid", sa.String(length=36), nullable=True),
        sa.Column("hors_marche", sa.String(length=12), nullable=True),
        sa.Column("montant_ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("montant_tva_cents", sa.BigInteger(), nullable=False),
        sa.Column("montant_ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.Column("partenaire", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_mandat_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_gef_mandat_marche_uid_marche")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_mandat")),
        sa.UniqueConstraint(
            "etablissement_siret",
            "exercice",
            "numero_mandat",
            "ligne_mandat",
            name=op.f("uq_gef_mandat_etablissement_siret_exercice_numero_mandat_ligne_mandat"),
        ),
    )
    with op.batch_alter_table("gef_mandat") as batch:
        batch.create_index("ix_gef_mandat_hors_marche", ["hors_marche", "uid"])
        batch.create_index("ix_gef_mandat_marche", ["marche_uid", "uid"])
    op.create_table(
        "gef_reception",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("numero_reception", sa.String(length=40), nullable=False),
        sa.Column("ligne_reception", sa.Integer(), nullable=False),
        sa.Column("commande_uid", sa.String(length=36), nullable=False),
        sa.Column("numero_commande", sa.String(length=40), nullable=False),
        sa.Column("ligne_commande", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("quantite", sa.String(length=20), nullable=False),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id_flux", sa.String(length=100), nullable=False),
        sa.Column("partenaire", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["commande_uid"], ["gef_commande.uid"], name=op.f("fk_gef_reception_commande_uid_gef_commande")
        ),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_gef_reception_etablissement_siret_etablissement"),
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_gef_reception")),
        sa.UniqueConstraint(
            "etablissement_siret",
            "numero_reception",
            "ligne_reception",
            name=op.f("uq_gef_reception_etablissement_siret_numero_reception_ligne_reception"),
        ),
    )
    with op.batch_alter_table("gef_reception") as batch:
        batch.create_index("ix_gef_reception_commande", ["commande_uid", "uid"])
    # The nomenclatures kept in the hub begin empty.
    op.execute("INSERT INTO nomenclature (code, version) VALUES ('nfha', 0), ('nchfs', 0)")


def downgrade() -> None:
    """Undo."""
    for table in (
        "gef_reception",
        "gef_mandat",
        "gef_commande",
        "produit_publie",
        "nomenclature_code",
        "gef_tiers",
        "gef_structure",
        "gef_compte",
        "produit_publication",
        "nomenclature",
        "gef_ligne_anterieure",
    ):
        op.drop_table(table)
