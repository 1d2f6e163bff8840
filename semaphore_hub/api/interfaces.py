"""``/v1/contracts``: the interface contracts, and a document's verdict against one of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

import contracts
from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.referentiel.champs import Sortie

router = APIRouter(prefix="/v1/contracts", tags=["contracts"], route_class=StrictRoute)

Part = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{1,60}$")]


class RuleOut(Sortie):
    """One rule of a contract."""

    id: str
    severity: Literal["error", "warning"]
    kind: str
    message: str = Field(description="what to fix, in French")
    source: str = Field(description="article, official document, or « hypothèse »")


class ContractOut(Sortie):
    """An interface contract."""

    id: str
    title: str
    partner: str
    version: str
    status: Literal["official", "derived", "assumed"]
    format: str
    mediaType: str
    rules: int


class ContractDetail(ContractOut):
    """An interface contract with its rules and the names of its artefacts."""

    ruleset: list[RuleOut]
    artefacts: list[str]


class ContractPage(Sortie):
    """Every contract."""

    items: list[ContractOut]


class FindingOut(Sortie):
    """One thing found in a document."""

    rule: str
    severity: Literal["error", "warning"]
    path: str
    line: int | None
    message: str


class ReportOut(Sortie):
    """The verdict on a document."""

    contract: str
    valid: bool
    findings: list[FindingOut]


def _fields(contract: contracts.InterfaceContract) -> dict[str, object]:
    return {
        "id": contract.id,
        "title": contract.title,
        "partner": contract.partner,
        "version": contract.version,
        "status": contract.status,
        "format": contract.format,
        "mediaType": contract.media_type,
        "rules": len(contract.rules),
    }


def _find(partner: str, interface: str, version: str) -> contracts.InterfaceContract:
    try:
        return contracts.get(f"{partner}/{interface}/{version}")
    except contracts.UnknownContract as error:
        raise NotFound(f"Aucun contrat d'interface {partner}/{interface}/{version}.") from error


@router.get("", operation_id="listContracts", summary="List interface contracts", responses=responses(401, 422))
def list_contracts(_caller: CallerDep) -> ContractPage:
    """Every interface contract, with its fidelity: official, derived or assumed."""
    return ContractPage.model_validate({"items": [_fields(contract) for contract in contracts.catalogue()]})


@router.get(
    "/{partner}/{interface}/{version}",
    operation_id="getContract",
    summary="Read an interface contract",
    responses=responses(401, 404, 422),
)
def get_contract(partner: Part, interface: Part, version: Part, _caller: CallerDep) -> ContractDetail:
    """One contract: its rules with their sources, and its artefacts."""
    contract = _find(partner, interface, version)
    return ContractDetail.model_validate(
        {
            **_fields(contract),
            "ruleset": [
                {
                    "id": rule.id,
                    "severity": rule.severity,
                    "kind": rule.kind,
                    "message": rule.message,
                    "source": rule.source,
                }
                for rule in contract.rules
            ],
            "artefacts": sorted(path.name for path in contract.folder.iterdir() if path.is_file()),
        }
    )


@router.post(
    "/{partner}/{interface}/{version}/validation",
    operation_id="validateDocument",
    summary="Validate a document against an interface contract",
    response_model=ReportOut,
    responses=responses(401, 404, 413, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def validate(partner: Part, interface: Part, version: Part, request: Request, _caller: CallerDep) -> ReportOut:
    """The verdict on the body, every finding with its rule, place and remedy. Nothing is stored."""
    contract = _find(partner, interface, version)
    body = await request.body()
    report = await run_in_threadpool(contracts.validate, contract.id, body)
    return ReportOut.model_validate(report.to_dict())
