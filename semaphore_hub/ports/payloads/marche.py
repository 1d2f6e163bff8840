"""The marché and all that happens to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads.base import (
    DeltaMontant,
    Etablissement,
    Fournisseur,
    LieuExecution,
    Payload,
    Titulaire,
)
from semaphore_hub.ports.payloads.complements import ComplementsPES, PieceJointe


class Lot(Payload):
    """The lot a marché answers: one lot, one marché; lots of one consultation share its reference."""

    consultation: str
    numero: int = Field(ge=1)
    intitule: str


class Modification(Payload):
    """One notified amendment, with its new totals and the differences they make."""

    id: int = Field(ge=1)
    objet: str
    dateNotificationModification: date
    datePublicationDonneesModification: date
    montant: Montant | None = Field(default=None, description="new total HT")
    deltaMontant: DeltaMontant | None = None
    montantEstime: Montant | None = Field(default=None, description="new total HT estimated")
    deltaMontantEstime: DeltaMontant | None = None
    dureeMois: int | None = Field(default=None, description="new total, months")
    deltaDureeMois: int | None = None
    titulaires: tuple[Titulaire, ...] = Field(
        default=(), description="every holder after the amendment, when it changes them"
    )
    typeGroupementOperateurs: str | None = Field(default=None, description="after it, when holders change")
    fondement: str | None = Field(default=None, description="case of the amendment (NON_SUBSTANTIELLE…)")
    article: str | None = Field(default=None, description='article of the code it rests on ("R2194-8")')


class ActeSousTraitance(Payload):
    """A subcontracting act (DC4) accepted by the buyer: its initial data, never changed afterwards."""

    id: int = Field(ge=1, description="1, 2, 3… in the order of notification")
    objet: str
    sousTraitant: Fournisseur
    titulaire: str = Field(description="identifier of the holder who subcontracts")
    dureeMois: int
    dateNotification: date
    datePublicationDonnees: date
    montant: Montant
    montantTVA: Montant | None = None
    variationPrix: Literal["Ferme", "Actualisable", "Révisable"]
    paiementDirect: bool
    autoliquidationTVA: bool = False


class ModificationActeSousTraitance(Payload):
    """A modification of a subcontracting act: new totals and the differences they make."""

    id: int = Field(ge=1, description="id of the act it modifies")
    numero: int = Field(ge=1, description="1, 2, 3… among the modifications of every act of the marché")
    objet: str
    dateNotificationModificationSousTraitance: date
    datePublicationDonnees: date
    dureeMois: int | None = None
    montant: Montant | None = Field(default=None, description="new total HT of the act")
    deltaMontant: DeltaMontant | None = None


class Tranche(Payload):
    """A tranche: firm, or optional until it is confirmed (affermie)."""

    numero: int = Field(ge=0, description="0 for the firm tranche")
    intitule: str
    type: Literal["ferme", "optionnelle"]
    dateAffermissement: date | None = None
    debut: date | None = None
    fin: date | None = None
    montant: Montant
    montantTVA: Montant | None = None


class PeriodeReconduction(Payload):
    """A renewal period; ``decision`` is absent until it is taken, or tacitly happens."""

    numero: int = Field(ge=1)
    debut: date
    fin: date
    montant: Montant
    montantTVA: Montant | None = None
    decision: Literal["reconduite", "non reconduite"] | None = None
    dateDecision: date | None = None


class PartAcheteur(Payload):
    """A member of a group of buyers and its part of the marché."""

    etablissement: Etablissement
    montant: Montant
    montantTVA: Montant | None = None
    montantEstime: Montant | None = None


class Resiliation(Payload):
    """End of the marché before its term."""

    motif: Literal[
        "force majeure",
        "faute du titulaire",
        "motif d'intérêt général",
        "exclusion",
        "demande du titulaire",
        "liquidation",
        "accord",
    ]
    dateEffet: date
    explication: str


class EtatInitial(Payload):
    """The marché as it was notified: the DECP freezes it, what follows is appended."""

    montant: Montant
    dureeMois: int
    titulaires: tuple[Titulaire, ...]
    typeGroupementOperateurs: str


class Marche(Payload):
    """Consolidated state of a marché."""

    uid: str = Field(description="identifier in the hub")
    id: str = Field(description="the buyer's own number, 1 to 16 characters (DECP)")
    statut: str | None = Field(
        default=None, description="where it stands; absent from events recorded before it was said"
    )
    acheteur: Etablissement
    acheteurs: tuple[PartAcheteur, ...] = Field(
        default=(), description="members of a group of buyers and their parts, which add up; empty for one buyer"
    )
    beneficiaires: tuple[Etablissement, ...]
    lot: Lot | None = None
    nature: str
    objet: str
    codeCPV: str
    techniques: tuple[str, ...]
    modalitesExecution: tuple[str, ...]
    idAccordCadre: str | None = None
    marcheInnovant: bool
    ccag: str
    offresRecues: int
    attributionAvance: bool
    tauxAvance: Decimal | None = None
    typeGroupementOperateurs: str
    sousTraitanceDeclaree: bool
    procedure: str
    lieuExecution: LieuExecution
    dureeMois: int
    dateNotification: date
    datePublicationDonnees: date
    montant: Montant
    montantActualise: Montant | None = Field(default=None, description="amount HT after the price variation clause")
    montantTVAActualise: Montant | None = None
    typesPrix: tuple[str, ...]
    formePrix: str
    origineUE: Decimal | None = None
    origineFrance: Decimal | None = None
    titulaires: tuple[Titulaire, ...]
    considerationsSociales: tuple[str, ...]
    considerationsEnvironnementales: tuple[str, ...]
    initial: EtatInitial | None = Field(default=None, description="absent from events recorded before it was said")
    modifications: tuple[Modification, ...] = ()
    actesSousTraitance: tuple[ActeSousTraitance, ...] = ()
    modificationsActesSousTraitance: tuple[ModificationActeSousTraitance, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    reconductions: tuple[PeriodeReconduction, ...] = ()
    pieces: tuple[PieceJointe, ...] = ()
    dateFin: date | None = Field(default=None, description="last day, with the renewals taken")
    resiliation: Resiliation | None = None
    complements: ComplementsPES
    champsCompletes: tuple[str, ...] = Field(
        default=(), description="fields completed by a documented default when the marché was imported"
    )


class MarchePayload(Payload):
    """Data of the events from the notification on: the state after the fact.

    For ``modifie``, ``modification`` is the one just notified; for ``corrige``, ``motif`` says what was wrong; for the
    events of subcontracting, renewals and tranches, ``numero`` says which one.
    """

    marche: Marche
    modification: Modification | None = None
    motif: str | None = None
    numero: int | None = None
    dateEffet: date | None = Field(default=None, description="day the fact takes effect, when it has its own")


class ProjetPayload(Payload):
    """Data of the events before the attribution."""

    uid: str
    id: str
    acheteur: str
    objet: str
    statut: str
    lot: Lot | None = None
    montantEstime: Montant
    motif: str | None = None
    consultation: str | None = Field(default=None, description="reference of the consultation, once it has one")
    codeCPV: str | None = None
    procedure: str | None = None
    dureeMois: int | None = None
    dateLancement: date | None = None
    dateLimiteOffres: date | None = None
    dateOuverture: date | None = None
    offresRecues: int | None = None


class MarcheCree(Payload):
    """Data of ``marche.cree``, ``marche.attribue`` and ``marche.signe``: the marché is recorded, not yet notified."""

    uid: str
    id: str
    acheteur: str
    objet: str
    montant: Montant
    consultation: str | None = Field(default=None, description="reference of the consultation it comes from")
    lot: Lot | None = None
    dateAttribution: date | None = Field(default=None, description="when its procedure was run in the hub")
    offresRecues: int | None = None
    titulaires: tuple[Titulaire, ...] = ()


def initial_of(marche: Marche) -> EtatInitial:
    """The marché as it was notified; taken from the differences of its amendments when the event does not say it.

    (Events recorded before holders could change had no ``initial``: the present holders are then the first ones.)
    """
    if marche.initial is not None:
        return marche.initial
    return EtatInitial(
        montant=marche.montant - sum((one.deltaMontant or Decimal(0) for one in marche.modifications), Decimal(0)),
        dureeMois=marche.dureeMois - sum(one.deltaDureeMois or 0 for one in marche.modifications),
        titulaires=marche.titulaires,
        typeGroupementOperateurs=marche.typeGroupementOperateurs,
    )
