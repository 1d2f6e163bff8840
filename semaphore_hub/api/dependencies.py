"""What endpoints are given: the services of the process and the caller.

``app.py`` puts a :class:`Services` (or a subclass with more fields) in ``app.state.services``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from semaphore_hub.api.auth import Authenticator, caller
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.indicateurs.editions.service import EditionsService
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from semaphore_hub.modules.indicateurs.service import IndicateursService
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.alertes.service import AlertesService
from semaphore_hub.modules.marches.concessions.service import ConcessionsService
from semaphore_hub.modules.marches.execution.consommation import ConsommationService
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.place.service import SuiviPlaceService
from semaphore_hub.modules.marches.produits.service import ProduitsService
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.transitions.service import TransitionsService
from semaphore_hub.modules.paat.campagnes.service import CampagnesService
from semaphore_hub.modules.paat.rapprochement.service import RapprochementService
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.modules.paat.trame.service import TrameService
from semaphore_hub.modules.paat.validation.service import ValidationService
from semaphore_hub.modules.planification.agenda.service import AgendaService
from semaphore_hub.modules.planification.recensements.service import RecensementsService
from semaphore_hub.modules.planification.service import PlanificationService
from semaphore_hub.modules.referentiel.service import ReferentielService


@dataclass(kw_only=True)
class Services:
    """What one process is made of. A composition that has more (engine, inbox…) subclasses it and adds fields.

    Attributes:
        settings: as read from the environment.
        database: the two ways to use it: ``read()`` and ``write()``.
        clock: business clock, possibly simulated.
        authenticator: issues and checks tokens, on the machine's clock.
        referentiel: GHT, établissements, fournisseurs.
        marches: marchés.
        projets: needs before their attribution.
        transitions: signature, start, suspension, end.
        concessions: concessions.
        alertes: what to look at on marchés.
        execution: what happens to notified marchés beside their amendments.
        consommations: orders and payments.
        produits: products under contract.
        suivi_place: what PLACE says of consultations and contracts.
        adhesions: adhesions to the marchés of buying cooperatives.
        paat: purchasing action plans and their actions.
        validation: who validates a plan, and when.
        campagnes: collection of the figures of plans, reminders.
        trame: the Excel file of a plan.
        rapprochement: gains of the operators against those of the GHT.
        planification: purchase projects.
        recensements: census of needs.
        agenda: calendar and workload of projects.
        indicateurs: figures of the indicators.
        faits: what the indicators are computed from.
        editions: Excel and HTML editions of the indicators.
    """

    settings: Settings
    database: Database
    clock: Clock
    authenticator: Authenticator
    referentiel: ReferentielService
    marches: MarchesService
    projets: ProjetsService
    transitions: TransitionsService
    concessions: ConcessionsService
    alertes: AlertesService
    execution: ExecutionService
    consommations: ConsommationService
    produits: ProduitsService
    adhesions: AdhesionsService
    suivi_place: SuiviPlaceService
    paat: PaatService
    validation: ValidationService
    campagnes: CampagnesService
    trame: TrameService
    rapprochement: RapprochementService
    planification: PlanificationService
    recensements: RecensementsService
    agenda: AgendaService
    indicateurs: IndicateursService
    faits: FaitsService
    editions: EditionsService


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
"""The services of the process."""

CallerDep = Annotated[Caller, Depends(caller)]
"""The caller; the operation is declared as protected."""
