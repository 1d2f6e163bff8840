"""What PLACE says, when it says something new."""

from __future__ import annotations

from semaphore_hub.ports.payloads.base import Payload


class ConsultationSuiviePayload(Payload):
    """Data of ``place.consultation_suivie``: where a consultation stands at PLACE, and where it stood before."""

    uid: str
    partenaire: str
    reference: str
    acheteur: str | None = None
    objet: str
    statut: str
    statutPrecedent: str | None = None
    nombreOffres: int


class ContratsRelevesPayload(Payload):
    """Data of ``place.contrats_releves``: contracts of a document that are new, changed, or gone from its period."""

    partenaire: str
    document: str
    periode: str | None = None
    nouveaux: int
    changes: int
    retires: int
