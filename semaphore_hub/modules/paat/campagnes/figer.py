"""A plan as it is now, frozen: its figures and its lines, in a form that does not follow later changes."""

from __future__ import annotations

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.campagnes.schemas import ChiffresFiges, LigneFigee
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row, euros_de, totaux
from semaphore_hub.modules.paat.validation.performance import performance

_action = table_of(PaatAction)


def chiffres(connection: Connection, paat: Row) -> ChiffresFiges:
    """What a plan amounts to now.

    Args:
        paat: row of the plan.
    """
    sums, parts = totaux(connection, paat["uid"]), performance(connection, paat)
    return ChiffresFiges(
        statut=paat["statut"],
        versionPaat=paat["version"],
        actions=sums.actions,
        exclues=sums.exclues,
        montantReference=sums.montantReference,
        perimetre=sums.perimetre,
        gainDeclare=sums.gainDeclare,
        gainRetenu=sums.gainRetenu,
        gainAnnee=sums.gainAnnee,
        report=sums.report,
        performance=sums.performance,
        reports=parts.reports,
        nouvelles=parts.nouvelles,
    )


def lignes(connection: Connection, paat_uid: str) -> list[LigneFigee]:
    """Every line of a plan as it is now, in the order of their numbers."""
    statement = select(_action).where(_action.c.paat_uid == paat_uid).order_by(_action.c.numero)
    return [_ligne(row) for row in connection.execute(statement).mappings()]


def _ligne(row: Row) -> LigneFigee:
    return LigneFigee(
        numero=row["numero"],
        libelle=row["libelle"],
        statut=row["statut"],
        famille=row["famille"],
        operateur=row["operateur"],
        methode=row["methode"],
        origine=row["origine"],
        montantReference=euros_de(row["montant_reference_cents"]),
        perimetre=euros_de(row["perimetre_cents"]),
        gain=euros_de(row["gain_cents"]),
        gainAnnee=euros_de(row["gain_annee_cents"]),
        report=euros_de(row["report_cents"]),
        controle=row["controle"],
        commentaireDGOS=row["commentaire_dgos"],
        exclue=row["exclue"],
        gainRetenu=from_cents(row["gain_retenu_cents"]),
    )
