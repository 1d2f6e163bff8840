"""Every indicator of the hub, in the order of the catalogue, and those of the home page."""

from __future__ import annotations

from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.indicateurs.catalogue_marches import MARCHES
from semaphore_hub.modules.indicateurs.catalogue_paat import PAAT
from semaphore_hub.modules.indicateurs.indicateur import Indicateur

INDICATEURS: tuple[Indicateur, ...] = (*PAAT, *MARCHES)
_BY_CODE = {one.code: one for one in INDICATEURS}

TABLEAU_DE_BORD = (
    "atteinte-objectif",
    "gains",
    "taux-performance",
    "taux-couverture",
    "taux-qualite",
    "considerations-environnementales",
    "considerations-sociales",
    "mutualisation",
    "achats-hors-marche",
    "consommation",
    "echeances-sans-successeur",
    "part-pme",
)
"""Codes of the key figures, in their order."""


def indicateur(code: str) -> Indicateur:
    """One indicator.

    Raises:
        NotFound: no indicator has this code.
    """
    found = _BY_CODE.get(code)
    if found is None:
        raise NotFound(f"L'indicateur {code} n'existe pas : le catalogue est à /v1/indicateurs.")
    return found
