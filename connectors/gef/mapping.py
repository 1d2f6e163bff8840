"""From an event to a document of the common model; pure. The writing itself is in :mod:`.rendering`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.gef import losses
from connectors.gef.marche import said_marche, said_modification
from connectors.gef.model import COMPTE_RENDU, VERSION, Document, present
from connectors.gef.settings import GefSettings
from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports import events
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import (
    FluxTraitePayload,
    FournisseurPayload,
    LigneProduit,
    MarchePayload,
    NomenclaturePayload,
    ProduitsPayload,
)

Said = tuple[str, Document, tuple[str, ...]]
"""Message type, document, and the losses that any syntax makes."""

DEFAULT_MOTIVE = "Correction d'une erreur matérielle"
LIFE_EVENTS = {
    events.MARCHE_DEMARRE: "demarrage",
    events.MARCHE_SUSPENDU: "suspension",
    events.MARCHE_REPRIS: "reprise",
    events.MARCHE_RECONDUIT: "reconduction",
    events.MARCHE_NON_RECONDUIT: "non_reconduction",
    events.MARCHE_TRANCHE_AFFERMIE: "tranche_affermie",
    events.MARCHE_PRIX_REVISE: "revision_prix",
    events.MARCHE_SOUS_TRAITANCE_DECLAREE: "sous_traitance",
    events.MARCHE_SOUS_TRAITANCE_MODIFIEE: "sous_traitance_modifiee",
    events.MARCHE_ETABLISSEMENT_RATTACHE: "rattachement",
    events.MARCHE_ECHU: "echeance",
    events.MARCHE_RESILIE: "resiliation",
    events.MARCHE_SOLDE: "cloture",
}
"""Type of ``evenement``, by event of the life of a marché."""
_KINDS_OF_MARCHE = {
    events.MARCHE_NOTIFIE: "marche",
    events.MARCHE_MODIFIE: "modification",
    events.MARCHE_CORRIGE: "correction",
    **dict.fromkeys(LIFE_EVENTS, "evenement"),
}
_KINDS_OF_SUPPLIER = {events.FOURNISSEUR_CREE: "creation", events.FOURNISSEUR_MODIFIE: "modification"}
# XML 1.0 has no way to write these; left out of every syntax, so that all say the same.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def say(event: Event, settings: GefSettings) -> Said:
    """What one event says to one establishment's GEF.

    The message id depends on the event only: said again, by any channel, it is recognised as the same message.

    Raises:
        Unsupported: no GEF of the common model hears that event, or it lacks what the message is about.
    """
    sayer = _SAYERS.get(event.type)
    if sayer is None:
        raise Unsupported(f"the common GEF model has no message for {event.type}")
    kind, document, lost = sayer(event, settings)
    said = _writable(document)
    return kind, said, lost if said == document else (*lost, losses.REMOVED)


def message_id(event: Event) -> str:
    """Identifier of the message that says an event."""
    return f"SEM-{event.id}"


def business_ref(document: Document) -> str | None:
    """Number of the marché a message is about."""
    number = document.get("marche", {}).get("numero") or document.get("produits", {}).get("numeroMarche")
    return None if number is None else str(number)


def _heading(event: Event, kind: str, settings: GefSettings) -> Document:
    return {
        "typeMessage": kind,
        "version": VERSION,
        "idMessage": message_id(event),
        "emisLe": _instant(event.time),
        "emetteur": settings.emetteur,
        "etablissement": settings.etablissement,
    }


def _supplier(event: Event, settings: GefSettings) -> Said:
    supplier = FournisseurPayload.model_validate(event.data).fournisseur
    said = present(
        nature=_KINDS_OF_SUPPLIER[event.type],
        typeIdentifiant=supplier.typeIdentifiant,
        id=supplier.id,
        denominationSociale=supplier.denominationSociale,
        adresse=supplier.adresse.model_dump(mode="json", exclude_none=True) if supplier.adresse else None,
        categorieTiers=supplier.categorieTiers,
        natureJuridique=supplier.natureJuridique,
    )
    lost = ("compteBancaire",) if supplier.compteBancaire is not None else ()
    return "fournisseur", {**_heading(event, "fournisseur", settings), "fournisseur": said}, lost


def _nomenclature(event: Event, settings: GefSettings) -> Said:
    codes = NomenclaturePayload.model_validate(event.data).codes
    said = [
        {"nomenclature": one.nomenclature, "code": one.code, "libelle": one.libelle, "actif": one.actif}
        for one in codes
    ]
    return "nomenclature", {**_heading(event, "nomenclature", settings), "codes": said}, ()


def _marche(event: Event, settings: GefSettings) -> Said:
    payload = MarchePayload.model_validate(event.data)
    kind = _KINDS_OF_MARCHE[event.type]
    if kind == "modification" and payload.modification is None:
        raise Unsupported(f"event {event.id} does not say which modification was notified")
    state, imputations = said_marche(payload.marche, settings)
    document: Document = {**_heading(event, kind, settings), "marche": state, "imputations": imputations}
    if kind == "modification" and payload.modification is not None:
        document["modification"] = said_modification(payload.modification)
    elif kind == "correction":
        document["motif"] = payload.motif or DEFAULT_MOTIVE
    elif kind == "evenement":
        document["evenement"] = _life_event(event, payload)
    return kind, document, losses.of_marche(payload.marche, ended=event.type == events.MARCHE_RESILIE)


def _life_event(event: Event, payload: MarchePayload) -> Document:
    """The fact itself; one without a day of its own took effect on the day it was recorded."""
    number = payload.numero
    if event.type == events.MARCHE_SOUS_TRAITANCE_MODIFIEE:
        # The event numbers the modification among those of every act; the GEF knows the act.
        changes = payload.marche.modificationsActesSousTraitance
        number = next((change.id for change in changes if change.numero == payload.numero), None)
    return present(
        type=LIFE_EVENTS[event.type],
        dateEffet=(payload.dateEffet or event.time.astimezone(UTC).date()).isoformat(),
        numero=number,
        motif=payload.motif or None,
    )


def _produits(event: Event, settings: GefSettings) -> Said:
    payload = ProduitsPayload.model_validate(event.data)
    said = present(
        numeroMarche=payload.marche.numero,
        lot=payload.marche.lot,
        partie=payload.partie,
        parties=payload.parties,
        lignes=[_product(rank, line) for rank, line in enumerate(payload.lignes, start=1)],
    )
    return "produits", {**_heading(event, "produits", settings), "produits": said}, ()


def _product(rank: int, line: LigneProduit) -> Document:
    return present(
        ligne=rank,
        mouvement=line.mouvement,
        reference=line.reference,
        libelle=line.libelle,
        fournisseur={"typeIdentifiant": line.typeIdentifiant, "id": line.fournisseur},
        prixUnitaireHT=_unit_price(line.prixUnitaireHT),
        tauxTVA=format(line.tauxTVA.normalize(), "f"),
        unitePrix=line.unitePrix,
        uniteCommande=line.uniteCommande,
        quantiteParConditionnement=line.quantiteParConditionnement,
        minimumCommande=line.minimumCommande,
        codeNomenclature=line.codeNomenclature,
        gtin=line.gtin,
        codeUCD=line.codeUCD,
        codeCIP13=line.codeCIP13,
        dateDebut=line.dateDebut.isoformat(),
        dateFin=line.dateFin.isoformat(),
    )


def _unit_price(price: Decimal) -> str:
    """At least two decimals, and as many as the price has beyond."""
    plain = price.normalize()
    return format(max(plain, plain.quantize(CENT), key=_decimals), "f")


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "an amount is finite"
    return -exponent


def _compte_rendu(event: Event, settings: GefSettings) -> Said:  # noqa: ARG001 (an answer has no establishment)
    payload = FluxTraitePayload.model_validate(event.data)
    motif = payload.motif
    document: Document = {
        "idCompteRendu": message_id(event),
        "idMessage": payload.idFlux,
        "emisLe": _instant(event.time),
        "verdict": payload.verdict,
        **({} if motif is None else {"motif": {"code": _code(motif.code), "libelle": motif.libelle}}),
        "lignes": [
            present(ligne=line.ligne, statut=line.statut, code=_code(line.code), libelle=line.libelle)
            for line in payload.lignes
        ],
    }
    return COMPTE_RENDU, document, ()


def _code(rule: str | None) -> str | None:
    """A rule of the hub ("FLU-UF") as the codes of the model are written: capitals, digits and underscores."""
    return None if rule is None else rule.replace("-", "_")


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _writable(value: Any) -> Any:
    """The same without the characters that not every syntax can write."""
    if isinstance(value, dict):
        return {name: _writable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_writable(one) for one in value]
    return _NOT_XML.sub("", value) if isinstance(value, str) else value


_SAYERS: dict[str, Callable[[Event, GefSettings], Said]] = {
    **dict.fromkeys(_KINDS_OF_SUPPLIER, _supplier),
    events.NOMENCLATURE_MODIFIEE: _nomenclature,
    **dict.fromkeys(_KINDS_OF_MARCHE, _marche),
    events.PRODUITS_PUBLIES: _produits,
    events.FLUX_TRAITE: _compte_rendu,
}
