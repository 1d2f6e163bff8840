"""Everything a simulated GEF keeps. Amounts are texts or ``Decimal`` in euros; what is not controlled goes through."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from mock_partners.gef.documents import Document

IN_FORCE = "en cours"


class Structure(BaseModel):
    """A unité fonctionnelle of the hospital."""

    codeUF: str
    libelle: str
    finessJuridique: str
    finessGeographique: str | None = None
    pole: str | None = None
    centreResponsabilite: str | None = None
    actif: bool = True


class Compte(BaseModel):
    """An account of the M21 opened for one year and one budget."""

    exercice: int
    budget: str
    compte: str
    libelle: str
    ouvert: bool = True


class Tiers(BaseModel):
    """A supplier under the GEF's own code; ``fiche`` is the last message about it, when there was one."""

    codeTiers: str
    typeIdentifiant: str
    id: str
    denominationSociale: str
    actif: bool = True
    fiche: Document | None = None


class Consommation(BaseModel):
    """What was ordered, received and paid on a marché, in euros HT."""

    commande: Decimal = Decimal(0)
    receptionne: Decimal = Decimal(0)
    mandate: Decimal = Decimal(0)


class Marche(BaseModel):
    """A marché in force.

    Attributes:
        cree_par: id of the message that created it.
        dernier: id of the last message applied.
        etat: the ``marche`` of the last message applied, with its lot, holders, sub-contractors, slices and renewals.
        imputations: lines in force, by number.
        modifications: numbers applied, in order.
        evenements: facts applied, in order, each with the id of its message.
        produits: lines in force, by supplier and reference.
    """

    cree_par: str
    dernier: str
    etat: Document
    statut: str = IN_FORCE
    imputations: dict[str, Document] = Field(default_factory=dict)
    modifications: list[int] = Field(default_factory=list)
    evenements: list[Document] = Field(default_factory=list)
    produits: dict[str, Document] = Field(default_factory=dict)
    consommation: Consommation = Field(default_factory=Consommation)


class Held(BaseModel):
    """A message that waits for a supplier, and the channel by which its final compte rendu will go."""

    document: Document
    canal: str
    muet: list[str] = Field(default_factory=list, description="lists its syntax cannot carry")


class Due(BaseModel):
    """A compte rendu or a flux to be given from ``du`` on; ``lu`` once the hub confirmed that it read it.

    ``finess`` is the établissement concerned, which names the file when there is one.
    """

    nature: str
    du: str
    canal: str
    finess: str
    document: Document
    lu: bool = False


class FluxEmis(BaseModel):
    """A flux that was emitted, and what the hub answered."""

    typeFlux: str
    emisLe: str
    nombreLignes: int
    canal: str
    comptesRendus: list[Document] = Field(default_factory=list)


class State(BaseModel):
    """The whole state. ``controle*``: whether only what is listed is accepted, or anything is."""

    model_config = ConfigDict(extra="forbid")

    version: str
    versionMinimum: str | None
    etablissement: str
    etablissements: list[str] | None = None
    controleTiers: bool = False
    controleUF: bool = False
    controleComptes: bool = False
    structures: dict[str, Structure] = Field(default_factory=dict)
    comptes: list[Compte] = Field(default_factory=list)
    tiers: dict[str, Tiers] = Field(default_factory=dict)
    nomenclatures: dict[str, dict[str, Document]] = Field(default_factory=dict)
    marches: dict[str, Marche] = Field(default_factory=dict)
    commandes: list[Document] = Field(default_factory=list)
    receptions: list[Document] = Field(default_factory=list)
    mandats: list[Document] = Field(default_factory=list)
    effets: dict[str, list[int]] = Field(
        default_factory=dict, description="lines of each message in force, one entry per time it took effect"
    )
    comptesRendus: dict[str, Document] = Field(default_factory=dict, description="last answer by message")
    attente: list[Held] = Field(default_factory=list, description="messages that wait for a supplier, in order")
    cles: dict[str, str] = Field(default_factory=dict, description="sha256 of the body by idempotency key")
    aEmettre: dict[str, Due] = Field(default_factory=dict, description="what the hub fetches, by id of exchange")
    aDeposer: dict[str, Due] = Field(default_factory=dict, description="what is put as files, in order")
    flux: dict[str, FluxEmis] = Field(default_factory=dict)
    emis: dict[str, list[str]] = Field(default_factory=dict, description="sha256 of the lines said, by type of flux")
    numeros: dict[str, int] = Field(default_factory=dict, description="last number given, by kind of thing numbered")

    def next_number(self, kind: str) -> int:
        """The next number of a kind of thing ("compteRendu", "flux", "tiers"…), from 1."""
        number = self.numeros.get(kind, 0) + 1
        self.numeros[kind] = number
        return number

    def supplier(self, identifier: str) -> Tiers | None:
        """The active supplier of this identifier."""
        found = self.tiers.get(identifier)
        return found if found is not None and found.actif else None

    def knows_unit(self, code: str) -> bool:
        """Whether an active UF has this code, or UF are not controlled."""
        found = self.structures.get(code)
        return not self.controleUF or (found is not None and found.actif)

    def knows_account(self, number: str) -> bool:
        """Whether the account is open in some year and budget, or accounts are not controlled."""
        return not self.controleComptes or any(one.ouvert and one.compte == number for one in self.comptes)

    def knows_hospital(self, finess: str) -> bool:
        """Whether this GEF serves the établissement."""
        return self.etablissements is None or finess in self.etablissements
