"""What is received and answered about adhesions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.fields import Phrase
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, CodeGht, Entree, Jour, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant
from semaphore_hub.ports.payloads import StatutAdhesion

Centrale = Annotated[
    str, Field(pattern="^[a-z][a-z0-9_]{1,62}$", description="connecteur de la centrale", examples=["uniha", "resah"])
]
NumeroOperateur = Annotated[
    str,
    Field(pattern=LIGNE_PATTERN, max_length=50, description="numéro du marché chez la centrale", examples=["M_1234"]),
]


class DemandeAdhesion(Entree):
    """An établissement asks to join a marché of a cooperative, possibly during its life."""

    centrale: Centrale
    numeroMarche: NumeroOperateur
    lot: int | None = Field(default=None, ge=1, le=9999)
    etablissement: Siret
    dateEntree: Jour
    dateFin: Jour | None = None
    besoinTTC: Montant = Field(description="besoin pour la durée restante, euros TTC")


class Signature(Entree):
    """The convention was signed, electronically, as one document."""

    signataire: Phrase = Field(examples=["Direction des achats du CH Fictif de Valmont"])


class Ventilation(Entree):
    """Which établissement is invoiced the cooperative's fee."""

    etablissementFacture: Siret


class AdhesionVue(Sortie):
    """An adhesion as it stands."""

    uid: Uid
    version: int
    ght: CodeGht
    centrale: str
    numeroMarche: str
    lot: int | None
    etablissement: Siret
    statut: StatutAdhesion
    dateEntree: date
    dateFin: date | None
    besoinTTC: Montant
    etablissementFacture: Siret | None
    signataire: str | None
    motif: str | None


class PageAdhesions(Sortie):
    """A page of adhesions, newest first."""

    items: tuple[AdhesionVue, ...]
    next: Suivant


class AvanceeAdhesion(Entree):
    """What the cooperative says of an adhesion (an inbound document, not an operation of the API)."""

    uid: Uid
    statut: Literal[
        "signature", "ventilation", "validation_ca", "notification_fournisseurs", "active", "echue", "refusee"
    ]
    dateEntree: Jour | None = None
    dateFin: Jour | None = None
    motif: Phrase | None = None
