"""The cells of a column as values, whole columns at a time; what is not a value is null, and pointed at.

Columns where few values come back (families, regions, codes) are read on their distinct values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import Colonne, Nature
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN
from semaphore_hub.modules.referentiel.familles import Familles
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.regions import region_de
from semaphore_hub.modules.referentiel.rules import Rule

TYPES: Mapping[Nature, type[pl.DataType]] = {
    "texte": pl.String,
    "montant": pl.Int64,
    "date": pl.Date,
    "annee": pl.Int32,
    "entier": pl.Int32,
    "nombre": pl.String,
    "booleen": pl.Boolean,
    "code": pl.String,
    "siret": pl.String,
    "siren": pl.String,
    "ght": pl.String,
    "region": pl.String,
    "famille": pl.String,
}
"""What each kind of value is in a frame; amounts are integer cents."""
REGLES: Mapping[Nature, Rule] = {
    "texte": rules.TEXTE,
    "montant": rules.MONTANT,
    "date": rules.DATE,
    "annee": rules.ANNEE,
    "entier": rules.ENTIER,
    "nombre": rules.NOMBRE,
    "booleen": rules.BOOLEEN,
    "code": rules.CODE,
    "siret": rules.SIRET,
    "siren": rules.SIREN,
    "ght": rules.GHT,
    "region": rules.REGION,
    "famille": rules.FAMILLE,
}
"""The rule that a cell of each kind breaks when it is not a value."""

_BLANKS = "[ \u00a0\u202f\u2009]"
_AMOUNT = rf"^-?(?:[0-9]{{1,3}}(?:{_BLANKS}[0-9]{{3}}){{1,3}}|[0-9]{{1,12}})(?:[.,][0-9]{{1,2}})?(?:{_BLANKS}?€)?$"
_NUMBER = rf"^-?(?:[0-9]{{1,3}}(?:{_BLANKS}[0-9]{{3}}){{1,3}}|[0-9]{{1,12}})(?:[.,][0-9]{{1,6}})?$"
_DAY_ISO, _DAY_FR = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", "^[0-9]{2}/[0-9]{2}/20[0-9]{2}$"
_FORBIDDEN = "[\\x00-\\x1f\\x7f-\\x9f]"
_OUI = frozenset({"oui", "o", "vrai", "true", "1", "x", "yes"})
_NON = frozenset({"non", "n", "faux", "false", "0", "no"})
_GHT = re.compile(GHT_PATTERN)


@dataclass(frozen=True, slots=True)
class Lues:
    """A column read: values (null where empty or wrong), and which cells are wrong (null: none is)."""

    valeurs: pl.Series
    fausses: pl.Series | None


def lire(colonne: Colonne, textes: pl.Series, familles: Familles) -> Lues:
    """Read the cells of a column (null: empty)."""
    values = _READERS[colonne.type](colonne, textes, familles).alias(colonne.nom)
    wrong = values.is_null() & textes.is_not_null()
    return Lues(values, wrong if wrong.any() else None)


def _by_distinct(textes: pl.Series, read: Callable[[str], str | None]) -> pl.Series:
    distinct = textes.unique().drop_nulls()
    if not len(distinct):
        return textes
    new = pl.Series([read(text) for text in distinct], dtype=pl.String)
    return textes.replace_strict(distinct, new, default=None, return_dtype=pl.String)


def _texte(colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    # An end of line in a cell of a spreadsheet is worth a blank.
    plain = textes.str.replace_all("[\\t\\r\\n]+", " ") if textes.str.contains("[\\t\\r\\n]").any() else textes
    wrong = (plain.str.len_chars() > colonne.taille) | plain.str.contains(_FORBIDDEN)
    return plain.set(wrong.fill_null(value=False), None)


def _montant(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    """Integer cents, without ever going through a binary float."""
    bare = textes
    plain = textes.str.contains("^-?[0-9]{1,12}(?:[.,][0-9]{1,2})?$")
    if not plain.all():
        bare = textes.set(~textes.str.contains(_AMOUNT).fill_null(value=False), None).str.replace_all(
            f"{_BLANKS}|€", ""
        )
    point = bare.str.find("[.,]")
    decimals = (bare.str.len_bytes() - point - 1).fill_null(0)
    digits = bare.str.replace("[.,]", "").cast(pl.Int64)
    factor = pl.Series([100, 10, 1], dtype=pl.Int64).gather(decimals.fill_null(0))
    return digits * factor


def _date(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    iso = textes.set(~textes.str.contains(_DAY_ISO).fill_null(value=False), None).str.to_date("%Y-%m-%d", strict=False)
    if iso.null_count() == textes.null_count():
        return iso
    french = textes.set(~textes.str.contains(_DAY_FR).fill_null(value=False), None)
    return pl.select(pl.coalesce(iso, french.str.to_date("%d/%m/%Y", strict=False))).to_series()


def _entier(pattern: str) -> Callable[[Colonne, pl.Series, Familles], pl.Series]:
    def read(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
        return textes.set(~textes.str.contains(pattern).fill_null(value=False), None).cast(pl.Int32)

    return read


def _nombre(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    """A decimal text: blanks between thousands left out, a point before the decimals, all of them kept."""
    bare = textes.set(~textes.str.contains(_NUMBER).fill_null(value=False), None)
    return bare.str.replace_all(_BLANKS, "").str.replace(",", ".", literal=True)


def _booleen(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    said = _by_distinct(textes, lambda text: "o" if cle_de(text) in _OUI else "n" if cle_de(text) in _NON else None)
    return said == "o"


def _code(colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    return _by_distinct(textes, lambda text: colonne.valeurs.get(cle_de(text)))


def _chiffres(taille: int) -> Callable[[Colonne, pl.Series, Familles], pl.Series]:
    def read(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
        bare = textes.str.replace_all(_BLANKS, "")
        return bare.set(~bare.str.contains(f"^[0-9]{{{taille}}}$").fill_null(value=False), None)

    return read


def _ght(_colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    return _by_distinct(textes, lambda text: text.upper() if _GHT.match(text.upper()) and len(text) <= 20 else None)


def _region(colonne: Colonne, textes: pl.Series, _familles: Familles) -> pl.Series:
    def read(text: str) -> str | None:
        found = region_de(text)
        return colonne.valeurs.get(cle_de(text)) if found is None else found.sigle

    return _by_distinct(textes, read)


def _famille(_colonne: Colonne, textes: pl.Series, familles: Familles) -> pl.Series:
    return _by_distinct(textes, familles.trouver)


_READERS: Mapping[Nature, Callable[[Colonne, pl.Series, Familles], pl.Series]] = {
    "texte": _texte,
    "montant": _montant,
    "date": _date,
    "annee": _entier("^20[0-9]{2}$"),
    "entier": _entier("^[0-9]{1,4}$"),
    "nombre": _nombre,
    "booleen": _booleen,
    "code": _code,
    "siret": _chiffres(14),
    "siren": _chiffres(9),
    "ght": _ght,
    "region": _region,
    "famille": _famille,
}
