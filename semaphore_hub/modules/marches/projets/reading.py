"""Reads projets and consultations, as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.answers import EtablissementNomme
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.projets.donnees import Donnees, Projet
from semaphore_hub.modules.marches.projets.lots import Lot, lots_of
from semaphore_hub.modules.marches.projets.schemas import ConsultationVue, LotPrevu, LotVue, ProjetVue
from semaphore_hub.modules.marches.projets.seuils import procedure_warnings
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.schemas import Avertissement

_projet = table_of(MarcheProjet)
_marche = table_of(Marche)
_etablissement = table_of(Etablissement)


@dataclass(frozen=True, slots=True)
class Filtres:
    """What is searched for; every condition given must hold."""

    statut: str | None = None
    consultation: str | None = None
    acheteur: str | None = None
    ght: str | None = None


def search(
    connection: Connection, caller: Caller, filtres: Filtres, limit: int, after: str | None
) -> tuple[list[RowMapping], str | None]:
    """Rows of ``marche_projet``, newest first, and the uid of the last one when there are more."""
    conditions = [
        column == value
        for column, value in (
            (_projet.c.statut, filtres.statut),
            (_projet.c.consultation, filtres.consultation),
            (_projet.c.acheteur_siret, filtres.acheteur),
            (_projet.c.ght, filtres.ght),
        )
        if value is not None
    ]
    statement = within(select(_projet).where(*conditions), _projet.c.ght, caller)
    return page_of(connection, statement, _projet.c.uid, limit, after, newest_first=True)


def projet_of(connection: Connection, uid: str) -> Donnees | None:
    """The procedure a marché came from; ``None`` when it was recorded without a projet."""
    found = connection.execute(select(_projet.c.donnees).where(_projet.c.uid == uid)).scalar()
    return None if found is None else Donnees.model_validate(found)


def views(connection: Connection, projets: Sequence[Projet]) -> list[ProjetVue]:
    """Projets as the API shows them; three statements whatever their number."""
    sirets = {projet.row["acheteur_siret"] for projet in projets}
    names = _names(connection, sirets | {siret for projet in projets for siret in projet.donnees.beneficiaires})
    keys = {
        (projet.row["acheteur_siret"], projet.row["consultation"])
        for projet in projets
        if projet.row["consultation"] is not None
    }
    consultations = lots_of(connection, keys)
    found = []
    for projet in projets:
        row = projet.row
        itself = Lot(
            row["uid"],
            row["id"],
            row["numero_lot"],
            from_cents(row["montant_estime_cents"]),
            projet.donnees.procedure,
        )
        lots = consultations.get((row["acheteur_siret"], row["consultation"]), [itself])
        found.append(_view(projet, names, lots))
    return found


def _names(connection: Connection, sirets: set[str]) -> dict[str, str]:
    rows = connection.execute(
        select(_etablissement.c.siret, _etablissement.c.nom).where(_etablissement.c.siret.in_(sirets))
    )
    return {row.siret: row.nom for row in rows}


def _view(projet: Projet, names: dict[str, str], lots: Sequence[Lot]) -> ProjetVue:
    row, donnees = projet.row, projet.donnees
    lot = None
    if row["numero_lot"] is not None and donnees.intituleLot is not None:
        lot = LotPrevu(numero=row["numero_lot"], intitule=donnees.intituleLot)
    data: dict[str, Any] = {
        **donnees.model_dump(exclude={"beneficiaires", "intituleLot"}),
        "uid": row["uid"],
        "version": row["version"],
        "statut": row["statut"],
        "ght": row["ght"],
        "id": row["id"],
        "acheteur": EtablissementNomme(id=row["acheteur_siret"], nom=names[row["acheteur_siret"]]),
        "beneficiaires": [EtablissementNomme(id=siret, nom=names[siret]) for siret in donnees.beneficiaires],
        "objet": row["objet"],
        "codeCPV": row["code_cpv"],
        "montantEstime": from_cents(row["montant_estime_cents"]),
        "consultation": row["consultation"],
        "lot": lot,
        "avertissements": [
            Avertissement(regle=problem.rule, champ=problem.path, message=problem.message)
            for problem in procedure_warnings(projet, lots)
        ],
        "creeLe": datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    }
    return ProjetVue.model_validate(data)


def consultation(connection: Connection, caller: Caller, reference: str, acheteur: str) -> ConsultationVue:
    """Every lot of a consultation: projets with their marché once attributed, and marchés recorded without a projet.

    Raises:
        NotFound: nothing of this reference for this buyer in the caller's perimeter.
    """
    needs = {
        row["uid"]: Projet.of(row)
        for row in connection.execute(
            within(
                select(_projet).where(_projet.c.acheteur_siret == acheteur, _projet.c.consultation == reference),
                _projet.c.ght,
                caller,
            )
        ).mappings()
    }
    marches = {
        row["uid"]: row
        for row in connection.execute(
            within(
                select(_marche).where(
                    _marche.c.acheteur_siret == acheteur,
                    or_(_marche.c.consultation == reference, _marche.c.uid.in_(list(needs))),
                ),
                _marche.c.ght,
                caller,
            )
        ).mappings()
    }
    if not needs and not marches:
        raise NotFound(f"L'acheteur {acheteur} n'a pas de consultation {reference}.")
    lots = sorted(
        (_lot(uid, needs.get(uid), marches.get(uid)) for uid in {*needs, *marches}),
        key=lambda lot: (lot.numero or 0, lot.uid),
    )
    return ConsultationVue(
        reference=reference,
        acheteur=EtablissementNomme(id=acheteur, nom=_names(connection, {acheteur})[acheteur]),
        lots=tuple(lots),
        montantEstime=sum((lot.montantEstime or Decimal(0) for lot in lots), Decimal(0)),
        montantAttribue=sum(
            (lot.montant or Decimal(0) for lot in lots if lot.statut is not Statut.SANS_SUITE), Decimal(0)
        ),
    )


def _lot(uid: str, projet: Projet | None, marche: RowMapping | None) -> LotVue:
    data: dict[str, Any] = {"uid": uid, "intitule": None, "montantEstime": None, "montant": None}
    if projet is not None:
        data["intitule"] = projet.donnees.intituleLot
        data["montantEstime"] = from_cents(projet.row["montant_estime_cents"])
    if marche is not None:
        life = marche["vie"] or {}
        data["intitule"] = life["lot"]["intitule"] if life.get("lot") else data["intitule"]
        data["montant"] = from_cents(marche["montant_cents"])
    row = projet.row if marche is None and projet is not None else marche
    assert row is not None
    return LotVue.model_validate(
        {**data, "id": row["id"], "numero": row["numero_lot"], "objet": row["objet"], "statut": row["statut"]}
    )
