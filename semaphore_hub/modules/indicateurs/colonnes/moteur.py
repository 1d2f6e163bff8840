"""The engine on columns: sums over the Parquet snapshot, to the cent those of SQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from semaphore_hub.modules.indicateurs.colonnes import manifeste
from semaphore_hub.modules.indicateurs.colonnes.colonnes import COLONNES, LIGNES, RESUMES, dimensions_du_resume
from semaphore_hub.modules.indicateurs.colonnes.manifeste import Fichier, InstantaneIndisponible, Partition
from semaphore_hub.modules.indicateurs.moteur import Condition, Dimension, Fait, Filtre, Groupe, Mesure

_LIGNES = "lignes du groupe"
_REPRISES = 3


class MoteurColonnes:
    """Sums over a snapshot; reads only the files of the years and GHT asked, and their summaries where they suffice.

    Args:
        dossier: folder of the snapshot (see :mod:`.instantane`).
        resumes: False: read every line, whatever the question.
    """

    def __init__(self, dossier: Path, *, resumes: bool = True) -> None:
        self._dossier = dossier
        self._resumes = resumes

    def agreger(self, fait: Fait, mesures: Sequence[Mesure], par: Sequence[Dimension], filtre: Filtre) -> list[Groupe]:
        """Sums by group, ordered by key (nulls first); no group when no fact meets the filter, whatever ``par``.

        Raises:
            InstantaneIndisponible: no snapshot, a file of it is damaged or missing, or a sum might exceed 64 bits.
            ValueError: a column that is not in the snapshot.
        """
        _exiger(fait, mesures, par)
        for attempt in range(_REPRISES):
            present = manifeste.lire(self._dossier)
            partitions = [one for one in present.partitions if one.fait == fait and _visee(one, filtre)]
            try:
                return self._agreger(fait, partitions, mesures, par, filtre)
            except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
                # Two refreshes during one query take its files away: the newer manifest names others.
                if attempt + 1 == _REPRISES or manifeste.lire(self._dossier) == present:
                    raise InstantaneIndisponible(f"the snapshot cannot be read: {error}") from error
        raise AssertionError("unreachable: the last attempt answers or raises")

    def _agreger(
        self,
        fait: Fait,
        partitions: Sequence[Partition],
        mesures: Sequence[Mesure],
        par: Sequence[Dimension],
        filtre: Filtre,
    ) -> list[Groupe]:
        if sum(one.borne for one in partitions) >= 2**63:
            raise InstantaneIndisponible("the amounts asked for may not fit a sum of 64 bits")
        summed = self._resumes and _resumable(fait, mesures, par, filtre)
        files = [file.nom for one in partitions for file in (_resume(one) if summed else one.fichiers)]
        if not files:
            return []
        schema = RESUMES[fait] if summed else COLONNES[fait]
        lines = pl.scan_parquet([self._dossier / name for name in files], schema=dict(schema), glob=False)
        conditions = _conditions(filtre)
        if conditions:
            lines = lines.filter(*conditions)
        sums = [
            _nombre((), summed=summed).alias(_LIGNES),
            *(_somme(mesure, summed=summed).alias(f"mesure {mesure.nom}") for mesure in mesures),
        ]
        grouped = lines.group_by(*par).agg(sums) if par else lines.select(sums)
        groups = [
            Groupe(
                tuple(row[name] for name in par), {mesure.nom: int(row[f"mesure {mesure.nom}"]) for mesure in mesures}
            )
            for row in grouped.collect(engine="streaming").iter_rows(named=True)
            if row[_LIGNES]
        ]
        return sorted(groups, key=lambda group: [(value is not None, value) for value in group.cle])


def _exiger(fait: Fait, mesures: Sequence[Mesure], par: Sequence[Dimension]) -> None:
    used: set[str] = set(par)
    for mesure in mesures:
        used |= {condition.colonne for condition in mesure.si}
        used |= {mesure.colonne} if mesure.colonne is not None else set()
    unknown = sorted(used - set(COLONNES[fait]))
    if unknown:
        raise ValueError(f"the snapshot of {fait} has no column {', '.join(unknown)}")


def _visee(partition: Partition, filtre: Filtre) -> bool:
    return (
        (not filtre.annees or partition.annee in filtre.annees)
        and (filtre.perimetre is None or partition.ght in filtre.perimetre)
        and (filtre.ght is None or partition.ght == filtre.ght)
    )


def _resume(partition: Partition) -> tuple[Fichier, ...]:
    return () if partition.resume is None else (partition.resume,)


def _resumable(fait: Fait, mesures: Sequence[Mesure], par: Sequence[Dimension], filtre: Filtre) -> bool:
    """Whether a summary has every column that groups, filters or is in a condition."""
    used = {*par, *_valeurs(filtre), *(condition.colonne for mesure in mesures for condition in mesure.si)}
    return used <= set(dimensions_du_resume(fait))


def _valeurs(filtre: Filtre) -> dict[str, str]:
    """The wanted values by column: what the choice of partitions does not already say."""
    wanted = {
        "region": filtre.region,
        "etablissement_siret": filtre.etablissement,
        "famille": filtre.famille,
        "operateur": filtre.operateur,
        "role": filtre.role,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _conditions(filtre: Filtre) -> list[pl.Expr]:
    return [pl.col(name) == value for name, value in _valeurs(filtre).items()]


def _somme(mesure: Mesure, *, summed: bool) -> pl.Expr:
    if mesure.colonne is None:
        return _nombre(mesure.si, summed=summed)
    return _sommee(pl.col(mesure.colonne), mesure.si)


def _nombre(si: Sequence[Condition], *, summed: bool) -> pl.Expr:
    if summed:
        return _sommee(pl.col(LIGNES), si)
    return pl.all_horizontal(map(_condition, si)).sum() if si else pl.len()


def _sommee(column: pl.Expr, si: Sequence[Condition]) -> pl.Expr:
    return column.filter(*map(_condition, si)).sum() if si else column.sum()


def _condition(condition: Condition) -> pl.Expr:
    """As in SQL, a null is neither equal to a value nor different from it."""
    column = pl.col(condition.colonne)
    match condition.operation:
        case "egal":
            return column == condition.valeur
        case "different":
            return column != condition.valeur
        case "nul":
            return column.is_null()
        case "non_nul":
            return column.is_not_null()
        case "positif":
            return column > 0
