"""What happens to a marché beside its description: kept as one document with it, because it has no life of its own.

Suppliers are kept by their uid in the référentiel, so that what is said of them is always what is known of them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads import (
    Lot,
    ModificationActeSousTraitance,
    PeriodeReconduction,
    PieceJointe,
    Resiliation,
    Tranche,
)

Nombre = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A number that is not an amount (coefficient, index): exact, a text in JSON."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TitulaireInscrit(_Stored):
    """A holder at some moment: the supplier's uid, its role, its share HT."""

    fournisseur: str
    role: Literal["titulaire", "co-traitant"]
    montant: Montant | None = None


class Initial(_Stored):
    """The marché as it was notified; never changed afterwards, except by the correction of an error."""

    montant: Montant
    dureeMois: int
    titulaires: tuple[TitulaireInscrit, ...]
    typeGroupementOperateurs: str


class PartInscrite(_Stored):
    """A member of a group of buyers and its part."""

    siret: str
    montant: Montant
    montantTVA: Montant | None = None
    montantEstime: Montant | None = None


class ActeInscrit(_Stored):
    """A subcontracting act; ``fournisseur`` and ``titulaire`` are uids of suppliers."""

    id: int
    objet: str
    fournisseur: str
    titulaire: str
    dureeMois: int
    dateNotification: date
    datePublicationDonnees: date
    montant: Montant
    montantTVA: Montant | None = None
    variationPrix: Literal["Ferme", "Actualisable", "Révisable"]
    paiementDirect: bool
    autoliquidationTVA: bool = False


class ValeurIndice(_Stored):
    """The value of an index that a revision of the price was computed with."""

    indice: str
    moisAnnee: str
    valeur: Nombre


class Revision(_Stored):
    """A revision of the price: the amount HT it makes, from when, and the arithmetic that gives it."""

    date: date
    montantActualise: Montant
    montantTVAActualise: Montant | None = None
    motif: str
    base: Montant | None = None
    coefficient: Nombre | None = None
    calcul: str | None = None
    indices: tuple[ValeurIndice, ...] = ()


class Suspension(_Stored):
    """An interruption of the execution; ``fin`` is absent while it lasts."""

    debut: date
    fin: date | None = None
    motif: str


class Rattachement(_Stored):
    """An établissement that joined the beneficiaries after the notification."""

    siret: str
    date: date


class Vie(_Stored):
    """Everything that happened, in order; empty for a marché just recorded."""

    initial: Initial | None = None
    lot: Lot | None = None
    acheteurs: tuple[PartInscrite, ...] = ()
    dateInformationEvinces: date | None = None
    dateSignature: date | None = None
    dateDebut: date | None = None
    tranches: tuple[Tranche, ...] = ()
    reconductions: tuple[PeriodeReconduction, ...] = ()
    actesSousTraitance: tuple[ActeInscrit, ...] = ()
    modificationsActesSousTraitance: tuple[ModificationActeSousTraitance, ...] = ()
    pieces: tuple[PieceJointe, ...] = ()
    revisions: tuple[Revision, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    rattachements: tuple[Rattachement, ...] = ()
    resiliation: Resiliation | None = None
    dateSolde: date | None = None

    def fournisseurs(self) -> frozenset[str]:
        """Uids of the suppliers it names."""
        initial = self.initial.titulaires if self.initial is not None else ()
        acts = {uid for act in self.actesSousTraitance for uid in (act.fournisseur, act.titulaire)}
        return frozenset(acts | {holder.fournisseur for holder in initial})

    def stored(self) -> dict[str, object]:
        """As it is kept; what is empty is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


VIE_VIDE = Vie()
