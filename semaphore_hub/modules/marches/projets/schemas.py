"""What the operations on projets receive and answer in JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.answers import EtablissementNomme
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.fields import (
    CodeCPV,
    DureeMois,
    IdMarche,
    Intitule,
    NumeroLot,
    Objet,
    Phrase,
    ReferenceConsultation,
)
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.projets.donnees import TypeAchat
from semaphore_hub.modules.marches.schemas import (
    EtablissementRef,
    PartAcheteurEntree,
    PieceEntree,
    ReconductionEntree,
    TitulaireRef,
    TrancheEntree,
)
from semaphore_hub.modules.referentiel.champs import (
    LISTE_UNIQUE,
    CodeGht,
    Distinct,
    Entier,
    Entree,
    Jour,
    Sortie,
    Uid,
)
from semaphore_hub.modules.referentiel.codes import Nature, Procedure
from semaphore_hub.modules.referentiel.schemas import Avertissement, Suivant

MotifInfructueux = Literal["aucune offre", "offres irrégulières", "offres inacceptables", "offres inappropriées"]
"""Why nothing could be retained (CCP: no offer; L2152-2 irregular; L2152-3 unacceptable; L2152-4 inappropriate)."""

_Beneficiaires = Annotated[
    tuple[EtablissementRef, ...],
    Field(max_length=200, json_schema_extra=LISTE_UNIQUE, description="vide : l'acheteur seul"),
    Distinct,
]


class LotPrevu(Entree):
    """The lot a projet answers, inside its consultation."""

    numero: NumeroLot
    intitule: Intitule


class NouveauProjet(Entree):
    """A need: what will be bought, for whom, for how much, and how."""

    id: IdMarche
    acheteur: EtablissementRef
    beneficiaires: _Beneficiaires = ()
    objet: Objet
    codeCPV: CodeCPV
    montantEstime: Montant = Field(description="valeur HT du besoin sur toute la durée, reconductions comprises")
    dureeMois: DureeMois
    nature: Nature = Field(default=Nature.MARCHE, examples=["Marché"])
    typeAchat: TypeAchat | None = Field(
        default=None, description="déduit du CPV : 45 travaux, 50 à 98 services, sinon fournitures"
    )
    procedure: Procedure = Field(description="procédure envisagée", examples=["Appel d'offres ouvert"])
    consultation: ReferenceConsultation | None = Field(
        default=None, description="référence de la consultation ; obligatoire au lancement d'un lot"
    )
    lot: LotPrevu | None = None
    dateLancementPrevue: Jour | None = None
    dateNotificationPrevue: Jour | None = Field(default=None, examples=["2026-09-01"])


class RevisionProjet(Entree):
    """New forecast of a projet; a field left out (or null) keeps its value."""

    beneficiaires: _Beneficiaires | None = None
    objet: Objet | None = None
    codeCPV: CodeCPV | None = None
    montantEstime: Montant | None = None
    dureeMois: DureeMois | None = None
    nature: Nature | None = None
    typeAchat: TypeAchat | None = None
    procedure: Procedure | None = None
    consultation: ReferenceConsultation | None = None
    lot: LotPrevu | None = None
    dateLancementPrevue: Jour | None = None
    dateNotificationPrevue: Jour | None = Field(default=None, examples=["2026-09-01"])


class Lancement(Entree):
    """The consultation is published."""

    dateLancement: Jour
    dateLimiteOffres: Jour = Field(examples=["2026-04-03"])
    consultation: ReferenceConsultation | None = Field(
        default=None, description="obligatoire pour un lot dont la consultation n'est pas encore dite"
    )


class Ouverture(Entree):
    """The offers are opened."""

    dateOuverture: Jour = Field(examples=["2026-04-03"])
    offresRecues: Annotated[int, Field(strict=True, ge=0, le=9999, examples=[4]), Entier]


class Attribution(Description):
    """What makes a marché of a projet; its buyer, beneficiaries, object, CPV and lot are those of the projet.

    ``offresRecues``, ``procedure`` and ``nature`` must be those of the procedure.
    """

    dateAttribution: Jour = Field(examples=["2026-05-04"])
    dateInformationEvinces: Jour | None = Field(
        default=None,
        description="envoi de l'information aux candidats évincés ; à donner au plus tard à la signature",
        examples=["2026-05-05"],
    )
    dureeMois: DureeMois | None = Field(default=None, description="absente : celle du projet")
    montant: Montant
    titulaires: Annotated[tuple[TitulaireRef, ...], Field(min_length=1, max_length=100)]
    acheteurs: Annotated[tuple[PartAcheteurEntree, ...], Field(max_length=200)] = Field(
        default=(), description="groupement d'acheteurs : chaque membre et sa part ; vide : l'acheteur seul"
    )
    tranches: Annotated[tuple[TrancheEntree, ...], Field(max_length=99)] = ()
    reconductions: Annotated[tuple[ReconductionEntree, ...], Field(max_length=99)] = ()
    pieces: Annotated[tuple[PieceEntree, ...], Field(max_length=99)] = ()


class Infructuosite(Entree):
    """No offer could be retained."""

    date: Jour
    motif: MotifInfructueux = Field(examples=["aucune offre"])
    explication: Phrase | None = None


class SansSuite(Entree):
    """The buyer gives up the procedure; the candidates are told the reason (art. R2185-2 CCP)."""

    date: Jour
    motif: Phrase = Field(examples=["Le besoin a disparu : fermeture du service"])


class ProjetVue(Sortie):
    """A projet as it stands; at the status "attribue" the marché of the same uid says what follows."""

    uid: Uid
    version: int
    statut: Statut
    ght: CodeGht
    id: str
    acheteur: EtablissementNomme
    beneficiaires: tuple[EtablissementNomme, ...]
    objet: str
    codeCPV: str
    montantEstime: Montant
    dureeMois: int
    nature: Nature
    typeAchat: TypeAchat
    procedure: Procedure
    consultation: str | None
    lot: LotPrevu | None
    dateLancementPrevue: date | None
    dateNotificationPrevue: date | None
    dateLancement: date | None
    dateLimiteOffres: date | None
    dateOuverture: date | None
    offresRecues: int | None
    dateAttribution: date | None
    dateInformationEvinces: date | None
    dateFin: date | None = Field(description="déclaration infructueuse ou sans suite")
    motif: str | None
    avertissements: tuple[Avertissement, ...]
    creeLe: datetime


class PageProjets(Sortie):
    """A page of projets, newest first."""

    items: tuple[ProjetVue, ...]
    next: Suivant


class LotVue(Sortie):
    """A lot of a consultation, or the consultation itself when it has no lots; ``uid`` is its projet's and marché's."""

    uid: Uid
    id: str
    numero: int | None
    intitule: str | None
    objet: str
    statut: Statut
    montantEstime: Montant | None
    montant: Montant | None = Field(description="montant HT attribué")


class ConsultationVue(Sortie):
    """Every lot of a consultation of a buyer, whatever its status, with the totals."""

    reference: str
    acheteur: EtablissementNomme
    lots: tuple[LotVue, ...]
    montantEstime: Montant = Field(description="somme des estimations connues")
    montantAttribue: Montant = Field(description="somme des montants attribués, hors lots sans suite")
