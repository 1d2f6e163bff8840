"""Lines of spending for the benchmark of indicators: always the same, of 17 regions, 135 GHT, 12 families, 3 years."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from semaphore_hub.modules.referentiel.regions import SIGLES

REGIONS, GHTS, FAMILLES, ANNEES = 17, 135, 12, (2023, 2024, 2025)
_WRITTEN_AT_ONCE = 250_000
_SEED = 2_135_587_861


def write(path: Path, lines: int) -> None:
    """A CSV file of that many lines, in no order of GHT nor date, as an export of mandats by their number."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, lines, _WRITTEN_AT_ONCE):
            part = _lines(pl.int_range(start, min(start + _WRITTEN_AT_ONCE, lines), dtype=pl.UInt64, eager=True))
            file.write(part.write_csv(separator=";", include_header=start == 0, quote_style="never"))


def ght(rank: int) -> str:
    """Code of a GHT of the benchmark, from 0."""
    return f"BENCH-{rank:03}"


def _lines(ranks: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"rang": ranks}).with_columns(
        *(
            _draw(name, salt)
            for salt, name in enumerate(("g", "a", "m", "j", "f", "e", "c", "o", "n", "euros", "cents"))
        )
    )
    group = pl.col("g") % GHTS
    amount = pl.col("euros") % 20_000 + 1
    amount = pl.when(pl.col("n") % 50 == 0).then(-amount.cast(pl.Int64)).otherwise(amount.cast(pl.Int64))
    without_number = pl.col("n") % 5 == 0
    regions = pl.Series(list(SIGLES)[:REGIONS])
    return frame.select(
        date=pl.concat_str(
            pl.col("a") % len(ANNEES) + ANNEES[0], _padded("m", 12, 2, 1), _padded("j", 28, 2, 1), separator="-"
        ),
        etablissement=pl.concat_str(pl.lit("999888"), _text(group, 3), _padded("e", 7, 5)),
        reference=pl.concat_str(pl.lit("MANDAT-"), _text(pl.col("rang"), 8)),
        montantHT=pl.concat_str(amount, pl.lit(","), _padded("cents", 100, 2)),
        montantTTC=pl.concat_str(amount * 6 // 5, pl.lit(","), _padded("cents", 100, 2)),
        ght=pl.concat_str(pl.lit("BENCH-"), _text(group, 3)),
        region=pl.lit(regions).gather(group % REGIONS),
        role=pl.when(pl.col("e") % 7 == 0).then(pl.lit("support")).otherwise(pl.lit("partie")),
        famille=pl.concat_str(pl.lit("SYN-"), _padded("f", FAMILLES, 2, 1)),
        compte=pl.concat_str(pl.lit("602"), _padded("c", 60, 2)),
        operateur=pl.lit(pl.Series(["ght", "ght", "ght", "uniha", "resah", "ugap"])).gather(pl.col("o") % 6),
        mutualise=pl.when(pl.col("o") % 2 == 0).then(pl.lit("oui")).otherwise(pl.lit("non")),
        numeroMarche=pl.when(without_number).then(pl.lit("")).otherwise(
            pl.concat_str(pl.lit("2023M"), _padded("c", 5_000, 4))
        ),
    )  # fmt: skip


def _draw(name: str, salt: int) -> pl.Expr:
    """A number of 32 bits that looks drawn at random, from the rank alone and the same with every version of polars."""
    mixed = pl.col("rang") * (_SEED + 2 * salt) + salt * 7_919
    mixed = (mixed % 2**32) * 2_654_435_761 % 2**32
    return ((mixed // 2**11).xor(mixed) * 2_246_822_519 % 2**32 // 7).alias(name)


def _padded(name: str, modulo: int, width: int, start: int = 0) -> pl.Expr:
    return _text(pl.col(name) % modulo + start, width)


def _text(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)
