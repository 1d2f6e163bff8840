"""Addresses of the answers: the next level down of a figure, the origin of a fact."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from sqlalchemy import RowMapping

from semaphore_hub.modules.indicateurs.demande import Demande, Source
from semaphore_hub.modules.indicateurs.indicateur import Filtrage, Indicateur
from semaphore_hub.modules.indicateurs.references import Cle

_RACINE = "/v1/indicateurs"


def du_dessous(indicateur: Indicateur, demande: Demande, cle: Cle, source: Source) -> str | None:
    """Where the figure of a line is broken down: its entities at the next level, at last the facts; None when the
    entity is unknown or known only consolidated, or when there is nothing below."""
    if demande.niveau != "national" and (cle.entite is None or source == "consolidation"):
        return None
    query = {"annee": str(cle.annee)}
    query.update({str(name): value for name, value in demande.filtres().items()})
    level: Filtrage | None = None if demande.niveau == "national" else demande.niveau
    if level is not None and cle.entite is not None:
        query[level] = cle.entite
    par = demande.par
    if par in ("famille", "operateur", "role") and par in indicateur.filtres and isinstance(cle.valeur, str):
        query[par] = cle.valeur
        par = None
    below = indicateur.ligne_du_dessous(demande.niveau)
    if below is None:
        if indicateur.nature == "objectif":
            return None
        return f"{_RACINE}/{indicateur.code}/lignes?{urlencode(query)}"
    query["niveau"] = below
    if demande.niveau == "national" and (source == "consolidation" or demande.source is not None):
        query["source"] = source
    if par is not None:
        query["par"] = par
    return f"{_RACINE}/{indicateur.code}?{urlencode(query)}"


def origine(nature: str, fait: RowMapping) -> str:
    """Where a fact comes from: the line of the plan, the marché, the project, or the file it was imported with."""
    if nature == "projet":
        return f"/v1/planification/projets/{fait['uid']}"
    if nature not in ("action", "depense"):
        return f"/v1/marches/{fait['uid']}"
    if fait["source"] != "hub":
        return f"{_RACINE}/imports/{fait['source']}"
    if nature == "action":
        return f"/v1/{quote(fait['sujet'])}/actions/{fait['uid']}"
    if fait["marche_uid"] is not None:
        return f"/v1/marches/{fait['marche_uid']}"
    return "/v1/marches/mandats-hors-marche"
