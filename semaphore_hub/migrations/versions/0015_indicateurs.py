"""Facts of the indicators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "indicateur_action",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("sujet", sa.String(length=80), nullable=True),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("libelle", sa.String(length=500), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("domaine", sa.String(length=200), nullable=True),
        sa.Column("levier", sa.String(length=40), nullable=True),
        sa.Column("operateur", sa.String(length=20), nullable=False),
        sa.Column("effet_budgetaire", sa.String(length=40), nullable=True),
        sa.Column("report", sa.Boolean(), nullable=False),
        sa.Column("reference_cents", sa.BigInteger(), nullable=True),
        sa.Column("perimetre_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_annee_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_retenu_cents", sa.BigInteger(), nullable=False),
        sa.Column("controle", sa.String(length=2), nullable=True),
        sa.Column("exclue", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_action")),
    )
    with op.batch_alter_table("indicateur_action") as batch:
        batch.create_index("ix_indicateur_action_partition", ["annee", "ght", "uid"])
        batch.create_index(batch.f("ix_indicateur_action_sujet"), ["sujet"])

    op.create_table(
        "indicateur_attente",
        sa.Column("sujet", sa.String(length=180), nullable=False),
        sa.Column("marque", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("sujet", name=op.f("pk_indicateur_attente")),
    )
    op.create_table(
        "indicateur_consolidation",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("mesure", sa.String(length=30), nullable=False),
        sa.Column("valeur", sa.String(length=30), nullable=False),
        sa.Column("unite", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_consolidation")),
        sa.UniqueConstraint("annee", "region", "mesure", name=op.f("uq_indicateur_consolidation_annee_region_mesure")),
    )
    op.create_table(
        "indicateur_depense",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("compte", sa.String(length=20), nullable=True),
        sa.Column("operateur", sa.String(length=20), nullable=False),
        sa.Column("mutualise", sa.Boolean(), nullable=False),
        sa.Column("numero_marche", sa.String(length=50), nullable=True),
        sa.Column("marche_uid", sa.String(length=36), nullable=True),
        sa.Column("hors_marche", sa.String(length=12), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("montant_ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("montant_ttc_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_depense")),
    )
    with op.batch_alter_table("indicateur_depense") as batch:
        batch.create_index("ix_indicateur_depense_partition", ["annee", "ght", "uid"])

    op.create_table(
        "indicateur_entreprise",
        sa.Column("siren", sa.String(length=9), nullable=False),
        sa.Column("categorie", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("siren", name=op.f("pk_indicateur_entreprise")),
    )
    op.create_table(
        "indicateur_import",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("remplace", sa.String(length=36), nullable=True),
        sa.Column("etat", sa.String(length=10), nullable=False),
        sa.Column("lignes", sa.Integer(), nullable=False),
        sa.Column("bilan", sa.JSON(), nullable=False),
        sa.Column("auteur", sa.String(length=100), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_import")),
        sa.UniqueConstraint("type", "sha256", name=op.f("uq_indicateur_import_type_sha256")),
    )
    op.create_table(
        "indicateur_marche",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("objet", sa.String(length=1000), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("operateur", sa.String(length=20), nullable=False),
        sa.Column("statut", sa.String(length=12), nullable=False),
        sa.Column("procedure", sa.String(length=60), nullable=True),
        sa.Column("date_lancement", sa.Date(), nullable=True),
        sa.Column("date_attribution", sa.Date(), nullable=True),
        sa.Column("date_notification", sa.Date(), nullable=True),
        sa.Column("date_fin", sa.Date(), nullable=True),
        sa.Column("montant_cents", sa.BigInteger(), nullable=False),
        sa.Column("montant_max_cents", sa.BigInteger(), nullable=True),
        sa.Column("consomme_cents", sa.BigInteger(), nullable=False),
        sa.Column("offres_recues", sa.Integer(), nullable=True),
        sa.Column("pme", sa.Boolean(), nullable=True),
        sa.Column("environnement", sa.Boolean(), nullable=True),
        sa.Column("social", sa.Boolean(), nullable=True),
        sa.Column("beneficiaires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_marche")),
    )
    with op.batch_alter_table("indicateur_marche") as batch:
        batch.create_index("ix_indicateur_marche_partition", ["annee", "ght", "uid"])

    op.create_table(
        "indicateur_objectif",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.String(length=100), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_objectif")),
        sa.UniqueConstraint(
            "annee", "region", "ght", "edition", name=op.f("uq_indicateur_objectif_annee_region_ght_edition")
        ),
    )
    op.create_table(
        "indicateur_partition",
        sa.Column("fait", sa.String(length=10), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fait", "annee", "ght", name=op.f("pk_indicateur_partition")),
    )
    op.create_table(
        "indicateur_projet",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("intitule", sa.String(length=1000), nullable=False),
        sa.Column("statut", sa.String(length=20), nullable=False),
        sa.Column("strategie", sa.String(length=10), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("marche_renouvele_uid", sa.String(length=36), nullable=True),
        sa.Column("date_creation", sa.Date(), nullable=False),
        sa.Column("date_lancement", sa.Date(), nullable=True),
        sa.Column("date_attribution", sa.Date(), nullable=True),
        sa.Column("date_debut_prevue", sa.Date(), nullable=True),
        sa.Column("date_notification", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_projet")),
    )
    with op.batch_alter_table("indicateur_projet") as batch:
        batch.create_index("ix_indicateur_projet_renouvele", ["marche_renouvele_uid"])

    op.create_table(
        "indicateur_region",
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.PrimaryKeyConstraint("ght", name=op.f("pk_indicateur_region")),
    )
    op.create_table(
        "indicateur_volume",
        sa.Column("uid", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_indicateur_volume")),
        sa.UniqueConstraint(
            "annee",
            "region",
            "ght",
            "etablissement_siret",
            "famille",
            name=op.f("uq_indicateur_volume_annee_region_ght_etablissement_siret_famille"),
        ),
    )
    with op.batch_alter_table("gef_mandat") as batch:
        batch.create_index("ix_gef_mandat_flux", ["partenaire", "id_flux", "uid"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("gef_mandat") as batch:
        batch.drop_index("ix_gef_mandat_flux")

    op.drop_table("indicateur_volume")
    op.drop_table("indicateur_region")
    with op.batch_alter_table("indicateur_projet") as batch:
        batch.drop_index("ix_indicateur_projet_renouvele")

    op.drop_table("indicateur_projet")
    op.drop_table("indicateur_partition")
    op.drop_table("indicateur_objectif")
    with op.batch_alter_table("indicateur_marche") as batch:
        batch.drop_index("ix_indicateur_marche_partition")

    op.drop_table("indicateur_marche")
    op.drop_table("indicateur_import")
    op.drop_table("indicateur_entreprise")
    with op.batch_alter_table("indicateur_depense") as batch:
        batch.drop_index("ix_indicateur_depense_partition")

    op.drop_table("indicateur_depense")
    op.drop_table("indicateur_consolidation")
    op.drop_table("indicateur_attente")
    with op.batch_alter_table("indicateur_action") as batch:
        batch.drop_index(batch.f("ix_indicateur_action_sujet"))
        batch.drop_index("ix_indicateur_action_partition")

    op.drop_table("indicateur_action")
