"""Puts together what is said of a trame: counts, findings in order, one entry for each line. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.paat.schemas import ActionVue
from semaphore_hub.modules.paat.trame.colonnes import COLONNES
from semaphore_hub.modules.paat.trame.constats import Constat, bornes, par_regle
from semaphore_hub.modules.paat.trame.interpretation import ActionLue
from semaphore_hub.modules.paat.trame.lecture import TrameLue
from semaphore_hub.modules.paat.trame.schemas import MAX_LIGNES_RAPPORT, LigneRapport, RapportTrame


class TrameRefusee(RuleBroken):
    """A trame with one error at least; ``rapport`` has the warnings as well."""

    def __init__(self, rapport: RapportTrame) -> None:
        self.rapport = rapport
        wrong = [one for one in rapport.constats if one.gravite == "erreur"]
        told = f"La trame est refusée, rien n'est enregistré : {rapport.erreurs} erreur(s)"
        if rapport.erreurs > len(wrong):
            told += f", les {len(wrong)} premières sont données"
        super().__init__(f"{told}. simulation=true donne aussi les avertissements.", [one.probleme() for one in wrong])


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan a trame is sent to; without a uid it is yet to be opened."""

    uid: str | None
    ght: str
    annee: int


def dresser(
    plan: Plan,
    trame: TrameLue,
    actions: Sequence[ActionLue],
    vues: Mapping[str, ActionVue],
    connues: Mapping[str, object],
    constats: Sequence[Constat],
    *,
    version: int | None,
    simulation: bool,
) -> RapportTrame:
    """The report of a trame.

    Args:
        vues: the actions once recorded, by number; empty when they could not be.
        connues: actions that the plan had before, by number.
        version: of the plan after the import.
    """
    wrong = {one.ligne for one in constats if one.gravite == "erreur" and one.ligne is not None}
    lines = [_ligne(one, vues.get(one.numero), one.numero in connues, wrong) for one in actions]
    fates = Counter(line.sort for line in lines)
    given, left = bornes(constats)
    errors = sum(1 for one in constats if one.gravite == "erreur")
    return RapportTrame(
        paat=plan.uid,
        ght=plan.ght,
        annee=plan.annee,
        version=version,
        simulation=simulation,
        acceptee=not errors,
        feuille=trame.entete.feuille,
        ligneIntitules=trame.entete.rang + 1,
        colonnes=tuple(one.titre for one in COLONNES if one.col in trame.entete.places),
        lues=len(lines),
        creees=fates["creee"],
        modifiees=fates["modifiee"],
        inchangees=fates["inchangee"],
        exclues=sum(1 for line in lines if line.exclue),
        erreurs=errors,
        avertissements=len(constats) - errors,
        parRegle=par_regle(constats),
        constats=given,
        constatsOmis=left,
        lignes=tuple(lines[:MAX_LIGNES_RAPPORT]),
        lignesOmises=max(0, len(lines) - MAX_LIGNES_RAPPORT),
    )


def _ligne(action: ActionLue, vue: ActionVue | None, connue: bool, fautives: set[int]) -> LigneRapport:
    line = action.ligne.rang + 1
    sort: Literal["creee", "modifiee", "inchangee", "refusee"]
    if action.entree is None or line in fautives:
        sort = "refusee"
    elif action.inchangee:
        sort = "inchangee"
    else:
        sort = "modifiee" if connue else "creee"
    return LigneRapport(
        ligne=line,
        numero=action.numero,
        libelle=None if action.entree is None else action.entree.libelle,
        sort=sort,
        gain=action.gain,
        performance=vue and vue.performance,
        controle=vue and vue.controle,
        commentaireDGOS=vue and vue.commentaireDGOS,
        exclue=vue and vue.exclue,
        gainRetenu=vue and vue.gainRetenu,
    )
