"""The vectorised check of a file: every rule of the table, on blocks of columns, two blocks at a time.

It says the same as ``contracts.validate`` line by line; a test holds them to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

import polars as pl

import contracts
from contracts.report import Severity
from contracts.rules.produits import NUMBER_PATTERN
from contracts.rules.produits_table import CONTRACT, SCHEMA_RULE, columns, fields, identity, row_rules, rule_of
from contracts.tabular import CellError, CsvRefused
from semaphore_hub.modules.marches.produits import expressions as vector
from semaphore_hub.modules.marches.produits.reader import LIGNE, Block

WORKERS = 2
_T = TypeVar("_T")
_PRICES = rule_of("PEM-TTC").columns


@dataclass(frozen=True, slots=True)
class Constat:
    """One thing found on one line.

    Attributes:
        ligne: in the file, from 1; ``None`` when it is about the file.
        colonne: name of the column, ``None`` when it is about the line.
        regle: id of the rule.
        gravite: "error" refuses the line, "warning" does not.
        valeur: what the cell holds.
        message: French sentence, what to do.
    """

    ligne: int | None
    colonne: str | None
    regle: str
    gravite: Severity
    valeur: str | None
    message: str

    @property
    def chemin(self) -> str:
        """Where it is, as in the reports of interface contracts."""
        line = "fichier" if self.ligne is None else f"ligne {self.ligne}"
        return line if self.colonne is None else f"{line}, colonne {self.colonne}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One block, checked.

    Attributes:
        block: where it stands.
        frame: its whole lines, as texts.
        count: its data lines, damaged ones included.
        faults: rule, column and lines at fault (booleans over ``frame``).
        cut: damaged lines, with their number of cells.
        keys: line and two hashes of what identifies it, to find duplicates in the whole file.
        refusal: why the file cannot be read after these lines.
    """

    block: Block
    frame: pl.DataFrame
    count: int
    faults: tuple[tuple[str, str, pl.Series], ...]
    cut: tuple[tuple[int, int], ...]
    keys: pl.DataFrame
    refusal: CsvRefused | None

    def constats(self) -> list[Constat]:
        """What was found, line by line."""
        found = [_cut(line, cells, len(self.block.names)) for line, cells in self.cut]
        for rule_id, column, wrong in self.faults:
            bad = self.frame.filter(wrong)
            for line, value in zip(bad[LIGNE], bad[column], strict=True):
                found.append(_constat(rule_id, line, column, value))
        return sorted(found, key=lambda one: one.ligne or 0)

    def refused_lines(self) -> pl.Series:
        """Lines of the file that an error of this block refuses, each once."""
        wrong = [bad for rule_id, _, bad in self.faults if _severity(rule_id) == "error"]
        kept = [line for line, _ in self.cut]
        if not wrong:
            return pl.Series(kept, dtype=pl.Int64)
        any_wrong = wrong[0]
        for bad in wrong[1:]:
            any_wrong = any_wrong | bad
        return self.frame[LIGNE].filter(any_wrong).append(pl.Series(kept, dtype=pl.Int64))


def _cut(line: int, cells: int, wanted: int) -> Constat:
    message = f"La ligne a {cells} cellules au lieu de {wanted} : ligne coupée ou séparateur en trop."
    return Constat(line, None, "PEM-CSV", "error", None, message)


def of_header(error: CellError) -> Constat:
    """What is wrong with the header."""
    rule = "PEM-CSV" if error.cut and error.column is None else SCHEMA_RULE
    return Constat(error.line, error.column, rule, "error", None, _sentence(error.message))


def _constat(rule_id: str, line: int, column: str, value: str | None) -> Constat:
    if rule_id == SCHEMA_RULE:
        problem = columns().cells[column].problem(value or "")
        return Constat(line, column, rule_id, "error", value, _sentence(f"« {column} » : {problem}"))
    rule = contracts.get(CONTRACT).rule(rule_id)
    return Constat(line, column, rule_id, rule.severity, value, rule.message.replace("{detail}", value or ""))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


