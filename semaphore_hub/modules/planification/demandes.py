"""The procedure of a need given in a request, without any project; a pure function."""

from __future__ import annotations

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.donnees import Lot
from semaphore_hub.modules.planification.procedure import Besoin, calculer, valeur_recurrente
from semaphore_hub.modules.planification.schemas import DemandeProcedure, ElementCalcul, ProcedureVue
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.rules import refuse

_ANNEE = 12


def calculer_demande(demande: DemandeProcedure) -> ProcedureVue:
    """The procedure of a need of which only the request knows: nothing of a GHT is summed with it.

    Raises:
        RuleBroken: the value is given twice or not at all, a lot is given twice; no threshold is recorded for that day.
    """
    refuse(_problems(demande))
    lots = tuple(Lot(one.numero, one.intitule, one.montantEstime, one.deroge) for one in demande.lots)
    elements: tuple[ElementCalcul, ...]
    if demande.montantAnnuel is not None:
        months = demande.dureeMois or _ANNEE
        value = valeur_recurrente(demande.montantAnnuel, months)
        counted = max(_ANNEE, months)
        words = f"besoin récurrent : {euros(demande.montantAnnuel)} × {counted}/12 = {euros(value)}"
        elements = (_element("projet", "Besoin récurrent", value, words),)
    elif demande.montant is not None:
        elements = (_element("projet", "Besoin", demande.montant, None),)
    else:
        elements = tuple(_element("lot", f"Lot {one.numero} : {one.intitule}", one.montant, None) for one in lots)
    need = Besoin(demande.typeAchat, demande.dateLancement.year, elements, lots)
    return calculer(need, demande.dateLancement)


def _element(nature: str, libelle: str, montant: object, precision: str | None) -> ElementCalcul:
    return ElementCalcul.model_validate(
        {
            "nature": nature,
            "uid": None,
            "libelle": libelle,
            "etablissement": None,
            "montant": montant,
            "precision": precision,
        }
    )


def _problems(demande: DemandeProcedure) -> list[Problem]:
    given = {
        "montant": demande.montant is not None,
        "montantAnnuel": demande.montantAnnuel is not None,
        "lots": bool(demande.lots),
    }
    names = [name for name, present in given.items() if present]
    found: list[Problem] = []
    if not names:
        found.append(rules.MONTANT_DOUBLE.broken("$", trouve="rien n'est donné"))
    seen: set[int] = set()
    for rank, lot in enumerate(demande.lots):
        if lot.numero in seen:
            found.append(rules.LOT_DOUBLE.broken(f"$.lots[{rank}].numero", numero=lot.numero))
        seen.add(lot.numero)
    total = sum(lot.montantEstime for lot in demande.lots)
    if demande.montant is not None and demande.lots and total != demande.montant:
        said = {"somme": euros(total or demande.montant * 0), "montant": euros(demande.montant)}
        found.append(rules.LOTS_SOMME.broken("$.lots", **said))
    if demande.montantAnnuel is not None and len(names) > 1:
        found.append(rules.MONTANT_DOUBLE.broken("$.montantAnnuel", trouve=", ".join(names)))
    return found
