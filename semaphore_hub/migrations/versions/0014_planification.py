"""Planning: census, needs, projects, lead times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "plan_delai",
        sa.Column("filiere", sa.String(length=20), nullable=False),
        sa.Column("jalon", sa.String(length=20), nullable=False),
        sa.Column("jours", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("filiere", "jalon", name=op.f("pk_plan_delai")),
    )
    op.create_table(
        "plan_projet",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("intitule", sa.String(length=1000), nullable=False),
        sa.Column("statut", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=15), nullable=False),
        sa.Column("type_achat", sa.String(length=11), nullable=False),
        sa.Column("acheteur_siret", sa.String(length=14), nullable=False),
        sa.Column("beneficiaires", sa.JSON(), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("code_nchfs", sa.String(length=20), nullable=True),
        sa.Column("code_cpv", sa.String(length=10), nullable=False),
        sa.Column("strategie", sa.String(length=10), nullable=False),
        sa.Column("portefeuille", sa.String(length=100), nullable=True),
        sa.Column("prescripteurs", sa.JSON(), nullable=False),
        sa.Column("considerations", sa.JSON(), nullable=False),
        sa.Column("duree_mois", sa.Integer(), nullable=False),
        sa.Column("montant_estime_cents", sa.BigInteger(), nullable=False),
        sa.Column("marche_renouvele_uid", sa.String(length=36), nullable=True),
        sa.Column("echeance_renouvelee", sa.Date(), nullable=True),
        sa.Column("date_debut_prevue", sa.Date(), nullable=False),
        sa.Column("date_lancement", sa.Date(), nullable=True),
        sa.Column("lots", sa.JSON(), nullable=False),
        sa.Column("jalons", sa.JSON(), nullable=False),
        sa.Column("calcul", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("procedure", sa.String(length=60), nullable=True),
        sa.Column("action_paat_uid", sa.String(length=36), nullable=True),
        sa.Column("marches", sa.JSON(), nullable=False),
        sa.Column("motif", sa.String(length=2000), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acheteur_siret"], ["etablissement.siret"], name=op.f("fk_plan_projet_acheteur_siret_etablissement")
        ),
        sa.ForeignKeyConstraint(["ght"], ["ght.code"], name=op.f("fk_plan_projet_ght_ght")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_plan_projet")),
        sa.UniqueConstraint("ght", "reference", name=op.f("uq_plan_projet_ght_reference")),
    )
    with op.batch_alter_table("plan_projet") as batch:
        batch.create_index("ix_plan_projet_categorie", ["ght", "code_nchfs"])
        batch.create_index("ix_plan_projet_page", ["ght", "uid"])

    op.create_table(
        "plan_recensement",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column("intitule", sa.String(length=200), nullable=False),
        sa.Column("ouverture", sa.Date(), nullable=False),
        sa.Column("cloture", sa.Date(), nullable=False),
        sa.Column("statut", sa.String(length=10), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ght"], ["ght.code"], name=op.f("fk_plan_recensement_ght_ght")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_plan_recensement")),
    )
    with op.batch_alter_table("plan_recensement") as batch:
        batch.create_index("ix_plan_recensement_ght", ["ght", "uid"])

    op.create_table(
        "plan_besoin",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recensement_uid", sa.String(length=36), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("type_achat", sa.String(length=11), nullable=False),
        sa.Column("recurrent", sa.Boolean(), nullable=False),
        sa.Column("famille", sa.String(length=20), nullable=True),
        sa.Column("code_nchfs", sa.String(length=20), nullable=True),
        sa.Column("code_cpv", sa.String(length=10), nullable=True),
        sa.Column("quantite", sa.String(length=20), nullable=True),
        sa.Column("unite", sa.String(length=40), nullable=True),
        sa.Column("montant_annuel_cents", sa.BigInteger(), nullable=False),
        sa.Column("commentaire", sa.String(length=2000), nullable=True),
        sa.Column("projet_uid", sa.String(length=36), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_plan_besoin_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(
            ["projet_uid"], ["plan_projet.uid"], name=op.f("fk_plan_besoin_projet_uid_plan_projet")
        ),
        sa.ForeignKeyConstraint(
            ["recensement_uid"], ["plan_recensement.uid"], name=op.f("fk_plan_besoin_recensement_uid_plan_recensement")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_plan_besoin")),
        sa.UniqueConstraint(
            "recensement_uid",
            "etablissement_siret",
            "reference",
            name=op.f("uq_plan_besoin_recensement_uid_etablissement_siret_reference"),
        ),
    )
    with op.batch_alter_table("plan_besoin") as batch:
        batch.create_index("ix_plan_besoin_categorie", ["ght", "code_nchfs"])
        batch.create_index("ix_plan_besoin_page", ["recensement_uid", "uid"])
        batch.create_index("ix_plan_besoin_projet", ["projet_uid"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("plan_besoin") as batch:
        batch.drop_index("ix_plan_besoin_projet")
        batch.drop_index("ix_plan_besoin_page")
        batch.drop_index("ix_plan_besoin_categorie")

    op.drop_table("plan_besoin")
    with op.batch_alter_table("plan_recensement") as batch:
        batch.drop_index("ix_plan_recensement_ght")

    op.drop_table("plan_recensement")
    with op.batch_alter_table("plan_projet") as batch:
        batch.drop_index("ix_plan_projet_page")
        batch.drop_index("ix_plan_projet_categorie")

    op.drop_table("plan_projet")
    op.drop_table("plan_delai")
