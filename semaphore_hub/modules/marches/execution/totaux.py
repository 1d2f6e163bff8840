"""How much of a marché is consumed.

A payment settles an order, so the two are not added: what is consumed is the greater of what was ordered (with what
subsequent marchés commit) and of what was paid (hypothèse). The maximum of a framework is its published amount, which
the DECP defines as the greatest amount of what may be ordered; another marché has an amount, not a maximum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import Connection, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.execution.models import MarcheConsommation
from semaphore_hub.modules.referentiel.codes import Technique

BON, MANDAT, SUBSEQUENT = "bon_de_commande", "mandat", "marche_subsequent"
_consommation = table_of(MarcheConsommation)


@dataclass(frozen=True, slots=True)
class Totaux:
    """What a marché consumed, cents HT, by type."""

    bons: int = 0
    mandats: int = 0
    subsequents: int = 0

    @property
    def consomme(self) -> int:
        """What is consumed, cents: see the module. Never below zero, whatever is cancelled."""
        return max(self.bons + self.subsequents, self.mandats, 0)

    def plus(self, kind: str, cents: int) -> Totaux:
        """The totals with one more consumption."""
        match kind:
            case "bon_de_commande":
                return replace(self, bons=self.bons + cents)
            case "mandat":
                return replace(self, mandats=self.mandats + cents)
            case _:
                return replace(self, subsequents=self.subsequents + cents)


def totals(connection: Connection, marche: str) -> Totaux:
    """Totals of what is recorded on the marché of that uid."""
    statement = (
        select(_consommation.c.type, func.sum(_consommation.c.montant_cents).label("cents"))
        .where(_consommation.c.marche_uid == marche)
        .group_by(_consommation.c.type)
    )
    found = {row.type: int(row.cents) for row in connection.execute(statement)}
    return Totaux(found.get(BON, 0), found.get(MANDAT, 0), found.get(SUBSEQUENT, 0))


def is_framework(description: Description) -> bool:
    """Whether the marché is an accord-cadre, whose amount is a maximum."""
    return Technique.ACCORD_CADRE in description.techniques


def percentage(cents: int, maximum_cents: int) -> Decimal:
    """Part of the maximum consumed, in percent with two decimals, rounded half up; 0 when there is no maximum."""
    if not maximum_cents:
        return Decimal("0.00")
    return (Decimal(cents) * 100 / maximum_cents).quantize(Decimal("0.01"), ROUND_HALF_UP)
