"""Which marché of the hub each contract of PLACE is: by its uid, else by its number among those of its buyer.

Worked out when read, in the caller's perimeter: a marché recorded afterwards is found, and nothing of another GHT is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.numeros import Candidat, Rapprochement, Repertoire
from semaphore_hub.modules.marches.place.dits import ContratDit
from semaphore_hub.modules.marches.place.models import PlaceContrat

_marche, _contrat = table_of(Marche), table_of(PlaceContrat)


class Liens:
    """Reads the marchés of each buyer once; lives as long as one request.

    Args:
        connection: the transaction.
        caller: what it may see.
    """

    def __init__(self, connection: Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller
        self._buyers: dict[str, tuple[Mapping[str, Candidat], Repertoire]] = {}
        self._linked: dict[str, frozenset[str]] = {}

    def rapprocher(self, dit: ContratDit) -> Rapprochement:
        """The one marché that a contract is."""
        candidats, repertoire = self._buyer(dit.acheteur)
        if dit.uid in candidats:
            return Rapprochement(dit.uid)
        notified = dit.notification()
        outcome = Rapprochement(None, "inconnu")
        for rank, numero in enumerate(dit.numeros):
            found = repertoire.rapprocher(numero)
            if found.uid is not None:
                year = candidats[found.uid].annee
                # Read without its year, a number may be that of another year's marché.
                if rank and None not in (year, notified) and notified is not None and year != notified.year:
                    continue
                return found
            if found.defaut == "ambigu":
                outcome = found
        return outcome

    def lies(self, acheteur: str) -> frozenset[str]:
        """The marchés of a buyer that some contract of PLACE is."""
        if acheteur not in self._linked:
            statement = within(select(_contrat.c.contenu), _contrat.c.ght, self._caller)
            said = self._connection.execute(statement.where(_contrat.c.acheteur == acheteur)).scalars()
            found = {self.rapprocher(ContratDit.model_validate(one)).uid for one in said}
            self._linked[acheteur] = frozenset(uid for uid in found if uid is not None)
        return self._linked[acheteur]

    def _buyer(self, acheteur: str) -> tuple[Mapping[str, Candidat], Repertoire]:
        if acheteur not in self._buyers:
            statement = select(
                _marche.c.uid, _marche.c.id, _marche.c.id_contrat, _marche.c.date_notification, _marche.c.numero_lot
            ).where(
                _marche.c.acheteur_siret == acheteur,
                _marche.c.statut.not_in([statut.value for statut in AVANT_ATTRIBUTION]),
            )
            rows = self._connection.execute(within(statement, _marche.c.ght, self._caller))
            candidats = {row.uid: _candidat(row) for row in rows}
            self._buyers[acheteur] = candidats, Repertoire(candidats.values())
        return self._buyers[acheteur]


def _candidat(row: Any) -> Candidat:
    year = None if row.date_notification is None else row.date_notification.year
    return Candidat(row.uid, row.id, row.id_contrat, year, row.numero_lot)
