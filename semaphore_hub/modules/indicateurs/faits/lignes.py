"""What the modules measure, as rows of the facts. Pure functions of the measure and of where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from semaphore_hub.modules.indicateurs.faits.situation import Situation
from semaphore_hub.modules.referentiel.familles import famille_du_compte, famille_du_cpv
from semaphore_hub.ports.mesures import ActionMesuree, DepenseMesuree, MarcheMesure, ProjetMesure

HUB = "hub"
"""``source`` of the facts that the hub reads again by itself."""
PME = "PME"


def ligne_action(action: ActionMesuree, sujet: str, situation: Situation) -> dict[str, Any]:
    """A line of a plan; its role, when the plan does not say it, is that of 1 January (hypothèse)."""
    role = action.role
    if role is None and action.etablissement_siret is not None:
        member = situation.le(action.etablissement_siret, date(action.annee, 1, 1))
        role = member.role if member is not None and member.ght == action.ght else None
    return {
        **asdict(action),
        "source": HUB,
        "sujet": sujet,
        "region": situation.region(action.ght),
        "role": role,
    }


def ligne_depense(depense: DepenseMesuree, situation: Situation) -> dict[str, Any]:
    """A line of mandat: GHT and role of its day; family of the CPV of its marché, else of its account (hypothèse)."""
    values = asdict(depense)
    cpv = values.pop("code_cpv")
    member = situation.le(depense.etablissement_siret, depense.date)
    ght = depense.ght if member is None else member.ght
    if cpv is not None:
        famille: str | None = famille_du_cpv(cpv)
    else:
        famille = None if depense.compte is None else famille_du_compte(depense.compte)
    return {
        **values,
        "source": HUB,
        "region": situation.region(ght),
        "ght": ght,
        "role": None if member is None else member.role,
        "famille": famille,
    }


def ligne_marche(marche: MarcheMesure, situation: Situation, categories: Mapping[str, str]) -> dict[str, Any]:
    """A marché, in the GHT it was recorded for; ``pme`` is that of its first holder, None when nobody says it.

    Args:
        marche: the measure.
        situation: regions.
        categories: size of companies by SIREN.
    """
    values = asdict(marche)
    values.pop("sirens")
    cpv = values.pop("code_cpv")
    categorie = categories.get(premier_siren(marche))
    return {
        **values,
        "annee": None if marche.date_notification is None else marche.date_notification.year,
        "region": situation.region(marche.ght),
        "famille": famille_du_cpv(cpv),
        "pme": None if categorie is None else categorie == PME,
    }


def premier_siren(marche: MarcheMesure) -> str:
    """SIREN of the first holder, "" when it has none."""
    return marche.sirens[0] if marche.sirens else ""


def ligne_projet(projet: ProjetMesure, situation: Situation) -> dict[str, Any]:
    """A purchase project."""
    return {**asdict(projet), "region": situation.region(projet.ght)}
