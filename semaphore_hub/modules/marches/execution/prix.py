"""Revision of the price: the amount in force times a coefficient, rounded to the cent, with its arithmetic shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import CENT, from_cents
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.moments import execution_problems
from semaphore_hub.modules.marches.execution.schemas import NouvelleRevision
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.modules.marches.vie import Revision, ValeurIndice
from semaphore_hub.modules.referentiel.codes import TypePrix

_LEAST, _MOST = Decimal(1), Decimal("999999999999.99")
_VARIABLE = {TypePrix.ACTUALISABLE, TypePrix.REVISABLE}


def revised(whole: Whole, new: NouvelleRevision) -> tuple[Whole, Revision | None, list[Problem]]:
    """The marché with its price revised, the revision, and every rule it breaks.

    The base is the amount HT in force (initial, then amended), not the last revised one: a formula gives each
    coefficient from the month the price was set (hypothèse). Rounding is half up, to the cent.
    """
    problems = _clause_problems(whole, new)
    if (new.coefficient is None) == (new.montantActualise is None):
        problems.append(rules.REVISION_VALEUR.broken("$.coefficient"))
        return whole, None, problems
    base = from_cents(whole.row["montant_cents"])
    tax = new.montantTVAActualise
    if new.coefficient is None:
        assert new.montantActualise is not None
        amount, words = new.montantActualise, f"{new.montantActualise:.2f} donné, base {base}"
    else:
        amount = (base * new.coefficient).quantize(CENT, ROUND_HALF_UP)
        words = f"{base} × {new.coefficient:f} = {amount} (arrondi au centime)"
        if tax is None and whole.description.complements.montantTVA is not None:
            tax = (whole.description.complements.montantTVA * new.coefficient).quantize(CENT, ROUND_HALF_UP)
    if not _LEAST <= amount <= _MOST or (tax is not None and tax > _MOST):
        problems.append(rules.REVISION_MONTANT.broken("$.coefficient", montant=amount))
        return whole, None, problems
    last = whole.vie.revisions[-1].montantActualise if whole.vie.revisions else base
    if amount == last:
        problems.append(rules.REVISION_VIDE.broken("$", montant=last))
    revision = Revision(
        date=new.date,
        montantActualise=amount,
        montantTVAActualise=tax,
        motif=new.motif,
        base=base,
        coefficient=new.coefficient,
        calcul=words,
        indices=tuple(ValeurIndice.model_validate(one.model_dump()) for one in new.indices),
    )
    vie = whole.vie.model_copy(update={"revisions": (*whole.vie.revisions, revision)})
    return whole.with_vie(vie), revision, problems


def _clause_problems(whole: Whole, new: NouvelleRevision) -> list[Problem]:
    problems = execution_problems(whole, "$.date", new.date)
    kinds, clause = set(whole.description.typesPrix), whole.description.complements.indices
    revisions = whole.vie.revisions
    if not kinds & _VARIABLE and not clause:
        problems.append(rules.REVISION_TYPE.broken("$", types=", ".join(sorted(kinds))))
    if revisions and new.date < revisions[-1].date:
        problems.append(rules.REVISION_ORDRE.broken("$.date", date=new.date, avant=revisions[-1].date))
    if revisions and kinds == {TypePrix.ACTUALISABLE}:
        problems.append(rules.REVISION_UNIQUE.broken("$", date=revisions[0].date))
    return problems
