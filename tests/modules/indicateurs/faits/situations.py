"""Sources that tests hold in their hand, and the facts as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.indicateurs.attente import noter
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from semaphore_hub.modules.indicateurs.models import (
    IndicateurAction,
    IndicateurAttente,
    IndicateurDepense,
    IndicateurMarche,
    IndicateurPartition,
    IndicateurProjet,
)
from semaphore_hub.modules.marches.mesures import MesuresMarches
from semaphore_hub.modules.referentiel.schemas import RegionGht
from semaphore_hub.ports.events import FLUX_TRAITE, Event
from semaphore_hub.ports.mesures import ActionMesuree, ProjetMesure, Sources
from tests.modules.fakes import RecordedEvents, services_for
from tests.modules.flux import PARTENAIRE, send
from tests.modules.samples import PARTIE
from tests.modules.world import fill

ACTION = ActionMesuree(
    uid="",
    annee=2026,
    ght="FIC-01",
    etablissement_siret=PARTIE,
    role=None,
    libelle="Groupement de commandes fictif",
    famille="SYN-02",
    domaine=None,
    levier="massification",
    operateur="uniha",
    effet_budgetaire="effet_prix_induit",
    report=False,
    reference_cents=10_000_000,
    perimetre_cents=10_000_000,
    gain_cents=500_000,
    gain_annee_cents=250_000,
    gain_retenu_cents=500_000,
    controle=None,
    exclue=False,
)
PROJET = ProjetMesure(
    uid="",
    version=1,
    ght="FIC-01",
    intitule="Renouvellement fictif",
    statut="identifie",
    strategie="GHT",
    famille="SYN-02",
    marche_renouvele_uid=None,
    date_creation=date(2026, 1, 5),
    date_lancement=None,
    date_attribution=None,
    date_debut_prevue=date(2027, 1, 1),
)
OFF = {
    "numeroMandat": "9001",
    "numeroMarche": None,
    "numeroCommande": None,
    "montantHT": "10.00",
    "montantTVA": "2.00",
    "montantTTC": "12.00",
}
"""A mandat that names no marché."""
FAITS = {
    table.name: table
    for table in (
        table_of(IndicateurAction),
        table_of(IndicateurDepense),
        table_of(IndicateurMarche),
        table_of(IndicateurProjet),
    )
}
_attente, _partition = table_of(IndicateurAttente), table_of(IndicateurPartition)


class NotedEvents(RecordedEvents):
    """Events that also note what must be read again, as the product's log does."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._note = noter(database)

    def append(self, unit: UnitOfWork, event: Event) -> None:  # type: ignore[override]  # the port's signature
        """Remember the event, and note its subject in its transaction."""
        self._note(unit, event)
        super().append(unit, event)


@dataclass
class Plans:
    """The port of the PAAT; ``broken`` is a plan that cannot be read."""

    held: dict[str, list[ActionMesuree]] = field(default_factory=dict)
    broken: str | None = None

    def plans(self, connection: Connection) -> Sequence[str]:
        return list(self.held)

    def actions(self, connection: Connection, paat_uid: str) -> Sequence[ActionMesuree]:
        if paat_uid == self.broken:
            connection.exec_driver_sql("SELECT nothing FROM nowhere")
        return self.held.get(paat_uid, [])


@dataclass
class Projets:
    """The port of the planning."""

    held: dict[str, ProjetMesure] = field(default_factory=dict)

    def uids(self, connection: Connection) -> Sequence[str]:
        return list(self.held)

    def projet(self, connection: Connection, uid: str) -> ProjetMesure | None:
        return self.held.get(uid)


@dataclass
class Monde:
    """A hub whose marchés are real, whose plans and projects are said by the test."""

    services: Services
    events: NotedEvents
    plans: Plans
    projets: Projets
    faits: FaitsService

    @property
    def database(self) -> Database:
        return self.services.database

    def noter(self, sujet: str, marque: str | None = None) -> None:
        """Have a subject wait."""
        with self.database.write() as unit:
            statement = self.database.insert(_attente)
            unit.connection.execute(
                statement.on_conflict_do_update(index_elements=["sujet"], set_={"marque": statement.excluded.marque}),
                {"sujet": sujet, "marque": marque or new_id()},
            )

    def mandats(self, found: list[dict[str, Any]], flux: str, **changes: Any) -> None:
        """A flow of mandats, answered."""
        answer = send(self.services, "mandats", found, idFlux=flux, **changes)
        assert answer.verdict == "accepte", answer
        said = Event(
            id=new_id(),
            type=FLUX_TRAITE,
            subject=f"flux/{new_id()}",
            version=1,
            time=datetime(2026, 3, 2, tzinfo=UTC),
            ght="FIC-01",
            data={"destinataire": PARTENAIRE, "idFlux": flux, "typeFlux": "mandats"},
        )
        with self.database.write() as unit:
            self.events.append(unit, said)

    def attendus(self) -> dict[str, str]:
        """Subjects that wait, with their mark."""
        with self.database.read() as connection:
            return {row.sujet: row.marque for row in connection.execute(select(_attente))}

    def tout(self) -> dict[str, list[dict[str, Any]]]:
        """Every fact, by table and uid."""
        with self.database.read() as connection:
            return {
                name: [dict(row) for row in connection.execute(select(table).order_by(table.c.uid)).mappings()]
                for name, table in FAITS.items()
            }

    def table(self, name: str) -> list[dict[str, Any]]:
        """The facts of a table."""
        return self.tout()[f"indicateur_{name}"]

    def revisions(self) -> dict[tuple[str, int, str], int]:
        """How many times each partition changed."""
        with self.database.read() as connection:
            return {(row.fait, row.annee, row.ght): row.revision for row in connection.execute(select(_partition))}

    def oublier(self) -> None:
        """Lose every fact."""
        with self.database.write() as unit:
            for table in FAITS.values():
                unit.connection.execute(delete(table))


def monde_de(database: Database, clock: ManualClock) -> Monde:
    """A hub of one GHT in Hauts-de-France, another of no region, two établissements."""
    events = NotedEvents(database)
    services = fill(services_for(database, clock, events), events)
    with database.write() as unit:
        services.referentiel.situer_ght(unit, LOCAL, "FIC-01", RegionGht(region="HDF"))
    plans, projets = Plans(), Projets()
    faits = FaitsService(database, clock, Sources(actions=plans, marches=MesuresMarches(), projets=projets))
    services.faits = faits
    return Monde(services, events, plans, projets, faits)


def put(monde: Monde, plan: str, *actions: Any) -> None:
    """A plan as it now stands, which waits to be read."""
    monde.plans.held[plan] = list(actions)
    monde.noter(f"paat/{plan}")


def read(monde: Monde) -> None:
    """Everything that waits is read."""
    done = monde.faits.actualiser()
    assert (done.echecs, done.restants) == (0, 0)
