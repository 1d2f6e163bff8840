"""The number of a marché as hospitals write it in their orders and payments: the same number, in four forms.

Sources: DECP (``id``, 16 characters), PES Marché (``IdContrat``, the year then 1 to 10 letters or digits),
PES_ACQUIT (``IdMarche``, IdContrat and sequence), PES dépense (``LiensIdent/IdMarche``, free text of 30 characters,
seen as year, reference and rank of the modification). That a GEF keeps to one of them is a hypothèse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mock_partners.gef.state import Marche

_NOT_ALPHANUMERIC = re.compile("[^A-Za-z0-9]")


def _decp(marche: Marche) -> str:
    return str(marche.etat["numero"])


def _contrat(marche: Marche) -> str:
    given = marche.etat.get("idContrat")
    if given is not None:
        return str(given)
    year, compact = marche.etat["dateNotification"][:4], _NOT_ALPHANUMERIC.sub("", marche.etat["numero"])
    return compact[:14] if compact.startswith(year) and len(compact) > 4 else f"{year}{compact[:10]}"


def _acquit(marche: Marche) -> str:
    return f"{_contrat(marche)}-{len(marche.modifications) + 1:03d}"


def _mandat(marche: Marche) -> str:
    contract = _contrat(marche)
    return f"{contract[:4]}-{contract[4:]}-{marche.modifications[-1] if marche.modifications else 0:02d}"


FORMES: Mapping[str, Callable[[Marche], str]] = {
    "decp": _decp,
    "idContrat": _contrat,
    "acquit": _acquit,
    "mandat": _mandat,
}
"""How to write the number, by name of the form."""
USUAL_FORM = "decp"


def written(marche: Marche, forme: str) -> str:
    """The number of the marché in one of :data:`FORMES`."""
    return FORMES[forme](marche)
