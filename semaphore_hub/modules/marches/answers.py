"""What the module of marchés answers in JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.description import Complements, LieuExecution
from semaphore_hub.modules.marches.fields import RoleTitulaire
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.vie import Revision, Suspension
from semaphore_hub.modules.referentiel.champs import CodeGht, Siret, Sortie, Taux, Uid
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    FormePrix,
    ModaliteExecution,
    Nature,
    Procedure,
    Technique,
    TypeGroupement,
    TypeIdentifiant,
    TypePrix,
)
from semaphore_hub.modules.referentiel.schemas import Avertissement, Suivant
from semaphore_hub.ports import payloads


class ImportMarche(Sortie):
    """What became of an imported marché."""

    uid: Uid
    statut: Literal["créé", "inchangé"]
    avertissements: tuple[str, ...] = ()


class EtablissementNomme(Sortie):
    """An établissement and its name."""

    id: Siret
    nom: str


class TitulaireVue(Sortie):
    """A holder."""

    role: RoleTitulaire
    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    montant: Montant | None


class ModificationVue(Sortie):
    """A notified amendment."""

    id: int
    objet: str
    dateNotificationModification: date
    datePublicationDonneesModification: date
    montant: Montant | None
    deltaMontant: payloads.DeltaMontant | None
    dureeMois: int | None
    deltaDureeMois: int | None
    montantEstime: Montant | None
    deltaMontantEstime: payloads.DeltaMontant | None
    titulaires: tuple[TitulaireVue, ...]
    typeGroupementOperateurs: TypeGroupement | None
    fondement: str | None
    article: str | None
    calcul: dict[str, str] | None


class PartAcheteurVue(Sortie):
    """A member of a group of buyers and its part HT."""

    id: Siret
    nom: str
    montant: Montant
    montantTVA: Montant | None
    montantEstime: Montant | None


class ActeVue(Sortie):
    """A subcontracting act."""

    id: int
    objet: str
    typeIdentifiant: TypeIdentifiant
    idSousTraitant: str
    denominationSociale: str
    idTitulaire: str
    dureeMois: int
    dateNotification: date
    datePublicationDonnees: date
    montant: Montant
    montantTVA: Montant | None
    variationPrix: Literal["Ferme", "Actualisable", "Révisable"]
    paiementDirect: bool
    autoliquidationTVA: bool


class MarcheVue(Sortie):
    """A marché as it stands."""

    uid: Uid
    version: int
    statut: Statut
    ght: CodeGht
    id: str
    acheteur: EtablissementNomme
    beneficiaires: tuple[EtablissementNomme, ...]
    objet: str
    codeCPV: str
    nature: Nature
    techniques: tuple[Technique, ...]
    modalitesExecution: tuple[ModaliteExecution, ...]
    idAccordCadre: str | None
    marcheInnovant: bool
    ccag: Ccag
    offresRecues: int
    attributionAvance: bool
    tauxAvance: Taux | None
    typeGroupementOperateurs: TypeGroupement
    sousTraitanceDeclaree: bool
    procedure: Procedure
    lieuExecution: LieuExecution
    dureeMois: int
    dateNotification: date | None
    datePublicationDonnees: date | None
    montant: Montant
    typesPrix: tuple[TypePrix, ...]
    formePrix: FormePrix
    origineUE: Taux | None
    origineFrance: Taux | None
    titulaires: tuple[TitulaireVue, ...]
    considerationsSociales: tuple[ConsiderationSociale, ...]
    considerationsEnvironnementales: tuple[ConsiderationEnvironnementale, ...]
    complements: Complements
    justificationDuree: str | None
    modifications: tuple[ModificationVue, ...]
    montantInitial: Montant
    dureeInitialeMois: int
    typeAchat: Literal["travaux", "fournitures", "services"]
    lot: payloads.Lot | None
    acheteurs: tuple[PartAcheteurVue, ...]
    dateFin: date | None
    consomme: Montant
    montantActualise: Montant | None
    tranches: tuple[payloads.Tranche, ...]
    reconductions: tuple[payloads.PeriodeReconduction, ...]
    actesSousTraitance: tuple[ActeVue, ...]
    modificationsActesSousTraitance: tuple[payloads.ModificationActeSousTraitance, ...]
    pieces: tuple[payloads.PieceJointe, ...]
    revisions: tuple[Revision, ...]
    suspensions: tuple[Suspension, ...]
    resiliation: payloads.Resiliation | None
    champsCompletes: tuple[str, ...]
    avertissements: tuple[Avertissement, ...]
    creeLe: datetime


class PageMarches(Sortie):
    """A page of marchés, newest first."""

    items: tuple[MarcheVue, ...]
    next: Suivant
