"""What a file is compared with: families, regions of the GHT, memberships, the caller's perimeter."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.situation import appartenances, regions
from semaphore_hub.modules.referentiel.familles import Familles, familles
from semaphore_hub.modules.referentiel.regions import region_du_ght
from semaphore_hub.modules.referentiel.rules import Rule

Fautes = list[tuple[Rule, str, pl.Series]]
"""Rules broken by whole lines: rule, column, which lines."""


@dataclass(frozen=True, slots=True)
class Contexte:
    """Read once, before the file.

    Attributes:
        familles: to find families.
        regions: region by GHT.
        membres: memberships by day: siret, debut, m_fin, m_ght, m_role; in order of debut.
        perimetre: GHT the caller may write, None: all.
    """

    familles: Familles
    regions: dict[str, str | None]
    membres: pl.DataFrame
    perimetre: frozenset[str] | None

    @classmethod
    def lu(cls, connection: Connection, caller: Caller) -> Contexte:
        """As the référentiel stands."""
        rows = appartenances(connection)
        membres = pl.DataFrame(
            {
                "etablissement": pl.Series([row[0] for row in rows], dtype=pl.String),
                "m_ght": pl.Series([row[1] for row in rows], dtype=pl.String),
                "m_role": pl.Series([row[2] for row in rows], dtype=pl.String),
                "debut": pl.Series([row[3] for row in rows], dtype=pl.Date),
                "m_fin": pl.Series([row[4] for row in rows], dtype=pl.Date),
            }
        ).sort("debut")
        return cls(familles(connection), regions(connection), membres, caller.ghts)

    def situer(self, frame: pl.DataFrame, jour: pl.Expr) -> tuple[pl.DataFrame, Fautes]:
        """Complete ``ght``, ``region`` and ``role``: what the line says, else the membership of its day.

        Args:
            frame: has ``etablissement``, ``ght``, ``region``, and ``role`` when there are roles.
            jour: the day of a line.

        Returns:
            The frame, line for line, and the lines that belong nowhere, elsewhere, or contradict the référentiel.
        """
        order = frame.with_row_index("_rang").with_columns(jour.alias("_jour")).sort("_jour")
        joined = order.join_asof(
            self.membres, left_on="_jour", right_on="debut", by="etablissement", check_sortedness=False
        ).sort("_rang")
        valid = pl.col("m_fin").is_null() | (pl.col("m_fin") >= pl.col("_jour"))
        joined = joined.with_columns(
            pl.coalesce("ght", pl.when(valid).then("m_ght")).alias("ght"), pl.when(valid).then("m_ght").alias("m_ght")
        )
        if "role" in joined.columns:
            held = pl.when(pl.col("ght") == pl.col("m_ght")).then("m_role")
            joined = joined.with_columns(pl.coalesce("role", held).alias("role"))
        return self._regional(joined.drop("_rang", "_jour", "debut", "m_fin", "m_ght", "m_role", strict=False))

    def _regional(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Fautes]:
        codes = frame["ght"].unique().drop_nulls().to_list()
        known = [self.regions.get(code) for code in codes]
        guessed = [region or region_du_ght(code) for code, region in zip(codes, known, strict=True)]
        if codes:
            frame = frame.with_columns(
                _mapped(codes, known).alias("_connue"),
                pl.coalesce(_mapped(codes, known), "region", _mapped(codes, guessed)).alias("_region"),
            )
        else:
            frame = frame.with_columns(pl.lit(None, pl.String).alias("_connue"), pl.col("region").alias("_region"))
        other = frame.select((pl.col("region") != pl.col("_connue")).fill_null(value=False)).to_series()
        nowhere = frame.select(pl.col("ght").is_null() & pl.col("_region").is_null()).to_series()
        faults: Fautes = [(rules.REGION_AUTRE, "region", other), (rules.PERIMETRE, "ght", nowhere)]
        if self.perimetre is not None:
            allowed = pl.Series(sorted(self.perimetre), dtype=pl.String).implode()
            faults.append((rules.DROIT, "ght", ~frame["ght"].is_in(allowed).fill_null(value=False) & ~nowhere))
        frame = frame.with_columns(pl.col("_region").alias("region")).drop("_region", "_connue")
        return frame, [(rule, column, wrong) for rule, column, wrong in faults if wrong.any()]


def _mapped(codes: list[str], values: list[str | None]) -> pl.Expr:
    return pl.col("ght").replace_strict(codes, pl.Series(values, dtype=pl.String), default=None, return_dtype=pl.String)
