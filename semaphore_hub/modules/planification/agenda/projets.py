"""A project as the calendar and the workload see it: its milestones, in their order, with their dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from semaphore_hub.modules.planification.codes import VIVANTS, CodeJalon, Filiere, Statut

LIBELLES: Mapping[CodeJalon, str] = {
    CodeJalon.RECENSEMENT: "Début du recensement",
    CodeJalon.STRATEGIE: "Validation de la stratégie",
    CodeJalon.DCE: "Début de rédaction du DCE",
    CodeJalon.PUBLICATION: "Publication",
    CodeJalon.REMISE: "Remise des offres",
    CodeJalon.ANALYSE: "Début de l'analyse",
    CodeJalon.ATTRIBUTION: "Attribution",
    CodeJalon.NOTIFICATION: "Notification",
    CodeJalon.DEBUT: "Début du marché",
}
"""What people call milestones: each is the day the project enters the step."""

STATUTS: Mapping[Statut, str] = {
    Statut.IDENTIFIE: "identifié",
    Statut.RECENSEMENT: "en recensement",
    Statut.STRATEGIE_VALIDEE: "stratégie validée",
    Statut.DCE: "DCE en rédaction",
    Statut.CONSULTATION: "en consultation",
    Statut.ANALYSE: "en analyse",
    Statut.ATTRIBUTION: "attribué",
    Statut.TERMINE: "terminé",
    Statut.ABANDONNE: "abandonné",
    Statut.INFRUCTUEUX: "infructueux",
}
"""What people call statuses."""


@dataclass(frozen=True, slots=True)
class JalonDate:
    """A milestone: when it is foreseen, when it was reached; both may be unknown."""

    code: CodeJalon
    prevu: date | None
    realise: date | None

    @property
    def libelle(self) -> str:
        """What people call it."""
        return LIBELLES[self.code]

    @property
    def jour(self) -> date | None:
        """The day it stands at: the real one when it is known, else the planned one."""
        return self.realise or self.prevu


@dataclass(frozen=True, slots=True)
class ProjetSuivi:
    """A purchase project; ``montant`` is its estimate in euros HT.

    Attributes:
        filiere: the column of the table of workload it follows.
        renouvele: uid of the marché it renews, when the hub has it.
        echeance: last day of that marché.
    """

    uid: str
    version: int
    ght: str
    reference: str
    intitule: str
    statut: Statut
    filiere: Filiere
    strategie: str
    procedure: str | None
    portefeuille: str | None
    montant: Decimal
    renouvele: str | None
    echeance: date | None
    jalons: tuple[JalonDate, ...]

    @property
    def clos(self) -> bool:
        """Nothing is expected of it: finished, given up, or without result as long as it does not start again."""
        return self.statut not in VIVANTS

    @property
    def abandonne(self) -> bool:
        """What was foreseen will not happen."""
        return self.clos and self.statut is not Statut.TERMINE

    def en_retard(self, jalon: JalonDate, jour: date) -> bool:
        """Whether a milestone should have been reached before ``jour`` and was not; a later one reached covers it."""
        if self.clos or jalon.prevu is None or jalon.prevu >= jour:
            return False
        return not any(one.realise is not None for one in self.jalons[self.jalons.index(jalon) :])

    def entre(self, du: date, au: date) -> Iterator[tuple[JalonDate, date]]:
        """Its milestones that stand between two days, both included, with the day."""
        for jalon in self.jalons:
            jour = jalon.jour
            if jour is not None and du <= jour <= au:
                yield jalon, jour
