"""``/v1/marches/{uid}/vues``: what each partner was told of a marché, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.hub import HubDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.delivery.views import MarcheViews, PartnerView, Verdict, views_of
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.referentiel.champs import Entree, Sortie, Uid

router = APIRouter(prefix="/v1/marches", tags=["marchés"], route_class=StrictRoute)


class VuePartenaire(Sortie):
    """What one partner was told, as a whole."""

    partenaire: str
    libelle: str
    connecteur: str
    envoi: str | None = Field(description="id of the delivery read back; null when it was told nothing")
    etat: str | None = Field(description="state of that delivery")
    message: str | None
    contrat: str | None = Field(description="interface contract of the message")
    enAttente: str | None = Field(description="state of a newer delivery on its way")
    refuse: str | None = Field(description="why a newer delivery was refused")
    differences: int = Field(description="fields that nothing explains")


class ValeurDite(Sortie):
    """One field as one partner was told it."""

    partenaire: str
    valeur: str | None
    verdict: Literal["identique", "perte déclarée", "en attente", "refusé", "non dit", "différence"]
    raison: str | None = Field(description="id of the declared loss, or why")


class ChampCompare(Sortie):
    """One field: what the hub knows and what each partner was told."""

    champ: str = Field(examples=["titulaires[SIRET 99988801300019].montant"])
    hub: str | None
    partenaires: tuple[ValeurDite, ...]


class VuesMarche(Sortie):
    """A marché as the hub knows it and as each partner was told."""

    uid: Uid
    evenement: str = Field(description="type of the last event that carries its state")
    version: int
    date: datetime
    differences: int = Field(description="fields that nothing explains, over every partner")
    partenaires: tuple[VuePartenaire, ...]
    champs: tuple[ChampCompare, ...]


class ChoixVues(Entree):
    """What to show."""

    ecarts: bool = Field(default=False, description="only the fields that are not identical everywhere")


def vues(uid: str, views: MarcheViews, *, only_gaps: bool) -> VuesMarche:
    """The answer made of the views."""
    names = dict.fromkeys((*views.reference, *(name for one in views.partners for name in one.fields)))
    compared = (_field(name, views) for name in names)
    return VuesMarche(
        uid=uid,
        evenement=views.event.type,
        version=views.event.version,
        date=views.event.time,
        differences=views.differences,
        partenaires=tuple(_partner(one) for one in views.partners),
        champs=tuple(
            one for one in compared if not only_gaps or any(told.verdict != "identique" for told in one.partenaires)
        ),
    )


def _partner(view: PartnerView) -> VuePartenaire:
    told = view.told
    return VuePartenaire(
        partenaire=view.partner,
        libelle=view.label,
        connecteur=view.connector,
        envoi=None if told is None else told.id,
        etat=None if told is None else told.state,
        message=None if told is None else told.message_type,
        contrat=None if told is None else told.contract,
        enAttente=view.waiting,
        refuse=view.refused,
        differences=sum(one.verdict is Verdict.DIFFERENCE for one in view.fields.values()),
    )


def _field(name: str, views: MarcheViews) -> ChampCompare:
    return ChampCompare(
        champ=name,
        hub=views.reference.get(name),
        partenaires=tuple(
            ValeurDite(partenaire=one.partner, valeur=seen.valeur, verdict=seen.verdict.value, raison=seen.raison)
            for one in views.partners
            if (seen := one.fields.get(name)) is not None
        ),
    )


@router.get(
    "/{uid}/vues",
    operation_id="comparerVues",
    summary="Comparer ce que chaque partenaire a reçu d'un marché",
    response_model=VuesMarche,
    responses=responses(401, 403, 404, 422),
)
def comparer_vues(
    uid: Annotated[str, Path(pattern=ID_PATTERN)],
    choix: Annotated[ChoixVues, Query()],
    services: HubDep,
    caller: CallerDep,
) -> VuesMarche:
    """Field by field: PES, DECP and GEF messages read back from their bytes, and every difference explained or not."""
    with services.database.read() as connection:
        views = views_of(connection, services.registry, caller, uid)
    return vues(uid, views, only_gaps=choix.ecarts)
