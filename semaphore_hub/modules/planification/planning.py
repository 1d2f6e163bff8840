"""The plan and the procedure of a project, as they are computed now: joins what is read with the pure computations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from semaphore_hub.modules.planification import procedure
from semaphore_hub.modules.planification.categorie import Categories
from semaphore_hub.modules.planification.codes import FILIERES, Filiere
from semaphore_hub.modules.planification.delais import Delais, en_vigueur
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.retroplanning import Plan, retroplanning
from semaphore_hub.modules.planification.schemas import ProcedureVue
from semaphore_hub.modules.referentiel.seuils import SeuilInconnu

_SEVERITE = (Filiere.ADHESION, Filiere.DISPENSE, Filiere.ADAPTEE, Filiere.FORMALISEE)


@dataclass(frozen=True, slots=True)
class Prevision:
    """A plan, and the day whose thresholds are not known, if any."""

    plan: Plan
    seuils_inconnus: date | None = None


def plan_pour(debut: date, delais: Mapping[Filiere, Delais], procedure_le: Callable[[date], str]) -> Prevision:
    """The plan of a marché that must begin on ``debut``, whose procedure depends on the day of its launch.

    The procedure is asked for the launch that the longest lead times give, then again for the launch that follows from
    it; the stricter one is planned. Where a threshold is not known, the longest lead times are.

    Args:
        debut: first day of the marché.
        delais: lead times in force.
        procedure_le: the procedure by day of launch; may raise SeuilInconnu.
    """
    longest = retroplanning(debut, Filiere.FORMALISEE, delais[Filiere.FORMALISEE].jours)
    plan = longest
    try:
        first = FILIERES[procedure_le(plan.publication)]
        plan = retroplanning(debut, first, delais[first].jours)
        second = FILIERES[procedure_le(plan.publication)]
    except SeuilInconnu:
        return Prevision(longest, plan.publication)
    if _SEVERITE.index(second) > _SEVERITE.index(first):
        plan = retroplanning(debut, second, delais[second].jours)
    return Prevision(plan)


class Calculs:
    """Computations on projects, with what they read kept for the time of one request.

    Args:
        connection: where to read.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._categories = Categories(connection)

    @cached_property
    def delais(self) -> dict[Filiere, Delais]:
        """Lead times in force."""
        return en_vigueur(self._connection)

    def procedure(self, projet: Projet, jour: date, besoins: Collection[str] | None = None) -> ProcedureVue:
        """The procedure of a project launched on ``jour``.

        Args:
            projet: the project, perhaps not recorded yet.
            jour: launch of the consultation.
            besoins: uids of the needs it takes; None for those recorded.

        Raises:
            SeuilInconnu: no threshold is recorded for that day.
        """
        need = self._categories.besoin(projet, jour.year, besoins)
        if projet.par_adhesion:
            return procedure.par_adhesion(need, projet.row["strategie"], jour)
        return procedure.calculer(need, jour)

    def prevision(self, projet: Projet, besoins: Collection[str] | None = None) -> Prevision:
        """The plan of a project: that of the procedure retained, else of the one it calls for."""
        debut = projet.row["date_debut_prevue"]
        if projet.par_adhesion:
            return Prevision(self.plan(debut, Filiere.ADHESION))
        if projet.row["procedure"] is not None:
            return Prevision(self.plan(debut, FILIERES[projet.row["procedure"]]))
        return plan_pour(debut, self.delais, lambda jour: self.procedure(projet, jour, besoins).procedure)

    def plan(self, debut: date, filiere: Filiere) -> Plan:
        """The plan of a kind of procedure."""
        return retroplanning(debut, filiere, self.delais[filiere].jours)
