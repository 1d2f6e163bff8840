"""What the indicators read of purchase projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.planification.codes import CodeJalon
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.models import PlanProjet
from semaphore_hub.ports.mesures import ProjetMesure

_projet = table_of(PlanProjet)


class MesuresProjets:
    """The port of the indicators, on the tables of the planning."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every project, in the order they were created."""
        return list(connection.execute(select(_projet.c.uid).order_by(_projet.c.uid)).scalars())

    def projet(self, connection: Connection, uid: str) -> ProjetMesure | None:
        """One project; its launch is the publication that took place, its attribution the milestone reached."""
        row = connection.execute(select(_projet).where(_projet.c.uid == uid)).mappings().first()
        if row is None:
            return None
        projet = Projet.of(row)
        return ProjetMesure(
            uid=uid,
            version=row["version"],
            ght=row["ght"],
            intitule=row["intitule"],
            statut=row["statut"],
            strategie=row["strategie"],
            famille=row["famille"],
            marche_renouvele_uid=row["marche_renouvele_uid"],
            date_creation=datetime.fromtimestamp(row["created_ms"] / 1000, UTC).date(),
            date_lancement=projet.realise(CodeJalon.PUBLICATION),
            date_attribution=projet.realise(CodeJalon.ATTRIBUTION),
            date_notification=projet.realise(CodeJalon.NOTIFICATION),
            date_debut_prevue=row["date_debut_prevue"],
        )
