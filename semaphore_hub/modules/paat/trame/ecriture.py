"""Writes a plan as a trame: the DGOS's headings in its order, then ours; values only, never a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from semaphore_hub.modules.paat.codes import SANS_GAIN
from semaphore_hub.modules.paat.gains import pourcent
from semaphore_hub.modules.paat.schemas import ActionVue, Totaux
from semaphore_hub.modules.paat.trame.annexes import ecrire_lisez_moi, ecrire_listes, ecrire_synthese
from semaphore_hub.modules.paat.trame.colonnes import COLONNES, Col, Genre
from semaphore_hub.modules.paat.trame.styles import Cellule, Classeur, Page
from semaphore_hub.modules.referentiel.familles import Familles

FEUILLE = "Trame PAAT"
_ENTETE = 3
"""Row of the headings, from 0: a title, a note and a blank row stand above."""
_A_REMPLIR = 500
"""Rows whose lists are ready in a trame to fill in, below those written."""
_STYLES = {
    Genre.TEXTE: "texte",
    Genre.LISTE: "texte",
    Genre.MONTANT: "montant",
    Genre.PART: "part",
    Genre.JOUR: "jour",
    Genre.ENTIER: "entier",
}
_LONGS = frozenset({Col.CALCUL, Col.COMMENTAIRE, Col.EXPLICATION, Col.COMMENTAIRE_DGOS, Col.LIBELLE})
_PARTS = {Col.PERFORMANCE: "part_entiere", Col.POIDS: "part_fine"}
_CENTIEME = Decimal("0.01")


def ecrire(
    actions: Sequence[ActionVue],
    totaux: Totaux | None,
    familles: Familles,
    *,
    ght: str | None,
    region: str | None,
    annee: int | None,
    cree: datetime,
) -> bytes:
    """The workbook of a plan, or the blank trame when there is no plan.

    Args:
        totaux: of the plan; without them no weight is written and there is no « Synthèse ».
        cree: date written in the properties of the file.
    """
    plan = f"{ght} {annee}" if ght is not None else "à remplir"
    workbook = Classeur(f"Trame PAAT {plan}", cree)
    page = workbook.page(FEUILLE)
    page.ecrire(0, 0, f"Plan d'actions achat du territoire (PAAT) : {plan}", "titre")
    page.ecrire(1, 0, "Montants en euros TTC. Intitulés sombres : attestés ; clairs : facultatifs (hypothèse).", "note")
    for place, one in enumerate(COLONNES):
        page.ecrire(_ENTETE, place, one.titre, "entete" if one.attestee else "entete_option")
    page.largeurs(*(one.largeur for one in COLONNES))
    gains = totaux.gainDeclare if totaux is not None else Decimal(0)
    for index, action in enumerate(actions, _ENTETE + 1):
        values = _valeurs(action, familles, region, gains)
        for place, one in enumerate(COLONNES):
            style = "long" if one.col in _LONGS else _PARTS.get(one.col, _STYLES[one.genre])
            page.ecrire(index, place, values.get(one.col), style)
    last = _ENTETE + len(actions)
    page.entete(_ENTETE, len(COLONNES), derniere=last, figees=1)
    if totaux is not None:
        ecrire_synthese(workbook, actions, totaux, familles, plan)
    ecrire_lisez_moi(workbook, ght is None)
    _listes(page, ecrire_listes(workbook, familles), last + _A_REMPLIR)
    return workbook.fermer()


def _listes(page: Page, sources: dict[Col, str], derniere: int) -> None:
    for place, one in enumerate(COLONNES):
        if one.col in sources:
            page.liste(_ENTETE + 1, derniere, place, sources[one.col])


def _valeurs(action: ActionVue, familles: Familles, region: str | None, gains: Decimal) -> dict[Col, Cellule]:
    performance = None if action.performance is None else action.performance / 100
    weight = None
    # An abandoned or postponed action has no part in the gains of its plan.
    if action.gain is not None and action.statut not in SANS_GAIN and gains > 0:
        share = pourcent(action.gain, gains, _CENTIEME)
        weight = None if share is None else share / 100
    return {
        Col.FAMILLE: action.familleEcrite or familles.libelles.get(action.famille or "", action.famille),
        Col.DOMAINE: action.domaine,
        Col.CATEGORIE: action.categorie,
        Col.REFERENCE: action.montantReference,
        Col.PERFORMANCE_PERIMETRE: performance,
        Col.POIDS: weight,
        Col.EFFET: action.effetBudgetaire and action.effetBudgetaire.libelle,
        Col.CALCUL: action.calculGains,
        Col.GAIN: action.gain,
        Col.PERFORMANCE: performance,
        Col.COMMENTAIRE_DGOS: action.commentaireDGOS,
        Col.ANNEE: action.annee,
        Col.REGION: region,
        Col.GHT: action.ght,
        Col.ETABLISSEMENT: action.etablissement,
        Col.ROLE: action.role,
        Col.NUMERO: action.numero,
        Col.LIBELLE: action.libelle,
        Col.SEGMENT: action.segment,
        Col.LEVIER: action.levier and action.levier.libelle,
        Col.OPERATEUR: action.operateur.libelle,
        Col.MARCHE: action.numeroMarche,
        Col.METHODE: action.methode.libelle,
        Col.SECTION: action.section.libelle,
        Col.DATE_EFFET: action.dateEffet,
        Col.MOIS_EFFET: action.moisEffet,
        Col.PERIMETRE: action.perimetre,
        Col.GAIN_ANNUALISE: action.gain,
        Col.GAIN_ANNEE: action.gainAnnee,
        Col.REPORT: action.report,
        Col.ACHETEUR: action.acheteur,
        Col.STATUT: action.statut.libelle,
        Col.STADE: action.stade.libelle,
        Col.COMMENTAIRE: action.commentaire,
        Col.EXPLICATION: action.explication,
    }
