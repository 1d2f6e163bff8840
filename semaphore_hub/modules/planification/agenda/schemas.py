"""What the calendar and the workload answer in JSON. Amounts are euros HT; days of work are texts of two decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.planification.codes import CodeJalon, Filiere, Statut
from semaphore_hub.modules.referentiel.champs import CodeGht, Sortie, Uid

JoursTravail = Annotated[
    Decimal,
    PlainSerializer(lambda days: format(days, ".2f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(0|[1-9][0-9]{0,8})\.[0-9]{2}$", "examples": ["12.50"]}),
]
"""Days of work, a text of two decimals: no binary float rounds it on the way."""


class JalonAgenda(Sortie):
    """A milestone of a project, at the day it stands."""

    jour: date = Field(description="date réalisée, sinon prévue")
    code: CodeJalon
    libelle: str
    prevu: date | None
    realise: date | None
    etat: Literal["realise", "prevu", "en_retard", "sans_objet"] = Field(
        description="sans_objet : le projet est abandonné ou infructueux, ce jalon n'est plus attendu"
    )
    joursRetard: int = Field(description="jours depuis la date prévue, quand elle est passée sans être réalisée")
    projet: Uid
    ght: CodeGht
    reference: str
    intitule: str
    statut: Statut
    portefeuille: str | None
    strategie: str
    procedure: str | None
    montantEstime: Montant = Field(description="euros HT, sur toute la durée")


class PageAgenda(Sortie):
    """A page of milestones, by day."""

    du: date
    au: date
    total: int
    enRetard: int = Field(description="jalons en retard de toute la période, pas de la seule page")
    items: tuple[JalonAgenda, ...]
    next: str | None = Field(description="position de la page suivante ; null à la dernière")


class MoisCharge(Sortie):
    """One month of a portfolio."""

    mois: str = Field(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])
    jours: JoursTravail
    projets: int = Field(description="projets en cours pendant le mois")
    pic: bool = Field(description="la charge dépasse la capacité")


class PhaseCharge(Sortie):
    """Days of work of one phase, over the whole life of the projects."""

    phase: str
    libelle: str
    jours: JoursTravail


class PortefeuilleCharge(Sortie):
    """Workload of a portfolio: ``avant`` + the twelve months + ``apres`` = the sum of its phases = ``total``."""

    ght: CodeGht
    portefeuille: str | None = Field(description="null : projets sans portefeuille")
    mois: tuple[MoisCharge, ...]
    annee: JoursTravail = Field(description="somme des douze mois")
    avant: JoursTravail = Field(description="mois des années précédentes")
    apres: JoursTravail = Field(description="mois des années suivantes")
    total: JoursTravail
    phases: tuple[PhaseCharge, ...]
    projetsSansDate: int = Field(description="projets sans aucun jalon daté, qui ne comptent pas")


class LigneBareme(Sortie):
    """Days of work assumed for one phase of one kind of procedure."""

    filiere: Filiere
    phase: str
    libelle: str
    jours: JoursTravail


class ChargeVue(Sortie):
    """Workload of a year by month and portfolio, with what it rests on."""

    annee: int
    auJour: date = Field(description="ce qui est en retard est compté à partir de ce jour")
    capacite: JoursTravail = Field(description="jours par mois et par portefeuille au-delà desquels un mois est un pic")
    portefeuilles: tuple[PortefeuilleCharge, ...]
    total: JoursTravail = Field(description="somme des portefeuilles, toutes années")
    bareme: tuple[LigneBareme, ...]
    source: str
