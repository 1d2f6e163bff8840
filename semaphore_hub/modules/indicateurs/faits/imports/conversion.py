"""The lines of a file as rows of their table: what each kind completes by default, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Table

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.faits.ecriture import ACTION, DEPENSE
from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import cle_mesure
from semaphore_hub.modules.indicateurs.faits.imports.contexte import Contexte, Fautes
from semaphore_hub.modules.indicateurs.faits.imports.schemas import TypeImport
from semaphore_hub.modules.indicateurs.models import (
    IndicateurConsolidation,
    IndicateurEntreprise,
    IndicateurObjectif,
    IndicateurVolume,
)
from semaphore_hub.modules.referentiel.familles import famille_du_compte, famille_du_cpv

_GHT = "ght"
_c = pl.col


@dataclass(frozen=True, slots=True)
class Cible:
    """Where the lines of a kind of file go.

    Attributes:
        table: their table.
        convertir: the rows of typed lines, line for line and without ``uid`` and ``source``; and lines at fault.
        cle: columns of the rows that may not come back, in the file nor in the table; empty: the whole line.
        remplacante: key of the rows that take the place of those known; None: what is known refuses the line.
        national: only those who speak for the country may import it.
    """

    table: Table
    convertir: Callable[[pl.DataFrame, Contexte], tuple[pl.DataFrame, Fautes]]
    cle: tuple[str, ...] = ()
    remplacante: str | None = None
    national: bool = False


def _depenses(frame: pl.DataFrame, contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    frame, faults = contexte.situer(frame, _c("date"))
    frame = frame.with_columns(_c("operateur").fill_null(_GHT))
    quoted = _c("numeroMarche").is_not_null()
    rows = frame.select(
        _c("exercice").fill_null(_c("date").dt.year().cast(pl.Int32)).alias("annee"),
        "date",
        "region",
        "ght",
        _c("etablissement").alias("etablissement_siret"),
        "role",
        pl.coalesce(
            "famille",
            _looked_up(frame["codeCPV"], famille_du_cpv),
            _looked_up(frame["compte"], famille_du_compte),
        ).alias("famille"),
        "compte",
        "operateur",
        _c("mutualise").fill_null(_c("operateur") != _GHT),
        _c("numeroMarche").alias("numero_marche"),
        pl.lit(None, pl.String).alias("marche_uid"),
        pl.coalesce("horsMarche", pl.when(~quoted).then(pl.lit("sans_numero"))).alias("hors_marche"),
        "reference",
        _c("montantHT").alias("montant_ht_cents"),
        _c("montantTTC").alias("montant_ttc_cents"),
    )
    return rows, faults


def _looked_up(textes: pl.Series, find: Callable[[str], str | None]) -> pl.Series:
    distinct = textes.unique().drop_nulls()
    if not len(distinct):
        return textes
    found = pl.Series([find(text) for text in distinct], dtype=pl.String)
    return textes.replace_strict(distinct, found, default=None, return_dtype=pl.String)


def _actions(frame: pl.DataFrame, contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    frame, faults = contexte.situer(frame, _first_day())
    left_out = _c("exclue").fill_null(_c("controle").is_not_null())
    rows = frame.select(
        pl.lit(None, pl.String).alias("sujet"),
        "annee",
        "region",
        "ght",
        _c("etablissement").alias("etablissement_siret"),
        "role",
        "libelle",
        "famille",
        "domaine",
        "levier",
        _c("operateur").fill_null(_GHT),
        _c("effetBudgetaire").alias("effet_budgetaire"),
        _c("report").fill_null(value=False),
        _c("montantReference").alias("reference_cents"),
        pl.coalesce("perimetre", "montantReference").alias("perimetre_cents"),
        _c("gain").alias("gain_cents"),
        # The year's part of a gain is never more than what was retained of it; a line left out keeps what it declared.
        pl.coalesce(
            "gainAnnee", pl.when(left_out).then(_c("gain")).otherwise(pl.min_horizontal("gainRetenu", "gain"))
        ).alias("gain_annee_cents"),
        pl.coalesce("gainRetenu", pl.when(left_out).then(0).otherwise(_c("gain"))).alias("gain_retenu_cents"),
        "controle",
        left_out.alias("exclue"),
    )
    return rows, faults


def _objectifs(frame: pl.DataFrame, contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    frame = frame.with_columns(pl.lit(None, pl.String).alias("etablissement"))
    frame, faults = contexte.situer(frame, _first_day())
    edition = _c("edition").fill_null(1)
    rows = frame.select(
        "annee",
        _c("region").fill_null(""),
        _c("ght").fill_null(""),
        edition.alias("edition"),
        _c("libelle").fill_null(pl.format("édition {}", edition)),
        _c("montant").alias("montant_cents"),
    )
    return rows, faults + _regionless(rows)


def _volumes(frame: pl.DataFrame, contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    frame, faults = contexte.situer(frame, _first_day())
    rows = frame.select(
        "annee",
        _c("region").fill_null(""),
        _c("ght").fill_null(""),
        _c("etablissement").fill_null("").alias("etablissement_siret"),
        _c("famille").fill_null(""),
        _c("montant").alias("montant_cents"),
    )
    return rows, faults + _regionless(rows)


def _regionless(rows: pl.DataFrame) -> Fautes:
    """A target or a volume is that of a region: a GHT whose region nobody says has none."""
    wrong = (rows["region"] == "") & (rows["ght"] != "")
    return [(rules.SANS_REGION, "region", wrong)] if wrong.any() else []


def _consolidations(frame: pl.DataFrame, _contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    rows = frame.select("annee", "region", _looked_up(frame["mesure"], cle_mesure).alias("mesure"), "valeur", "unite")
    empty = (rows["mesure"] == "").fill_null(value=False)
    return rows, [(rules.TEXTE, "mesure", empty)] if empty.any() else []


def _entreprises(frame: pl.DataFrame, _contexte: Contexte) -> tuple[pl.DataFrame, Fautes]:
    return frame.select("siren", "categorie"), []


def _first_day() -> pl.Expr:
    """1 January of the year: the day whose membership counts for what is dated by a year only (hypothèse)."""
    return pl.date(_c("annee"), 1, 1)


CIBLES: Mapping[TypeImport, Cible] = {
    "depenses": Cible(DEPENSE, _depenses),
    "actions": Cible(ACTION, _actions),
    "objectifs": Cible(
        table_of(IndicateurObjectif), _objectifs, cle=("annee", "region", "ght", "edition"), national=True
    ),
    "volumes": Cible(
        table_of(IndicateurVolume), _volumes, cle=("annee", "region", "ght", "etablissement_siret", "famille")
    ),
    "consolidations": Cible(
        table_of(IndicateurConsolidation), _consolidations, cle=("annee", "region", "mesure"), national=True
    ),
    "entreprises": Cible(
        table_of(IndicateurEntreprise), _entreprises, cle=("siren",), remplacante="siren", national=True
    ),
}
"""Where each kind of file goes."""
