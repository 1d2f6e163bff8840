"""Everything a simulated cooperative keeps. Amounts are texts in euros."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Document = dict[str, Any]
API, FICHIER = "api", "fichier"


class Adhesion(BaseModel):
    """An établissement and a marché (or a lot), where it stands in the workflow.

    Attributes:
        signee: the convention came back signed.
        canal: by which the hub last spoke of it; its states go back that way.
    """

    model_config = ConfigDict(extra="forbid")

    uid: str
    numeroMarche: str
    lot: int | None = None
    siret: str
    nom: str
    finess: str | None = None
    dateEntree: str
    dateFin: str | None = None
    besoinTTC: str
    statut: str = "demande"
    signee: bool = False
    etablissementFacture: str | None = None
    redevanceTTC: str | None = None
    motif: str | None = None
    canal: str = API


class Due(BaseModel):
    """A document to be read or put from an instant on."""

    model_config = ConfigDict(extra="forbid")

    nature: str
    du: str
    canal: str
    document: Document
    lu: bool = False


class State(BaseModel):
    """The business state.

    Attributes:
        marches, produits: the catalogue.
        adherents: SIRET of the établissements that belong to the cooperative; ``None``: any.
        adhesions: by uid.
        publies: last line said of each product, by its key; a withdrawn one is no more in it.
        acquittements: by message id: a message said again gets the same answer.
        cles: SHA-256 of the body that used each idempotency key.
        numeros: last number given, by series.
        aEmettre: what the API gives; aDeposer: what goes as files.
        canal: by which the hub last spoke.
        finess: whose files are exchanged.
    """

    model_config = ConfigDict(extra="forbid")

    marches: list[Document] = Field(default_factory=list)
    produits: list[Document] = Field(default_factory=list)
    adherents: list[str] | None = None
    adhesions: dict[str, Adhesion] = Field(default_factory=dict)
    publies: dict[str, Document] = Field(default_factory=dict)
    acquittements: dict[str, Document] = Field(default_factory=dict)
    cles: dict[str, str] = Field(default_factory=dict)
    numeros: dict[str, int] = Field(default_factory=dict)
    aEmettre: dict[str, Due] = Field(default_factory=dict)
    aDeposer: dict[str, Due] = Field(default_factory=dict)
    canal: str | None = None
    finess: str

    def next_number(self, series: str) -> int:
        """1, 2, 3… in a series."""
        self.numeros[series] = self.numeros.get(series, 0) + 1
        return self.numeros[series]

    def marche(self, numero: str) -> Document | None:
        """The marché of that number."""
        return next((one for one in self.marches if one["numero"] == numero), None)

    def active(self, marche: Document, lot: Document) -> list[Adhesion]:
        """Adhesions whose établissements order on a lot, by SIRET."""
        found = [
            one
            for one in self.adhesions.values()
            if one.statut == "active" and one.numeroMarche == marche["numero"] and one.lot in (None, lot["numero"])
        ]
        return sorted(found, key=lambda one: one.siret)
