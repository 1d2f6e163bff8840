"""What is kept of a projet beside its columns: what was foreseen, then the steps of its procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.referentiel.codes import Nature, Procedure
from semaphore_hub.ports.payloads import Lot, ProjetPayload

TypeAchat = Literal["travaux", "fournitures", "services"]


class Donnees(BaseModel):
    """The document of a projet; dates are absent until their step is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beneficiaires: tuple[str, ...]
    dureeMois: int
    nature: Nature
    typeAchat: TypeAchat
    procedure: Procedure
    intituleLot: str | None = None
    dateLancementPrevue: date | None = None
    dateNotificationPrevue: date | None = None
    dateLancement: date | None = None
    dateLimiteOffres: date | None = None
    dateOuverture: date | None = None
    offresRecues: int | None = None
    dateAttribution: date | None = None
    dateInformationEvinces: date | None = None
    dateFin: date | None = None
    motif: str | None = None

    def stored(self) -> dict[str, Any]:
        """As it is kept; what is empty is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def last_step(self) -> tuple[str, date] | None:
        """The last step reached, in French, and its day; ``None`` before the launch."""
        if self.dateOuverture is not None:
            return "l'ouverture des offres", self.dateOuverture
        return None if self.dateLancement is None else ("le lancement", self.dateLancement)


@dataclass(frozen=True, slots=True)
class Projet:
    """A projet: its columns and its document."""

    row: Mapping[Any, Any]
    donnees: Donnees

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Projet:
        """From a row of ``marche_projet``."""
        return cls(row, Donnees.model_validate(row["donnees"]))

    def changed(self, donnees: Donnees, columns: Mapping[str, Any]) -> Projet:
        """The same projet with another document and other columns."""
        return replace(self, row={**self.row, **columns}, donnees=donnees)

    def lot(self) -> Lot | None:
        """The lot it answers, once its consultation has a reference."""
        row, title = self.row, self.donnees.intituleLot
        if row["consultation"] is None or row["numero_lot"] is None or title is None:
            return None
        return Lot(consultation=row["consultation"], numero=row["numero_lot"], intitule=title)

    def payload(self) -> ProjetPayload:
        """As events say it."""
        row = self.row
        return ProjetPayload(
            uid=row["uid"],
            id=row["id"],
            acheteur=row["acheteur_siret"],
            objet=row["objet"],
            statut=row["statut"],
            lot=self.lot(),
            montantEstime=from_cents(row["montant_estime_cents"]),
            motif=self.donnees.motif,
            consultation=row["consultation"],
            codeCPV=row["code_cpv"],
            procedure=self.donnees.procedure,
            dureeMois=self.donnees.dureeMois,
            dateLancement=self.donnees.dateLancement,
            dateLimiteOffres=self.donnees.dateLimiteOffres,
            dateOuverture=self.donnees.dateOuverture,
            offresRecues=self.donnees.offresRecues,
        )
