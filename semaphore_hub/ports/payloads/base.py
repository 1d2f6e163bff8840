"""What every payload is made of, and the parties: établissements and suppliers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from semaphore_hub.kernel.money import Montant

DeltaMontant = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A signed difference of amounts, euros HT."""

TypeIdentifiant = Literal["SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "HORS-UE"]


class Payload(BaseModel):
    """Base of every payload: unknown fields are refused, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Adresse(Payload):
    """A supplier's postal address, in the parts the PES asks for."""

    ligne1: str | None = None
    voie: str
    complement: str | None = None
    codePostal: str
    ville: str
    codePays: str | None = Field(default=None, description="three-digit INSEE country code; absent for France")


class CompteBancaire(Payload):
    """The account to pay; its key is checked when it is recorded."""

    iban: str
    bic: str | None = None
    titulaire: str
    banque: str | None = None


class Etablissement(Payload):
    """A hospital: the buyer or a beneficiary of a marché."""

    siret: str
    nom: str
    finessJuridique: str | None = None
    finessGeographique: str | None = None
    role: Literal["support", "partie"]
    ght: str


class Fournisseur(Payload):
    """A supplier as the référentiel knows it at the moment of the fact."""

    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    adresse: Adresse | None = None
    compteBancaire: CompteBancaire | None = None
    categorieTiers: str | None = Field(default=None, description="CatTiers code of the PES")
    natureJuridique: str | None = Field(default=None, description="NatJur code of the PES")


class Titulaire(Payload):
    """A holder of the marché."""

    role: Literal["titulaire", "co-traitant"]
    fournisseur: Fournisseur
    montant: Montant | None = Field(default=None, description="its share HT; absent when there is one holder")


class LieuExecution(Payload):
    """Main place of execution."""

    code: str
    typeCode: str


class FournisseurPayload(Payload):
    """Data of ``fournisseur.cree`` and ``fournisseur.modifie``."""

    fournisseur: Fournisseur
    ght: str | None = None
