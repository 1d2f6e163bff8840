"""What is received and answered about alerts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from semaphore_hub.modules.marches.alertes.regles import CodeAlerte
from semaphore_hub.modules.marches.fields import Phrase
from semaphore_hub.modules.referentiel.champs import CodeGht, Entree, Jour, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant


class DemandeEvaluation(Entree):
    """Have every marché of the perimeter looked at."""

    jour: Jour | None = Field(default=None, description="le jour considéré ; absent : aujourd'hui")


class Evaluation(Sortie):
    """What an evaluation found."""

    jour: date
    marches: Annotated[int, Field(description="marchés regardés")]
    nouvelles: Annotated[int, Field(description="alertes émises, jamais dites auparavant")]


class Acquittement(Entree):
    """Somebody has seen the alert and says what is done about it."""

    commentaire: Phrase = Field(examples=["Projet de renouvellement lancé"])


class AlerteVue(Sortie):
    """An alert."""

    uid: Uid
    code: CodeAlerte
    marche: Uid
    idMarche: str
    acheteur: Siret
    ght: CodeGht
    jour: date = Field(description="jour où elle a été constatée")
    echeance: date | None
    message: str
    acquitteeLe: datetime | None
    acquitteePar: str | None
    commentaire: str | None


class PageAlertes(Sortie):
    """A page of alerts, newest first."""

    items: tuple[AlerteVue, ...]
    next: Suivant
