"""What the API answers of what PLACE says."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.place.dits import StatutPlace
from semaphore_hub.modules.marches.place.divergences import Divergence
from semaphore_hub.modules.referentiel.champs import CodeGht, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant


class Lien(Sortie):
    """The projet or marché of the hub."""

    uid: Uid
    id: str
    statut: Statut


class TitulairePlaceVue(Sortie):
    """A holder, as PLACE writes it."""

    typeIdentifiant: str | None
    id: str | None
    denominationSociale: str | None


class AttributionPlaceVue(Sortie):
    """The contract PLACE made of a consultation or a lot."""

    numero: str
    montantHT: Montant
    dateAttribution: date | None
    titulaires: tuple[TitulairePlaceVue, ...]


class LotPlaceVue(Sortie):
    """A lot at PLACE, and its projet or marché."""

    numero: int
    intitule: str
    statut: StatutPlace
    nombreOffres: int
    motif: str | None
    attribution: AttributionPlaceVue | None
    lien: Lien | None


class ConsultationPlaceVue(Sortie):
    """A consultation as PLACE last said it, against what the hub knows now."""

    uid: Uid
    version: int = Field(description="1, puis un de plus à chaque changement que PLACE dit")
    ght: CodeGht | None
    partenaire: str
    reference: str
    organisme: str
    acheteur: Siret | None
    objet: str
    statut: StatutPlace
    dateMiseEnLigne: date | None
    dateLimiteRemisePlis: date | None
    dateOuverturePlis: date | None
    nombreOffres: int
    offresHorsDelai: int | None
    motif: str | None
    attribution: AttributionPlaceVue | None
    lots: tuple[LotPlaceVue, ...]
    lien: Lien | None = Field(description="projet ou marché d'une consultation sans lots")
    dateModification: datetime = Field(description="à PLACE")
    canal: str
    recueLe: datetime
    divergences: tuple[Divergence, ...]


class PageConsultationsPlace(Sortie):
    """A page of consultations, newest first."""

    items: tuple[ConsultationPlaceVue, ...]
    next: Suivant


class ContratPlace(Sortie):
    """A contract as PLACE publishes it: values are texts, as they were found."""

    id: str
    uid: str | None
    nature: str | None
    objet: str | None
    codeCPV: str | None
    procedure: str | None
    dureeMois: str | None
    dateNotification: str | None
    datePublicationDonnees: str | None
    montant: str | None
    formePrix: str | None
    offresRecues: str | None
    titulaires: tuple[TitulairePlaceVue, ...]
    modifications: int
    partenaire: str
    document: str
    canal: str
    periode: str | None = Field(description="mois ou année que couvre le document ; null : remis à la main")
    recuLe: datetime


class ContratPlaceVue(Sortie):
    """A contract that PLACE has, the hub has, or both."""

    uid: Uid = Field(description="du contrat relevé, ou du marché absent de PLACE")
    ght: CodeGht | None
    acheteur: str
    place: ContratPlace | None = Field(description="null : absent de PLACE")
    marche: Lien | None = Field(description="null : absent du hub")
    divergences: tuple[Divergence, ...]


class PageContratsPlace(Sortie):
    """A page of contracts, newest first."""

    items: tuple[ContratPlaceVue, ...]
    next: Suivant
