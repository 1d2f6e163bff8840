"""What an action leaves to the plan of the next year. No database; amounts in cents, TTC.

Performance of N = report of the actions of N-1 + actions of N (DGOS 2022, l. 1216). What is carried over, and how, is a
hypothesis:

- a gain that counts in N leaves its report (prorata temporis): a full year of it, under the method « montant »;
- an action that brought nothing to N (postponed, or without effect in the year) is taken again with its whole gain;
- the rest of a gain that a control excluded in N is not taken: prorated, it could pass under the bound it exceeded.
"""

from __future__ import annotations

from collections.abc import Collection

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.codes import Methode, Origine, StatutAction
from semaphore_hub.modules.paat.gains import MOIS
from semaphore_hub.modules.paat.reading import Row, euros_de
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.paat.validation import rules
from semaphore_hub.modules.referentiel.ecriture import euros

A_MENER = frozenset({StatutAction.IDEE, StatutAction.VALIDEE, StatutAction.EN_COURS, StatutAction.REPORTEE})
"""Statuses of what remains to be done."""
_LONGUEUR = 20


def est_a_reporter(row: Row) -> bool:
    """Whether the action still brings something to the next year, or is still to be done; never when abandoned."""
    if row["statut"] == StatutAction.ABANDONNEE:
        return False
    return bool(row["report_cents"]) or row["statut"] in A_MENER


def ecart_de_report(row: Row, membres: Collection[str]) -> Problem | None:
    """Why the action is not carried over, when it is not.

    Args:
        membres: SIRET of the établissements of the GHT in the next year.
    """
    siret = row["etablissement_siret"]
    if siret is not None and siret not in membres:
        return rules.REPORT_ETABLISSEMENT.broken(
            f"actions.{row['numero']}",
            numero=row["numero"],
            siret=siret,
            ght=row["ght"],
            suivante=row["annee"] + 1,
        )
    if not (row["exclue"] and row["report_cents"] and _compte_dans_l_annee(row)):
        return None
    return rules.REPORT_EXCLUE.broken(
        f"actions.{row['numero']}",
        numero=row["numero"],
        annee=row["annee"],
        controle=row["controle"],
        report=euros(from_cents(row["report_cents"])),
    )


def numero_reporte(row: Row, pris: Collection[str]) -> str:
    """Number in the next plan: ``R26-A-001``; kept when carried over again, so that it names the year it is from.

    Where that is too long for a number, or taken by another action, the end of the action's uid stands for it.
    """
    year = f"R{row['annee'] % 100:02d}-"
    numero: str = row["numero"] if row["origine"] == Origine.REPORT else year + row["numero"]
    return numero if len(numero) <= _LONGUEUR and numero not in pris else year + row["uid"][-12:]


def reprise(row: Row, pris: Collection[str], famille: str | None) -> ActionEntree:
    """The action as the plan of the next year takes it.

    Args:
        row: of the action, as stored.
        pris: numbers of that plan that are taken.
        famille: its family, as the nomenclature of now knows it.
    """
    counted = _compte_dans_l_annee(row)
    gain = row["report_cents"] or 0 if counted else row["gain_cents"]
    statut = StatutAction(row["statut"])
    date_effet = row["date_effet"]
    return ActionEntree(
        numero=numero_reporte(row, pris),
        libelle=row["libelle"],
        statut=StatutAction.VALIDEE if statut is StatutAction.REPORTEE else statut,
        stade=row["stade"],
        famille=famille,
        domaine=row["domaine"],
        categorie=row["categorie"],
        segment=row["segment"],
        levier=row["levier"],
        operateur=row["operateur"],
        etablissement=row["etablissement_siret"],
        numeroMarche=row["numero_marche"],
        methode=Methode.MONTANT,
        section=row["section"],
        effetBudgetaire=row["effet_budgetaire"],
        montantReference=euros_de(row["montant_reference_cents"]),
        perimetre=euros_de(row["perimetre_cents"]),
        gain=euros_de(gain),
        dateEffet=date_effet if date_effet is not None and date_effet.year > row["annee"] else None,
        moisEffet=MOIS if counted else None,
        calculGains=_explained(row, gain) if counted else row["calcul_gains"],
        acheteur=row["acheteur"],
        commentaire=row["commentaire"],
        explication=row["explication"],
        actionOrigine=row["uid"],
    )


def _compte_dans_l_annee(row: Row) -> bool:
    return bool(row["gain_annee_cents"]) and row["statut"] != StatutAction.REPORTEE


def _explained(row: Row, gain: int) -> str:
    whole, year, left = (euros(from_cents(cents or 0)) for cents in (row["gain_cents"], row["gain_annee_cents"], gain))
    annee = row["annee"]
    return f"Report de l'action {row['numero']} de {annee} : {whole} par an, dont {year} en {annee} ; reste {left}."
