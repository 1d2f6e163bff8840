"""What the hub does with the commands partners send: each goes to its module, in the inbox's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError

from semaphore_hub.delivery.inbound import CommandHandler
from semaphore_hub.delivery.partners import Partner
from semaphore_hub.imports.centrale import importer_marches
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import Problem, RuleBroken
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.adhesions.schemas import AvanceeAdhesion
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.execution.consommation import ConsommationService
from semaphore_hub.modules.marches.execution.flux.service import FluxExecutionService
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.place.service import SuiviPlaceService
from semaphore_hub.modules.marches.produits.recus import CataloguesRecus
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.referentiel.gef.service import FluxReferentielService
from semaphore_hub.modules.referentiel.service import ReferentielService
from semaphore_hub.ports.connector import Command
from semaphore_hub.ports.events import FLUX_TRAITE, Event, EventLog
from semaphore_hub.ports.payloads import FluxTraitePayload

Flux = Callable[[UnitOfWork, Mapping[str, Any], str, str | None], FluxTraitePayload]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Treating:
    """What treats commands: services of the modules, and where the answers to the GEF are written."""

    clock: Clock
    event_log: EventLog
    referentiel: ReferentielService
    marches: MarchesService
    execution: ExecutionService
    consommations: ConsommationService
    adhesions: AdhesionsService
    catalogues: CataloguesRecus
    suivi_place: SuiviPlaceService


def handlers_of(treating: Treating) -> dict[str, CommandHandler]:
    """Every command the hub understands, by name."""
    referentiel = FluxReferentielService(treating.clock)
    execution = FluxExecutionService(treating.clock, treating.consommations)
    flux: dict[str, Flux] = {
        "structures": referentiel.structures,
        "comptes": referentiel.comptes,
        "fournisseurs": referentiel.fournisseurs,
        "commandes": execution.commandes,
        "receptions": execution.receptions,
        "mandats": execution.mandats,
    }
    handlers: dict[str, CommandHandler] = {
        f"gef.{name}": partial(_flux, treat, treating.clock, treating.event_log) for name, treat in flux.items()
    }
    return handlers | {
        "centrale.adhesion": partial(_adhesion, treating.adhesions),
        "centrale.marches": partial(_marches, treating),
        "centrale.produits": partial(_produits, treating.catalogues),
        "place.consultation": partial(_place, treating.suivi_place.suivre),
        "place.decp": partial(_place, treating.suivi_place.rapprocher),
    }


def _flux(treat: Flux, clock: Clock, event_log: EventLog, unit: UnitOfWork, partner: Partner, command: Command) -> None:
    """Apply a flow of a GEF, and tell it what became of each line."""
    treated = treat(unit, command.data, partner.id, partner.siret)
    event_log.append(
        unit,
        Event(
            id=new_id(),
            type=FLUX_TRAITE,
            subject=f"flux/{new_id()}",
            version=1,
            time=clock.now(),
            ght=partner.ght,
            data=treated.model_dump(mode="json", exclude_none=True),
        ),
    )


def _adhesion(adhesions: AdhesionsService, unit: UnitOfWork, partner: Partner, command: Command) -> None:
    """Record how far a cooperative says an adhesion is."""
    try:
        avancee = AvanceeAdhesion.model_validate(dict(command.data))
    except ValidationError as error:
        problems = [
            Problem("$." + ".".join(map(str, one["loc"])), "MAR-ADHESION-FORME", str(one["msg"]))
            for one in error.errors()
        ]
        raise RuleBroken(
            f"L'état d'adhésion reçu n'a pas la forme attendue : {problems[0].message}", problems
        ) from error
    adhesions.avancer(unit, partner.connector, avancee)


def _marches(treating: Treating, unit: UnitOfWork, partner: Partner, command: Command) -> None:
    """Record the marchés of a cooperative that establishments of the partner's GHT order on, lot by lot."""
    if partner.ght is None:
        raise RuleBroken(f"Le partenaire {partner.id} n'a pas de GHT : indiquez-le pour reprendre ses marchés.", [])
    report = importer_marches(unit, treating, LOCAL, partner.connector, partner.ght, command.data)
    motif = report.motif()
    if motif is not None and len(report.refuses) == len(report.lots):
        raise RuleBroken(f"Aucun lot n'est repris : {motif}", [])
    if motif is not None:
        log.warning("lots refused", partner=partner.id, envoi=report.envoi, reason=motif)


def _produits(catalogues: CataloguesRecus, unit: UnitOfWork, partner: Partner, command: Command) -> None:
    """Keep a catalogue of products; it is imported once the document is durable.

    One that is announced incomplete is refused whole: withdrawn lines could not be told from missing ones.
    """
    if not command.data["complet"]:
        raise RuleBroken(
            "La publication de produits est incomplète : demandez-la de nouveau à la centrale, rien n'en est repris.",
            [],
        )
    catalogues.deposer(
        unit, partner.id, partner.ght, str(command.data["nom"]), str(command.data["contenu"]).encode("utf-8")
    )


def _place(
    follow: Callable[[UnitOfWork, str, str | None, Mapping[str, Any]], None],
    unit: UnitOfWork,
    partner: Partner,
    command: Command,
) -> None:
    """Keep what PLACE says, beside what the hub knows."""
    follow(unit, partner.id, partner.ght, command.data)
