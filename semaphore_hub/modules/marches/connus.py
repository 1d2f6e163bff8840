"""What the planning asks of marchés: those in force, and when they end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire
from semaphore_hub.ports.marches import MarcheConnu

_marche, _beneficiaire = table_of(Marche), table_of(MarcheBeneficiaire)
_VIVANTS = (Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU)


class MarchesEnVigueur:
    """The port of the planning, on the tables of marchés."""

    def connu(self, connection: Connection, caller: Caller, uid: str) -> MarcheConnu | None:
        """A marché of the caller's perimeter, from its attribution on, or None."""
        statement = select(_marche).where(_marche.c.uid == uid, _marche.c.statut.not_in(AVANT_ATTRIBUTION))
        found = _known(connection, connection.execute(within(statement, _marche.c.ght, caller)).mappings().all())
        return found[0] if found else None

    def echeances(
        self, connection: Connection, caller: Caller, avant: date, *, limit: int, after: str | None
    ) -> list[MarcheConnu]:
        """Living marchés that end before a day, by uid, after one."""
        statement = select(_marche).where(_marche.c.statut.in_(_VIVANTS), _marche.c.date_fin < avant)
        if after is not None:
            statement = statement.where(_marche.c.uid > after)
        statement = within(statement, _marche.c.ght, caller).order_by(_marche.c.uid).limit(limit)
        return _known(connection, connection.execute(statement).mappings().all())


def _known(connection: Connection, rows: Sequence[RowMapping]) -> list[MarcheConnu]:
    if not rows:
        return []
    benefits: dict[str, list[str]] = {}
    statement = (
        select(_beneficiaire)
        .where(_beneficiaire.c.marche_uid.in_([row["uid"] for row in rows]))
        .order_by(_beneficiaire.c.marche_uid, _beneficiaire.c.rang)
    )
    for one in connection.execute(statement):
        benefits.setdefault(one.marche_uid, []).append(one.etablissement_siret)
    return [
        MarcheConnu(
            uid=row["uid"],
            id=row["id"],
            ght=row["ght"],
            objet=row["objet"],
            code_cpv=row["code_cpv"],
            type_achat=row["type_achat"],
            montant=from_cents(row["montant_cents"]),
            duree_mois=row["duree_mois"],
            statut=row["statut"],
            date_fin=row["date_fin"],
            beneficiaires=tuple(benefits.get(row["uid"], ())),
            version=row["version"],
        )
        for row in rows
    ]
