"""Searching products; every search stays inside the caller's perimeter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select, true

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.produits.conversion import SEPARATOR, prefix
from semaphore_hub.modules.marches.produits.models import Produit, ProduitLot
from semaphore_hub.modules.marches.produits.schemas import FiltresProduits

_produit = table_of(Produit)
_lot = table_of(ProduitLot)
_WIDE = 10
"""A supplier of more than this part of the lots is met soon enough in the order of ids."""


def search(
    connection: Connection, caller: Caller, filtres: FiltresProduits, limit: int, after: int
) -> tuple[list[RowMapping], int | None]:
    """Rows of ``produit`` after an id, oldest first, and the id of the last one when there are more."""
    conditions = [
        column == value
        for column, value in (
            (_produit.c.operateur, filtres.operateur),
            (_produit.c.numero_marche, filtres.numero_marche),
            (_produit.c.numero_lot, filtres.numero_lot),
            (_produit.c.reference_fournisseur, filtres.reference),
            (_produit.c.fournisseur_siret, filtres.fournisseur),
            (_produit.c.gtin, filtres.gtin),
            (_produit.c.code_cip13, filtres.cip13),
            (_produit.c.code_ucd, filtres.ucd),
            (_produit.c.etat, None if filtres.etat is None else filtres.etat.value),
        )
        if value is not None
    ]
    if filtres.numero_marche is not None:
        parts = [filtres.numero_marche]
        if filtres.numero_lot is not None:
            parts += [filtres.numero_lot, *([filtres.reference] if filtres.reference is not None else [])]
        first, end = prefix(*parts)
        conditions += [_produit.c.cle >= first, _produit.c.cle < end]
    if filtres.q is not None:
        conditions.append(_produit.c.libelle_produit.icontains(filtres.q, autoescape=True))
    if filtres.valide_le is not None:
        conditions += [_produit.c.date_debut <= filtres.valide_le, _produit.c.date_fin >= filtres.valide_le]
    lots = None if filtres.numero_marche is not None else _lots(connection, filtres)
    # Computed, so that no plan walks the whole table in the order of ids when other conditions are narrow.
    narrow = lots is not None or any((filtres.numero_marche, filtres.gtin, filtres.cip13, filtres.ucd))
    place = _produit.c.id + 0 if narrow else _produit.c.id
    statement = within(select(_produit).where(place > after, *conditions), _produit.c.ght, caller)
    if lots is not None:
        statement = _in_lots(statement, lots, filtres.reference)
    rows = list(connection.execute(statement.order_by(place).limit(limit + 1)).mappings())
    last = rows[limit - 1]["id"] if len(rows) > limit else None
    return rows[:limit], last


def _lots(connection: Connection, filtres: FiltresProduits) -> ColumnElement[bool] | None:
    """Which lots a reference or a supplier's products can be in; ``None`` when that leaves too much of the table."""
    if filtres.fournisseur is None:
        return None if filtres.reference is None else true()
    theirs = _lot.c.fournisseur_siret == filtres.fournisseur
    if filtres.reference is None:
        count = select(func.count()).select_from(_lot)
        of_all, found = connection.execute(select(count.scalar_subquery(), count.where(theirs).scalar_subquery())).one()
        if found * _WIDE > of_all:
            return None
    return theirs


def _in_lots(statement: Select[Any], lots: ColumnElement[bool], reference: str | None) -> Select[Any]:
    """Reach products by the lots they can be in: the key of a product begins with one."""
    if reference is not None:
        keys = select(_lot.c.debut.concat(reference).concat(_lot.c.fin)).where(lots)
        return statement.where(_produit.c.cle.in_(keys))
    start = select(_lot.c.debut).where(lots).distinct().subquery()
    end = func.substr(start.c.debut, 1, func.length(start.c.debut) - 1).concat(chr(ord(SEPARATOR) + 1))
    return statement.join(start, (_produit.c.cle >= start.c.debut) & (_produit.c.cle < end))
