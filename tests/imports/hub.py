"""A hub as imports see it: a database, the two modules, an event log that checks versions and remembers."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from semaphore_hub.imports import ImportReport, Outcome, RecordReport, import_file
from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import Outdated
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel.models import Etablissement, Fournisseur
from semaphore_hub.modules.referentiel.schemas import EtablissementVue, FournisseurVue, NouveauGht
from semaphore_hub.modules.referentiel.service import ReferentielService
from semaphore_hub.ports.events import Event

GHT = "FIC-01"
ACHETEUR = "26999901700016"
TITULAIRE = "99988801900018"
AUTRE_TITULAIRE = "99988802700011"

HEADER = (
    "uid,id,type,codeCPV,acheteur_id,acheteur_nom,titulaire_id,titulaire_nom,montant,dateNotification,procedure,"
    "dureeMois,offresRecues,acheteur_departement_code,titulaire_departement_code,acheteur_region_code,"
    "titulaire_region_code"
)
MARCHE: dict[str, Any] = {
    "id": "2026DM001",
    "acheteur": {"id": ACHETEUR},
    "nature": "Marché",
    "objet": "Fourniture de gants d'examen",
    "codeCPV": "39000000-2",
    "techniques": {"technique": ["Sans objet"]},
    "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
    "marcheInnovant": False,
    "ccag": "Fournitures courantes et services",
    "offresRecues": 4,
    "attributionAvance": True,
    "tauxAvance": 0.05,
    "typeGroupementOperateurs": "Pas de groupement",
    "sousTraitanceDeclaree": False,
    "procedure": "Appel d'offres ouvert",
    "lieuExecution": {"code": "30189", "typeCode": "Code commune"},
    "dureeMois": 24,
    "dateNotification": "2026-03-01",
    "datePublicationDonnees": "2026-03-20",
    "montant": 400000.25,
    "typesPrix": {"typePrix": ["Définitif révisable"]},
    "formePrix": "Forfaitaire",
    "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": TITULAIRE}}],
    "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
    "considerationsEnvironnementales": {"considerationEnvironnementale": ["Critère environnemental"]},
}


class EventsOfTheTest:
    """Keeps the events of committed transactions; like the real log, refuses a version that does not follow."""

    def __init__(self) -> None:
        self.committed: list[Event] = []
        self._versions: dict[str, int] = {}

    def append(self, unit: UnitOfWork, event: Event) -> None:
        """See the port."""
        if event.version <= self._versions.get(event.subject, 0):
            raise Outdated(f"{event.subject} already has version {event.version}")
        self._versions[event.subject] = event.version
        unit.after_commit(lambda: self.committed.append(event))

    def types(self) -> list[str]:
        """Types of the events, in the order they were committed."""
        return [event.type for event in self.committed]


@dataclass
class Hub:
    """Services on one database, as :func:`import_file` wants them, and shortcuts to look at the result."""

    database: Database
    clock: ManualClock
    events: EventsOfTheTest = field(default_factory=EventsOfTheTest)

    def __post_init__(self) -> None:
        self.marches = MarchesService(MarcheStore(self.clock, self.events))
        self.referentiel = ReferentielService(self.clock, self.events)
        with self.database.write() as unit:
            self.referentiel.creer_ght(unit, LOCAL, NouveauGht(code=GHT, nom="GHT fictif de Valmont"))

    def run(self, path: Path, *, kind: str | None = None, caller: Caller = LOCAL, ght: str = GHT) -> ImportReport:
        """Import a file and check that its counts add up."""
        report = import_file(self, caller, path, kind=kind, ght=ght)
        counts = report.compteurs
        assert counts.lus == counts.acceptes + counts.completes + counts.inchanges + counts.refuses
        assert all(bool(record.motifs) == (record.resultat is Outcome.REFUSE) for record in report.enregistrements)
        return report

    def counts(self) -> tuple[int, int, int, int]:
        """Rows: marchés, établissements, suppliers, and events."""
        with self.database.read() as connection:
            tables = (table_of(model) for model in (Marche, Etablissement, Fournisseur))
            marches, hospitals, suppliers = (
                connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
            )
        return marches, hospitals, suppliers, len(self.events.committed)

    def marche(self, record: RecordReport) -> MarcheVue:
        """The marché that a record became."""
        assert record.uid is not None, record.motifs
        with self.database.read() as connection:
            return self.marches.lire(connection, LOCAL, record.uid)

    def hospital(self, siret: str) -> EtablissementVue:
        """The établissement of a SIRET."""
        with self.database.read() as connection:
            found, _ = self.referentiel.lister_etablissements(
                connection, LOCAL, ght=None, siret=siret, limit=1, after=None
            )
        return found[0]

    def supplier(self, identifier: str) -> FournisseurVue:
        """The supplier of an identifier."""
        with self.database.read() as connection:
            found, _ = self.referentiel.fournisseurs.lister(
                connection, identifiant=identifier, q=None, limit=1, after=None
            )
        return found[0]


def changed(**changes: Any) -> dict[str, Any]:
    """The sample marché with other values; ``None`` removes a field."""
    made = {**deepcopy(MARCHE), **changes}
    return {name: value for name, value in made.items() if value is not None}


def json_file(path: Path, *marches: dict[str, Any]) -> Path:
    """A DECP JSON file of these marchés."""
    path.write_text(json.dumps({"marches": {"marche": list(marches)}}, ensure_ascii=False, indent=1), "utf-8")
    return path


def row(**changes: str) -> str:
    """A line of the consolidated CSV."""
    cells = {
        "id": "2026T001",
        "type": "Travaux",
        "codeCPV": "45215100",
        "acheteur_id": ACHETEUR,
        "acheteur_nom": "CH FICTIF DE VALMONT",
        "titulaire_id": TITULAIRE,
        "titulaire_nom": "MEDICAL FICTIF SAS",
        "montant": "157944.05",
        "dateNotification": "2026-02-17",
        "procedure": "Procédure adaptée",
        "dureeMois": "8",
        "offresRecues": "2",
        "acheteur_departement_code": "30",
        "titulaire_departement_code": "34",
        "acheteur_region_code": "76",
        "titulaire_region_code": "76",
        **changes,
    }
    cells.setdefault("uid", cells["acheteur_id"] + cells["id"])
    return ",".join(cells[name] for name in HEADER.split(","))


def csv_file(path: Path, *rows: str) -> Path:
    """A consolidated CSV of these lines."""
    path.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return path


def rules_of(record: RecordReport) -> list[str]:
    """Ids of the rules that refuse a record."""
    return [reason.regle for reason in record.motifs]


def completed_in(record: RecordReport) -> dict[str, str]:
    """Completed fields of a record, with their values."""
    return {item.champ: item.valeur for item in record.completes}
