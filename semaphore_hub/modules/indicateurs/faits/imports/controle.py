"""Checks a block: every cell, then every line, then what comes back; gives the rows of the lines that are right."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import COLONNES, Colonne
from semaphore_hub.modules.indicateurs.faits.imports.contexte import Contexte
from semaphore_hub.modules.indicateurs.faits.imports.conversion import CIBLES
from semaphore_hub.modules.indicateurs.faits.imports.journal import PREMIERS, montree
from semaphore_hub.modules.indicateurs.faits.imports.lecture import LIGNE, Bloc
from semaphore_hub.modules.indicateurs.faits.imports.schemas import Constat, TypeImport
from semaphore_hub.modules.indicateurs.faits.imports.valeurs import REGLES, TYPES, lire
from semaphore_hub.modules.referentiel.rules import Rule

_WORKERS = 2
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Controle:
    """What a block gives.

    Attributes:
        rows: rows of the table for the lines that are right, with :data:`~.lecture.LIGNE`.
        lues: data lines, damaged ones included.
        constats: findings, the first :data:`~.journal.PREMIERS` at most.
        par_regle: all of them, counted.
        refusees: numbers of the lines refused.
        cles: line and two hashes of what may not come back.
    """

    rows: pl.DataFrame
    lues: int
    constats: tuple[Constat, ...]
    par_regle: Counter[str]
    refusees: pl.Series
    cles: pl.DataFrame


class Controleur:
    """Checks the blocks of one file; safe in several threads at once.

    Args:
        type_: kind of file.
        contexte: what it is compared with.
    """

    def __init__(self, type_: TypeImport, contexte: Contexte) -> None:
        self._colonnes = COLONNES[type_]
        self._cible = CIBLES[type_]
        self._contexte = contexte

    def controler(self, bloc: Bloc) -> Controle:
        """Check a block.

        Raises:
            FichierIllisible: it cannot be read at all.
        """
        lines = bloc.lignes()
        texts = lines.frame
        found = _Trouvailles(texts)
        width = len(bloc.lecteur.entete)
        for line, cells in lines.coupees:
            found.coupee(line, cells, width)
        typed = {LIGNE: texts[LIGNE]}
        for colonne in self._colonnes:
            typed[colonne.nom] = self._read(colonne, texts, found)
        right = pl.DataFrame(typed).filter(~found.fausses)
        rows, faults = self._cible.convertir(right, self._contexte)
        rows = rows.with_columns(right[LIGNE])
        wrong = pl.Series([False], dtype=pl.Boolean).new_from_index(0, right.height)
        for rule, column, bad in faults:
            found.lignes(rule, column, right[LIGNE].filter(bad))
            wrong = wrong | bad
        rows = rows.filter(~wrong)
        return Controle(
            rows,
            texts.height + len(lines.coupees),
            found.constats(),
            found.par_regle,
            found.refusees(),
            _hashed(rows, self._cible.cle),
        )

    def _read(self, colonne: Colonne, texts: pl.DataFrame, found: _Trouvailles) -> pl.Series:
        if colonne.nom not in texts.columns:
            return pl.Series(colonne.nom, [None], dtype=TYPES[colonne.type]).new_from_index(0, texts.height)
        cells = texts[colonne.nom]
        if colonne.obligatoire and cells.null_count():
            found.cellules(rules.OBLIGATOIRE, colonne, cells.is_null())
        if cells.null_count() == texts.height:
            return pl.Series(colonne.nom, [None], dtype=TYPES[colonne.type]).new_from_index(0, texts.height)
        read = lire(colonne, cells, self._contexte.familles)
        if read.fausses is not None:
            found.cellules(REGLES[colonne.type], colonne, read.fausses)
        return read.valeurs


class _Trouvailles:
    """Findings of one block."""

    def __init__(self, texts: pl.DataFrame) -> None:
        self._texts = texts
        self._found: list[Constat] = []
        self._lines: list[pl.Series] = []
        self.fausses = pl.Series([False], dtype=pl.Boolean).new_from_index(0, texts.height)
        self.par_regle: Counter[str] = Counter()

    def coupee(self, line: int, cells: int, wanted: int) -> None:
        """A line that has not as many cells as the header."""
        problem = rules.LIGNE.broken("$", cellules=cells, attendues=wanted)
        self._add(Constat(ligne=line, colonne=None, valeur=None, regle=problem.rule, message=problem.message))
        self.par_regle[rules.LIGNE.id] += 1
        self._lines.append(pl.Series([line], dtype=pl.Int64))

    def cellules(self, rule: Rule, colonne: Colonne, wrong: pl.Series) -> None:
        """Cells of a column."""
        self.fausses = self.fausses | wrong
        bad = self._texts.filter(wrong)
        self.par_regle[rule.id] += bad.height
        for line, value in bad.select(LIGNE, colonne.nom).head(PREMIERS).iter_rows():
            shown = montree(value)
            message = rule.message.format(valeur=shown, description=colonne.description)
            self._add(Constat(ligne=line, colonne=colonne.nom, valeur=shown, regle=rule.id, message=message))

    def lignes(self, rule: Rule, colonne: str, lines: pl.Series) -> None:
        """Whole lines, whose cells are right one by one."""
        self.par_regle[rule.id] += len(lines)
        self._lines.append(lines)
        for line in lines.head(PREMIERS):
            self._add(Constat(ligne=line, colonne=colonne, valeur=None, regle=rule.id, message=rule.message))

    def constats(self) -> tuple[Constat, ...]:
        """The first ones, by line."""
        return tuple(sorted(self._found, key=lambda one: one.ligne or 0)[:PREMIERS])

    def refusees(self) -> pl.Series:
        """Numbers of the lines at fault, each once."""
        return pl.concat([self._texts[LIGNE].filter(self.fausses), *self._lines]).unique().sort()

    def _add(self, constat: Constat) -> None:
        self._found.append(constat)


def _hashed(rows: pl.DataFrame, cle: Sequence[str]) -> pl.DataFrame:
    # Two hashes of 64 bits instead of the values: five million lines take 120 MB, and never meet by chance.
    named = rows.select(cle) if cle else rows.drop(LIGNE)
    return pl.DataFrame({LIGNE: rows[LIGNE], "h1": named.hash_rows(seed=1), "h2": named.hash_rows(seed=2)})


def doublons(cles: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Lines that say what an earlier one says: line, and that earlier line."""
    empty = pl.DataFrame(schema={LIGNE: pl.Int64, "h1": pl.UInt64, "h2": pl.UInt64})
    whole = pl.concat([empty, *cles])
    whole = whole.filter(whole["h1"].is_duplicated())
    first = pl.col(LIGNE).min().over("h1", "h2").alias("autre")
    return whole.with_columns(first).filter(pl.col(LIGNE) != pl.col("autre")).select(LIGNE, "autre").sort(LIGNE)


def d_avance(work: Callable[[Bloc], _T], blocs: Iterable[Bloc]) -> Iterator[_T]:
    """What ``work`` makes of each block, in order, worked out ahead by a few threads."""
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="indicateurs") as pool:
        waiting: deque[Future[_T]] = deque()
        try:
            for bloc in blocs:
                waiting.append(pool.submit(work, bloc))
                del bloc  # What is under way is all that is kept.
                if len(waiting) == _WORKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for unused in waiting:
                unused.cancel()
