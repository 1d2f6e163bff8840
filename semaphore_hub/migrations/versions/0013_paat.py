"""Purchasing action plans: actions, steps of validation, campaigns, gains of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "paat_borne",
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=False),
        sa.Column("borne_pour_mille", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("annee", "famille", name=op.f("pk_paat_borne")),
    )
    op.create_table(
        "paat_campagne",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=10), nullable=False),
        sa.Column("date_donnees", sa.Date(), nullable=False),
        sa.Column("ouverture", sa.Date(), nullable=False),
        sa.Column("cloture", sa.Date(), nullable=False),
        sa.Column("rappels_jours", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_campagne")),
        sa.UniqueConstraint("annee", "moment", name=op.f("uq_paat_campagne_annee_moment")),
    )
    op.create_table(
        "paat",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("statut", sa.String(length=20), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ght"], ["ght.code"], name=op.f("fk_paat_ght_ght")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat")),
        sa.UniqueConstraint("ght", "annee", name=op.f("uq_paat_ght_annee")),
    )
    op.create_table(
        "paat_gain_operateur",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("operateur", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("numero_marche", sa.String(length=50), nullable=True),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=True),
        sa.Column("montant_reference_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_cents", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_paat_gain_operateur_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["ght"], ["ght.code"], name=op.f("fk_paat_gain_operateur_ght_ght")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_gain_operateur")),
        sa.UniqueConstraint(
            "operateur", "annee", "reference", name=op.f("uq_paat_gain_operateur_operateur_annee_reference")
        ),
    )
    with op.batch_alter_table("paat_gain_operateur") as batch:
        batch.create_index("ix_paat_gain_operateur_ght", ["ght", "annee", "uid"])

    op.create_table(
        "paat_rappel",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("campagne_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("jours", sa.Integer(), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["campagne_uid"], ["paat_campagne.uid"], name=op.f("fk_paat_rappel_campagne_uid_paat_campagne")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_rappel")),
        sa.UniqueConstraint("campagne_uid", "ght", "jours", name=op.f("uq_paat_rappel_campagne_uid_ght_jours")),
    )
    op.create_table(
        "paat_action",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("paat_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("numero", sa.String(length=20), nullable=False),
        sa.Column("libelle", sa.String(length=500), nullable=False),
        sa.Column("statut", sa.String(length=12), nullable=False),
        sa.Column("stade", sa.String(length=10), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("famille_ecrite", sa.String(length=200), nullable=True),
        sa.Column("domaine", sa.String(length=200), nullable=True),
        sa.Column("categorie", sa.String(length=200), nullable=True),
        sa.Column("segment", sa.String(length=200), nullable=True),
        sa.Column("levier", sa.String(length=40), nullable=True),
        sa.Column("operateur", sa.String(length=20), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("numero_marche", sa.String(length=50), nullable=True),
        sa.Column("methode", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=14), nullable=False),
        sa.Column("effet_budgetaire", sa.String(length=40), nullable=True),
        sa.Column("montant_reference_cents", sa.BigInteger(), nullable=True),
        sa.Column("perimetre_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_cents", sa.BigInteger(), nullable=True),
        sa.Column("date_effet", sa.Date(), nullable=True),
        sa.Column("mois_effet", sa.Integer(), nullable=True),
        sa.Column("gain_annee_cents", sa.BigInteger(), nullable=True),
        sa.Column("report_cents", sa.BigInteger(), nullable=True),
        sa.Column("gain_realise_cents", sa.BigInteger(), nullable=True),
        sa.Column("calcul_gains", sa.String(length=4000), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("acheteur", sa.String(length=100), nullable=True),
        sa.Column("commentaire", sa.String(length=2000), nullable=True),
        sa.Column("explication", sa.String(length=2000), nullable=True),
        sa.Column("origine", sa.String(length=10), nullable=False),
        sa.Column("action_origine_uid", sa.String(length=36), nullable=True),
        sa.Column("borne_pour_mille", sa.Integer(), nullable=False),
        sa.Column("controle", sa.String(length=2), nullable=True),
        sa.Column("commentaire_dgos", sa.String(length=200), nullable=True),
        sa.Column("exclue", sa.Boolean(), nullable=False),
        sa.Column("gain_retenu_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_paat_action_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["paat_uid"], ["paat.uid"], name=op.f("fk_paat_action_paat_uid_paat")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_action")),
        sa.UniqueConstraint("paat_uid", "numero", name=op.f("uq_paat_action_paat_uid_numero")),
    )
    with op.batch_alter_table("paat_action") as batch:
        batch.create_index("ix_paat_action_ght", ["ght", "annee"])
        batch.create_index("ix_paat_action_page", ["paat_uid", "uid"])

    op.create_table(
        "paat_etape",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("paat_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("activite", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("statut", sa.String(length=10), nullable=False),
        sa.Column("ouverte_ms", sa.BigInteger(), nullable=False),
        sa.Column("decidee_ms", sa.BigInteger(), nullable=True),
        sa.Column("auteur", sa.String(length=200), nullable=True),
        sa.Column("motif", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(["paat_uid"], ["paat.uid"], name=op.f("fk_paat_etape_paat_uid_paat")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_etape")),
    )
    with op.batch_alter_table("paat_etape") as batch:
        batch.create_index("ix_paat_etape_paat", ["paat_uid", "uid"])
        batch.create_index("ix_paat_etape_role", ["role", "statut", "uid"])

    op.create_table(
        "paat_remontee",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("campagne_uid", sa.String(length=36), nullable=False),
        sa.Column("paat_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("deposee_ms", sa.BigInteger(), nullable=False),
        sa.Column("auteur", sa.String(length=200), nullable=False),
        sa.Column("chiffres", sa.JSON(), nullable=False),
        sa.Column("lignes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campagne_uid"], ["paat_campagne.uid"], name=op.f("fk_paat_remontee_campagne_uid_paat_campagne")
        ),
        sa.ForeignKeyConstraint(["paat_uid"], ["paat.uid"], name=op.f("fk_paat_remontee_paat_uid_paat")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_paat_remontee")),
    )
    with op.batch_alter_table("paat_remontee") as batch:
        batch.create_index("ix_paat_remontee_campagne", ["campagne_uid", "ght", "uid"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("paat_remontee") as batch:
        batch.drop_index("ix_paat_remontee_campagne")

    op.drop_table("paat_remontee")
    with op.batch_alter_table("paat_etape") as batch:
        batch.drop_index("ix_paat_etape_role")
        batch.drop_index("ix_paat_etape_paat")

    op.drop_table("paat_etape")
    with op.batch_alter_table("paat_action") as batch:
        batch.drop_index("ix_paat_action_page")
        batch.drop_index("ix_paat_action_ght")

    op.drop_table("paat_action")
    op.drop_table("paat_rappel")
    with op.batch_alter_table("paat_gain_operateur") as batch:
        batch.drop_index("ix_paat_gain_operateur_ght")

    op.drop_table("paat_gain_operateur")
    op.drop_table("paat")
    op.drop_table("paat_campagne")
    op.drop_table("paat_borne")
