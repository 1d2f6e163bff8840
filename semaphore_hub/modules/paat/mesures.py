"""What the indicators read of plans."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, bindparam, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.paat.codes import SANS_GAIN, Origine
from semaphore_hub.modules.paat.models import Paat, PaatAction
from semaphore_hub.ports.mesures import ActionMesuree

_paat = table_of(Paat)
_action = table_of(PaatAction)
_ACTIONS = (
    select(_action)
    .where(
        _action.c.paat_uid == bindparam("paat_uid"),
        _action.c.statut.not_in([statut.value for statut in SANS_GAIN]),
    )
    .order_by(_action.c.uid)
)


class MesuresPaat:
    """The port of the indicators, on the tables of plans."""

    def plans(self, connection: Connection) -> Sequence[str]:
        """Uids of every plan."""
        return connection.execute(select(_paat.c.uid).order_by(_paat.c.uid)).scalars().all()

    def actions(self, connection: Connection, paat_uid: str) -> Sequence[ActionMesuree]:
        """The actions of a plan that count, abandoned and postponed ones left out; empty when there is no such plan."""
        return [_mesuree(row) for row in connection.execute(_ACTIONS, {"paat_uid": paat_uid}).mappings()]


def _mesuree(row: RowMapping) -> ActionMesuree:
    return ActionMesuree(
        uid=row["uid"],
        annee=row["annee"],
        ght=row["ght"],
        etablissement_siret=row["etablissement_siret"],
        role=row["role"],
        libelle=row["libelle"],
        famille=row["famille"],
        domaine=row["domaine"],
        levier=row["levier"],
        operateur=row["operateur"],
        effet_budgetaire=row["effet_budgetaire"],
        report=row["origine"] == Origine.REPORT,
        reference_cents=row["montant_reference_cents"],
        perimetre_cents=row["perimetre_cents"],
        gain_cents=row["gain_cents"],
        gain_annee_cents=row["gain_annee_cents"],
        gain_retenu_cents=row["gain_retenu_cents"],
        controle=row["controle"],
        exclue=row["exclue"],
    )
