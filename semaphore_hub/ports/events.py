"""Business events: immutable facts in the past tense, CloudEvents 1.0 types, one version per aggregate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from semaphore_hub.kernel.db import UnitOfWork

FOURNISSEUR_CREE = "fr.semaphore.fournisseur.cree.v1"
FOURNISSEUR_MODIFIE = "fr.semaphore.fournisseur.modifie.v1"
MARCHE_CREE = "fr.semaphore.marche.cree.v1"
MARCHE_NOTIFIE = "fr.semaphore.marche.notifie.v1"
MARCHE_MODIFIE = "fr.semaphore.marche.modifie.v1"
MARCHE_CORRIGE = "fr.semaphore.marche.corrige.v1"
LIVRAISON_REJETEE = "fr.semaphore.livraison.rejetee.v1"
PARTENAIRE_SUSPENDU = "fr.semaphore.partenaire.suspendu.v1"

SOURCE = "urn:fr:semaphore:hub"
"""CloudEvents ``source`` of every event of the hub."""


@dataclass(frozen=True, slots=True)
class Event:
    """One business fact.

    Attributes:
        id: unique identifier, sortable by time.
        type: CloudEvents type, versioned ("fr.semaphore.marche.notifie.v1").
        subject: the aggregate, "marche/<id>" or "fournisseur/<id>"; also the default ordering key.
        version: 1, 2, 3… within the subject, without a gap.
        time: business instant (aware, UTC).
        ght: code of the GHT the fact belongs to, for access control; ``None`` when common to all.
        data: the payload, JSON values only (see :mod:`semaphore_hub.ports.payloads`).
    """

    id: str
    type: str
    subject: str
    version: int
    time: datetime
    ght: str | None
    data: Mapping[str, Any]


class EventLog(Protocol):
    """Where modules write their events, inside their own transaction."""

    def append(self, unit: UnitOfWork, event: Event) -> None:
        """Write one event with the caller's business rows; it becomes visible at the same commit.

        Raises:
            Outdated: the subject already has this version (somebody else changed it first).
        """
        ...
