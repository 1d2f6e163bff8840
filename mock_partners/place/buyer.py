"""What happens at the platform outside the hub: companies send offers, the buyer attributes and notifies."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mock_partners.place.ledger import Refusal, attribute, contract_of
from mock_partners.place.state import Consultation, Contrat, Offre, Part, State, Titulaire
from mock_partners.place.views import consultation_json


class NewOffers(BaseModel):
    """Offers to come for a consultation."""

    model_config = ConfigDict(extra="forbid")

    reference: str
    nombre: int = Field(default=1, ge=1, le=100)
    lots: list[int] = Field(default_factory=list, description="empty: every lot")
    depotLe: AwareDatetime | None = Field(default=None, description="absent: now")


class Attribution(BaseModel):
    """What the buyer enters at the platform; with ``dateNotification`` the contract is published.

    Without ``reference`` it is a contract made outside any consultation.
    """

    model_config = ConfigDict(extra="forbid")

    reference: str | None = None
    numeroLot: int = 0
    numero: str | None = Field(default=None, description="absent: numbered by the platform")
    objet: str | None = None
    acheteur: str | None = None
    montantHT: str | None = Field(default=None, pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$")
    titulaires: list[Titulaire] = Field(default_factory=list)
    dateNotification: date | None = None
    contrat: dict[str, Any] = Field(default_factory=dict, description="other values of the contract (codeCPV…)")


def receive_offers(state: State, given: NewOffers, now: datetime, *, late: bool) -> dict[str, Any]:
    """Offers arrive; ``late`` puts them on the day after the deadline.

    Raises:
        Refusal: no such consultation or lot, or its deadline is not known and an offer must be late.
    """
    consultation = _consultation(state, given.reference)
    wanted = given.lots or [part.numero for part in consultation.parts]
    unknown = [number for number in wanted if consultation.part(number) is None]
    if unknown:
        raise Refusal(404, "LOT_INCONNU", f"La consultation {given.reference} n'a pas de lot {unknown[0]}.")
    limit = consultation.dateLimiteRemisePlis
    came = given.depotLe or now
    if late:
        if limit is None:
            raise Refusal(422, "SANS_DATE_LIMITE", f"La consultation {given.reference} n'a pas de date limite.")
        came = datetime.combine(limit + timedelta(days=1), time(8), UTC)
    for _ in range(given.nombre):
        consultation.offres.append(
            Offre(
                numero=len(consultation.offres) + 1,
                depotLe=came,
                lots=sorted(wanted),
                horsDelai=limit is not None and came.astimezone(UTC).date() > limit,
            )
        )
    consultation.dateModification = now
    return consultation_json(consultation, state.organisme)


def attribute_by_hand(state: State, given: Attribution, now: datetime) -> dict[str, Any]:
    """The buyer attributes (unless the hub did), completes the contract, and notifies it when a day is given.

    Raises:
        Refusal: no such lot, a procedure given up, or a contract that cannot be notified yet.
    """
    contract = _outside(state, given) if given.reference is None else _inside(state, given, now)
    completed = {name: value for name, value in given if name in ("objet", "montantHT") and value is not None}
    if given.titulaires:
        completed["titulaires"] = given.titulaires
    if given.dateNotification:
        completed["dateNotification"] = given.dateNotification
    whole = Contrat.model_validate({**contract.model_dump(), **given.contrat, **_plain(completed)})
    if whole.dateNotification is not None and not whole.titulaires:
        raise Refusal(422, "SANS_TITULAIRE", f"Le marché {whole.numero} ne peut être notifié sans titulaire.")
    _replace(state, contract, whole, now)
    return whole.model_dump(mode="json")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [one.model_dump() for one in value] if name == "titulaires" else value for name, value in values.items()
    }


def _inside(state: State, given: Attribution, now: datetime) -> Contrat:
    """The contract of a lot; made when the hub has not attributed it."""
    assert given.reference is not None
    consultation = _consultation(state, given.reference)
    part = consultation.part(given.numeroLot)
    if part is None:
        raise Refusal(404, "LOT_INCONNU", f"La consultation {given.reference} n'a pas de lot {given.numeroLot}.")
    if part.contrat is not None:
        return part.contrat
    if part.statut in ("infructueuse", "sans_suite"):
        raise Refusal(409, "PROCEDURE_CLOSE", f"La procédure {given.reference} est close ({part.statut}).")
    if given.montantHT is None:
        raise Refusal(422, "SANS_MONTANT", "Un marché s'attribue pour un montant.")
    message = {
        "numero": given.numero or _number(state, now),
        "objet": given.objet or part.objet or consultation.objet,
        "montantHT": given.montantHT,
        "acheteur": consultation.acheteur,
        "dateAttribution": now.date().isoformat(),
    }
    contract = contract_of(message, consultation)
    attribute(consultation, part, contract, now)
    return contract


def _outside(state: State, given: Attribution) -> Contrat:
    known = next((one for one in state.contratsHorsConsultation if one.numero == given.numero), None)
    if known is not None:
        return known
    if not (given.numero and given.objet and given.acheteur and given.montantHT):
        detail = "Un contrat hors consultation a un numéro, un objet, un acheteur et un montant."
        raise Refusal(422, "INCOMPLET", detail)
    contract = Contrat(numero=given.numero, objet=given.objet, montantHT=given.montantHT, acheteur=given.acheteur)
    state.contratsHorsConsultation.append(contract)
    return contract


def _replace(state: State, contract: Contrat, whole: Contrat, now: datetime) -> None:
    state.contratsHorsConsultation = [whole if one is contract else one for one in state.contratsHorsConsultation]
    for consultation, part in _parts(state):
        if part.contrat is contract:
            part.contrat = whole
            consultation.dateModification = now


def _parts(state: State) -> list[tuple[Consultation, Part]]:
    return [(one, part) for one in state.consultations.values() for part in one.parts]


def _consultation(state: State, reference: str) -> Consultation:
    known = state.consultations.get(reference)
    if known is None:
        raise Refusal(404, "CONSULTATION_INCONNUE", f"La consultation {reference} n'existe pas à PLACE.")
    return known


def _number(state: State, now: datetime) -> str:
    """A number of the platform's own (hypothesis: year and rank)."""
    return f"{now.year}P{len(state.contracts()) + 1:04d}"
