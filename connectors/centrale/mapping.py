"""From an event of an adhesion to the document that says it; pure."""

from __future__ import annotations

from datetime import UTC

from connectors.centrale.model import VERSION, Document, format_key
from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports import events
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import AdhesionPayload

ACTIONS = {
    events.ADHESION_DEMANDEE: "demande",
    events.ADHESION_SIGNEE: "signature",
    events.ADHESION_VENTILEE: "ventilation",
}
"""What each event asks of the cooperative."""
RATTACHEMENT = "rattachement"
"""Declared loss: where the établissement stands in its GHT."""


def say(event: Event, centrale: str, emetteur: str) -> tuple[Document, tuple[str, ...]]:
    """What one event says, and the losses it makes.

    The message id depends on the event only: said again, by any channel, it is recognised as the same message.

    Raises:
        Unsupported: the event is not one that a cooperative hears.
    """
    action = ACTIONS.get(event.type)
    if action is None:
        raise Unsupported(f"aucune centrale d'achat n'écoute l'événement {event.type}")
    joined = AdhesionPayload.model_validate(event.data).adhesion
    place = joined.etablissement
    hospital = {"siret": place.siret, "nom": place.nom, "finess": place.finessJuridique}
    adhesion = {
        "uid": joined.uid,
        "numeroMarche": joined.numeroMarche,
        "lot": joined.lot,
        "etablissement": _present(hospital),
        "dateEntree": joined.dateEntree.isoformat(),
        "dateFin": joined.dateFin.isoformat() if joined.dateFin else None,
        "besoinTTC": format(joined.besoinTTC.quantize(CENT), "f"),
        "etablissementFacture": joined.etablissementFacture,
    }
    document = {
        format_key(centrale): VERSION,
        "idMessage": f"SEM-{event.id}",
        "emisLe": event.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "emetteur": emetteur,
        "action": action,
        "adhesion": _present(adhesion),
    }
    return document, (RATTACHEMENT,)


def _present(values: Document) -> Document:
    return {name: value for name, value in values.items() if value is not None}
