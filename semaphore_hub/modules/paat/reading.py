"""Plans and actions as they are read: totals, views, the arithmetic of one action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.calcul_schemas import Calcul
from semaphore_hub.modules.paat.codes import SANS_GAIN, Controle, StatutAction, StatutPaat
from semaphore_hub.modules.paat.gains import pourcent
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.schemas import ActionVue, PaatVue, TotalControle, TotalStatut, Totaux

Row = Mapping[Any, Any]
"""Values of one row by column name (what SQLAlchemy gives, or a dict about to be written)."""
_action = table_of(PaatAction)
_CALCUL: TypeAdapter[Calcul] = TypeAdapter(Calcul)

_SOMMES = {
    "gain": "gain_cents",
    "retenu": "gain_retenu_cents",
    "reference": "montant_reference_cents",
    "perimetre": "perimetre_cents",
    "annee": "gain_annee_cents",
    "report": "report_cents",
    "realise": "gain_realise_cents",
}
# Built once: every change of a plan runs it.
_GROUPES: Select[Any] = select(
    _action.c.paat_uid,
    _action.c.statut,
    _action.c.controle,
    _action.c.exclue,
    func.count().label("actions"),
    *(func.coalesce(func.sum(_action.c[column]), 0).label(name) for name, column in _SOMMES.items()),
).group_by(_action.c.paat_uid, _action.c.statut, _action.c.controle, _action.c.exclue)


def totaux(connection: Connection, paat_uid: str) -> Totaux:
    """What a plan amounts to; all zeros when it has no action, or does not exist."""
    return totaux_de(connection, [paat_uid])[paat_uid]


def totaux_de(connection: Connection, paat_uids: Collection[str]) -> dict[str, Totaux]:
    """What several plans amount to, by uid, in one statement."""
    groups: dict[str, list[Row]] = {uid: [] for uid in paat_uids}
    for row in connection.execute(_GROUPES.where(_action.c.paat_uid.in_(groups))).mappings():
        groups[row["paat_uid"]].append(row)
    return {uid: _folded(rows) for uid, rows in groups.items()}


def _folded(groups: list[Row]) -> Totaux:
    counted = [row for row in groups if row["statut"] not in SANS_GAIN]
    kept = [row for row in counted if not row["exclue"]]
    by_control: defaultdict[str | None, list[Row]] = defaultdict(list)
    for row in counted:
        by_control[row["controle"]].append(row)
    by_status: defaultdict[str, list[Row]] = defaultdict(list)
    for row in groups:
        by_status[row["statut"]].append(row)
    return Totaux(
        actions=_count(counted),
        exclues=_count(counted) - _count(kept),
        montantReference=_sum(counted, "reference"),
        perimetre=_sum(counted, "perimetre"),
        gainDeclare=_sum(counted, "gain"),
        gainRetenu=_sum(counted, "retenu"),
        gainAnnee=_sum(counted, "annee"),
        report=_sum(counted, "report"),
        gainRealise=_sum(counted, "realise"),
        performance=pourcent(_sum(kept, "retenu"), _sum(kept, "reference")),
        parControle=tuple(_control(code, by_control[code]) for code in (*Controle, None) if code in by_control),
        parStatut=tuple(
            TotalStatut(statut=one, actions=_count(by_status[one]), gainDeclare=_sum(by_status[one], "gain"))
            for one in StatutAction
            if one in by_status
        ),
    )


def _control(code: Controle | None, rows: list[Row]) -> TotalControle:
    return TotalControle(
        controle=code,
        commentaire=None if code is None else code.libelle,
        actions=_count(rows),
        exclues=_count([row for row in rows if row["exclue"]]),
        gainDeclare=_sum(rows, "gain"),
        gainRetenu=_sum(rows, "retenu"),
    )


def _count(rows: list[Row]) -> int:
    return sum(row["actions"] for row in rows)


def _sum(rows: list[Row], name: str) -> Decimal:
    return from_cents(sum(int(row[name]) for row in rows))


def plan_vue(row: Row, amounts: Totaux) -> PaatVue:
    """A plan as the API says it."""
    return PaatVue(
        uid=row["uid"],
        version=row["version"],
        ght=row["ght"],
        annee=row["annee"],
        statut=StatutPaat(row["statut"]),
        totaux=amounts,
    )


def euros_de(cents: int | None) -> Decimal | None:
    """Cents of a row to euros."""
    return None if cents is None else from_cents(cents)


def calcul_de(row: Row) -> Calcul | None:
    """The figures that the gain of an action was computed from, when it has them."""
    return None if row["detail"] is None else _CALCUL.validate_python(row["detail"])


def champs_de(row: Row) -> dict[str, Any]:
    """The fields of :class:`ActionVue` from a row of ``paat_action``."""
    gain, reference = euros_de(row["gain_cents"]), euros_de(row["montant_reference_cents"])
    return {
        "uid": row["uid"],
        "version": row["version"],
        "paat": row["paat_uid"],
        "ght": row["ght"],
        "annee": row["annee"],
        "numero": row["numero"],
        "libelle": row["libelle"],
        "statut": row["statut"],
        "stade": row["stade"],
        "famille": row["famille"],
        "familleEcrite": row["famille_ecrite"],
        "domaine": row["domaine"],
        "categorie": row["categorie"],
        "segment": row["segment"],
        "levier": row["levier"],
        "operateur": row["operateur"],
        "etablissement": row["etablissement_siret"],
        "role": row["role"],
        "numeroMarche": row["numero_marche"],
        "methode": row["methode"],
        "section": row["section"],
        "effetBudgetaire": row["effet_budgetaire"],
        "montantReference": reference,
        "perimetre": euros_de(row["perimetre_cents"]),
        "gain": gain,
        "dateEffet": row["date_effet"],
        "moisEffet": row["mois_effet"],
        "gainAnnee": euros_de(row["gain_annee_cents"]),
        "report": euros_de(row["report_cents"]),
        "gainRealise": euros_de(row["gain_realise_cents"]),
        "calculGains": row["calcul_gains"],
        "calcul": calcul_de(row),
        "acheteur": row["acheteur"],
        "commentaire": row["commentaire"],
        "explication": row["explication"],
        "origine": row["origine"],
        "actionOrigine": row["action_origine_uid"],
        "performance": None if gain is None or reference is None else pourcent(gain, reference),
        "borne": Decimal(row["borne_pour_mille"]) / 10,
        "controle": row["controle"],
        "commentaireDGOS": row["commentaire_dgos"],
        "exclue": row["exclue"],
        "gainRetenu": from_cents(row["gain_retenu_cents"]),
    }


def action_vue(row: Row) -> ActionVue:
    """An action as the API says it."""
    return ActionVue(**champs_de(row))
