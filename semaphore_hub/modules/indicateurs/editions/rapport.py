"""The report of a year on one page: key figures, four charts, what they rest on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from semaphore_hub.modules.indicateurs.editions.graphiques import LARGEUR, Graphique, barres
from semaphore_hub.modules.indicateurs.editions.synthese import DECOUPAGES, Synthese
from semaphore_hub.modules.indicateurs.schemas import IndicateurCalcule

MAX_BARRES = 18
"""Bars that fit in a chart of the page; what is left out is said."""

_NIVEAUX = {"region": "région", "ght": "GHT", "etablissement": "établissement"}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def rapport(synthese: Synthese) -> str:
    """The whole HTML page; it fetches nothing and runs no script."""
    charts: list[Graphique | None] = []
    for calcule in synthese.par_niveau:
        if calcule.code == "atteinte-objectif":
            charts.append(_chart(calcule, f"Atteinte de l'objectif par {_NIVEAUX[synthese.niveau]}", Decimal(1)))
    for calcule in synthese.par_decoupage:
        if (calcule.code, calcule.par) in {
            ("gains", "famille"),
            ("gains", "operateur"),
            ("taux-performance", "famille"),
        }:
            charts.append(_chart(calcule, f"{calcule.libelle} par {DECOUPAGES[str(calcule.par)]}"))
    return _ENVIRONMENT.get_template("rapport.html.jinja").render(
        synthese=synthese,
        graphiques=[chart for chart in charts if chart is not None],
        largeur=LARGEUR,
        hypotheses=_assumed(synthese),
    )


_DRAWN = {("gains", "famille"), ("gains", "operateur"), ("taux-performance", "famille")}


def _chart(calcule: IndicateurCalcule, titre: str, cible: Decimal | None = None) -> Graphique | None:
    """A chart, longest bar first; None when there is nothing to draw."""
    # The entity is that of the page: a breakdown is labelled by its value alone.
    known = [
        (one.libelle.rpartition(" · ")[2], Decimal(one.valeur), one.affichage)
        for one in calcule.lignes
        if one.valeur is not None
    ]
    if not known:
        return None
    known.sort(key=lambda line: line[1], reverse=True)
    drawn, target = barres(known[:MAX_BARRES], cible)
    left, unknown = len(known) - len(drawn), len(calcule.lignes) - len(known)
    notes = [f"{left} de plus ne tiennent pas ici" if left else "", f"{unknown} sans valeur" if unknown else ""]
    return Graphique(titre, calcule.total.affichage, drawn, target, " ; ".join(note for note in notes if note))


def _assumed(synthese: Synthese) -> list[str]:
    """Labels of the key figures whose formula is an assumption."""
    return [one.libelle for one in synthese.chiffres if not one.atteste]
