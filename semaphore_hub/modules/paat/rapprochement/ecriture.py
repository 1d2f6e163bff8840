"""The reconciliation as a workbook: every line, the totals, how figures were matched. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.paat.rapprochement.calcul import METHODE, total, totaliser
from semaphore_hub.modules.paat.rapprochement.schemas import LigneRapprochement, TotalRapprochement
from semaphore_hub.modules.paat.trame.styles import Classeur, Page
from semaphore_hub.modules.referentiel.familles import Familles

_TITRES = (
    ("GHT", 12),
    ("Opérateur", 14),
    ("N° marché", 18),
    ("Famille", 40),
    ("Rapprochement", 18),
    ("Actions du GHT", 10),
    ("Gains de l'opérateur", 10),
    ("Gain GHT (€ TTC)", 18),
    ("Gain GHT après contrôles (€ TTC)", 18),
    ("Gain opérateur (€ TTC)", 18),
    ("Écart (€ TTC)", 18),
    ("Gain retenu (€ TTC)", 18),
    ("Constat", 80),
)
_STYLES = ("texte",) * 5 + ("entier",) * 2 + ("montant",) * 5 + ("long",)
_SORTES = {
    "marche": "Même marché",
    "famille": "Même famille",
    "ght_seul": "GHT seul",
    "operateur_seul": "Opérateur seul",
}
_TOTAUX = (
    "Lignes",
    "Gains GHT (€ TTC)",
    "Gains opérateurs (€ TTC)",
    "Gains retenus (€ TTC)",
    "Non déclarés par le GHT (€ TTC)",
    "Non déclarés par l'opérateur (€ TTC)",
)
_ENTETE = 3


def ecrire_classeur(annee: int, lignes: Sequence[LigneRapprochement], familles: Familles, cree: datetime) -> bytes:
    """The workbook of a year."""
    title = f"Rapprochement des gains {annee} : GHT et opérateurs"
    workbook = Classeur(title, cree)
    page = workbook.page("Rapprochement")
    page.ecrire(0, 0, title, "titre")
    page.ecrire(1, 0, METHODE, "note")
    page.largeurs(*(width for _, width in _TITRES))
    page.rangee(_ENTETE, [name for name, _ in _TITRES], ("entete",) * len(_TITRES))
    for row, one in enumerate(lignes, _ENTETE + 1):
        label = None if one.famille is None else familles.libelles.get(one.famille, one.famille)
        values = (
            one.ght, one.operateur.libelle, one.numeroMarche, label, _SORTES[one.rapprochement], one.actionsGht,
            one.gainsOperateur, one.gainGht, one.gainGhtControle, one.gainOperateur, one.ecart, one.gainRetenu,
            one.constat,
        )  # fmt: skip
        page.rangee(row, values, _STYLES)
    page.entete(_ENTETE, len(_TITRES), derniere=_ENTETE + len(lignes), figees=2)
    sums = workbook.page("Totaux")
    sums.ecrire(0, 0, title, "titre")
    sums.largeurs(30, 10, 22, 22, 22, 24, 24)
    labels = {one.value: one.libelle for one in Operateur}
    by_operator = [
        one.model_copy(update={"cle": labels[one.cle]}) for one in totaliser(lignes, lambda one: one.operateur.value)
    ]
    row = _tableau(sums, 2, "Par opérateur", by_operator, total("Total", lignes))
    _tableau(sums, row, "Par GHT", totaliser(lignes, lambda one: one.ght), total("Total", lignes))
    return workbook.fermer()


def _tableau(
    page: Page, row: int, titre: str, totaux: Sequence[TotalRapprochement], ensemble: TotalRapprochement
) -> int:
    page.rangee(row, (titre, *_TOTAUX), ("entete",) * 7)
    for one in (*totaux, ensemble):
        row += 1
        styles = (
            ("total", "total", *("total_montant",) * 5) if one is ensemble else ("texte", "entier", *("montant",) * 5)
        )
        values = (
            one.cle, one.lignes, one.gainGht, one.gainOperateur, one.gainRetenu, one.nonDeclareGht,
            one.nonDeclareOperateur,
        )  # fmt: skip
        page.rangee(row, values, styles)
    return row + 3
