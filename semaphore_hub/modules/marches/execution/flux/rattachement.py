"""Which marché a line is about: the marchés of one establishment, by their numbers and by its orders."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from sqlalchemy import Connection, or_, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.execution.models import GefCommande
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire
from semaphore_hub.modules.marches.numeros import Candidat, Repertoire

_marche, _beneficiaire, _commande = table_of(Marche), table_of(MarcheBeneficiaire), table_of(GefCommande)
_BATCH = 500

HorsMarche = Literal["sans_numero", "inconnu", "ambigu"]
"""Why a line names no marché: it gives no number, its number is that of none, or may be that of several."""


def repertoire(connection: Connection, siret: str) -> Repertoire:
    """The marchés that an establishment buys or benefits from, from their attribution on."""
    benefits = select(_beneficiaire.c.marche_uid).where(_beneficiaire.c.etablissement_siret == siret)
    statement = select(
        _marche.c.uid, _marche.c.id, _marche.c.id_contrat, _marche.c.date_notification, _marche.c.numero_lot
    ).where(
        or_(_marche.c.acheteur_siret == siret, _marche.c.uid.in_(benefits)),
        _marche.c.statut.not_in([statut.value for statut in AVANT_ATTRIBUTION]),
    )
    return Repertoire(
        Candidat(
            uid=row.uid,
            id=row.id,
            id_contrat=row.id_contrat,
            annee=None if row.date_notification is None else row.date_notification.year,
            lot=row.numero_lot,
        )
        for row in connection.execute(statement)
    )


def marches_des_commandes(connection: Connection, siret: str, numeros: Collection[str]) -> dict[str, str]:
    """The marché of each order whose lines are all on one."""
    found: dict[str, set[str | None]] = {}
    ordered = sorted(numeros)
    for start in range(0, len(ordered), _BATCH):
        statement = (
            select(_commande.c.numero_commande, _commande.c.marche_uid)
            .where(
                _commande.c.etablissement_siret == siret,
                _commande.c.numero_commande.in_(ordered[start : start + _BATCH]),
            )
            .distinct()
        )
        for row in connection.execute(statement):
            found.setdefault(row.numero_commande, set()).add(row.marche_uid)
    return {numero: uid for numero, uids in found.items() if len(uids) == 1 and (uid := next(iter(uids))) is not None}
