"""From the figures of an action, as received, to its gain and to the rules those figures break."""

from __future__ import annotations

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.paat import gains, rules
from semaphore_hub.modules.paat.calcul_schemas import Calcul, CalculPonctuel, CalculRecurrent
from semaphore_hub.modules.paat.codes import Section
from semaphore_hub.modules.referentiel.ecriture import euros


def calculer(calcul: Calcul) -> gains.Gain:
    """The gain of a computation that breaks no rule of :func:`problemes`, without the penalties it holds."""
    found = _brut(calcul)
    return gains.sans_penalites(found, calcul.penalites) if calcul.penalites else found


def _brut(calcul: Calcul) -> gains.Gain:
    if isinstance(calcul, CalculRecurrent):
        moved = calcul.indexation
        indices = None if moved is None else (moved.indiceReference, moved.indiceNouveau)
        return gains.recurrent(calcul.prixReference, calcul.prixNouveau, calcul.quantiteAnnuelle, indices=indices)
    if isinstance(calcul, CalculPonctuel):
        if calcul.dureeLocationAnnees is not None:
            return gains.location(calcul.prixRetenu, calcul.offresRecevables, calcul.dureeLocationAnnees)
        return gains.ponctuel(calcul.prixRetenu, calcul.offresRecevables, calcul.estimation)
    return gains.cout_complet([(poste.libelle, poste.reference, poste.nouveau) for poste in calcul.postes])


def demontrer(calcul: Calcul) -> tuple[str, ...]:
    """The arithmetic of a computation, in French; price and volume effects when both quantities are known."""
    told = calculer(calcul).arithmetique
    if not isinstance(calcul, CalculRecurrent) or calcul.quantiteReference is None:
        return told
    effects = gains.effets(calcul.prixReference, calcul.quantiteReference, calcul.prixNouveau, calcul.quantiteAnnuelle)
    total = f"Effet prix + effet volume = variation de la dépense = {euros(gains.arrondi(effects.total))}"
    return (*told, *effects.arithmetique, total)


def problemes(calcul: Calcul, section: Section, path: str) -> list[Problem]:
    """What forbids to compute.

    Args:
        path: where the computation is in the request.
    """
    if isinstance(calcul, CalculRecurrent):
        return [rules.PERIMETRE_NOUVEAU.broken(f"{path}.nouveauPerimetre")] if calcul.nouveauPerimetre else []
    if not isinstance(calcul, CalculPonctuel):
        return []
    if calcul.dureeLocationAnnees is None:
        one_base = bool(calcul.offresRecevables) != (calcul.estimation is not None)
        return [] if one_base else [rules.BASE.broken(f"{path}.offresRecevables")]
    found: list[Problem] = []
    if not calcul.offresRecevables:
        found.append(rules.LOCATION.broken(f"{path}.offresRecevables", defaut="donnez les offres recevables"))
    if calcul.estimation is not None:
        found.append(rules.LOCATION.broken(f"{path}.estimation", defaut="retirez l'estimation"))
    if section is not Section.EXPLOITATION:
        place = f"{path.removesuffix('.calcul')}.section"
        found.append(rules.LOCATION.broken(place, defaut="mettez l'action en exploitation"))
    return found
