"""Searching products; every search stays inside the caller's perimeter."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.produits.conversion import prefix
from semaphore_hub.modules.marches.produits.models import Produit
from semaphore_hub.modules.marches.produits.schemas import FiltresProduits

_produit = table_of(Produit)


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
    statement = within(select(_produit).where(_produit.c.id > after, *conditions), _produit.c.ght, caller)
    rows = list(connection.execute(statement.order_by(_produit.c.id).limit(limit + 1)).mappings())
    last = rows[limit - 1]["id"] if len(rows) > limit else None
    return rows[:limit], last
