"""Event log, delivery engine, référentiel, marchés, idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("event_type", sa.String(length=100), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("lane_key", sa.String(length=100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("message_type", sa.String(length=64), nullable=False),
        sa.Column("contract", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("business_ref", sa.String(length=200), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("losses", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=36), nullable=False),
        sa.Column("ordering", sa.String(length=10), nullable=False),
        sa.Column("acknowledgement", sa.Boolean(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("replaces_id", sa.String(length=36), nullable=True),
        sa.Column("replaced_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'SENT'"),
            postgresql_where=sa.text("state = 'SENT'"),
        )
        batch_op.create_index("ix_delivery_event", ["event_id"], unique=False)
        batch_op.create_index(
            "ix_delivery_head",
            ["partner", "lane_key", "position"],
            unique=False,
            sqlite_where=sa.text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
            postgresql_where=sa.text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
        )
        batch_op.create_index("ix_delivery_lane", ["partner", "lane_key", "position"], unique=False)
        batch_op.create_index("ix_delivery_reference", ["partner", "reference"], unique=False)
        batch_op.create_index("ix_delivery_subject", ["lane_key"], unique=False)

    op.create_table(
        "etablissement",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("finess_juridique", sa.String(length=9), nullable=True),
        sa.Column("finess_geographique", sa.String(length=9), nullable=True),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("cle_valide", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_etablissement")),
        sa.UniqueConstraint("siret", name=op.f("uq_etablissement_siret")),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("routed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sa.UniqueConstraint("subject", "version", name=op.f("uq_event_subject_version")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_unrouted",
            ["seq"],
            unique=False,
            sqlite_where=sa.text("routed = 0"),
            postgresql_where=sa.text("NOT routed"),
        )

    op.create_table(
        "fournisseur",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("type_identifiant", sa.String(length=10), nullable=False),
        sa.Column("identifiant", sa.String(length=80), nullable=False),
        sa.Column("denomination_sociale", sa.String(length=200), nullable=False),
        sa.Column("adresse", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("compte_bancaire", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("categorie_tiers", sa.String(length=2), nullable=False),
        sa.Column("nature_juridique", sa.String(length=2), nullable=False),
        sa.Column("cle_valide", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_fournisseur")),
        sa.UniqueConstraint(
            "type_identifiant", "identifiant", name=op.f("uq_fournisseur_type_identifiant_identifiant")
        ),
    )
    op.create_table(
        "ght",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ght")),
        sa.UniqueConstraint("uid", name=op.f("uq_ght_uid")),
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_created_ms"), ["created_ms"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("contract", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=True),
        sa.Column("deliveries", sa.JSON(), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("source", "message_id", "sha256", name=op.f("uq_inbox_source_message_id_sha256")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_status", ["status"], unique=False)

    op.create_table(
        "lane",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("hold", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("partner", "key", name=op.f("pk_lane")),
    )
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lane_due",
            ["partner", "next_at"],
            unique=False,
            sqlite_where=sa.text("pending > 0 AND hold IS NULL"),
            postgresql_where=sa.text("pending > 0 AND hold IS NULL"),
        )
        batch_op.create_index("ix_lane_key", ["key"], unique=False)

    op.create_table(
        "partner",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("product_version", sa.String(length=50), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("retry_schedule", sa.JSON(), nullable=True),
        sa.Column("poll_ms", sa.BigInteger(), nullable=False),
        sa.Column("breaker_ms", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.create_index("ix_partner_connector", ["connector"], unique=False)

    op.create_table(
        "partner_day",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "day", name=op.f("pk_partner_day")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(length=200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_delivery_id"), ["delivery_id"], unique=False)

    op.create_table(
        "etablissement_rattachement",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("etablissement_uid", sa.String(length=36), nullable=False),
        sa.Column("ght_code", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("date_debut", sa.Date(), nullable=False),
        sa.Column("date_fin", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["etablissement_uid"],
            ["etablissement.uid"],
            name=op.f("fk_etablissement_rattachement_etablissement_uid_etablissement"),
        ),
        sa.ForeignKeyConstraint(["ght_code"], ["ght.code"], name=op.f("fk_etablissement_rattachement_ght_code_ght")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_etablissement_rattachement")),
        sa.UniqueConstraint(
            "etablissement_uid", "date_debut", name=op.f("uq_etablissement_rattachement_etablissement_uid_date_debut")
        ),
    )
    with op.batch_alter_table("etablissement_rattachement", schema=None) as batch_op:
        batch_op.create_index("ix_etablissement_rattachement_ght", ["ght_code", "date_debut"], unique=False)

    op.create_table(
        "marche",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("statut", sa.String(length=10), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("acheteur_siret", sa.String(length=14), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("id_contrat", sa.String(length=14), nullable=True),
        sa.Column("objet", sa.String(length=1000), nullable=False),
        sa.Column("code_cpv", sa.String(length=10), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=False),
        sa.Column("duree_mois", sa.Integer(), nullable=False),
        sa.Column("date_notification", sa.Date(), nullable=True),
        sa.Column("date_publication", sa.Date(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("donnees", sa.JSON(), nullable=False),
        sa.Column("importe", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acheteur_siret"], ["etablissement.siret"], name=op.f("fk_marche_acheteur_siret_etablissement")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_marche")),
        sa.UniqueConstraint("acheteur_siret", "id", name=op.f("uq_marche_acheteur_siret_id")),
        sa.UniqueConstraint("acheteur_siret", "id_contrat", name=op.f("uq_marche_acheteur_siret_id_contrat")),
    )
    with op.batch_alter_table("marche", schema=None) as batch_op:
        batch_op.create_index("ix_marche_date_notification", ["date_notification"], unique=False)
        batch_op.create_index("ix_marche_ght", ["ght", "uid"], unique=False)
        batch_op.create_index("ix_marche_statut", ["statut", "uid"], unique=False)

    op.create_table(
        "partner_state",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=False),
        sa.Column("poll_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_partner_state_partner_partner")),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_partner_state")),
    )
    with op.batch_alter_table("partner_state", schema=None) as batch_op:
        batch_op.create_index("ix_partner_state_due", ["connector", "next_at"], unique=False)

    op.create_table(
        "marche_beneficiaire",
        sa.Column("marche_uid", sa.String(length=36), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("etablissement_siret", sa.String(length=14), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_siret"],
            ["etablissement.siret"],
            name=op.f("fk_marche_beneficiaire_etablissement_siret_etablissement"),
        ),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_marche_beneficiaire_marche_uid_marche")),
        sa.PrimaryKeyConstraint("marche_uid", "rang", name=op.f("pk_marche_beneficiaire")),
    )
    with op.batch_alter_table("marche_beneficiaire", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_marche_beneficiaire_etablissement_siret"), ["etablissement_siret"], unique=False
        )

    op.create_table(
        "marche_modification",
        sa.Column("marche_uid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("objet", sa.String(length=256), nullable=False),
        sa.Column("date_notification", sa.Date(), nullable=False),
        sa.Column("date_publication", sa.Date(), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=True),
        sa.Column("delta_montant_cents", sa.BigInteger(), nullable=True),
        sa.Column("duree_mois", sa.Integer(), nullable=True),
        sa.Column("delta_duree_mois", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_marche_modification_marche_uid_marche")),
        sa.PrimaryKeyConstraint("marche_uid", "id", name=op.f("pk_marche_modification")),
    )
    op.create_table(
        "marche_titulaire",
        sa.Column("marche_uid", sa.String(length=36), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("fournisseur_uid", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("montant_cents", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fournisseur_uid"], ["fournisseur.uid"], name=op.f("fk_marche_titulaire_fournisseur_uid_fournisseur")
        ),
        sa.ForeignKeyConstraint(["marche_uid"], ["marche.uid"], name=op.f("fk_marche_titulaire_marche_uid_marche")),
        sa.PrimaryKeyConstraint("marche_uid", "rang", name=op.f("pk_marche_titulaire")),
    )
    with op.batch_alter_table("marche_titulaire", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marche_titulaire_fournisseur_uid"), ["fournisseur_uid"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("marche_titulaire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marche_titulaire_fournisseur_uid"))

    op.drop_table("marche_titulaire")
    op.drop_table("marche_modification")
    with op.batch_alter_table("marche_beneficiaire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marche_beneficiaire_etablissement_siret"))

    op.drop_table("marche_beneficiaire")
    with op.batch_alter_table("partner_state", schema=None) as batch_op:
        batch_op.drop_index("ix_partner_state_due")

    op.drop_table("partner_state")
    with op.batch_alter_table("marche", schema=None) as batch_op:
        batch_op.drop_index("ix_marche_statut")
        batch_op.drop_index("ix_marche_ght")
        batch_op.drop_index("ix_marche_date_notification")

    op.drop_table("marche")
    with op.batch_alter_table("etablissement_rattachement", schema=None) as batch_op:
        batch_op.drop_index("ix_etablissement_rattachement_ght")

    op.drop_table("etablissement_rattachement")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_delivery_id"))

    op.drop_table("attempt")
    op.drop_table("partner_day")
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_index("ix_partner_connector")

    op.drop_table("partner")
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.drop_index("ix_lane_key")
        batch_op.drop_index(
            "ix_lane_due",
            sqlite_where=sa.text("pending > 0 AND hold IS NULL"),
            postgresql_where=sa.text("pending > 0 AND hold IS NULL"),
        )

    op.drop_table("lane")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_status")

    op.drop_table("inbox")
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_created_ms"))

    op.drop_table("idempotency")
    op.drop_table("ght")
    op.drop_table("fournisseur")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_event_unrouted", sqlite_where=sa.text("routed = 0"), postgresql_where=sa.text("NOT routed")
        )

    op.drop_table("event")
    op.drop_table("etablissement")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_subject")
        batch_op.drop_index("ix_delivery_reference")
        batch_op.drop_index("ix_delivery_lane")
        batch_op.drop_index(
            "ix_delivery_head",
            sqlite_where=sa.text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
            postgresql_where=sa.text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
        )
        batch_op.drop_index("ix_delivery_event")
        batch_op.drop_index(
            "ix_delivery_due", sqlite_where=sa.text("state = 'SENT'"), postgresql_where=sa.text("state = 'SENT'")
        )

    op.drop_table("delivery")
