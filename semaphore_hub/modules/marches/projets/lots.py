"""The lots of a consultation, whether they are still projets or already marchés.

A lot is said twice once attributed (the projet and the marché of the same uid): it then counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, select, tuple_

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.projets import rules
from semaphore_hub.modules.referentiel.codes import Procedure
from semaphore_hub.modules.referentiel.models import Etablissement

_projet = table_of(MarcheProjet)
_marche = table_of(Marche)
_etablissement = table_of(Etablissement)

Consultation = tuple[str, str]
"""SIRET of the buyer and reference."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What a lot weighs in its consultation; ``valeur`` is its estimate HT, or its amount when it had no projet."""

    uid: str
    id: str
    numero: int | None
    valeur: Decimal
    procedure: Procedure


def lots_of(connection: Connection, consultations: Collection[Consultation]) -> dict[Consultation, list[Lot]]:
    """Every lot of some consultations; two statements whatever their number."""
    found: dict[Consultation, dict[str, Lot]] = {key: {} for key in consultations}
    if not found:
        return {}
    for table, amount in ((_marche, _marche.c.montant_cents), (_projet, _projet.c.montant_estime_cents)):
        statement = select(
            table.c.uid,
            table.c.id,
            table.c.acheteur_siret,
            table.c.consultation,
            table.c.numero_lot,
            amount.label("cents"),
            table.c.donnees["procedure"].as_string().label("procedure"),
        ).where(tuple_(table.c.acheteur_siret, table.c.consultation).in_(sorted(found)))
        for row in connection.execute(statement):
            # Projets come second: the estimate of a lot replaces the amount it was attributed for.
            found[(row.acheteur_siret, row.consultation)][row.uid] = Lot(
                row.uid, row.id, row.numero_lot, from_cents(row.cents), Procedure(row.procedure)
            )
    return {key: list(lots.values()) for key, lots in found.items()}


def lot_problems(
    connection: Connection, acheteur: str, consultation: str | None, numero: int | None, uid: str | None = None
) -> list[Problem]:
    """What prevents a lot (or a consultation without lots) from being recorded.

    The buyer's row is locked until the end of the transaction, so that two requests cannot take one number.

    Args:
        connection: the transaction.
        acheteur: SIRET of the buyer.
        consultation: reference; without it there is nothing to check yet.
        numero: number of the lot; ``None`` when the consultation has no lots.
        uid: the projet or marché itself, when it is already there.
    """
    if consultation is None:
        return []
    connection.execute(
        select(_etablissement.c.uid).where(_etablissement.c.siret == acheteur).with_for_update(key_share=True)
    )
    key = (acheteur, consultation)
    return _conflicts(consultation, numero, (lot for lot in lots_of(connection, [key])[key] if lot.uid != uid))


def _conflicts(consultation: str, numero: int | None, others: Iterable[Lot]) -> list[Problem]:
    for other in others:
        if numero is None or other.numero is None:
            return [rules.CONSULTATION_ALLOTIE.broken("$.consultation", consultation=consultation, id=other.id)]
        if other.numero == numero:
            return [rules.LOT_UNIQUE.broken("$.lot.numero", numero=numero, consultation=consultation, id=other.id)]
    return []
