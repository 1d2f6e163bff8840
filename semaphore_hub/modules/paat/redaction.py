"""From an action as received to its row: what it derives, what it breaks. One pass, no statement."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.paat import rules
from semaphore_hub.modules.paat.bornes import famille_inconnue
from semaphore_hub.modules.paat.calculs import calculer, problemes
from semaphore_hub.modules.paat.codes import Methode, Origine
from semaphore_hub.modules.paat.contexte import Contexte
from semaphore_hub.modules.paat.gains import mois_d_effet, prorata
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.recontrole import colonnes_de_controle
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit

_PLAFOND = Decimal(10) ** 12
"""Gains are below it, as every amount of the API (euros)."""


@dataclass(frozen=True, slots=True)
class Redigee:
    """The columns of an action, and the rules it breaks (then the columns are not to be written)."""

    valeurs: dict[str, Any]
    problemes: list[Problem]


def rediger(contexte: Contexte, action: ActionEntree, path: str, origine: Origine) -> Redigee:
    """The columns of an action of a plan.

    Args:
        path: where the action is in the request: "$", or "$.actions[3]".
        origine: how it comes; an action that exists keeps the origin it has.
    """
    problems: list[Problem] = []
    existing = contexte.existantes.get(action.numero)
    if origine is Origine.REPORT and existing is not None and existing["origine"] != Origine.REPORT:
        problems.append(rules.REPORT.broken(f"{path}.numero", numero=action.numero))
    code = _famille(contexte, action, path, problems)
    role = _role(contexte, action, path, problems)
    months = _mois(contexte, action, path, problems)
    kept = existing if origine is Origine.TRAME else None
    methode, gain = _gain(action, path, kept, problems)
    parent = action.actionOrigine
    if parent is not None and parent not in contexte.origines:
        told = {"uid": parent, "annee": contexte.annee, "ght": contexte.ght}
        problems.append(rules.ORIGINE.broken(f"{path}.actionOrigine", **told))
    share = None if gain is None or months is None else prorata(gain, months)
    values: dict[str, Any] = {
        "libelle": action.libelle,
        "statut": action.statut.value,
        "stade": action.stade.value,
        "famille": code,
        "famille_ecrite": action.famille,
        "domaine": action.domaine,
        "categorie": action.categorie,
        "segment": action.segment,
        "levier": _code(action.levier),
        "operateur": action.operateur.value,
        "etablissement_siret": action.etablissement,
        "role": role,
        "numero_marche": action.numeroMarche,
        "methode": methode.value,
        "section": action.section.value,
        "effet_budgetaire": _code(action.effetBudgetaire),
        "montant_reference_cents": _cents(action.montantReference),
        "perimetre_cents": _cents(action.perimetre),
        "gain_cents": _cents(gain),
        "date_effet": action.dateEffet,
        "mois_effet": months,
        "gain_annee_cents": None if share is None else to_cents(share.annee),
        "report_cents": None if share is None else to_cents(share.report),
        "calcul_gains": action.calculGains,
        "detail": _detail(action, methode, gain, kept),
        "acheteur": action.acheteur,
        "commentaire": action.commentaire,
        "explication": action.explication,
        "action_origine_uid": parent if parent is not None or kept is None else kept["action_origine_uid"],
    }
    return Redigee(values | colonnes_de_controle(values, contexte.bornes.de(code)), problems)


def _famille(contexte: Contexte, action: ActionEntree, path: str, problems: list[Problem]) -> str | None:
    if action.famille is None:
        return None
    code = contexte.familles.trouver(action.famille)
    if code is None:
        problems.append(famille_inconnue(f"{path}.famille", action.famille, contexte.familles.libelles))
    return code


def _role(contexte: Contexte, action: ActionEntree, path: str, problems: list[Problem]) -> str | None:
    siret = action.etablissement
    if siret is None:
        return None
    role = contexte.roles.get(siret)
    if role is None:
        told = {"siret": siret, "ght": contexte.ght, "annee": contexte.annee}
        problems.append(rules.ETABLISSEMENT.broken(f"{path}.etablissement", **told))
    return role


def _mois(contexte: Contexte, action: ActionEntree, path: str, problems: list[Problem]) -> int | None:
    if action.dateEffet is None:
        return action.moisEffet
    expected = mois_d_effet(action.dateEffet, contexte.annee)
    if action.moisEffet not in (None, expected):
        told = {"mois": action.moisEffet, "attendu": expected, "annee": contexte.annee}
        problems.append(rules.EFFET.broken(f"{path}.moisEffet", date=jour_ecrit(action.dateEffet), **told))
    return expected


def _gain(action: ActionEntree, path: str, kept: Row | None, problems: list[Problem]) -> tuple[Methode, Decimal | None]:
    calcul = action.calcul
    if calcul is None:
        former = None if kept is None else Methode(kept["methode"])
        return action.methode or former or Methode.MONTANT, action.gain
    methode = Methode(calcul.methode)
    if action.methode not in (None, methode):
        problems.append(rules.METHODE.broken(f"{path}.methode", methode=action.methode, calcul=methode))
    if found := problemes(calcul, action.section, f"{path}.calcul"):
        problems.extend(found)
        return methode, action.gain
    gain = calculer(calcul).montant
    if abs(gain) >= _PLAFOND:
        problems.append(rules.GAIN_TAILLE.broken(f"{path}.calcul"))
    elif action.gain is not None and action.gain != gain:
        problems.append(rules.GAIN.broken(f"{path}.gain", gain=euros(action.gain), calcule=euros(gain)))
    return methode, gain


def _detail(action: ActionEntree, methode: Methode, gain: Decimal | None, kept: Row | None) -> dict[str, Any] | None:
    """The figures of the computation; a trame has none, so those known stay while method and gain do."""
    if action.calcul is not None:
        return action.calcul.model_dump(mode="json", exclude_none=True)
    same = kept is not None and kept["methode"] == methode and kept["gain_cents"] == _cents(gain)
    detail: dict[str, Any] | None = kept["detail"] if kept is not None and same else None
    return detail


def _code(value: Any) -> str | None:
    return None if value is None else str(value.value)


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else to_cents(amount)
