"""The life of marchés: projets, execution data, typed amendments."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; marchés already notified are given their type, their last day and the state they were notified in."""
    op.create_table(
        "marche_projet",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("statut", sa.String(length=12), nullable=False),
        sa.Column("ght", sa.String(length=20), nullable=False),
        sa.Column("acheteur_siret", sa.String(length=14), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("objet", sa.String(length=1000), nullable=False),
        sa.Column("code_cpv", sa.String(length=10), nullable=False),
        sa.Column("montant_estime_cents", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.String(length=40), nullable=True),
        sa.Column("numero_lot", sa.Integer(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("donnees", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acheteur_siret"], ["etablissement.siret"], name=op.f("fk_marche_projet_acheteur_siret_etablissement")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_marche_projet")),
        sa.UniqueConstraint("acheteur_siret", "id", name=op.f("uq_marche_projet_acheteur_siret_id")),
    )
    with op.batch_alter_table("marche_projet") as batch:
        batch.create_index("ix_marche_projet_ght", ["ght", "uid"])
        batch.create_index("ix_marche_projet_consultation", ["acheteur_siret", "consultation"])
    with op.batch_alter_table("marche") as batch:
        batch.alter_column("statut", existing_type=sa.String(length=10), type_=sa.String(length=12))
        batch.add_column(sa.Column("date_fin", sa.Date(), nullable=True))
        batch.add_column(sa.Column("type_achat", sa.String(length=11), nullable=False, server_default="fournitures"))
        batch.add_column(sa.Column("consultation", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("numero_lot", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("accord_cadre_uid", sa.String(length=36), nullable=True))
        batch.add_column(sa.Column("consomme_cents", sa.BigInteger(), server_default="0", nullable=False))
        batch.add_column(sa.Column("vie", sa.JSON(none_as_null=True), nullable=True))
        batch.create_foreign_key(batch.f("fk_marche_accord_cadre_uid_marche"), "marche", ["accord_cadre_uid"], ["uid"])
        batch.create_index("ix_marche_date_fin", ["date_fin"])
        batch.create_index("ix_marche_accord_cadre", ["accord_cadre_uid"])
    with op.batch_alter_table("marche_modification") as batch:
        batch.add_column(sa.Column("montant_estime_cents", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("delta_montant_estime_cents", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("titulaires", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("groupement", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("fondement", sa.String(length=30), nullable=True))
        batch.add_column(sa.Column("article", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("evenement", sa.String(length=256), nullable=True))
        batch.add_column(sa.Column("calcul", sa.JSON(none_as_null=True), nullable=True))
    _complete(op.get_bind())
    with op.batch_alter_table("marche") as batch:
        batch.alter_column("type_achat", existing_type=sa.String(length=11), server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("marche_modification") as batch:
        for name in (
            "calcul",
            "evenement",
            "article",
            "fondement",
            "groupement",
            "titulaires",
            "delta_montant_estime_cents",
            "montant_estime_cents",
        ):
            batch.drop_column(name)
    with op.batch_alter_table("marche") as batch:
        batch.drop_index("ix_marche_accord_cadre")
        batch.drop_index("ix_marche_date_fin")
        batch.drop_constraint(batch.f("fk_marche_accord_cadre_uid_marche"), type_="foreignkey")
        for name in (
            "vie",
            "consomme_cents",
            "accord_cadre_uid",
            "numero_lot",
            "consultation",
            "type_achat",
            "date_fin",
        ):
            batch.drop_column(name)
        batch.alter_column("statut", existing_type=sa.String(length=12), type_=sa.String(length=10))
    op.drop_table("marche_projet")


def _complete(connection: sa.Connection) -> None:
    """Give the rows already there what the new columns hold; by pages, so that memory stays small."""
    after = ""
    while True:
        rows = connection.execute(
            sa.text(
                "SELECT uid, code_cpv, montant_cents, duree_mois, date_notification, donnees FROM marche "
                "WHERE uid > :after ORDER BY uid LIMIT 500"
            ).columns(date_notification=sa.Date(), donnees=sa.JSON()),
            {"after": after},
        ).all()
        if not rows:
            return
        for row in rows:
            connection.execute(
                sa.text(
                    "UPDATE marche SET type_achat = :type, date_fin = :fin, vie = :vie WHERE uid = :uid"
                ).bindparams(
                    sa.bindparam("fin", type_=sa.Date()), sa.bindparam("vie", type_=sa.JSON(none_as_null=True))
                ),
                {"uid": row.uid, "type": _type(row.code_cpv), "fin": _end(row), "vie": _life(connection, row)},
            )
        after = rows[-1].uid


def _type(cpv: str) -> str:
    division = int(cpv[:2])
    return "travaux" if division == 45 else "services" if division >= 50 else "fournitures"


def _end(row: Any) -> date | None:
    if row.date_notification is None:
        return None
    given = row.donnees["complements"].get("dateDebutExecution")
    start = date.fromisoformat(given) if given else row.date_notification
    year, month = divmod(start.year * 12 + start.month - 1 + row.duree_mois, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, last) if start.day > last else date(year, month + 1, start.day) - timedelta(days=1)


def _life(connection: sa.Connection, row: Any) -> dict[str, Any] | None:
    if row.date_notification is None:
        return None
    changes = connection.execute(
        sa.text(
            "SELECT COALESCE(SUM(delta_montant_cents), 0) AS cents, COALESCE(SUM(delta_duree_mois), 0) AS months "
            "FROM marche_modification WHERE marche_uid = :uid"
        ),
        {"uid": row.uid},
    ).one()
    holders = connection.execute(
        sa.text(
            "SELECT fournisseur_uid, role, montant_cents FROM marche_titulaire WHERE marche_uid = :uid ORDER BY rang"
        ),
        {"uid": row.uid},
    ).all()
    initial = {
        "montant": _euros(row.montant_cents - int(changes.cents)),
        "dureeMois": row.duree_mois - int(changes.months),
        "titulaires": [
            {
                "fournisseur": holder.fournisseur_uid,
                "role": holder.role,
                **({} if holder.montant_cents is None else {"montant": _euros(holder.montant_cents)}),
            }
            for holder in holders
        ],
        "typeGroupementOperateurs": row.donnees["typeGroupementOperateurs"],
    }
    return {"initial": initial}


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
