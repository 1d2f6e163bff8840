"""Reads projects, as the API shows them and as the other parts of the planning use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.planification.codes import Statut
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.models import PlanBesoin, PlanProjet
from semaphore_hub.modules.planification.schemas import (
    Considerations,
    JalonVue,
    LotPlanifieVue,
    ProcedureVue,
    ProjetAchatVue,
)
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.schemas import Avertissement

_projet, _besoin = table_of(PlanProjet), table_of(PlanBesoin)
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Filtres:
    """What is searched for; every condition given must hold. ``statuts``: any of them."""

    ght: str | None = None
    statuts: frozenset[Statut] | None = None
    acheteur: str | None = None
    strategie: str | None = None
    famille: str | None = None
    nchfs: str | None = None
    renouvelle: str | None = None
    portefeuille: str | None = None


def _search(caller: Caller, filtres: Filtres) -> Select[Any]:
    statement = within(select(_projet), _projet.c.ght, caller)
    for column, value in (
        ("ght", filtres.ght),
        ("acheteur_siret", filtres.acheteur),
        ("strategie", filtres.strategie),
        ("famille", filtres.famille),
        ("code_nchfs", filtres.nchfs),
        ("marche_renouvele_uid", filtres.renouvelle),
        ("portefeuille", filtres.portefeuille),
    ):
        if value is not None:
            statement = statement.where(_projet.c[column] == value)
    if filtres.statuts is not None:
        statement = statement.where(_projet.c.statut.in_(sorted(filtres.statuts)))
    return statement


def trouve(connection: Connection, caller: Caller, uid: str, *, lock: bool = False) -> Projet:
    """One project of the caller's perimeter, locked until the end of the transaction when asked.

    Raises:
        NotFound: no such project there.
    """
    statement = within(select(_projet).where(_projet.c.uid == uid), _projet.c.ght, caller)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
    if row is None:
        raise NotFound(f"Le projet d'achat {uid} n'existe pas.")
    return Projet.of(row)


def page(
    connection: Connection, caller: Caller, filtres: Filtres, *, limit: int, after: str | None
) -> tuple[list[Projet], str | None]:
    """A page of projects, newest first, and the uid of its last one when there are more."""
    rows, last = page_of(connection, _search(caller, filtres), _projet.c.uid, limit, after, newest_first=True)
    return [Projet.of(row) for row in rows], last


def tous(connection: Connection, caller: Caller, filtres: Filtres) -> Iterator[Projet]:
    """Every project that the filters keep, in the order they were created; read by blocks."""
    after: str | None = None
    while True:
        rows, after = page_of(connection, _search(caller, filtres), _projet.c.uid, _BLOCK, after)
        yield from (Projet.of(row) for row in rows)
        if after is None:
            return


def besoins_de(connection: Connection, uids: Sequence[str]) -> dict[str, list[str]]:
    """Uids of the needs that projects take, by project."""
    found: dict[str, list[str]] = {}
    statement = select(_besoin.c.projet_uid, _besoin.c.uid).where(_besoin.c.projet_uid.in_(uids))
    for row in connection.execute(statement.order_by(_besoin.c.uid)):
        found.setdefault(row.projet_uid, []).append(row.uid)
    return found


def vue(projet: Projet, besoins: Sequence[str], avertissements: Sequence[Avertissement]) -> ProjetAchatVue:
    """A project as the API shows it."""
    row = projet.row
    return ProjetAchatVue(
        uid=projet.uid,
        version=row["version"],
        ght=row["ght"],
        reference=row["reference"],
        statut=projet.statut,
        intitule=row["intitule"],
        type=row["type"],
        typeAchat=row["type_achat"],
        acheteur=row["acheteur_siret"],
        beneficiaires=tuple(row["beneficiaires"]),
        famille=row["famille"],
        codeNCHFS=row["code_nchfs"],
        codeCPV=row["code_cpv"],
        strategie=row["strategie"],
        portefeuille=row["portefeuille"],
        prescripteurs=tuple(row["prescripteurs"]),
        considerations=Considerations.model_validate(row["considerations"]),
        dureeMois=row["duree_mois"],
        montantEstime=projet.montant,
        besoins=tuple(besoins),
        renouvelle=row["marche_renouvele_uid"],
        echeanceRenouvelee=row["echeance_renouvelee"],
        dateDebutPrevue=row["date_debut_prevue"],
        dateLancement=row["date_lancement"],
        jalons=tuple(JalonVue(code=one.code, prevu=one.prevu, realise=one.realise) for one in projet.jalons),
        lots=tuple(
            LotPlanifieVue(
                numero=one.numero,
                intitule=one.intitule,
                montantEstime=one.montant,
                deroge=one.deroge,
                sansSuite=one.sans_suite,
                marche=projet.marches.get(str(one.numero)),
            )
            for one in projet.lots
        ),
        procedure=row["procedure"],
        calcul=None if row["calcul"] is None else ProcedureVue.model_validate(row["calcul"]),
        actionPaat=row["action_paat_uid"],
        marches=tuple(projet.marches.values()),
        motif=row["motif"],
        avertissements=tuple(avertissements),
        creeLe=datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    )
