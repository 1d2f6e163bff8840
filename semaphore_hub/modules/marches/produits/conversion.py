"""Lines of the file as rows of the table ``produit``: what is searched on has a column, the rest is one text."""

from __future__ import annotations

import polars as pl

from contracts.rules.produits_table import fields
from semaphore_hub.modules.marches.produits.expressions import micros
from semaphore_hub.modules.marches.produits.reader import LIGNE

SEPARATOR = "\x1f"
_SHOWN_SEPARATOR = "\u241f"
_OWN_TEXTS = (
    "operateur",
    "numero_marche",
    "numero_lot",
    "fournisseur_siret",
    "reference_fournisseur",
    "libelle_produit",
    "code_ucd",
    "code_cip13",
    "gtin",
    "date_debut",
    "date_fin",
)
_DONNEES = tuple(
    field["name"] for field in fields() if field["name"] not in {*_OWN_TEXTS, "prix_unitaire_ht", "code_mouvement"}
)
"""What ``donnees`` holds, in this order: a column added to the file goes at the end."""
_NUMBERS = frozenset({"taux_tva", "prix_unitaire_ttc", "franco", "remise_pct"})
CONTENT = ("ght", "cle", *_OWN_TEXTS, "prix_unitaire_ht", "donnees", "empreinte")
"""Columns that say what a line is; dates as texts AAAA-MM-JJ, which both databases read."""


def heads_of(frame: pl.DataFrame, ght: str | None, *, compared: bool) -> pl.DataFrame:
    """What names and dates lines that break no rule, and their price; ``compared`` with lines that are loaded."""
    price = _price(frame)
    return frame.select(
        LIGNE,
        "code_mouvement",
        "operateur",
        "numero_marche",
        "numero_lot",
        "date_debut",
        "date_fin",
        _cle(ght),
        price,
        *([_empreinte(frame, price, _packed(frame))] if compared else []),
    )


def rows_of(frame: pl.DataFrame, ght: str | None) -> pl.DataFrame:
    """The columns of :data:`CONTENT` of lines that break no rule."""
    price, donnees = _price(frame), _packed(frame)
    return frame.select(
        pl.lit(ght, pl.String).alias("ght"), _cle(ght), *_OWN_TEXTS, price, donnees, _empreinte(frame, price, donnees)
    )


def unpacked(donnees: str) -> dict[str, str]:
    """The filled cells of a line that have no column of their own; numbers with a decimal point."""
    return {name: cell for name, cell in zip(_DONNEES, donnees.split(SEPARATOR), strict=False) if cell}


def _packed(frame: pl.DataFrame) -> pl.Series:
    """Those cells joined, without the names that a JSON object would repeat a million times."""

    def joined(cells: list[pl.Expr]) -> pl.Series:
        return frame.select(pl.concat_str(cells, separator=SEPARATOR).alias("donnees")).to_series()

    cells = [_cell(frame, name) for name in _DONNEES]
    text = joined(cells)
    if (text.str.count_matches(SEPARATOR, literal=True) == len(cells) - 1).all():
        return text
    # A separator inside a cell, from a file that was itself damaged, is kept as its picture.
    return joined([cell.str.replace_all(SEPARATOR, _SHOWN_SEPARATOR, literal=True) for cell in cells])


def _cell(frame: pl.DataFrame, name: str) -> pl.Expr:
    empty = frame[name].null_count()
    if empty and empty == frame.height:
        return pl.lit("")
    cell = pl.col(name).str.replace(",", ".", literal=True) if name in _NUMBERS else pl.col(name)
    return cell.fill_null("") if empty else cell


def _empreinte(frame: pl.DataFrame, price: pl.Series, donnees: pl.Series) -> pl.Series:
    """A hash of what a line says, whatever its decimal mark: equal contents have equal ones.

    Another version of polars may hash otherwise: a file sent again would then rewrite its lines as they are.
    """
    cells = [*(_cell(frame, name) for name in _OWN_TEXTS), pl.lit(price).cast(pl.String), pl.lit(donnees)]
    text = frame.select(pl.concat_str(cells, separator=SEPARATOR)).to_series()
    return text.hash(seed=1).reinterpret(signed=True).alias("empreinte")


def prefix(*parts: str) -> tuple[str, str]:
    """The keys that begin with a marché (and lot, and reference): from the first bound up to, without, the second."""
    start = SEPARATOR.join((*parts, ""))
    return start, after(start)


def after(start: str) -> str:
    """The first text after all those that begin with a text ended by :data:`SEPARATOR`."""
    return start[:-1] + chr(ord(SEPARATOR) + 1)


def _cle(ght: str | None) -> pl.Expr:
    names = ("numero_marche", "numero_lot", "reference_fournisseur", "operateur")
    return pl.concat_str(*names, pl.lit(ght or ""), separator=SEPARATOR).alias("cle")


def _price(frame: pl.DataFrame) -> pl.Series:
    return micros(frame["prix_unitaire_ht"], known=True)
