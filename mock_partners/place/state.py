"""What the simulated platform keeps: consultations, offers, contracts, tickets. Amounts are texts, euros HT."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Statut = Literal["preparation", "en_ligne", "cloturee", "analyse", "attribuee", "infructueuse", "sans_suite"]
PROGRESS: tuple[Statut, ...] = (
    "preparation",
    "en_ligne",
    "cloturee",
    "analyse",
    "attribuee",
    "infructueuse",
    "sans_suite",
)
CLOSED = frozenset({"attribuee", "infructueuse", "sans_suite"})

OPERATIONS = frozenset(
    {
        "v1.connexion",
        "v1.format-pivot",
        "v1.format-etendu",
        "v1.xml-extraire-criteres",
        "v2.token",
        "v2.consultations.lire",
        "v2.consultations.ecrire",
        "v2.contrats.ecrire",
        "v2.abandons.ecrire",
    }
)
MISSING_BY_DEFAULT = ("v2.abandons.ecrire", "v2.contrats.ecrire")
"""Hypothesis: consultations are created and followed, what comes after is entered by hand."""


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Titulaire(_Kept):
    """A holder."""

    typeIdentifiant: str
    id: str
    denominationSociale: str = "Titulaire sans nom"


class Contrat(_Kept):
    """A contract; it is published once it has been completed and notified."""

    numero: str
    objet: str
    montantHT: str
    acheteur: str
    dateAttribution: date | None = None
    titulaires: list[Titulaire] = Field(default_factory=list)
    reference: str | None = None
    codeCPV: str = "33140000-3"
    procedure: str = "Appel d'offres ouvert"
    nature: str = "Marché"
    dureeMois: int = 12
    formePrix: str = "Ferme"
    lieuCode: str = "75"
    lieuTypeCode: str = "Code département"
    lieuNom: str = "Lieu fictif"
    dateNotification: date | None = None


class Part(_Kept):
    """A lot, or the whole of a consultation that has none (number 0)."""

    numero: int = 0
    intitule: str = ""
    identifiantExterne: str | None = None
    statut: Statut = "en_ligne"
    objet: str = ""
    motif: str | None = None
    contrat: Contrat | None = None


class Offre(_Kept):
    """An offer as the platform shows it before it is opened: never who sent it."""

    numero: int
    depotLe: datetime
    lots: list[int]
    horsDelai: bool


class Consultation(_Kept):
    """A consultation and its lots."""

    id: int
    reference: str
    acheteur: str
    objet: str
    codeCPV: str | None = None
    procedure: str | None = None
    dureeMois: int | None = None
    dateMiseEnLigne: date | None = None
    dateLimiteRemisePlis: date | None = None
    dateOuverturePlis: date | None = None
    parts: list[Part]
    offres: list[Offre] = Field(default_factory=list)
    dateModification: datetime

    @property
    def allotted(self) -> bool:
        """Whether it has lots."""
        return any(part.numero for part in self.parts)

    def part(self, numero: int) -> Part | None:
        """Its lot of that number; 0 for the whole."""
        return next((part for part in self.parts if part.numero == numero), None)

    def in_time(self, numero: int | None = None) -> int:
        """Offers received in time, for one lot or in all."""
        return sum(not offer.horsDelai and (numero is None or numero in offer.lots) for offer in self.offres)


class State(_Kept):
    """Everything the platform keeps."""

    organisme: str = "x7y"
    absentes: list[str] = Field(default_factory=lambda: sorted(MISSING_BY_DEFAULT))
    consultations: dict[str, Consultation] = Field(default_factory=dict)
    contratsHorsConsultation: list[Contrat] = Field(default_factory=list)
    tickets: dict[str, datetime] = Field(default_factory=dict, description="end of each ticket")
    ecrits: dict[str, str] = Field(default_factory=dict, description="address written, by sha256 of the message")
    exports: int = 0
    aExporter: bool = False

    @field_validator("absentes")
    @classmethod
    def _operations(cls, given: list[str]) -> list[str]:
        unknown = sorted(set(given) - OPERATIONS)
        if unknown:
            raise ValueError(f"unknown operations {unknown} (known: {', '.join(sorted(OPERATIONS))})")
        return sorted(given)

    def by_external_id(self, identifier: str) -> tuple[Consultation, Part] | None:
        """The lot (or consultation) that was written under this identifier."""
        for consultation in self.consultations.values():
            for part in consultation.parts:
                if part.identifiantExterne == identifier:
                    return consultation, part
        return None

    def contracts(self) -> list[Contrat]:
        """Every contract, of consultations or not."""
        made = [part.contrat for one in self.consultations.values() for part in one.parts if part.contrat]
        return [*made, *self.contratsHorsConsultation]


Message = dict[str, Any]
"""A message as its JSON form says it, whatever channel it came by."""
