"""Reads what PLACE says, against what the hub knows now; every reading stays inside the caller's perimeter."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, Select, and_, or_, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches.alertes.regles import SEUIL_PUBLICATION
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.place import rules
from semaphore_hub.modules.marches.place.connus import LotConnu, lots_connus, marches_connus
from semaphore_hub.modules.marches.place.consultations import Part, suivi
from semaphore_hub.modules.marches.place.contrats import divergences
from semaphore_hub.modules.marches.place.dits import ConsultationDite, ContratDit, LotDit, bornes
from semaphore_hub.modules.marches.place.divergences import divergence
from semaphore_hub.modules.marches.place.liens import Liens
from semaphore_hub.modules.marches.place.models import PlaceContrat, PlacePeriode
from semaphore_hub.modules.marches.place.schemas import ConsultationPlaceVue, ContratPlace, ContratPlaceVue, Lien
from semaphore_hub.modules.referentiel.rows import page_of

_marche, _contrat, _periode = table_of(Marche), table_of(PlaceContrat), table_of(PlacePeriode)
_BATCH = 100
EXAMINES = 1000
"""Contracts compared for one page at most: a search of what is rare must not keep a request for minutes."""
PROFILS = frozenset({"www.marches-publics.gouv.fr", "marches-publics.gouv.fr"})
"""Where PLACE answers: the buyer profile of a marché published there."""


@dataclass(frozen=True, slots=True)
class FiltresContrats:
    """What is searched for; every condition given must hold.

    Attributes:
        acheteur: SIRET of the buyer.
        periode: month or year of the notification.
        divergences: with some, or without any.
    """

    acheteur: str | None = None
    periode: str | None = None
    divergences: bool | None = None


def consultations(connection: Connection, caller: Caller, rows: Sequence[RowMapping]) -> list[ConsultationPlaceVue]:
    """Rows of ``place_consultation`` as the API shows them; as many statements whatever their number."""
    said = [ConsultationDite.model_validate(row["contenu"]) for row in rows]
    uids = {uid for one in said for uid in one.uids()}
    keys = {(one.acheteur, one.reference) for one in said if one.acheteur is not None}
    known = lots_connus(connection, caller, uids, keys)
    views = []
    for row, one in zip(rows, said, strict=True):
        buyer, own = one.acheteur, one.uids()
        if buyer is None:
            # PLACE does not say whose it is: the hub does, when PLACE kept one of its identifiers.
            buyer = next((lot.acheteur for lot in known if lot.uid in own), None)
        mine = [lot for lot in known if lot.uid in own or (lot.acheteur, lot.reference) == (buyer, one.reference)]
        views.append(_consultation(row, one, mine))
    return views


def _consultation(row: RowMapping, said: ConsultationDite, known: Sequence[LotConnu]) -> ConsultationPlaceVue:
    found = suivi(said, known)
    links = {_number(part): connu for part, connu in found.liens}
    data: dict[str, Any] = {
        **said.model_dump(exclude={"identifiantExterne", "lots"}),
        "uid": row["uid"],
        "version": row["version"],
        "ght": row["ght"],
        "partenaire": row["partenaire"],
        "lots": [
            {**lot.model_dump(exclude={"identifiantExterne"}), "lien": _link(links[lot.numero])} for lot in said.lots
        ],
        "lien": _link(links.get(None)),
        "recueLe": _instant(row["recu_ms"]),
        "divergences": found.divergences,
    }
    return ConsultationPlaceVue.model_validate(data)


def _number(part: Part) -> int | None:
    return part.numero if isinstance(part, LotDit) else None


def contrats(
    connection: Connection, caller: Caller, filtres: FiltresContrats, limit: int, after: str | None
) -> tuple[list[ContratPlaceVue], str | None]:
    """A page of what PLACE has and of what it lacks, newest first, and the uid of its last item when there are more.

    Both are followed together by their uids, which sort by time. Divergences are worked out as they come: a page of a
    search for them stops after :data:`EXAMINES` items, found or not, and the next one goes on from there.
    """
    links = Liens(connection, caller)
    found = heapq.merge(
        _said(connection, caller, filtres, links, after),
        _absent(connection, caller, filtres, links, after),
        key=lambda one: one.uid,
        reverse=True,
    )
    page: list[ContratPlaceVue] = []
    for looked, one in enumerate(found):
        if len(page) == limit or looked == EXAMINES:
            return page, after
        after = one.uid
        if filtres.divergences in (None, bool(one.divergences)):
            page.append(one)
    return page, None


def _said(
    connection: Connection, caller: Caller, filtres: FiltresContrats, links: Liens, after: str | None
) -> Iterator[ContratPlaceVue]:
    """Contracts that PLACE has, newest first."""
    statement = within(select(_contrat), _contrat.c.ght, caller)
    if filtres.acheteur is not None:
        statement = statement.where(_contrat.c.acheteur == filtres.acheteur)
    if filtres.periode is not None:
        statement = statement.where(
            or_(
                _contrat.c.date_notification.between(*bornes(filtres.periode)),
                and_(_contrat.c.date_notification.is_(None), _contrat.c.periode == filtres.periode),
            )
        )
    for rows in _pages(connection, statement, _contrat.c.uid, after):
        said = [ContratDit.model_validate(row["contenu"]) for row in rows]
        linked = [links.rapprocher(one) for one in said]
        known = marches_connus(connection, caller, {one.uid for one in linked if one.uid is not None})
        for row, one, link in zip(rows, said, linked, strict=True):
            marche = None if link.uid is None else known[link.uid]
            yield ContratPlaceVue(
                uid=row["uid"],
                ght=row["ght"],
                acheteur=row["acheteur"],
                place=_contract(row, one),
                marche=None if marche is None else Lien(uid=marche.uid, id=marche.id, statut=marche.statut),
                divergences=divergences(one, marche, link.defaut),
            )


def _absent(
    connection: Connection, caller: Caller, filtres: FiltresContrats, links: Liens, after: str | None
) -> Iterator[ContratPlaceVue]:
    """Marchés that PLACE should have: published there, their period was read, and they are not in it.

    A partner answers for the buyers of its GHT, and for those it has said a contract of (hypothèse: PLACE does not say
    whom an organisation covers).
    """
    periods = connection.execute(select(_periode)).mappings().all()
    if not periods:
        return
    buyers = {tuple(row) for row in connection.execute(select(_contrat.c.partenaire, _contrat.c.acheteur).distinct())}
    statement = within(select(_marche), _marche.c.ght, caller).where(
        _marche.c.date_notification.between(min(one["debut"] for one in periods), max(one["fin"] for one in periods)),
        _marche.c.montant_cents >= to_cents(SEUIL_PUBLICATION),
        _marche.c.donnees[("complements", "urlProfilAcheteur")].as_string().contains("marches-publics.gouv.fr"),
    )
    if filtres.acheteur is not None:
        statement = statement.where(_marche.c.acheteur_siret == filtres.acheteur)
    if filtres.periode is not None:
        statement = statement.where(_marche.c.date_notification.between(*bornes(filtres.periode)))
    for rows in _pages(connection, statement, _marche.c.uid, after):
        for row in rows:
            buyer, notified = row["acheteur_siret"], row["date_notification"]
            read = [
                one["lu_ms"]
                for one in periods
                if one["debut"] <= notified <= one["fin"]
                and (one["ght"] == row["ght"] or (one["partenaire"], buyer) in buyers)
            ]
            profile = urlsplit(row["donnees"]["complements"]["urlProfilAcheteur"]).hostname
            if not read or profile not in PROFILS or row["uid"] in links.lies(buyer):
                continue
            day = _instant(max(read)).date()
            told = {"id": row["id"], "notification": notified, "releve": day}
            yield ContratPlaceVue(
                uid=row["uid"],
                ght=row["ght"],
                acheteur=buyer,
                place=None,
                marche=Lien(uid=row["uid"], id=row["id"], statut=row["statut"]),
                divergences=(divergence(rules.ABSENT_PLACE, "id", row["id"], None, **told),),
            )


def _contract(row: RowMapping, said: ContratDit) -> ContratPlace:
    data: dict[str, Any] = {
        **said.model_dump(exclude={"numeros", "acheteur"}),
        **{name: row[name] for name in ("partenaire", "document", "canal", "periode")},
        "recuLe": _instant(row["recu_ms"]),
    }
    return ContratPlace.model_validate(data)


def _pages(
    connection: Connection, statement: Select[Any], position: Any, after: str | None
) -> Iterator[list[RowMapping]]:
    """Every row after a position, newest first, some at a time."""
    while True:
        rows, after = page_of(connection, statement, position, _BATCH, after, newest_first=True)
        if rows:
            yield rows
        if after is None:
            return


def _link(connu: LotConnu | None) -> Lien | None:
    return None if connu is None else Lien(uid=connu.uid, id=connu.id, statut=connu.statut)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