@lru_cache(maxsize=64)
def _severity(rule_id: str) -> Severity:
    return contracts.get(CONTRACT).rule(rule_id).severity


def check_block(block: Block) -> Checked:
    """Apply every rule to a block."""
    lines = block.lines()
    frame = lines.frame
    found: list[tuple[str, str, pl.Series]] = []

    def note(rule_id: str, column: str, wrong: pl.Series | None) -> None:
        if wrong is not None and wrong.any():
            found.append((rule_id, column, wrong))

    # Prices are looked at by several rules: read as numbers once.
    prices = {name: vector.micros(frame[name]) for name in _PRICES}
    for field in fields():
        note(SCHEMA_RULE, field["name"], _form_faults(field, frame[field["name"]], block.names, prices))
    for rule in row_rules():
        if rule.predicate == "tax_included":
            bare, rate, full = (prices[name] for name in rule.columns)
            note(rule.id, rule.columns[-1], vector.tax_included(rule, bare, rate, full))
        elif rule.predicate == "date_order":
            start, end = (vector.days(frame[name]) for name in rule.columns)
            note(rule.id, rule.columns[-1], vector.date_order(start, end))
        else:
            check = partial(vector.ON_ONE_VALUE[rule.predicate], rule)
            for name in rule.columns:
                known = prices.get(name)
                wrong = vector.faults(frame[name], check) if known is None else vector.number(rule, known)
                note(rule.id, name, None if wrong is None else wrong.fill_null(value=False))
    return Checked(block, frame, frame.height + len(lines.cut), tuple(found), lines.cut, _keys(frame), lines.refusal)


def _form_faults(
    field: Any, values: pl.Series, names: tuple[str, ...], numbers: Mapping[str, pl.Series]
) -> pl.Series | None:
    """Lines whose cell the Table Schema refuses; a column left out of the header is the header's fault."""
    if field["name"] not in names:
        return None
    if field.get("constraints", {}).get("pattern") == NUMBER_PATTERN and field["name"] in numbers:
        wrong: pl.Series | None = numbers[field["name"]].is_null() & values.is_not_null()
    else:
        check = vector.form_check(field)
        wrong = vector.faults(values, check) if check is not None else None
    if not field.get("constraints", {}).get("required", False) or not values.null_count():
        return wrong
    return values.is_null() if wrong is None else values.is_null() | wrong


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    # Two hashes of 64 bits instead of the texts: a million lines take 24 MB, and never meet by chance.
    text = frame.select(pl.concat_str([pl.col(name).fill_null("") for name in identity()], separator="\x1f"))
    key = text.to_series()
    return pl.DataFrame({LIGNE: frame[LIGNE], "h1": key.hash(1), "h2": key.hash(2)})


def duplicates(keys: Iterable[pl.DataFrame]) -> list[Constat]:
    """Lines whose identity an earlier line of the file already has."""
    whole = pl.concat(list(keys) or [pl.DataFrame(schema={LIGNE: pl.Int64, "h1": pl.UInt64, "h2": pl.UInt64})])
    whole = whole.filter(whole["h1"].is_duplicated())
    if not whole.height:
        return []
    first = pl.col(LIGNE).min().over("h1", "h2").alias("first")
    repeated = whole.with_columns(first).filter(pl.col(LIGNE) != pl.col("first")).sort(LIGNE)
    column = " + ".join(identity())
    return [
        Constat(line, column, SCHEMA_RULE, "error", None, f"La même clé est déjà à la ligne {earlier} : gardez-en une.")
        for line, earlier in repeated.select(LIGNE, "first").iter_rows()
    ]


def ahead(work: Callable[[Block], _T], blocks: Iterable[Block]) -> Iterator[_T]:
    """What ``work`` makes of each block, in order, worked out ahead by a few threads."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="produits") as pool:
        waiting: deque[Future[_T]] = deque()
        try:
            for block in blocks:
                waiting.append(pool.submit(work, block))
                del block  # What is under way is all that is kept.
                if len(waiting) == WORKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for unused in waiting:
                unused.cancel()
