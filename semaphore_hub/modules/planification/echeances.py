"""Living marchés that end soon: does a project renew them, and when must it begin at the latest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.planification.codes import Filiere, Statut, TypeAchat
from semaphore_hub.modules.planification.delais import Delais, en_vigueur
from semaphore_hub.modules.planification.models import PlanProjet
from semaphore_hub.modules.planification.planning import plan_pour
from semaphore_hub.modules.planification.retroplanning import lendemain
from semaphore_hub.modules.planification.schemas import EcheancesVue, EcheanceVue
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.seuils import procedure_requise
from semaphore_hub.ports.marches import MarcheConnu, MarchesConnus

_projet = table_of(PlanProjet)
_BLOCK = 500


def lire_echeances(
    connection: Connection, caller: Caller, marches: MarchesConnus, avant: date, aujourdhui: date, limit: int
) -> EcheancesVue:
    """Marchés that end before ``avant``: late ones that nothing renews first, then by the day on which to begin.

    All of them are read to be put in that order; ``limit`` of them are answered.
    """
    delais = en_vigueur(connection)
    found = [
        _echeance(marche, successors.get(marche.uid), delais, aujourdhui)
        for block in _blocks(connection, caller, marches, avant)
        for successors in (_successeurs(connection, [one.uid for one in block]),)
        for marche in block
    ]
    found.sort(key=lambda one: (not one.joursRetard, one.lancementAuPlusTard, one.marche))
    return EcheancesVue(
        avant=avant,
        total=len(found),
        enRetard=sum(1 for one in found if one.joursRetard),
        sansSuccesseur=sum(1 for one in found if one.successeur is None),
        items=tuple(found[:limit]),
    )


def _blocks(connection: Connection, caller: Caller, marches: MarchesConnus, avant: date) -> Iterator[list[MarcheConnu]]:
    after: str | None = None
    while block := marches.echeances(connection, caller, avant, limit=_BLOCK, after=after):
        yield block
        after = block[-1].uid


def _successeurs(connection: Connection, uids: list[str]) -> dict[str, RowMapping]:
    """The project that renews each marché; those given up do not count."""
    statement = select(_projet.c.uid, _projet.c.statut, _projet.c.marche_renouvele_uid).where(
        _projet.c.marche_renouvele_uid.in_(uids), _projet.c.statut != Statut.ABANDONNE
    )
    return {row["marche_renouvele_uid"]: row for row in connection.execute(statement).mappings()}


def _echeance(
    marche: MarcheConnu, successor: RowMapping | None, delais: Mapping[Filiere, Delais], aujourdhui: date
) -> EcheanceVue:
    assert marche.date_fin is not None
    kind: TypeAchat = "travaux" if marche.type_achat == "travaux" else "services"
    plan = plan_pour(
        lendemain(marche.date_fin), delais, lambda jour: procedure_requise(marche.montant, kind, jour).procedure
    ).plan
    late = 0 if successor is not None else max(0, (aujourdhui - plan.lancement).days)
    if successor is not None:
        message = f"Le projet qui le renouvelle est à l'état « {successor['statut']} »."
    elif late:
        message = (
            f"Aucun projet ne renouvelle ce marché, qui finit le {jour_ecrit(marche.date_fin)} : il fallait "
            f"commencer le {jour_ecrit(plan.lancement)}, il y a {late} jour(s). Créez le projet, et prévoyez "
            "une prolongation ou un marché de transition."
        )
    else:
        message = f"Créez le projet qui le renouvelle avant le {jour_ecrit(plan.lancement)}."
    return EcheanceVue(
        marche=marche.uid,
        id=marche.id,
        ght=marche.ght,
        objet=marche.objet,
        codeCPV=marche.code_cpv,
        montant=marche.montant,
        dateFin=marche.date_fin,
        filiere=plan.filiere,
        lancementAuPlusTard=plan.lancement,
        joursRetard=late,
        successeur=None if successor is None else successor["uid"],
        statutSuccesseur=None if successor is None else successor["statut"],
        message=message,
    )
