"""A small référentiel, and one hub without partners in which lives are lived; what happens is collected as events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.errors import HubError
from semaphore_hub.migrate import upgrade
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.transitions.service import TransitionsService
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouveauGht, NouvelEtablissement
from semaphore_hub.modules.referentiel.service import ReferentielService
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FOURNISSEUR, PARTIE, SUPPORT_CH, changed, siret

SUPPLIERS: tuple[tuple[str, str], ...] = (
    ("SIRET", siret("99988801")),
    ("SIRET", siret("99988802")),
    ("SIRET", siret("99988803")),
    ("TVA", "BE0999999922"),
    ("HORS-UE", "CH9999999999999999"),
    ("TAHITI", "999999999"),
    ("RIDET", "9999999999"),
)
"""Type and identifier of each supplier; the first are used most."""

Operation = Callable[[UnitOfWork], MarcheVue]


class World:
    """A hub on its own database, and the events of the life being lived."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'lives.db'}"
        upgrade(url)
        self.database = Database(url)
        self.clock = ManualClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.events = RecordedEvents()
        store = MarcheStore(self.clock, self.events)
        self.marches = MarchesService(store)
        self.execution = ExecutionService(store)
        self.transitions = TransitionsService(store)
        self.refused = 0
        self._numbers = 0
        referentiel = ReferentielService(self.clock, self.events)
        with self.database.write() as unit:
            referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-01", nom="GHT fictif FIC-01"))
            for body in (SUPPORT_CH, changed(SUPPORT_CH, siret=PARTIE, nom="CH Fictif d'Ambreval", role="partie")):
                referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(body))
            for number, (kind, identifier) in enumerate(SUPPLIERS):
                body = changed(
                    FOURNISSEUR,
                    typeIdentifiant=kind,
                    id=identifier,
                    denominationSociale=f"Fournisseur fictif n° {number}",
                )
                referentiel.fournisseurs.creer(unit, LOCAL, NouveauFournisseur.model_validate(body))

    def number(self) -> str:
        """A number no other marché of this world has."""
        self._numbers += 1
        return f"V{self._numbers:05d}"

    def attempt(self, operation: Operation) -> MarcheVue | None:
        """Do something; what the rules refuse leaves no trace and gives nothing."""
        try:
            with self.database.write() as unit:
                return operation(unit)
        except HubError:
            self.refused += 1
            return None
