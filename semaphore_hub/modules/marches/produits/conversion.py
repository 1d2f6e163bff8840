"""Lines of the file as rows of the table ``produit``: what is searched on has a column, the rest is one JSON object."""

from __future__ import annotations

import polars as pl

from contracts.rules.produits_table import fields
from semaphore_hub.modules.marches.produits.expressions import MICRO, micros
from semaphore_hub.modules.marches.produits.reader import LIGNE

SEPARATOR = "\x1f"
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
_SCALES = {
    "prix_unitaire_ht": MICRO,
    "prix_unitaire_ttc": MICRO,
    "taux_tva": 100,
    "remise_pct": 100,
    "franco": 100,
    "quantite_par_conditionnement": 1,
    "minimum_commande": 1,
    "delai_livraison_j": 1,
}
"""How many parts of a unit one unit of storage is: millionths of a euro, hundredths of a percent, cents, wholes."""
_DONNEES = tuple(
    field["name"] for field in fields() if field["name"] not in {*_OWN_TEXTS, "prix_unitaire_ht", "code_mouvement"}
)
CONTENT = ("ght", "cle", *_OWN_TEXTS, "prix_unitaire_ht", "donnees", "empreinte")
"""Columns that say what a line is; dates as texts AAAA-MM-JJ, which both databases read."""


def heads_of(frame: pl.DataFrame, ght: str | None, *, compared: bool) -> pl.DataFrame:
    """What names and dates lines that break no rule, and their price; ``compared`` with lines that are loaded."""
    return frame.select(
        LIGNE,
        "code_mouvement",
        "operateur",
        "numero_marche",
        "numero_lot",
        "date_debut",
        "date_fin",
        _cle(ght),
        _whole(frame, "prix_unitaire_ht"),
        *([_empreinte(frame)] if compared else []),
    )


def rows_of(frame: pl.DataFrame, ght: str | None) -> pl.DataFrame:
    """The columns of :data:`CONTENT` of lines that break no rule."""
    filled = [name for name in _DONNEES if frame[name].null_count() < frame.height]
    typed = frame.with_columns(_whole(frame, name) for name in ("prix_unitaire_ht", *filled) if name in _SCALES)
    donnees = pl.struct(filled).struct.json_encode() if filled else pl.lit("{}")
    return typed.select(
        pl.lit(ght, pl.String).alias("ght"),
        _cle(ght),
        *_OWN_TEXTS,
        "prix_unitaire_ht",
        donnees.alias("donnees"),
        _empreinte(frame),
    )


def _empreinte(frame: pl.DataFrame) -> pl.Series:
    """A hash of what a line says, whatever its decimal mark: equal contents have equal ones.

    Another version of polars may hash otherwise: a file sent again would then rewrite its lines as they are.
    """
    cells = [
        pl.col(name).str.replace(",", ".", literal=True) if name in _SCALES else pl.col(name)
        for name in (*_OWN_TEXTS, "prix_unitaire_ht", *_DONNEES)
    ]
    text = frame.select(pl.concat_str([cell.fill_null("") for cell in cells], separator=SEPARATOR)).to_series()
    return text.hash(seed=1).reinterpret(signed=True).alias("empreinte")


def prefix(*parts: str) -> tuple[str, str]:
    """The keys that begin with a marché (and lot, and reference): from the first bound up to, without, the second."""
    start = SEPARATOR.join((*parts, ""))
    return start, start[:-1] + chr(ord(SEPARATOR) + 1)


def _cle(ght: str | None) -> pl.Expr:
    names = ("numero_marche", "numero_lot", "reference_fournisseur", "operateur")
    return pl.concat_str(*names, pl.lit(ght or ""), separator=SEPARATOR).alias("cle")


def _whole(frame: pl.DataFrame, name: str) -> pl.Series:
    return (micros(frame[name], known=True) // (MICRO // _SCALES[name])).alias(name)
