"""Optional tranches, confirmed by the buyer (art. R.2113-6 CCP)."""

from __future__ import annotations

from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.modules.marches import structure_rules
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.moments import execution_problems
from semaphore_hub.modules.marches.execution.schemas import Affermissement
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.ports.payloads import Tranche


def confirmed(whole: Whole, numero: int, affermissement: Affermissement) -> tuple[Whole, list[Problem]]:
    """The marché with the tranche confirmed, and what prevents it.

    Raises:
        NotFound: the marché has no such tranche.
    """
    tranche = next((one for one in whole.vie.tranches if one.numero == numero), None)
    if tranche is None:
        raise NotFound(f"Le marché n'a pas de tranche n° {numero}.")
    changes = {"dateAffermissement": affermissement.dateAffermissement}
    changes |= {name: day for name in ("debut", "fin") if (day := getattr(affermissement, name)) is not None}
    after = tranche.model_copy(update=changes)
    tranches = tuple(after if one.numero == numero else one for one in whole.vie.tranches)
    return whole.with_vie(whole.vie.model_copy(update={"tranches": tranches})), _problems(whole, tranche, after)


def _problems(whole: Whole, before: Tranche, after: Tranche) -> list[Problem]:
    day = after.dateAffermissement
    assert day is not None
    problems = execution_problems(whole, "$.dateAffermissement", day)
    if before.type == "ferme":
        problems.append(rules.TRANCHE_OPTIONNELLE.broken("$", numero=before.numero))
    if before.dateAffermissement is not None:
        problems.append(rules.TRANCHE_AFFERMIE.broken("$", numero=before.numero, date=before.dateAffermissement))
    if after.debut is not None and day > after.debut:
        problems.append(rules.TRANCHE_TARDIVE.broken("$.dateAffermissement", numero=before.numero, debut=after.debut))
    if after.debut != before.debut:
        problems += period_problem("$.debut", after.debut)
    if after.fin != before.fin:
        problems += period_problem("$.fin", after.fin)
    if after.debut is not None and after.fin is not None and after.fin < after.debut:
        problems.append(
            structure_rules.TRANCHE_INVERSEE.broken("$.fin", numero=before.numero, debut=after.debut, fin=after.fin)
        )
    return problems
