"""Payloads of the PAAT and of the planning."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads.base import Payload

Gain = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A gain, euros TTC; negative when it is a loss."""

Moment = Literal["mi_annee", "fin_annee"]


class PaatPayload(Payload):
    """A purchasing action plan after the fact: where it stands and what it amounts to."""

    uid: str
    ght: str
    annee: int
    statut: str
    actions: int
    gainDeclare: Gain
    gainRetenu: Gain
    activite: str | None = Field(default=None, description="step of the validation that was just decided")
    motif: str | None = None


class CampagnePayload(Payload):
    """A campaign that collects the figures of every plan of a year."""

    uid: str
    annee: int
    moment: Moment
    dateDonnees: date
    ouverture: date
    cloture: date


class RappelPayload(Payload):
    """A GHT has not answered a campaign yet."""

    campagne: str
    annee: int
    moment: Moment
    ght: str
    jours: int = Field(description="days left before the campaign closes; negative when it is over")
    message: str


class GainsOperateurPayload(Payload):
    """Gains that an operator declared for a GHT."""

    operateur: str
    annee: int
    ght: str
    lignes: int
    gain: Gain


class JalonPayload(Payload):
    """A milestone of a project."""

    code: str
    prevu: date | None = None
    realise: date | None = None


class ProjetAchatPayload(Payload):
    """A purchase project after the fact."""

    uid: str
    ght: str
    reference: str
    intitule: str
    statut: str
    type: str
    strategie: str
    acheteur: str = Field(description="SIRET")
    famille: str | None = None
    codeCPV: str
    montantEstime: Montant
    procedure: str | None = None
    marcheRenouvele: str | None = None
    actionPaat: str | None = None
    dateDebutPrevue: date
    jalons: tuple[JalonPayload, ...]
    marches: tuple[str, ...] = Field(default=(), description="uids of the marchés it opened")
    motif: str | None = None


class RecensementPayload(Payload):
    """A census of needs."""

    uid: str
    ght: str
    annee: int
    intitule: str
    ouverture: date
    cloture: date
    besoins: int
    montantAnnuel: Montant
