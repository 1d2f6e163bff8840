"""Searching marchés; every search stays inside the caller's perimeter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.models import Marche, MarcheTitulaire
from semaphore_hub.modules.referentiel.models import Fournisseur
from semaphore_hub.modules.referentiel.rows import page_of

_marche = table_of(Marche)
_titulaire = table_of(MarcheTitulaire)
_fournisseur = table_of(Fournisseur)


@dataclass(frozen=True, slots=True)
class Filtres:
    """What is searched for; every condition given must hold.

    Attributes:
        statut: status.
        acheteur: SIRET of the buyer.
        fournisseur: identifier of one of the holders.
        ght: code of the GHT.
        notifie_depuis: notified on that day or later.
        notifie_avant: notified before that day.
        q: part of the objet.
    """

    statut: str | None = None
    acheteur: str | None = None
    fournisseur: str | None = None
    ght: str | None = None
    notifie_depuis: date | None = None
    notifie_avant: date | None = None
    q: str | None = None


def search(
    connection: Connection, caller: Caller, filtres: Filtres, limit: int, after: str | None
) -> tuple[list[RowMapping], str | None]:
    """Rows of ``marche``, newest first, and the uid of the last one when there are more."""
    conditions = [
        column == value
        for column, value in (
            (_marche.c.statut, filtres.statut),
            (_marche.c.acheteur_siret, filtres.acheteur),
            (_marche.c.ght, filtres.ght),
        )
        if value is not None
    ]
    if filtres.notifie_depuis is not None:
        conditions.append(_marche.c.date_notification >= filtres.notifie_depuis)
    if filtres.notifie_avant is not None:
        conditions.append(_marche.c.date_notification < filtres.notifie_avant)
    if filtres.q is not None:
        conditions.append(_marche.c.objet.icontains(filtres.q, autoescape=True))
    if filtres.fournisseur is not None:
        holders = (
            select(_titulaire.c.marche_uid)
            .join(_fournisseur, _fournisseur.c.uid == _titulaire.c.fournisseur_uid)
            .where(_fournisseur.c.identifiant == filtres.fournisseur)
        )
        conditions.append(_marche.c.uid.in_(holders))
    statement = within(select(_marche).where(*conditions), _marche.c.ght, caller)
    return page_of(connection, statement, _marche.c.uid, limit, after, newest_first=True)
