"""Controls of actions as stored: at their recording, and again when a bound changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update

from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.modules.paat.bornes import lire_bornes
from semaphore_hub.modules.paat.codes import SANS_GAIN
from semaphore_hub.modules.paat.controle import Ligne, controler
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row

_action = table_of(PaatAction)
_CHANGEES = ("version", "borne_pour_mille", "controle", "commentaire_dgos", "exclue", "gain_retenu_cents")
_RECONTROLER = (
    update(_action).where(_action.c.uid == bindparam("of_uid")).values({name: bindparam(name) for name in _CHANGEES})
)


def ligne_de(row: Row, borne_pour_mille: int) -> Ligne:
    """What is controlled of an action, from the columns of its row, with a bound."""
    return Ligne(
        reference_cents=row["montant_reference_cents"],
        perimetre_cents=row["perimetre_cents"],
        gain_cents=row["gain_cents"],
        mois_effet=row["mois_effet"],
        explication=row["explication"],
        borne_pour_mille=borne_pour_mille,
    )


def colonnes_de_controle(row: Row, borne_pour_mille: int) -> dict[str, Any]:
    """The columns that say what an action's control found; a status that brings nothing retains nothing."""
    verdict = controler(ligne_de(row, borne_pour_mille))
    return {
        "borne_pour_mille": borne_pour_mille,
        "controle": None if verdict.controle is None else verdict.controle.value,
        "commentaire_dgos": verdict.commentaire,
        "exclue": verdict.exclue,
        "gain_retenu_cents": 0 if row["statut"] in SANS_GAIN else verdict.gain_retenu_cents,
    }


def recontroler(unit: UnitOfWork, paat_uid: str) -> int:
    """Control every action of a plan again with the bounds of its year; the caller holds the plan's lock and says it.

    Returns:
        How many actions have another bound or another verdict; the others do not change.
    """
    rows = unit.connection.execute(select(_action).where(_action.c.paat_uid == paat_uid)).mappings().all()
    if not rows:
        return 0
    bounds = lire_bornes(unit.connection, rows[0]["annee"])
    changed: list[dict[str, Any]] = []
    for row in rows:
        found = colonnes_de_controle(row, bounds.de(row["famille"]))
        if any(row[name] != value for name, value in found.items()):
            changed.append({**found, "of_uid": row["uid"], "version": row["version"] + 1})
    if changed:
        unit.connection.execute(_RECONTROLER, changed)
    return len(changed)
