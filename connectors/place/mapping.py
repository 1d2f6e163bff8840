"""From an event of the procedure to what is said to PLACE; pure. The writing itself is in :mod:`.rendering`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.place.settings import PlaceSettings
from semaphore_hub.ports.connector import RenderContext
from semaphore_hub.ports.events import (
    MARCHE_ANALYSE,
    MARCHE_ATTRIBUE,
    MARCHE_CONSULTE,
    MARCHE_INFRUCTUEUX,
    MARCHE_SANS_SUITE,
    Event,
)
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Lot, MarcheCree, ProjetPayload, Titulaire

Value = str | int | date | Decimal | tuple[Mapping[str, str], ...] | None

_STAGES = {MARCHE_CONSULTE: "consultation", MARCHE_ANALYSE: "analyse"}
_DECISIONS = {MARCHE_INFRUCTUEUX: "infructueux", MARCHE_SANS_SUITE: "sans_suite"}


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``values`` are under the names of the JSON form; lots are flat (numeroLot, intituleLot)."""

    kind: str
    business_ref: str
    values: Mapping[str, Value]


def say(event: Event, settings: PlaceSettings, context: RenderContext) -> Said | None:
    """What one event says to this organisation; ``None`` when it says nothing to it.

    Raises:
        Unsupported: PLACE does not hear that event.
    """
    if event.type not in (*_STAGES, *_DECISIONS, MARCHE_ATTRIBUE):
        raise Unsupported(f"PLACE does not hear {event.type}")
    if settings.acheteurs and event.data.get("acheteur") not in settings.acheteurs:
        return None
    if event.type in _STAGES:
        return _consultation(event, settings)
    if event.type == MARCHE_ATTRIBUE:
        return _attribution(event, settings)
    # A need given up before its launch: PLACE was never told of it.
    return None if context.sequence == 1 else _abandon(event, settings)


def _reference(uid_ref: str, consultation: str | None, lot: Lot | None) -> str:
    """Reference of the consultation; one without lots and without a reference of its own bears the projet's number."""
    return consultation or (lot.consultation if lot else uid_ref)


def _consultation(event: Event, settings: PlaceSettings) -> Said:
    projet = ProjetPayload.model_validate(event.data)
    reference = _reference(projet.id, projet.consultation, projet.lot)
    return Said(
        "consultation",
        reference,
        {
            "@type": "Consultation",
            **_identity(projet.uid, projet.acheteur, settings),
            "reference": reference,
            "objet": projet.objet,
            "etape": _STAGES[event.type],
            "montantEstimeHT": projet.montantEstime,
            **_lot(projet.lot),
            "codeCPV": projet.codeCPV,
            "procedure": projet.procedure,
            "dureeMois": projet.dureeMois,
            "dateLancement": projet.dateLancement,
            "dateLimiteRemisePlis": projet.dateLimiteOffres,
            "dateOuverturePlis": projet.dateOuverture,
            "nombreOffres": projet.offresRecues,
        },
    )


def _attribution(event: Event, settings: PlaceSettings) -> Said:
    said = MarcheCree.model_validate(event.data)
    reference = said.consultation or (said.lot.consultation if said.lot else None)
    return Said(
        "attribution",
        reference or said.id,
        {
            "@type": "Contrat",
            **_identity(said.uid, said.acheteur, settings),
            "numero": said.id,
            "objet": said.objet,
            "montantHT": said.montant,
            # Without it PLACE finds the consultation by identifiantExterne, which it was given at the launch.
            "reference": reference,
            "numeroLot": said.lot.numero if said.lot else None,
            "dateAttribution": said.dateAttribution,
            "nombreOffres": said.offresRecues,
            "titulaires": tuple(_holder(one) for one in said.titulaires) or None,
        },
    )


def _abandon(event: Event, settings: PlaceSettings) -> Said:
    projet = ProjetPayload.model_validate(event.data)
    reference = _reference(projet.id, projet.consultation, projet.lot)
    return Said(
        "abandon",
        reference,
        {
            "@type": "Abandon",
            **_identity(projet.uid, projet.acheteur, settings),
            "reference": reference,
            "numeroLot": projet.lot.numero if projet.lot else None,
            "decision": _DECISIONS[event.type],
            "motif": projet.motif,
        },
    )


def _identity(uid: str, buyer: str, settings: PlaceSettings) -> dict[str, Value]:
    return {"identifiantExterne": uid, "organisme": settings.organisme, "acheteur": buyer}


def _lot(lot: Lot | None) -> dict[str, Any]:
    return {} if lot is None else {"numeroLot": lot.numero, "intituleLot": lot.intitule}


def _holder(holder: Titulaire) -> dict[str, str]:
    supplier = holder.fournisseur
    return {
        "typeIdentifiant": supplier.typeIdentifiant,
        "id": supplier.id,
        "denominationSociale": supplier.denominationSociale,
    }
