"""Where a project comes from: the needs it takes, the marché it renews; read and locked before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import Statut
from semaphore_hub.modules.planification.models import PlanBesoin, PlanProjet
from semaphore_hub.modules.planification.procedure import valeur_sur_duree
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.ports.marches import MarcheConnu, MarchesConnus

_projet, _besoin = table_of(PlanProjet), table_of(PlanBesoin)


@dataclass(frozen=True, slots=True)
class Besoins:
    """Needs that a project takes."""

    rows: Sequence[RowMapping]

    @property
    def uids(self) -> list[str]:
        """Their identifiers."""
        return [row["uid"] for row in self.rows]

    @property
    def sirets(self) -> list[str]:
        """SIRET of the établissements that stated them, sorted."""
        return sorted({row["etablissement_siret"] for row in self.rows})

    def montant(self, duree_mois: int) -> Decimal:
        """Their value over a duration, euros HT: annual × months / 12 when recurring, once when not.

        The recurring ones are summed before they are rounded to the cent.
        """
        recurring = sum(row["montant_annuel_cents"] for row in self.rows if row["recurrent"])
        once = sum(row["montant_annuel_cents"] for row in self.rows if not row["recurrent"])
        return valeur_sur_duree(from_cents(recurring), duree_mois) + from_cents(once)

    def commun(self, colonne: str, champ: str) -> tuple[Any, list[Problem]]:
        """The value that all of them have in a column, or the problem that they have several; None without any."""
        values = sorted({row[colonne] for row in self.rows if row[colonne] is not None})
        if len(values) > 1:
            return None, [rules.BESOINS_DIVERS.broken(f"$.{champ}", champ=champ, valeurs=listed(values))]
        return (values[0] if values else None), []


def besoins_a_prendre(
    unit: UnitOfWork, ght: str, uids: Sequence[str], projet: str | None = None
) -> tuple[Besoins, list[Problem]]:
    """The needs that a project of a GHT is to take, locked, and what prevents it.

    Args:
        unit: the transaction.
        ght: GHT of the project.
        uids: the needs.
        projet: the project when it is already recorded: what it already takes is its own.
    """
    if not uids:
        return Besoins([]), []
    # In order of their uids, so that two transactions never wait for each other.
    statement = select(_besoin).where(_besoin.c.uid.in_(uids), _besoin.c.ght == ght).order_by(_besoin.c.uid)
    rows = list(unit.connection.execute(statement.with_for_update()).mappings())
    known = {row["uid"]: row for row in rows}
    problems: list[Problem] = []
    for rank, uid in enumerate(uids):
        row, place = known.get(uid), f"$.besoins[{rank}]"
        if row is None:
            problems.append(rules.BESOIN_INCONNU.broken(place, uid=uid, ght=ght))
        elif row["projet_uid"] not in (None, projet):
            problems.append(rules.BESOIN_PRIS.broken(place, uid=uid, projet=row["projet_uid"]))
    return Besoins(rows), problems


def attacher(unit: UnitOfWork, projet: str, besoins: Besoins) -> None:
    """Write that a project takes these needs, and no other."""
    liberer(unit, projet)
    if besoins.rows:
        statement = update(_besoin).where(_besoin.c.uid.in_(besoins.uids))
        unit.connection.execute(statement.values(projet_uid=projet, version=_besoin.c.version + 1))


def liberer(unit: UnitOfWork, projet: str) -> None:
    """Write that a project takes no need any more."""
    statement = update(_besoin).where(_besoin.c.projet_uid == projet)
    unit.connection.execute(statement.values(projet_uid=None, version=_besoin.c.version + 1))


def besoins_du_projet(connection: Connection, projet: str) -> Besoins:
    """The needs that a recorded project takes."""
    statement = select(_besoin).where(_besoin.c.projet_uid == projet).order_by(_besoin.c.uid)
    return Besoins(list(connection.execute(statement).mappings()))


def marche_a_renouveler(
    connection: Connection, caller: Caller, marches: MarchesConnus, ght: str, uid: str | None
) -> tuple[MarcheConnu | None, list[Problem]]:
    """The marché that a project of a GHT is to renew, and what prevents it."""
    if uid is None:
        return None, []
    place = "$.renouvelle"
    marche = marches.connu(connection, caller, uid)
    if marche is None:
        return None, [rules.RENOUVELE_INCONNU.broken(place, uid=uid)]
    if marche.ght != ght:
        return marche, [rules.RENOUVELE_GHT.broken(place, uid=uid, autre=marche.ght, ght=ght)]
    same = select(_projet.c.reference).where(
        _projet.c.marche_renouvele_uid == uid, _projet.c.statut != Statut.ABANDONNE
    )
    reference = connection.execute(same.limit(1)).scalar_one_or_none()
    if reference is not None:
        return marche, [rules.RENOUVELE_DOUBLE.broken(place, reference=reference)]
    return marche, []
