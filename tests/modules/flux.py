"""Flows as a GEF sends them, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.modules.marches.execution.flux.service import FluxExecutionService
from semaphore_hub.modules.referentiel.gef.service import FluxReferentielService
from semaphore_hub.ports.payloads import FluxTraitePayload
from tests.modules.samples import FICTIMED, SUPPORT, changed

FINESS = "990780009"
PARTENAIRE = "gef_valmont"
UF: dict[str, Any] = {
    "ligne": 1,
    "codeUF": "4512",
    "libelle": "Bloc opératoire fictif",
    "finessJuridique": FINESS,
    "pole": "Chirurgie",
    "centreResponsabilite": "CR 45",
    "actif": True,
}
COMPTE: dict[str, Any] = {
    "ligne": 1,
    "exercice": 2026,
    "budget": "H",
    "compte": "60221",
    "libelle": "Dispositifs médicaux",
    "ouvert": True,
}
TIERS: dict[str, Any] = {
    "ligne": 1,
    "codeTiers": "F00042",
    "typeIdentifiant": "SIRET",
    "id": FICTIMED,
    "denominationSociale": "FICTIMED",
    "actif": True,
}
COMMANDE: dict[str, Any] = {
    "ligne": 1,
    "numeroCommande": "BC2026-000123",
    "ligneCommande": 1,
    "date": "2026-04-15",
    "uf": "4512",
    "compte": "60221",
    "numeroMarche": "2026DM001",
    "reference": "SER-10",
    "libelle": "Seringue fictive 10 ml",
    "quantite": "1000",
    "prixUnitaireHT": "0.0875",
    "montantHT": "87.50",
    "montantTTC": "105.00",
}
RECEPTION: dict[str, Any] = {
    "ligne": 1,
    "numeroReception": "R-77",
    "ligneReception": 1,
    "numeroCommande": "BC2026-000123",
    "ligneCommande": 1,
    "date": "2026-04-20",
    "quantite": "600",
}
MANDAT: dict[str, Any] = {
    "ligne": 1,
    "exercice": 2026,
    "numeroMandat": "8812",
    "ligneMandat": 1,
    "date": "2026-05-20",
    "compte": "60221",
    "numeroMarche": "2026-DM001-00",
    "numeroCommande": "BC2026-000123",
    "fournisseur": {"typeIdentifiant": "SIRET", "id": FICTIMED},
    "montantHT": "87.50",
    "montantTVA": "17.50",
    "montantTTC": "105.00",
}


class Operation(Protocol):
    """What a service does with one kind of flow."""

    def __call__(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload: ...


def lines(base: dict[str, Any], *changes: dict[str, Any]) -> list[dict[str, Any]]:
    """One line for each set of changes, numbered from 1; ``None`` removes a field."""
    return [changed(base, **{"ligne": rank, **one}) for rank, one in enumerate(changes, 1)]


def flux(kind: str, found: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A flow of these lines."""
    envelope = {
        "typeFlux": kind,
        "version": "1",
        "idFlux": "GEF-0001",
        "emisLe": "2026-05-01T10:00:00Z",
        "etablissement": FINESS,
        "mode": "delta",
        "nombreLignes": len(found),
        "lignes": found,
    }
    return {**envelope, **changes}


def send(services: Services, kind: str, found: list[dict[str, Any]], **changes: Any) -> FluxTraitePayload:
    """What becomes of a flow that the GEF of the support establishment sends."""
    service: Any = FluxReferentielService(services.clock)
    if kind in ("commandes", "receptions", "mandats"):
        service = FluxExecutionService(services.clock, services.consommations)
    operation: Operation = getattr(service, kind)
    with services.database.write() as unit:
        return operation(unit, flux(kind, found, **changes), PARTENAIRE, SUPPORT)


def said(answer: FluxTraitePayload) -> list[tuple[int, str, str | None]]:
    """Line, status and code of each answer."""
    return [(one.ligne, one.statut, one.code) for one in answer.lignes]


def prepare(services: Services) -> None:
    """One UF and one account of 2026, as the GEF said them in January."""
    for kind, line in (("structures", UF), ("comptes", COMPTE)):
        assert send(services, kind, [line], emisLe="2026-01-02T06:00:00Z").verdict == "accepte"
